"""Running the steps of a plan on an engine, and letting go of what they made together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol
from uuid import uuid4

import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa

from features.given import Given
from features.keeper import OWN, Step


class Session(Protocol):
    """Runs steps on an engine; what they make has names that begin with its prefix, and is gone with it."""

    prefix: str

    def do(self, step: Step) -> None:
        """Give, keep or drop a table."""

    def fetch(self, sql: str) -> pa.Table:
        """Return what a query returns."""

    def release(self) -> None:
        """Let go of all that was made."""


@contextmanager
def opened(given: Given) -> Iterator[Session]:
    """Open a session on the engine that holds the given tables."""
    session: Session = _Spark(given) if given.tables.connection.name == "pyspark" else _DuckDB(given)
    try:
        yield session
    finally:
        session.release()


def _own(given: Given, name: str) -> str:
    """Return the query of a table of the contract, once what it reads from memory is known to the engine."""
    rows = given.tables.own[name.removeprefix(OWN)]
    if not isinstance(rows.op(), ops.DatabaseTable):
        rows.limit(0).to_pyarrow()
    sql: str = given.tables.connection.compile(rows.select(*rows.columns))
    return sql


class _DuckDB:
    def __init__(self, given: Given) -> None:
        self.prefix = f"glocal_{uuid4().hex}_"
        self._given = given
        self._connection: Any = given.tables.connection.con
        self._made: dict[str, str] = {}
        variables = {name: f"TIMESTAMP '{time}'" for name, time in given.instants.items()}
        for name, value in {**variables, "long_ago": f"{given.long_ago}::INTEGER"}.items():
            self._connection.execute(f'SET VARIABLE "{self.prefix}{name}" = {value}')
            self._made[name] = "VARIABLE"

    def do(self, step: Step) -> None:
        name = self._name(step.name)
        if step.does == "drop":
            self._drop(step.name)
        elif step.does == "keep":
            self._made[step.name] = "TABLE"
            self._connection.execute(f"CREATE TEMP TABLE {name} {step.columns}")
            self._connection.execute(f"INSERT INTO {name} {step.sql}")
        elif step.name.startswith(OWN):
            self._made[step.name] = "VIEW"
            self._connection.execute(f"CREATE TEMP VIEW {name} AS {_own(self._given, step.name)}")
        else:
            self._put(step.name)

    def fetch(self, sql: str) -> pa.Table:
        return self._connection.sql(sql).to_arrow_table()

    def release(self) -> None:
        for name in reversed(list(self._made)):
            self._drop(name)

    def _drop(self, name: str) -> None:
        kind = self._made.pop(name)
        verb = "RESET VARIABLE" if kind == "VARIABLE" else f"DROP {kind} IF EXISTS"
        self._connection.execute(f"{verb} {self._name(name)}")

    def _put(self, name: str) -> None:
        """Copy a table out of Python's memory, so that the engine knows how much there is of what."""
        self._connection.register("_put", self._given.rows(name, self._table))
        self._made[name] = "TABLE"
        self._connection.execute(f"CREATE TEMP TABLE {self._name(name)} AS SELECT * FROM _put")
        self._connection.unregister("_put")

    def _name(self, name: str) -> str:
        return f'"{self.prefix}{name}"'

    def _table(self, name: str) -> ir.Table:
        table: ir.Table = self._given.tables.connection.table(self.prefix + name, database="temp.main")
        return table


class _Spark:
    def __init__(self, given: Given) -> None:
        from pyspark.sql import SparkSession

        self.prefix = f"glocal_{uuid4().hex}_"
        self._given = given
        self._session = SparkSession.active()
        self._made: list[str] = []

    def do(self, step: Step) -> None:
        if step.does == "drop":
            self._drop(step.name)
            return
        if step.does == "keep":  # without its past, with which each of its readers would be planned again
            rows = self._session.sql(step.sql).localCheckpoint()
        elif step.name.startswith(OWN):
            rows = self._session.sql(_own(self._given, step.name))
        else:
            rows = self._session.createDataFrame(self._given.rows(step.name, self._table))
        rows.createTempView(self.prefix + step.name)
        self._made.append(step.name)

    def fetch(self, sql: str) -> pa.Table:
        return self._session.sql(sql).toArrow()

    def release(self) -> None:
        for name in list(self._made):
            self._drop(name)

    def _drop(self, name: str) -> None:
        self._made.remove(name)
        self._session.catalog.dropTempView(self.prefix + name)

    def _table(self, name: str) -> ir.Table:
        table: ir.Table = self._given.tables.connection.table(self.prefix + name)
        return table
