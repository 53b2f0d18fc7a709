"""What type the text of a CSV column turns out to hold, judged by every cell and never by a sample."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb

from features.ingestion.sql import name, text

NUMBERS = ("BIGINT", "DOUBLE")
TIMES = ("DATE", "TIMESTAMP")

_INTEGER = r"-?(0|[1-9]\d{0,14})"
_NUMBER = r"[-+]?((0|[1-9]\d{0,14})(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?"


def is_number(cell: str) -> str:
    """Write the test whether a text cell is a number, NULL where it is missing.

    Digits with leading zeros, or very many, are names.
    """
    return f"CASE WHEN {cell} IS NOT NULL THEN regexp_full_match({cell}, {text(_NUMBER)}) END"


def text_types(connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[str]) -> dict[str, str]:
    """Return the narrowest type that loses nothing of any cell, by column.

    Parameters
    ----------
    table : quoted name of a table of text columns.
    columns : those asked about.

    Returns
    -------
    Each column's type: BIGINT, DOUBLE, DATE or TIMESTAMP (both written as ISO 8601 has it), else VARCHAR.
    """
    if not columns:
        return {}
    found = connection.execute(f"SELECT {', '.join(_type_of(name(column)) for column in columns)} FROM {table}")
    return dict(zip(columns, found.fetchone() or (), strict=True))


def read_as(column: str, dtype: str) -> str:
    """Write the cast of a text column to the type that it was found to hold."""
    if dtype == "TIMESTAMP":
        return f"CAST(CAST({name(column)} AS TIMESTAMPTZ) AS TIMESTAMP) AS {name(column)}"
    return f"CAST({name(column)} AS {dtype}) AS {name(column)}"


def _type_of(cell: str) -> str:
    return (
        f"CASE WHEN count({cell}) = 0 THEN 'VARCHAR' "
        f"WHEN bool_and(regexp_full_match({cell}, {text(_INTEGER)})) THEN 'BIGINT' "
        f"WHEN bool_and({is_number(cell)}) THEN 'DOUBLE' "
        f"WHEN bool_and(length({cell}) = 10 AND TRY_CAST({cell} AS DATE) IS NOT NULL) THEN 'DATE' "
        f"WHEN bool_and(TRY_CAST({cell} AS TIMESTAMPTZ) IS NOT NULL) THEN 'TIMESTAMP' ELSE 'VARCHAR' END"
    )
