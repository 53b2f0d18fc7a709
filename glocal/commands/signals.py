"""The command that shows what is known of one account, and how it came about: signals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from itertools import groupby
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from features.one_account import account_signals_over_time
from features.signals.catalogue import catalogue
from features.signals.signal import Signal
from features.tables import open_tables
from glocal.session import Session, parse_instant, session

STEP_DAYS = 30
STEPS = 12
"""The history is that of the last year, month by month."""

SHOWN = (3, 12)
"""So many steps back, 90 and 360 days, a value is printed; the ones between are drawn."""

BARS = "▁▂▃▄▅▆▇█"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("signals")(signals)


def signals(
    context: typer.Context,
    account: Annotated[str, typer.Argument(help="An id of the account.")],
    as_of: Annotated[str | None, typer.Option(help="As known just before then, such as 2026-01-01.")] = None,
    business_unit: Annotated[str | None, typer.Option(help="Only what concerns this business unit.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Show one account's signals by family, with their history of a year.

    Example: glocal signals A-0001 --as-of 2026-01-01
    """
    here = session(context)
    group = here.workspace.group()
    if business_unit is not None:
        group.require_unit(business_unit)
    with (
        open_tables(here.workspace, parse_instant("--as-of", as_of)) as tables,
        here.progress("Computing signals") as progress,
    ):
        cutoffs = [tables.as_of - timedelta(days=STEP_DAYS * step) for step in range(STEPS + 1)]
        rows = account_signals_over_time(tables, group, account, cutoffs, progress)
        declared = catalogue(tables)
        now = tables.as_of
    if business_unit is not None:
        rows = rows[rows["business_unit"] == business_unit]
    if as_json:
        here.json({"account_id": account, "as_of": now, "snapshots": rows.to_dict("records")})
    else:
        print_signals(here, account, rows, declared, pd.DatetimeIndex(cutoffs))


def print_signals(
    here: Session, account: str, rows: pd.DataFrame, declared: Sequence[Signal], cutoffs: pd.DatetimeIndex
) -> None:
    """Print the signals that say anything, family by family."""
    if rows[rows["cutoff"] == cutoffs[0]].empty:
        here.say("Account {account} was not there yet before {as_of}", account=account, as_of=f"{cutoffs[0]:%Y-%m-%d}")
        return
    silent = 0
    for family, members in groupby(declared, lambda signal: signal.family):
        lines = [line for signal in members for line in _lines(here, signal, rows, cutoffs)]
        told = [line for line in lines if line is not None]
        silent += len(lines) - len(told)
        if told:
            here.table(
                family.replace("_", " "),
                ["signal", "business unit", "now", "90 days ago", "360 days ago", "last 12 months"],
                told,
            )
    here.say("{count} signals had no value, or were 0, all the time; --json has them too", count=silent)


def _lines(
    here: Session, signal: Signal, rows: pd.DataFrame, cutoffs: pd.DatetimeIndex
) -> list[tuple[object, ...] | None]:
    """Return a line per value that the signal has: the account's own, or one per BU; None where it says nothing."""
    units = (
        sorted(rows["business_unit"].unique()) if signal.scope == "business_unit" else [rows["business_unit"].iloc[0]]
    )
    lines: list[tuple[object, ...] | None] = []
    for unit in units:
        history = rows[rows["business_unit"] == unit].set_index("cutoff")[signal.name].reindex(cutoffs[::-1])
        if not _says_anything(history, signal):
            lines.append(None)
            continue
        shown = [_written(here, history.iloc[-1 - step]) for step in (0, *SHOWN)]
        drawn = "" if signal.category else bars(history.to_numpy(np.float64))
        of = unit if signal.scope == "business_unit" else ""
        lines.append((here.speaker.name(signal.meaning), of, *shown, drawn))
    return lines


def _says_anything(history: pd.Series, signal: Signal) -> bool:
    present = history.dropna()
    return bool((present != "").any()) if signal.category else bool((present != 0).any())


def _written(here: Session, value: object) -> str:
    if isinstance(value, float) and not np.isnan(value):
        return here.speaker.number(round(value, 2) if abs(value) < 100 else round(value))
    return "–" if value is None or value != value or value == "" else str(value)


def bars(values: np.ndarray) -> str:
    """Draw values from left to right, the largest as high as a line; a space where there is none."""
    known = np.isfinite(values)
    low, high = min(values[known].min(initial=0), 0), values[known].max(initial=0)
    if high <= low:
        return "".join(BARS[0] if there else " " for there in known)
    heights = np.where(known, (values - low) / (high - low) * (len(BARS) - 1), 0).round().astype(int)
    return "".join(BARS[height] if there else " " for height, there in zip(heights, known, strict=True))
