"""What 'from' names: files, folders, tables of a warehouse or a SELECT over them, as one raw table of DuckDB."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.csv_files import CsvOptions, csv_options, load_csv, malformed_table
from features.errors import InputError
from features.select_files import FILES, file_kind, find_files, resolve_files
from features.sources import Sources, TableSource
from features.sql import name, reason, text
from features.typing_text import READINGS, typed_view

RAW = "raw"
"""The schema of the raw tables, one for each canonical table that is mapped."""

WAREHOUSE = "warehouse"
"""What the warehouse named in the sources file is called in SQL."""

_READERS = {"parquet": "read_parquet", "json": "read_json", "excel": "read_xlsx"}
_SELECT = re.compile(r"\s*(select|with|from|values)\b|\s*\(", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what 'from' names; the relation is ``raw.<table>`` while it is the current one.

    Parameters
    ----------
    text : whether columns are text only because the file is CSV.
    time_formats : formats to try on text that ought to be a time.
    malformed : tables of lines that are no rows.
    """

    text: bool = False
    time_formats: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()


def raw_table(table: str) -> str:
    """Return the quoted name of the raw relation of a canonical table."""
    return f"{RAW}.{name(table)}"


def readings(
    connection: duckdb.DuckDBPyConnection, sources: Sources, table: str, scratch: Path
) -> Iterator[Reading]:
    """Yield the ways to read what a table comes from, the likeliest first, each as the relation ``raw.<table>``.

    Parameters
    ----------
    connection : with the schemas of raw tables, files and malformed lines.
    table : canonical name.
    scratch : a folder for copies.

    Raises
    ------
    InputError
        If a file is missing or unreadable, or the SELECT is no valid one.
    """
    source = sources.tables[table]
    where = f"{sources.path}: table {table!r}"
    options = csv_options(where, source.options) if _may_hold_csv(source) else CsvOptions()
    if _SELECT.match(source.from_) and not (sources.folder / source.from_).exists():
        yield from _read_select(connection, sources, table, options, scratch, where)
        return
    files = _files(sources, source, where)
    if not files:
        _read_warehouse(connection, sources, table, where)
        yield Reading()
        return
    kind = file_kind(files[0])
    if kind == "csv":
        load_csv(connection, raw_table(table), files, options, scratch)
        yield Reading(text=True, time_formats=options.time_formats, malformed=(malformed_table(raw_table(table)),))
        return
    _read_binary(connection, table, kind, files, source, where)
    yield Reading()


def fix(connection: duckdb.DuckDBPyConnection, table: str, where: str) -> int:
    """Turn the raw relation into a table, in the order of the source, and return its number of rows.

    Raises
    ------
    InputError
        If reading fails.
    """
    relation = raw_table(table)
    is_view = connection.execute(
        "SELECT count(*) FROM duckdb_views() WHERE schema_name = ? AND view_name = ?", [RAW, table]
    ).fetchone() == (1,)
    threads = connection.execute("SELECT current_setting('threads')").fetchone()
    if is_view:
        # Grouping and floating-point sums come out the same every time on one thread only.
        connection.execute("SET threads = 1")
        try:
            connection.execute(f"CREATE TABLE {RAW}.fixed AS SELECT * FROM {relation}")
        except duckdb.Error as error:
            raise InputError(
                f"{where}: reading fails: {reason(error)}; convert values under 'columns', where a failure rejects "
                "the row alone"
            ) from error
        finally:
            connection.execute(f"SET threads = {threads[0] if threads else 1}")
        connection.execute(f"DROP VIEW {relation}; ALTER TABLE {RAW}.fixed RENAME TO {name(table)}")
    rows = connection.execute(f"SELECT count(*) FROM {relation}").fetchone()
    return int(rows[0]) if rows else 0
