"""What a row may hold: rules derived from the contract, and the contract as schemas that check the finished tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import duckdb
import ibis.expr.datatypes as dt
import pandera.ibis as pa

from features.contracts import TABLES, Column, Table
from features.countries import codes
from features.ingestion.rejects import reject, standing
from features.ingestion.rules import (
    CLOSED_BEFORE_CREATED,
    CLOSED_MISSING,
    NOT_ALLOWED,
    NOT_FINITE,
    OUT_OF_RANGE,
    REQUIRED_MISSING,
    UNKNOWN_COUNTRY,
)
from features.ingestion.sql import name, texts

EARLIEST, LATEST = "1900-01-01", "2100-01-01"
"""Times outside are placeholders or slips; in a table that is not dated, the far future means 'for ever'."""

_IBIS_TYPES: dict[str, Any] = {
    "string": dt.String,
    "timestamp": dt.Timestamp(scale=6),
    "float64": dt.Float64,
    "int64": dt.Int64,
    "array<string>": None,
}
"""What each type of the contract is to pandera, which has no lists."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule on one row.

    Parameters
    ----------
    name : under which rejects are counted.
    column : that breaks it.
    broken : SQL, true where it does.
    """

    name: str
    column: str
    broken: str


def row_rules(table: Table) -> tuple[Rule, ...]:
    """Return the rules on single rows of a table, in the order in which they are tried."""
    of_columns = (rule for column, spec in table.columns.items() for rule in _column_rules(table, column, spec))
    return (*of_columns, *_cross_column_rules(table.name))


def attribute_rules(columns: Iterator[str] | tuple[str, ...]) -> tuple[Rule, ...]:
    """Return the rules on attributes that are numbers or times."""
    return tuple(Rule(NOT_FINITE, column, f"NOT isfinite({name(column)})") for column in columns)


def reject_broken(connection: duckdb.DuckDBPyConnection, table: str, rules: tuple[Rule, ...]) -> None:
    """Reject each row that breaks a rule, for the first that it breaks."""
    cases = " ".join(f"WHEN {rule.broken} THEN {number}" for number, rule in enumerate(rules))
    connection.execute(
        f"CREATE OR REPLACE TABLE broken AS SELECT * FROM "
        f"(SELECT *, CASE {cases} END AS _rule FROM {standing(table)}) WHERE _rule IS NOT NULL"
    )
    for (number,) in connection.execute("SELECT DISTINCT _rule FROM broken ORDER BY 1").fetchall():
        rule = rules[number]
        rows = f"(FROM broken WHERE _rule = {number})"
        reject(connection, table, rule.name, rows, column=rule.column, value=name(rule.column))


def contract_schema(table: Table) -> pa.DataFrameSchema:
    """Return a table of the contract as a pandera schema over Ibis."""
    columns = {column: _schema_column(spec) for column, spec in table.columns.items()}
    return pa.DataFrameSchema(columns, unique=[table.key] if table.key else None, name=table.name)


def check_contract(backend: Any, catalog: str) -> None:
    """Check finished tables against the contract: a failure is a mistake of this program, never of the data.

    Parameters
    ----------
    backend : the Ibis backend that holds them.
    catalog : the database they are in.

    Raises
    ------
    pandera.errors.SchemaErrors
        If a table breaks its contract.
    """
    for contract in TABLES.values():
        # pandera finds nulls in every column of a table without rows.
        if backend.con.execute(f"SELECT 1 FROM {catalog}.{name(contract.name)} LIMIT 1").fetchone():
            table = backend.table(contract.name, database=(catalog, "main"))
            contract_schema(contract).validate(table, lazy=True)


def _column_rules(table: Table, column: str, spec: Column) -> Iterator[Rule]:
    cell = name(column)
    if spec.required:
        yield Rule(REQUIRED_MISSING, column, f"{cell} IS NULL")
    if spec.allowed:
        yield Rule(NOT_ALLOWED, column, f"{cell} NOT IN {texts(spec.allowed)}")
    if spec.country:
        yield Rule(UNKNOWN_COUNTRY, column, f"{cell} NOT IN {texts(codes())}")
    if spec.dtype == "float64":
        yield Rule(NOT_FINITE, column, f"NOT isfinite({cell})")
    low, high = spec.range
    if low is not None:
        yield Rule(OUT_OF_RANGE, column, f"{cell} < {low}")
    if high is not None:
        yield Rule(OUT_OF_RANGE, column, f"{cell} > {high}")
    if spec.dtype == "timestamp":
        yield Rule(OUT_OF_RANGE, column, _time_out_of_range(table, column))


def _time_out_of_range(table: Table, column: str) -> str:
    """Write the test; the closing date of an open opportunity is a hope, and may be anything."""
    cell = name(column)
    broken = f"NOT isfinite({cell}) OR {cell} < TIMESTAMP '{EARLIEST}'"
    if table.time:
        broken += f" OR {cell} >= TIMESTAMP '{LATEST}'"
    return f"({broken}) AND outcome <> 'open'" if column == "closed_at" else broken


def _cross_column_rules(table: str) -> Iterator[Rule]:
    """Yield the rules that the contract's columns cannot tell."""
    if table == "opportunities":
        yield Rule(CLOSED_MISSING, "closed_at", "outcome <> 'open' AND closed_at IS NULL")
        # An export often gives the day of closing and the instant of creation.
        same_day = "closed_at = date_trunc('day', created_at)"
        yield Rule(
            CLOSED_BEFORE_CREATED, "closed_at", f"outcome <> 'open' AND closed_at < created_at AND NOT {same_day}"
        )
    if table == "rates":
        yield Rule(OUT_OF_RANGE, "rate", "rate <= 0")


def _schema_column(spec: Column) -> pa.Column:
    checks = []
    if spec.allowed:
        checks.append(pa.Check.isin(spec.allowed))
    if spec.country:
        checks.append(pa.Check.isin(codes()))
    low, high = spec.range
    if low is not None:
        checks.append(pa.Check.ge(low))
    if high is not None:
        checks.append(pa.Check.le(high))
    return pa.Column(_IBIS_TYPES[spec.dtype], checks, nullable=not spec.required)
