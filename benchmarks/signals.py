"""Speed of the signals: against hand-written SQL and pandas, over many cutoffs, and as the events grow."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any

import pandas as pd
from rich.progress import Progress

from benchmarks.big_group import END, GROUP, Size, open_group, warehouse
from benchmarks.page import Section
from benchmarks.signals_by_hand import signals_by_hand
from benchmarks.signals_by_pandas import read_frames, signals_by_pandas
from features.snapshots import build_snapshots

REPEATS = 5
CUTOFFS = 24

LARGE = Size(accounts=250_000, events=50_000_000)
MEDIUM = Size(accounts=25_000, events=5_000_000)
FEW_EVENTS = replace(LARGE, events=5_000_000)
SMALL = Size(accounts=5_000, events=1_000_000)
"""All but FEW_EVENTS have fifty events to a row of a snapshot."""

_MEASURED = "measured: "
_COLUMNS = ("work", "seconds", "compared with", "seconds", "ratio", "at most", "peak memory")


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to measure, in a process of its own.

    Parameters
    ----------
    way : one of WAYS.
    size : of the group.
    cutoffs : how many, at the first of each month, the last at the end of the data.
    """

    way: str
    size: Size
    cutoffs: int = 1


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured.

    Parameters
    ----------
    seconds : from the first table read to the last snapshot in memory.
    gigabytes : the most memory that the process held, libraries included.
    rows : of the snapshots.
    """

    seconds: float
    gigabytes: float
    rows: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """What is compared with what, and the ratio of seconds that is asked for."""

    one: Task
    other: Task
    bar: float
    at_least: bool = False


def comparisons(scale: float = 1.0) -> tuple[Comparison, ...]:
    """Return what is compared.

    Parameters
    ----------
    scale : of all numbers of accounts and events, in (0, 1]; less than 1 for a quick run.
    """
    large, medium, few, small = (_scaled(size, scale) for size in (LARGE, MEDIUM, FEW_EVENTS, SMALL))
    return (
        Comparison(Task("Glocal", large), Task("SQL by hand", large), 2),
        Comparison(
            Task("Glocal", medium, CUTOFFS),
            Task("SQL by hand", medium),
            8,
        ),
        Comparison(Task("Glocal", large), Task("Glocal", few), 11),
        Comparison(Task("pandas", small), Task("Glocal", small), 3, at_least=True),
    )


def measure(folder: Path, scale: float = 1.0, repeats: int = REPEATS) -> Section:
    """Measure every comparison, both sides in turn, each in a process of its own.

    Parameters
    ----------
    folder : of the warehouses, which are made where they lack.
    scale : of all sizes; less than 1 for a quick run.
    repeats : of each; the median counts.
    """
    compared = comparisons(scale)
    tasks = list(dict.fromkeys(task for each in compared for task in (each.one, each.other)))
    figures: dict[Task, list[Figures]] = {task: [] for task in tasks}
    with Progress(transient=True) as progress:
        bar = progress.add_task("", total=len(tasks) * (repeats + 1))
        for task in tasks:
            progress.update(bar, description=f"making {task.size.events:,} events", advance=1)
            warehouse(folder, task.size)
        for _ in range(repeats):
            for task in tasks:
                progress.update(bar, description=f"{task.way}, {task.size.events:,} events, {task.cutoffs} cutoffs")
                figures[task].append(_run(folder, task))
                progress.advance(bar)
    return Section(
        "Signals",
        "All built-in signals of a synthetic group, from the warehouse to a DataFrame in memory; medians of "
        f"{repeats}, each in a process of its own, the sides in turn. The hand-written SQL and the pandas give the "
        "same columns and values for one cutoff. Glocal keeps its plans, as in a workspace: the first run makes them. "
        "A group of "
        f"{compared[0].one.size.accounts:,} accounts has {compared[0].one.size.accounts * len(GROUP.business_units):,} "
        "rows a cutoff.",
        _COLUMNS,
        [_line(each, figures[each.one], figures[each.other]) for each in compared],
    )


def _line(each: Comparison, one: list[Figures], other: list[Figures]) -> tuple[str, ...]:
    mine, theirs = (median(figure.seconds for figure in side) for side in (one, other))
    return (
        _named(each.one),
        f"{mine:.1f}",
        _named(each.other),
        f"{theirs:.1f}",
        f"{mine / theirs:.2f}",
        f"{'at least ' if each.at_least else ''}{each.bar:g}",
        f"{median(figure.gigabytes for figure in one):.1f} GB",
    )


def _named(task: Task) -> str:
    many = "1 cutoff" if task.cutoffs == 1 else f"{task.cutoffs} cutoffs"
    return f"{task.way}: {task.size.accounts:,} accounts, {task.size.events:,} events, {many}"


def _scaled(size: Size, scale: float) -> Size:
    return replace(size, accounts=round(size.accounts * scale), events=round(size.events * scale))


def _run(folder: Path, task: Task) -> Figures:
    """Do a task in a process of its own."""
    asked = json.dumps(asdict(task) | {"folder": str(folder)})
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "benchmarks.signals", asked], check=True, stdout=subprocess.PIPE, text=True
    )
    found = next(line for line in done.stdout.splitlines() if line.startswith(_MEASURED))
    return Figures(**json.loads(found.removeprefix(_MEASURED)))


def _glocal(folder: Path, size: Size, cutoffs: list[datetime]) -> tuple[float, int]:
    with open_group(folder, size) as tables:
        return _timed(lambda: sum(len(snapshot) for _, snapshot in build_snapshots(tables, GROUP, cutoffs)))


def _by_hand(folder: Path, size: Size, cutoffs: list[datetime]) -> tuple[float, int]:
    path = warehouse(folder, size)
    return _timed(lambda: sum(len(signals_by_hand(path, GROUP, cutoff)) for cutoff in cutoffs))


def _by_pandas(folder: Path, size: Size, cutoffs: list[datetime]) -> tuple[float, int]:
    path = warehouse(folder, size)
    return _timed(lambda: sum(len(signals_by_pandas(read_frames(path), GROUP, cutoff)) for cutoff in cutoffs))


WAYS: dict[str, Callable[[Path, Size, list[datetime]], tuple[float, int]]] = {
    "Glocal": _glocal,
    "SQL by hand": _by_hand,
    "pandas": _by_pandas,
}


def _timed(work: Callable[[], int]) -> tuple[float, int]:
    start = time.perf_counter()
    rows = work()
    return time.perf_counter() - start, rows


def _measure_here(asked: dict[str, Any]) -> Figures:
    """Do a task in this process."""
    cutoffs = pd.date_range(end=END, periods=asked["cutoffs"], freq="MS").to_pydatetime().tolist()
    seconds, rows = WAYS[asked["way"]](Path(asked["folder"]), Size(**asked["size"]), cutoffs)
    return Figures(seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, rows)


if __name__ == "__main__":
    sys.stdout.write(_MEASURED + json.dumps(asdict(_measure_here(json.loads(sys.argv[1])))) + "\n")
