"""Naming what is given and keeping what is computed, as steps that an engine runs at once or later."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.operations as ops
import ibis.expr.types as ir
import sqlglot.expressions as sge

from features.given import CUTOFFS, SCHEMAS, UNITED, Given
from features.lookbacks import Lookback

OWN = "own_"
"""What the given tables of the contract are called: this, then their name."""

_DUCKDB = "duckdb"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that an engine does.

    Parameters
    ----------
    does : 'give' a table of `Given`, 'keep' what a query returns, 'drop' what was kept, 'fetch' what a query returns,
        or 'tell' what is being done.
    name : of the table that is given, kept or dropped; what is told.
    sql : the query.
    columns : of a table that is kept, with their types, as DuckDB declares them.
    """

    does: Literal["give", "keep", "drop", "fetch", "tell"]
    name: str
    sql: str = ""
    columns: str = ""


def _variable(variable: str) -> Any:
    """Return what the DuckDB session holds under a name."""


_instant = ibis.udf.scalar.builtin(_variable, name="getvariable", signature=((dt.string,), dt.Timestamp(scale=6)))
_number = ibis.udf.scalar.builtin(_variable, name="getvariable", signature=((dt.string,), dt.int32))


class Keeper:
    """Names tables and times that a plan is run on, and computes tables once for all their readers.

    Parameters
    ----------
    given : what the plan is about.
    prefix : of the names of all tables.
    act : is told each step in turn, and runs it, or writes it down.
    """

    def __init__(self, given: Given, prefix: str, act: Callable[[Step], None]) -> None:
        self.given = given
        self._prefix = prefix
        self._act = act
        self._there: set[str] = set()

    def own(self, name: str) -> ir.Table:
        """Return a table of the contract, each row under the account's own id."""
        return self._give(OWN + name, self.given.tables.own[name].schema())

    def cutoffs(self) -> ir.Table:
        """Return the cutoffs: CUTOFF of `features.calendar`."""
        return self._give(CUTOFFS, SCHEMAS[CUTOFFS])

    def buckets(self, lookback: Lookback) -> ir.Table:
        """Return the bucket of each day: of_day, bucket."""
        name = f"buckets_{lookback.name}"
        return self._give(name, SCHEMAS[name])

    def ahead(self, lookback: Lookback) -> ir.Table:
        """Return for each bucket the cutoffs that look back on it."""
        name = f"ahead_{lookback.name}"
        return self._give(name, SCHEMAS[name])

    def united(self) -> ir.Table:
        """Return the companies of accounts that were no company of their own; THERE was kept before."""
        return self._give(UNITED, SCHEMAS[UNITED])

    def instant(self, name: str) -> ir.TimestampValue:
        """Return one of the times of `Given.instants`.

        To DuckDB a variable, which it knows before it plans, so that the plan holds at other times; to Spark the time.
        """
        if self._connection.name == _DUCKDB:
            return _instant(self._prefix + name)
        return ibis.literal(self.given.instants[name], "timestamp(6)")

    def long_ago(self) -> ir.IntegerValue:
        """Return the day that stands for all that no window reaches."""
        if self._connection.name == _DUCKDB:
            return _number(self._prefix + "long_ago")
        return ibis.literal(self.given.long_ago, "int32")

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute a table once, under a name of its own, and return what was computed.

        Raises
        ------
        ValueError
            If the name is taken.
        """
        if name in self._there:
            raise ValueError(f"there is a table {name!r} already; give this one another name")
        self._there.add(name)
        schema = rows.schema()
        columns = sge.Schema(expressions=schema.to_sqlglot_column_defs(_DUCKDB)).sql(_DUCKDB)
        self._act(Step("keep", name, self._connection.compile(rows), columns))
        return self._named(name, schema)

    def fetch(self, rows: ir.Table, keys: tuple[str, ...]) -> None:
        """Fetch a table, numbers as float64 but those of the keys."""
        numbers = {name: rows[name].cast("float64") for name in rows.columns if _is_number(rows[name], name, keys)}
        self._act(Step("fetch", "", self._connection.compile(rows.mutate(**numbers) if numbers else rows)))

    def tell(self, what: str) -> None:
        """Say what is being done from here on."""
        self._act(Step("tell", what))

    @property
    def _connection(self) -> Any:
        return self.given.tables.connection

    def _give(self, name: str, schema: ibis.Schema) -> ir.Table:
        if name not in self._there:
            self._there.add(name)
            self._act(Step("give", name))
        return self._named(name, schema)

    def _named(self, name: str, schema: ibis.Schema) -> ir.Table:
        return named(self._connection, self._prefix + name, schema)


def named(connection: Any, name: str, schema: ibis.Schema) -> ir.Table:
    """Return the temporary table or view of a name, without asking the engine whether it is there."""
    where = ops.Namespace(catalog="temp", database="main") if connection.name == _DUCKDB else ops.Namespace()
    table: ir.Table = ops.DatabaseTable(name=name, schema=schema, source=connection, namespace=where).to_expr()
    return table


def _is_number(value: ir.Value, name: str, keys: tuple[str, ...]) -> bool:
    return name not in keys and (value.type().is_numeric() or value.type().is_boolean())
