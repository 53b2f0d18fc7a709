"""Fixtures that several packages' tests share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from features.contracts import TABLES, Table
from features.identity import resolve_accounts
from features.tables import Tables, read_tables

Rows = Sequence[Mapping[str, Any]]

_ARROW = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us"),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "array<string>": pa.list_(pa.string()),
}


def _arrow_table(table: Table, rows: Rows) -> pa.Table:
    fields = [(name, _ARROW[column.dtype]) for name, column in table.columns.items()]
    own = sorted({name for row in rows for name in row} - set(table.columns))
    fields += [(name, _arrow_type([row.get(name) for row in rows])) for name in own]
    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields))


def _arrow_type(values: Sequence[Any]) -> pa.DataType:
    return pa.float64() if any(isinstance(value, float) for value in values) else pa.string()


@pytest.fixture(scope="session")
def make_tables() -> Callable[..., Tables]:
    """Return a maker of canonical tables in memory from rows per table."""

    def make(rows: Mapping[str, Rows], as_of: datetime, static: frozenset[tuple[str, str]] = frozenset()) -> Tables:
        connection = ibis.duckdb.connect()
        for name, table in TABLES.items():
            connection.create_table(name, _arrow_table(table, rows.get(name, ())))
        accounts = connection.table("accounts").to_pandas()
        connection.create_table("entities", resolve_accounts(accounts))
        connection.create_table(
            "static_columns",
            pa.table(
                {"table_name": [t for t, _ in sorted(static)], "column_name": [c for _, c in sorted(static)]},
                schema=pa.schema([("table_name", pa.string()), ("column_name", pa.string())]),
            ),
        )
        facts = pd.DataFrame({"key": ["as_of", "data_version"], "value": [as_of.isoformat(), "test"]})
        connection.create_table("ingest_facts", facts)
        return read_tables(connection)

    return make
