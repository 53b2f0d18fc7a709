"""A user's SELECT over files: each file found from the sources file's folder, CSV files read as everywhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import sqlglot
from sqlglot import Token, TokenType
from sqlglot.errors import TokenError

from features.errors import InputError
from features.ingestion.csv_files import CsvOptions, load_csv, malformed_table
from features.ingestion.files import file_kind, find_files
from features.ingestion.sql import name, reason, text
from features.ingestion.text_types import NUMBERS, TIMES, read_as, text_types

CELLS = "cells"
"""The schema of CSV files as text."""

FILES = "files"
"""The schema of CSV files as the SELECT sees them."""

READINGS = ((*NUMBERS, *TIMES), NUMBERS, ())
"""The types that columns of CSV files may have in a SELECT; the first that suit the SELECT and all columns count."""

_SELECT = re.compile(r"\s*(select|with|from|values)\s|\s*\(", re.IGNORECASE)
_READER = re.compile(r"read_\w+|\w+_scan|glob", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Select:
    """A SELECT that DuckDB can run from any folder.

    Parameters
    ----------
    given : as the user wrote it, in one line.
    sql : with absolute paths, and CSV files as tables of the schema FILES.
    csv : the files of each of these tables.
    """

    given: str
    sql: str
    csv: dict[str, tuple[Path, ...]]


def is_select(given: str) -> bool:
    """Tell a SELECT from the name of a file or table."""
    return bool(_SELECT.match(given))


def parse_select(connection: duckdb.DuckDBPyConnection, sql: str, folder: Path, where: str) -> Select:
    """Find the files that a SELECT reads.

    Raises
    ------
    InputError
        If it is no single SELECT statement, or a file is missing.
    """
    try:
        statements = connection.extract_statements(sql)
        tokens = sqlglot.tokenize(sql, read="duckdb")
    except (duckdb.Error, TokenError) as error:
        raise InputError(
            f"{where}: 'from' is no valid SELECT: {_one_line(error)}; the SELECT: {_shown(sql)}"
        ) from error
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        raise InputError(f"{where}: 'from' must be one SELECT and nothing else; it is: {_shown(sql)}")
    csv: dict[str, tuple[Path, ...]] = {}
    parts, end = [], 0
    for token, is_relation in _file_tokens(tokens):
        parts += [sql[end : token.start], _absolute(token.text, is_relation, folder, csv, where)]
        end = token.end + 1
    return Select(_shown(sql), "".join(parts) + sql[end:].rstrip().rstrip(";"), csv)


def select_views(
    connection: duckdb.DuckDBPyConnection, select: Select, relation: str, options: CsvOptions, scratch: Path, where: str
) -> Iterator[tuple[str, ...]]:
    """Make a SELECT the view ``relation``, once for each way to type the CSV files in it.

    Yields
    ------
    The tables of lines of its CSV files that are no rows.

    Raises
    ------
    InputError
        If the SELECT suits none of the ways.
    """
    connection.execute("".join(f"DROP SCHEMA IF EXISTS {s} CASCADE; CREATE SCHEMA {s};" for s in (FILES, CELLS)))
    cells = {view: f"{CELLS}.{name(view)}" for view in select.csv}
    for view, files in select.csv.items():
        load_csv(connection, cells[view], files, options, scratch / view)
    malformed = tuple(malformed_table(table) for table in cells.values())
    failure: duckdb.Error | None = None
    for types in READINGS if select.csv else READINGS[:1]:
        for view, table in cells.items():
            _typed_view(connection, view, table, types)
        try:
            connection.execute(f"CREATE OR REPLACE VIEW {relation} AS {select.sql}\n")
        except duckdb.Error as error:
            failure = failure or error
        else:
            yield malformed
    if failure is not None:
        raise InputError(f"{where}: 'from' fails: {reason(failure)}; the SELECT: {select.given}") from failure


def _file_tokens(tokens: list[Token]) -> Iterator[tuple[Token, bool]]:
    """Yield the string tokens that name files, and whether each stands for a relation."""
    before = TokenType.SEMICOLON
    reading = False
    for index, token in enumerate(tokens):
        if token.token_type == TokenType.L_PAREN and index and _READER.fullmatch(tokens[index - 1].text):
            reading = True
        elif token.token_type not in (TokenType.STRING, TokenType.L_BRACKET, TokenType.COMMA):
            reading = False
        if token.token_type == TokenType.STRING and reading:
            yield token, False
        elif before in (TokenType.FROM, TokenType.JOIN) and _may_be_file(token):
            yield token, True
        before = token.token_type


def _may_be_file(token: Token) -> bool:
    """Tell a quoted file from the name of a relation."""
    if token.token_type == TokenType.IDENTIFIER:
        return file_kind(Path(token.text)) is not None
    return token.token_type == TokenType.STRING


def _absolute(given: str, is_relation: bool, folder: Path, csv: dict[str, tuple[Path, ...]], where: str) -> str:
    """Write what stands in a SELECT for a file: a table of the schema FILES if it is CSV, else its absolute path."""
    if "://" in given:
        return text(given)
    files = find_files(folder, given, where)
    if not is_relation or file_kind(files[0]) != "csv":
        return text(files[0] if len(files) == 1 else folder / given)
    view = files[0].name.split(".")[0]
    while csv.get(view, files) != files:
        view += "_"
    csv[view] = files
    return f"{FILES}.{name(view)}"


def _typed_view(connection: duckdb.DuckDBPyConnection, view: str, table: str, types: tuple[str, ...]) -> None:
    columns = [row[0] for row in connection.execute(f"DESCRIBE {table}").fetchall()]
    found = text_types(connection, table, columns) if types else {}
    cells = (read_as(c, dtype) if (dtype := found.get(c, "VARCHAR")) in types else name(c) for c in columns)
    connection.execute(f"CREATE OR REPLACE VIEW {FILES}.{name(view)} AS SELECT {', '.join(cells)} FROM {table}")


def _one_line(error: Exception) -> str:
    return reason(error) if isinstance(error, duckdb.Error) else " ".join(str(error).split())


def _shown(sql: str) -> str:
    return " ".join(sql.split())
