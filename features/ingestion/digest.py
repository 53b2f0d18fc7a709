"""The data version: a digest of what the tables hold, whatever the order of their rows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import duckdb

from features.ingestion.sql import name

_SHOWN = 16


def data_version(connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> str:
    """Return a digest of all rows of tables.

    Parameters
    ----------
    tables : quoted names.

    Returns
    -------
    Sixteen hexadecimal digits: the same for the same rows, in any order, on any number of threads.
    """
    digest = hashlib.sha256()
    for table in tables:
        digest.update(_table_digest(connection, table).encode())
    return digest.hexdigest()[:_SHOWN]


def _table_digest(connection: duckdb.DuckDBPyConnection, table: str) -> str:
    """Add up the lower half of the MD5 of each row, as integers, so that order does not matter."""
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    cells = ", ".join(f"coalesce(CAST({name(column)} AS VARCHAR), chr(30))" for column in columns)
    sums = connection.execute(
        f"SELECT count(*), sum(md5_number_lower(line)) FROM (SELECT concat_ws(chr(31), {cells}) AS line FROM {table})"
    ).fetchone()
    return f"{table}|{columns}|{sums}\n"
