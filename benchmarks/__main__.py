"""Runs the benchmarks on the demo's workspace and writes docs/benchmarks.md."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import identity, nearness, scoring
from benchmarks.page import write_page
from features.workspace import Workspace

ROOT = Path(__file__).parent.parent
DEMO = ROOT / ".demo"


def main() -> int:
    """Measure and write."""
    workspace = Workspace(DEMO / "workspace")
    if not (workspace.snapshots / "r0001.parquet").exists():
        sys.stderr.write("there is no demo to measure on; run: make demo\n")
        return 1
    write_page(
        ROOT / "docs" / "benchmarks.md",
        [
            nearness.measure(workspace, DEMO / "exports"),
            scoring.measure(workspace),
            *(measure() for measure in identity.MEASURES),
        ],
    )
    sys.stdout.write((ROOT / "docs" / "benchmarks.md").read_text(encoding="utf-8"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
