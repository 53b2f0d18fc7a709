"""Checks the docs: links lead somewhere, and what is generated is what the code would generate now."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from features.contracts import TABLES, Column
from features.signals.catalogue import BUILT_IN

ROOT = Path(__file__).parent.parent
SIGNALS_PAGE = ROOT / "docs" / "signals.md"
DATA_PAGE = ROOT / "docs" / "data.md"
REQUIRED = r"\*"
TABLES_START, TABLES_END = "<!-- tables: generated -->", "<!-- end of tables -->"
_LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")


def signals_page() -> str:
    """Return the page that lists every signal by family."""
    lines = [
        "# Signals",
        "",
        (
            "Every signal of a snapshot, as the code declares it. The user's own attributes come on top. "
            "This page is generated: `python docs/check.py --write`."
        ),
    ]
    for family in dict.fromkeys(signal.family for signal in BUILT_IN):
        lines += [
            "",
            f"## {family}",
            "",
            "| signal | meaning | unit | range | of | no value means | from |",
            "|---|---|---|---|---|---|---|",
        ]
        lines += [
            f"| `{s.name}` | {s.meaning} | {s.unit} | {_range(s.range) if not s.category else 'names'} "
            f"| {s.scope.replace('_', ' ')} | {s.missing or 'there always is one'} | {', '.join(s.source)} |"
            for s in BUILT_IN
            if s.family == family
        ]
    return "\n".join(lines) + "\n"


def tables_part() -> str:
    """Return the list of the canonical tables and their columns."""
    lines = ["| table | columns |", "|---|---|"]
    for table in TABLES.values():
        columns = ", ".join(
            f"{name}{REQUIRED if column.required else ''}{_values(column)}" for name, column in table.columns.items()
        )
        lines.append(f"| `{table.name}` | {columns}{', your own' if table.attributes else ''} |")
    return "\n".join(lines)


def data_page() -> str:
    """Return the page on data with the tables as the code declares them."""
    before, _, rest = DATA_PAGE.read_text(encoding="utf-8").partition(TABLES_START)
    _, _, after = rest.partition(TABLES_END)
    return f"{before}{TABLES_START}\n{tables_part()}\n{TABLES_END}{after}"


def broken_links() -> list[str]:
    """Return the links between pages that lead nowhere."""
    pages = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
    return [
        f"{page.relative_to(ROOT)}: {target} leads nowhere"
        for page in pages
        for target in _LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]


def _values(column: Column) -> str:
    return f" ({', '.join(column.allowed)})" if column.allowed else ""


def _range(bounds: tuple[float | None, float | None]) -> str:
    low, high = ("" if bound is None else f"{bound:g}" for bound in bounds)
    return f"{low or '…'} to {high or '…'}"


def main() -> int:
    """Check, or with --write, generate."""
    pages = {SIGNALS_PAGE: signals_page(), DATA_PAGE: data_page()}
    if "--write" in sys.argv[1:]:
        for path, text in pages.items():
            path.write_text(text, encoding="utf-8")
    problems = broken_links()
    problems += [
        f"{path.relative_to(ROOT)} is not what the code declares; run: python docs/check.py --write"
        for path, text in pages.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    sys.stderr.writelines(f"{problem}\n" for problem in problems)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
