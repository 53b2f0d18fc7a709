"""The page of figures: what was measured, on which machine, and how to do it again."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("duckdb", "ibis-framework", "lightgbm", "pandas", "splink")


@dataclass(frozen=True, slots=True)
class Section:
    """One benchmark's figures.

    Parameters
    ----------
    title : what was measured.
    text : how, in a sentence or two.
    columns : of the table.
    rows : of the table, as text.
    """

    title: str
    text: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]

    def markdown(self) -> str:
        """Return the section as Markdown."""
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        table = "\n".join("| " + " | ".join(line) + " |" for line in lines)
        return f"## {self.title}\n\n{self.text}\n\n{table}\n"


def machine() -> str:
    """Return the machine and the versions that figures were measured with."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    python = platform.python_version()
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, Python {python}, {versions}"


def save_section(path: Path, section: Section) -> None:
    """Keep figures, with the machine that they were measured on."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine(), "section": asdict(section)}), encoding="utf-8")


def read_section(path: Path, measured_on: str) -> Section | None:
    """Return kept figures; None where there are none of this machine."""
    if not path.exists():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    return Section(**kept["section"]) if kept["machine"] == measured_on else None


def write_page(path: Path, sections: Sequence[Section]) -> None:
    """Write the sections under a heading that states the machine and the versions."""
    head = (
        f"# Benchmarks\n\n`make bench`, after `make demo`: {machine()}. This page is written by the run; "
        "`python -m benchmarks NAME` measures one part again.\n"
    )
    path.write_text("\n".join([head, *(section.markdown() for section in sections)]), encoding="utf-8")
