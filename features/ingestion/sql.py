"""The few things needed to write SQL safely and to say what DuckDB thought of it."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    import duckdb

LONGEST_REASON = 300

NO_COUNTRY = "no country is called "
"""With this the failure of country_code begins, inside what DuckDB says of a failure."""


def name(identifier: str) -> str:
    """Quote an identifier."""
    return '"' + identifier.replace('"', '""') + '"'


def text(value: object) -> str:
    """Write a value as a string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def texts(values: Iterable[object]) -> str:
    """Write values as a parenthesised list of string literals."""
    return "(" + ", ".join(text(value) for value in values) + ")"


def reason(error: duckdb.Error) -> str:
    """Return DuckDB's reason in one line: what is wrong, without its advice and its excerpt of the query."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    if NO_COUNTRY in line:
        line = line[line.index(NO_COUNTRY) :].split('", expected')[0]
    return line if len(line) <= LONGEST_REASON else line[: LONGEST_REASON - 1] + "…"


def nearest(wrong: str, valid: Iterable[str]) -> str:
    """Return '; did you mean ...?' with the likest of the valid names, or nothing where none is alike."""
    by_lower = {known.lower(): known for known in valid}
    likest = get_close_matches(wrong.lower(), by_lower, n=1)
    return f"; did you mean {by_lower[likest[0]]!r}?" if likest else ""
