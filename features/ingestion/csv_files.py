"""CSV files as text: any delimiter, encoding and number format; lines that are no rows are set aside, never lost."""

from __future__ import annotations

import codecs
import csv
import gzip
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb

from features.errors import InputError
from features.ingestion.sql import name, reason, text

MALFORMED = "malformed"
"""The schema of the tables of lines that are no rows: ``line``, ``content``, ``reason``."""

_DELIMITERS = (",", ";", "\t", "|")
_ALIASES = {"delimiter": "delim", "sep": "delim", "column_names": "names"}
_NEEDLESS = ("all_varchar", "auto_detect", "sample_size", "union_by_name", "normalize_names", "parallel")
"""Options of DuckDB's that change nothing here: every cell is read as text, and headers are read by name."""

_TYPED = ("types", "dtypes", "column_types", "columns", "auto_type_candidates", "ignore_errors", "store_rejects")
"""Options of DuckDB's that would give cells a type before a failure could be told by its row."""


@dataclass(frozen=True, slots=True)
class CsvOptions:
    """How a CSV file is to be read.

    Parameters
    ----------
    encoding : Python's name of it.
    delim : the delimiter; None: the likeliest by the header.
    decimal_separator, thousands : how numbers are written; '' for no thousands separator.
    time_formats : formats to try on text that ought to be a time, before ISO 8601.
    header : whether the first line names the columns.
    names : the columns' names where there is no header, or in its stead.
    others : passed to DuckDB as they are.
    """

    encoding: str = "utf-8"
    delim: str | None = None
    decimal_separator: str = "."
    thousands: str = ""
    time_formats: tuple[str, ...] = ()
    header: bool = True
    names: tuple[str, ...] = ()
    others: Mapping[str, Any] = field(default_factory=dict)


def csv_options(where: str, given: Mapping[str, Any]) -> CsvOptions:
    """Read the options of a sources file.

    Parameters
    ----------
    where : for messages.
    given : by DuckDB's names for ``read_csv``.

    Raises
    ------
    InputError
        If an option would type cells, or the encoding is unknown.
    """
    left = {_ALIASES.get(key, key): value for key, value in given.items()}
    for key in _TYPED:
        if key in left:
            raise InputError(f"{where}: option {key!r} is not used; write the cast into the column's expression")
    encoding = str(left.pop("encoding", "utf-8"))
    try:
        encoding = codecs.lookup(encoding).name
    except LookupError as error:
        raise InputError(f"{where}: encoding {encoding!r} is unknown; give one such as latin-1 or cp1252") from error
    formats = tuple(str(left.pop(key)) for key in ("timestampformat", "dateformat") if key in left)
    return CsvOptions(
        encoding=encoding,
        delim=left.pop("delim", None),
        decimal_separator=str(left.pop("decimal_separator", ".")),
        thousands=str(left.pop("thousands", "")),
        time_formats=formats,
        header=bool(left.pop("header", True)),
        names=tuple(left.pop("names", ())),
        others={key: value for key, value in left.items() if key not in _NEEDLESS},
    )


def load_csv(
    connection: duckdb.DuckDBPyConnection, table: str, files: Sequence[Path], options: CsvOptions, scratch: Path
) -> None:
    """Load CSV files, in order, into a table of text columns.

    Parameters
    ----------
    connection : where the schema MALFORMED exists.
    table : its quoted name; the columns are those of all files, in the order in which they appear first.
    files : at least one; those compressed with gzip end in ``.gz``.
    scratch : a folder for copies in UTF-8.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    malformed = malformed_table(table)
    headers = [_header(file, options) for file in files]
    columns: dict[str, str] = {}
    for header in headers:
        for column in header.columns:
            columns.setdefault(column.lower(), f"{name(column)} VARCHAR")
    connection.execute(f"CREATE TABLE {table} ({', '.join(columns.values())})")
    connection.execute(f"CREATE TABLE {malformed} (line BIGINT, content VARCHAR, reason VARCHAR)")
    for number, (file, header) in enumerate(zip(files, headers, strict=True)):
        _load_one(connection, table, file, header, options, scratch / f"{number}.csv")


def malformed_table(table: str) -> str:
    """Return the quoted name of the table of a table's malformed lines."""
    return f"{MALFORMED}.{name(table)}"


@dataclass(frozen=True, slots=True)
class _Header:
    columns: tuple[str, ...]
    delim: str


def _header(file: Path, options: CsvOptions) -> _Header:
    """Read the names of the columns, and the delimiter where it is not given."""
    try:
        with _open_text(file, options.encoding) as stream:
            lines = _content(stream, options.others)
            first = next(lines, "")
            delim = options.delim or _likeliest_delimiter(file, first)
            cells = _cells(first, lines, delim, options.others)
        "".join(cells).encode()
    except PermissionError as error:
        raise InputError(f"{file}: this file may not be read: {error.strerror}; change its permissions") from error
    except (UnicodeError, csv.Error) as error:
        raise InputError(
            f"{file}: its header is no text in {options.encoding}; give its encoding, as in options: "
            "{encoding: latin-1}"
        ) from error
    if not cells:
        raise InputError(f"{file}: this file is empty; export it again with a header line")
    return _Header(options.names or (_distinct(cells) if options.header else _numbered(cells)), delim)


def _content(stream: TextIOWrapper, others: Mapping[str, Any]) -> Iterator[str]:
    """Yield the lines after those to skip and without comments."""
    comment = str(others.get("comment") or "")
    for line in islice(stream, int(others.get("skip", 0)), None):
        if line.strip() and not (comment and line.startswith(comment)):
            yield line


def _cells(first: str, rest: Iterator[str], delim: str, others: Mapping[str, Any]) -> list[str]:
    """Split the first row, which may go over several lines where a name holds a line break."""
    if len(delim) > 1:
        return first.rstrip("\r\n").split(delim)

    def lines() -> Iterator[str]:
        yield first
        yield from rest

    return next(csv.reader(lines(), delimiter=delim, quotechar=str(others.get("quote") or '"')), [])


def _likeliest_delimiter(file: Path, line: str) -> str:
    """Return the delimiter that makes the most cells of a line."""
    if ".tsv" in file.suffixes:
        return "\t"
    return max(_DELIMITERS, key=lambda delim: len(next(csv.reader([line], delimiter=delim), [])))


def _distinct(cells: Sequence[str]) -> tuple[str, ...]:
    """Name the columns after the header; one without a name gets its number, a name met before a suffix."""
    columns: list[str] = []
    for number, cell in enumerate(cells):
        column = wanted = cell.strip() or f"column{number}"
        copy = 0
        while column.lower() in {known.lower() for known in columns}:
            copy += 1
            column = f"{wanted}_{copy}"
        columns.append(column)
    return tuple(columns)


def _numbered(cells: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"column{number}" for number in range(len(cells)))


def _open_text(file: Path, encoding: str) -> TextIOWrapper:
    """Open a file as text without its byte order mark, line ends and bytes that cannot be decoded kept as they are."""
    encoding = "utf-8-sig" if encoding == "utf-8" else encoding
    if file.suffix.lower() == ".gz":
        return TextIOWrapper(gzip.open(file), encoding, "surrogateescape", newline="")
    return file.open(encoding=encoding, errors="surrogateescape", newline="")


def _is_utf8(encoding: str) -> bool:
    return encoding in ("utf-8", "utf-8-sig", "ascii")


def _copied(file: Path, encoding: str, copy: Path) -> Path:
    """Copy a file in UTF-8 with plain line ends; bytes that cannot be decoded spoil their own line only."""
    copy.parent.mkdir(parents=True, exist_ok=True)
    try:
        with (
            _open_text(file, encoding) as source,
            copy.open("w", encoding="utf-8", errors="surrogateescape", newline="\n") as target,
        ):
            source.reconfigure(newline=None)
            shutil.copyfileobj(source, target)
    except UnicodeError as error:
        raise InputError(f"{file}: this is no {encoding} text: {error}; give its true encoding") from error
    return copy


def _load_one(
    connection: duckdb.DuckDBPyConnection, table: str, file: Path, header: _Header, options: CsvOptions, copy: Path
) -> None:
    """Append one file's rows to a table and its malformed lines to theirs."""
    try:
        if _is_utf8(options.encoding):
            try:
                connection.execute(_insertion(table, file, header, options))
            except duckdb.InvalidInputException:
                # Mixed line ends are the usual cause.
                connection.execute(_insertion(table, _copied(file, options.encoding, copy), header, options))
        else:
            connection.execute(_insertion(table, _copied(file, options.encoding, copy), header, options))
    except duckdb.Error as error:
        raise InputError(f"{file}: this cannot be read as CSV: {reason(error)}; see 'options'") from error
    connection.execute(
        f"INSERT INTO {malformed_table(table)} "
        "SELECT line, min(csv_line), arg_min(error_message, column_idx) FROM reject_errors GROUP BY line ORDER BY line"
    )
    connection.execute("DROP TABLE reject_errors; DROP TABLE reject_scans")


def _insertion(table: str, readable: Path, header: _Header, options: CsvOptions) -> str:
    """Write the statement that appends a file in UTF-8 to a table."""
    passed = {"quote": '"', "escape": '"', **options.others, "header": options.header, "delim": header.delim}
    arguments = ", ".join(f"{key} = {option_value(value)}" for key, value in passed.items())
    types = "{" + ", ".join(f"{text(column)}: 'VARCHAR'" for column in header.columns) + "}"
    cells = ", ".join(f"{_number_text(column, options)} AS {name(column)}" for column in header.columns)
    return (
        f"INSERT INTO {table} BY NAME SELECT {cells} FROM read_csv({text(readable)}, auto_detect = false, "
        f"columns = {types}, store_rejects = true, rejects_limit = 0, {arguments})"
    )


def option_value(value: object) -> str:
    """Write an option's value in SQL."""
    if isinstance(value, bool | int | float):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "[" + ", ".join(text(each) for each in value) + "]"
    return text(value)


def _number_text(column: str, options: CsvOptions) -> str:
    """Write a cell that is wholly a number of the declared format as SQL writes numbers; leave others alone."""
    cell, point, comma = name(column), options.decimal_separator, options.thousands
    if point == "." and not comma:
        return cell
    digits = rf"\d{{1,3}}(?:{_escaped(comma)}\d{{3}})+|\d+" if comma else r"\d+"
    number = rf"\s*[-+]?(?:{digits})(?:{_escaped(point)}\d+)?\s*"
    plain = f"replace({cell}, {text(comma)}, '')" if comma else cell
    return (
        f"CASE WHEN regexp_full_match({cell}, {text(number)}) THEN replace({plain}, {text(point)}, '.') ELSE {cell} END"
    )


def _escaped(separator: str) -> str:
    return "".join(rf"\x{{{ord(c):x}}}" for c in separator)
