"""Runs the benchmarks, or those that are named, and writes docs/benchmarks.md."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from benchmarks import (
    bank_marketing,
    ceiling,
    few_conversions,
    identity,
    million_rows,
    nearness,
    online_retail,
    scoring,
    segments,
    signals,
    worth,
)
from benchmarks.page import Section, machine, read_section, save_section, write_page
from features.workspace import Workspace

ROOT = Path(__file__).parent.parent
DEMO = ROOT / ".demo"
KEPT = ROOT / ".benchmarks"
PAGE = ROOT / "docs" / "benchmarks.md"

MEASURES: Mapping[str, Callable[[], Section]] = {
    "nearness": lambda: nearness.measure(_demo(), DEMO / "exports"),
    "scoring": lambda: scoring.measure(_demo()),
    "names": identity.measure_names,
    "accounts": identity.measure_accounts,
    "signals": lambda: signals.measure(KEPT / "groups"),
    "worth": worth.measure,
    "few_conversions": few_conversions.measure,
    "drift": bank_marketing.measure,
    "online_retail": online_retail.measure,
    "segments": segments.measure,
    "ceiling": lambda: ceiling.measure(KEPT / "ceiling"),
    "million_rows": million_rows.measure,
}
"""What is measured, in the order of the page."""


def _demo() -> Workspace:
    workspace = Workspace(DEMO / "workspace")
    if not (workspace.snapshots / "r0001.parquet").exists():
        raise SystemExit("there is no demo to measure on; run: make demo")
    return workspace


def main(names: list[str]) -> int:
    """Measure, keep the figures, and write the page of all figures of this machine that were kept."""
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        sys.stderr.write(f"there is no benchmark {unknown[0]!r}; there are: {', '.join(MEASURES)}\n")
        return 2
    for name in names or MEASURES:
        sys.stderr.write(f"{name}\n")
        save_section(KEPT / f"{name}.json", MEASURES[name]())
    kept = [section for name in MEASURES if (section := read_section(KEPT / f"{name}.json", machine()))]
    write_page(PAGE, kept)
    sys.stdout.write(PAGE.read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
