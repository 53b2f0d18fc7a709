"""The page of figures: what was measured, on which machine, and how to do it again."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("duckdb", "ibis-framework", "lightgbm", "pandas")


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


def write_page(path: Path, sections: Sequence[Section]) -> None:
    """Write the sections under a heading that states the machine and the versions."""
    versions = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    head = (
        "# Benchmarks\n\n"
        f"`make bench`, after `make demo`: {os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GB, Python "
        f"{platform.python_version()}, {versions}. This page is written by the run.\n"
    )
    path.write_text("\n".join([head, *(section.markdown() for section in sections)]), encoding="utf-8")
