"""Rejected rows: one verdict per row, its rule and value, counted, limited, and written out with the source row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.errors import InputError
from features.ingestion.exports import raw_table
from features.ingestion.rules import MALFORMED_LINE, REMEDIES
from features.ingestion.sql import name, text

TYPED = "typed"
"""The schema of the tables whose values are canonical: ``_row`` (from 1), the columns, ``_failed``."""

VERDICTS = "verdicts"
"""The schema of the verdicts on their rows: ``_row``, ``rule``, ``column``, ``value``, ``followed``."""

_SHOWN_RULES = 3


@dataclass(frozen=True, slots=True)
class TableCounts:
    """What became of the rows of one table.

    Parameters
    ----------
    read, accepted, rejected : numbers of rows; read = accepted + rejected.
    by_rule : rejected rows by the rule that they broke, the most frequent first.
    """

    read: int
    accepted: int
    rejected: int
    by_rule: dict[str, int]


def typed_table(table: str) -> str:
    """Return the quoted name of the typed table of a canonical table."""
    return f"{TYPED}.{name(table)}"


def standing(table: str) -> str:
    """Write the typed rows of a table that no verdict has fallen on."""
    return f"(FROM {typed_table(table)} ANTI JOIN {_verdicts(table)} USING (_row))"


def open_verdicts(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Make an empty table of verdicts."""
    connection.execute(
        f"CREATE TABLE {_verdicts(table)} "
        '(_row BIGINT, rule VARCHAR, "column" VARCHAR, value VARCHAR, followed BOOLEAN)'
    )


def reject(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rule: str,
    rows: str,
    *,
    column: str | None = None,
    value: str = "NULL",
    followed: str = "false",
) -> None:
    """Reject rows for one rule.

    Parameters
    ----------
    table : canonical name.
    rule : its name.
    rows : SQL after FROM, of rows still standing, with ``_row`` and what the rest of the arguments read.
    column : the column that broke the rule.
    value, followed : SQL of the value, and of whether the row only followed a rejected parent row.
    """
    connection.execute(
        f"INSERT INTO {_verdicts(table)} SELECT _row, {text(rule)}, {text(column) if column else 'NULL'}, "
        f"CAST({value} AS VARCHAR), {followed} FROM {rows}"
    )


def count(connection: duckdb.DuckDBPyConnection, table: str, malformed: Sequence[str]) -> TableCounts:
    """Count what became of a table's rows."""
    rules = connection.execute(
        f"SELECT rule, count(*) AS rows FROM ({_all_verdicts(table, malformed)}) GROUP BY rule ORDER BY rows DESC, rule"
    ).fetchall()
    by_rule = {str(rule): int(rows) for rule, rows in rules}
    well_formed = connection.execute(f"SELECT count(*) FROM {raw_table(table)}").fetchone()
    rejected = sum(by_rule.values())
    read = (int(well_formed[0]) if well_formed else 0) + by_rule.get(MALFORMED_LINE, 0)
    return TableCounts(read, read - rejected, rejected, by_rule)


def check_limit(
    connection: duckdb.DuckDBPyConnection, table: str, malformed: Sequence[str], most: float, where: str
) -> None:
    """Check that not too large a share of a table is rejected, rows apart that only followed a rejected parent row.

    Raises
    ------
    InputError
        If more than the share `most` is, in [0, 1].
    """
    counts = count(connection, table, malformed)
    rules = connection.execute(
        f'SELECT rule, count(*) AS rows, arg_min("column", _row), arg_min(value, _row), min(_row) '
        f"FROM ({_all_verdicts(table, malformed)}) WHERE NOT followed GROUP BY rule ORDER BY rows DESC, rule"
    ).fetchall()
    rejected = sum(rows for _, rows, *_ in rules)
    if rejected <= most * counts.read:
        return
    reasons = "; ".join(
        f"{rule!r} in {rows:,}, the first in row {first:,}"
        + (f", column {column!r}" if column else "")
        + (f", value {value!r}" if value is not None else "")
        + f" ({REMEDIES[rule]})"
        for rule, rows, column, value, first in rules[:_SHOWN_RULES]
    )
    raise InputError(
        f"{where}: {rejected:,} of {counts.read:,} rows ({rejected / counts.read:.1%}) are rejected, "
        f"more than --max-rejects allows ({most:.1%}): {reasons}; mend the mapping, or raise --max-rejects"
    )


def write_rejects(connection: duckdb.DuckDBPyConnection, table: str, malformed: Sequence[str], path: Path) -> None:
    """Write a table's rejected rows to a Parquet file.

    Parameters
    ----------
    table : canonical name.
    malformed : tables of lines that are no rows.
    path : the file: ``row`` (from 1; of a malformed line its line), ``rule``, ``column``, ``value`` and ``source``
        (the source row as JSON; NULL for a malformed line).
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = _malformed_lines(malformed, "NULL")
    connection.execute(
        "COPY (FROM (SELECT _row AS row, _verdict.rule, _verdict.column, _verdict.value, "
        f"CAST(to_json(_source) AS VARCHAR) AS source FROM {_verdicts(table)} AS _verdict "
        f"JOIN {raw_table(table)} AS _source ON _source.rowid = _verdict._row - 1{lines}) "
        f"ORDER BY rule = {text(MALFORMED_LINE)}, row, value) TO {text(path)} (FORMAT parquet)"
    )


def _verdicts(table: str) -> str:
    return f"{VERDICTS}.{name(table)}"


def _all_verdicts(table: str, malformed: Sequence[str]) -> str:
    """Write the verdicts on rows and on malformed lines."""
    return f"FROM {_verdicts(table)}{_malformed_lines(malformed, 'false')}"


def _malformed_lines(malformed: Sequence[str], last: str) -> str:
    """Write what adds the malformed lines to verdicts."""
    return "".join(
        f" UNION ALL SELECT line, {text(MALFORMED_LINE)}, NULL, content, {last} FROM {each}" for each in malformed
    )
