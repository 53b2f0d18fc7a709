"""What 'from' names: files, folders, tables of a warehouse or a SELECT over them, as one raw table of DuckDB."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from features.errors import InputError
from features.ingestion.csv_files import csv_options, load_csv, malformed_table, option_value
from features.ingestion.files import file_kind, find_files
from features.ingestion.select_files import is_select, parse_select, select_views
from features.ingestion.sql import name, reason, text, texts
from features.sources import Sources

RAW = "raw"
"""The schema of the raw tables, one for each canonical table that is mapped."""

WAREHOUSE = "warehouse"
"""What the warehouse named in the sources file is called in SQL."""

_READERS = {"parquet": "read_parquet", "json": "read_json", "excel": "read_xlsx"}


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read what 'from' names; the relation is ``raw.<table>`` while it is the current one.

    Parameters
    ----------
    is_view : whether the relation reads anew each time.
    text : whether columns are text only because the file is CSV.
    time_formats : formats to try on text that ought to be a time.
    malformed : tables of lines that are no rows.
    """

    is_view: bool = True
    text: bool = False
    time_formats: tuple[str, ...] = ()
    malformed: tuple[str, ...] = ()


def raw_table(table: str) -> str:
    """Return the quoted name of the raw relation of a canonical table."""
    return f"{RAW}.{name(table)}"


def attach_warehouse(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Attach the warehouse that the sources file names, if any, to read from.

    Raises
    ------
    InputError
        If it is no DuckDB file.
    """
    if sources.warehouse is None:
        return
    if not sources.warehouse.is_file():
        raise InputError(f"{sources.path}: warehouse: there is no file {sources.warehouse}; check the path")
    try:
        connection.execute(f"ATTACH {text(sources.warehouse)} AS {WAREHOUSE} (READ_ONLY)")
    except duckdb.Error as error:
        raise InputError(f"{sources.path}: warehouse {sources.warehouse} cannot be opened: {reason(error)}") from error


def readings(connection: duckdb.DuckDBPyConnection, sources: Sources, table: str, scratch: Path) -> Iterator[Reading]:
    """Yield the ways to read what a table comes from, the likeliest first, each as the relation ``raw.<table>``.

    Parameters
    ----------
    connection : with the schemas of raw tables and malformed lines.
    table : canonical name.
    scratch : a folder for copies.

    Raises
    ------
    InputError
        If a file is missing or unreadable, or the SELECT is no valid one.
    """
    source = sources.tables[table]
    where = f"{sources.path}: table {table!r}"
    if is_select(source.from_):
        select = parse_select(connection, source.from_, sources.folder, where)
        options = csv_options(where, source.options)
        for malformed in select_views(connection, select, raw_table(table), options, scratch, where):
            yield Reading(malformed=malformed)
    elif _is_table(sources, source.from_):
        _read_table(connection, table, source.from_, where)
        yield Reading()
    else:
        yield _read_files(
            connection, table, find_files(sources.folder, source.from_, where), source.options, scratch, where
        )


def fix(connection: duckdb.DuckDBPyConnection, table: str, where: str) -> None:
    """Turn the raw relation, a view, into a table with the rows in the order of the source.

    Raises
    ------
    InputError
        If reading fails.
    """
    relation, fixed = raw_table(table), raw_table(f"{table} fixed")
    try:
        # Grouping and floating-point sums come out the same every time on one thread only.
        connection.execute("SET threads = 1")
        connection.execute(f"CREATE TABLE {fixed} AS FROM {relation}")
    except duckdb.Error as error:
        raise InputError(
            f"{where}: reading fails: {reason(error)}; convert values under 'columns', where a failure rejects "
            "that row alone"
        ) from error
    finally:
        connection.execute("RESET threads")
    connection.execute(f"DROP VIEW {relation}; ALTER TABLE {fixed} RENAME TO {name(table)}")


def _is_table(sources: Sources, given: str) -> bool:
    """Tell a table of the warehouse from a file."""
    return sources.warehouse is not None and file_kind(Path(given)) is None and not (sources.folder / given).exists()


def _read_table(connection: duckdb.DuckDBPyConnection, table: str, given: str, where: str) -> None:
    """Make a table of the warehouse the relation ``raw.<table>``."""
    try:
        connection.execute(f"CREATE VIEW {raw_table(table)} AS FROM {WAREHOUSE}.{given}")
    except duckdb.Error as error:
        raise InputError(
            f"{where}: {given!r} is neither a file nor a table of the warehouse: {reason(error)}; check 'from'"
        ) from error


def _read_files(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    files: tuple[Path, ...],
    options: Mapping[str, Any],
    scratch: Path,
    where: str,
) -> Reading:
    """Make files the relation ``raw.<table>``."""
    kind, relation = file_kind(files[0]), raw_table(table)
    if kind == "csv":
        parsed = csv_options(where, options)
        load_csv(connection, relation, files, parsed, scratch)
        return Reading(
            is_view=False, text=True, time_formats=parsed.time_formats, malformed=(malformed_table(relation),)
        )
    paths = text(files[0]) if kind == "excel" else f"[{texts(files)[1:-1]}], union_by_name = true"
    arguments = "".join(f", {key} = {option_value(value)}" for key, value in options.items())
    try:
        connection.execute(f"CREATE VIEW {relation} AS FROM {_READERS[str(kind)]}({paths}{arguments})")
    except duckdb.Error as error:
        remedy = "save it as CSV or Parquet" if kind == "excel" else "check the file and 'options'"
        raise InputError(f"{where}: {files[0]} cannot be read: {reason(error)}; {remedy}") from error
    return Reading()
