"""From a raw table to the canonical columns of its table: every expression run, every failure told by its row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from features.contracts import TABLES, Column, DType
from features.errors import InputError
from features.ingestion.conversion import WAREHOUSE_TYPES, as_given, attribute_type, converted
from features.ingestion.exports import Reading, fix, raw_table, readings
from features.ingestion.expressions import Bound, bind, failed_value, shape
from features.ingestion.rejects import open_verdicts, reject, typed_table
from features.ingestion.rules import conversion_rule
from features.ingestion.sql import name, reason
from features.ingestion.text_types import is_number
from features.sources import Sources, TableSource, attribute_column


@dataclass(frozen=True, slots=True)
class Field:
    """One mapped column.

    Parameters
    ----------
    column : its name in the warehouse.
    spec : what the contract says of it; None for an attribute.
    dtype : the type that it gets.
    bound : the expression.
    """

    column: str
    spec: Column | None
    dtype: DType
    bound: Bound


@dataclass(frozen=True, slots=True)
class Mapped:
    """A table whose rows have canonical values, as ``typed.<table>``.

    Parameters
    ----------
    table : canonical name.
    attributes : type of each attribute's column, in the order of the sources file.
    malformed : tables of lines that are no rows.
    """

    table: str
    attributes: dict[str, DType]
    malformed: tuple[str, ...]


def map_table(connection: duckdb.DuckDBPyConnection, sources: Sources, table: str, scratch: Path) -> Mapped:
    """Read what a table comes from and give its rows canonical values; rows where that fails are rejected.

    Parameters
    ----------
    connection : prepared for ingesting.
    table : canonical name of a table that the sources file maps.
    scratch : a folder for copies.

    Raises
    ------
    InputError
        If a file, an expression or the type of what it gives is wrong.
    """
    where = f"{sources.path}: table {table!r}"
    reading, fields = _bind_first(connection, sources, table, scratch, where)
    if reading.is_view:
        fix(connection, table, where)
    _type_rows(connection, table, fields, reading, where)
    open_verdicts(connection, table)
    _reject_failures(connection, table, fields)
    attributes = {field.column: field.dtype for field in fields if field.spec is None}
    if reading.text:
        attributes |= _type_numbers_in_text(connection, table, fields)
    return Mapped(table, attributes, reading.malformed)


def _bind_first(
    connection: duckdb.DuckDBPyConnection, sources: Sources, table: str, scratch: Path, where: str
) -> tuple[Reading, tuple[Field, ...]]:
    """Return the first reading that suits all expressions, with them."""
    failure: InputError | None = None
    for reading in readings(connection, sources, table, scratch):
        try:
            return reading, tuple(_bound_fields(connection, table, sources.tables[table], where))
        except InputError as error:
            failure = failure or error
    raise failure or InputError(f"{where}: there is nothing to read")


def _bound_fields(
    connection: duckdb.DuckDBPyConnection, table: str, source: TableSource, where: str
) -> Iterator[Field]:
    """Bind every column and attribute, and check the type of what each gives."""
    relation = shape(connection, raw_table(table))
    if "rowid" in (column.lower() for column in relation.columns):
        raise InputError(f"{where}: the source has a column 'rowid', DuckDB's own name; rename it with a SELECT")
    for column, spec in TABLES[table].columns.items():
        if column in source.columns:
            place = f"{where}, column {column!r}"
            bound = bind(connection, relation, source.columns[column], spec.dtype, place)
            if converted("x", bound.dtype, spec.dtype) is None:
                raise InputError(
                    f"{place}: the expression gives {bound.dtype}, which cannot become {spec.dtype}; "
                    f"cast it; the expression: {source.columns[column]}"
                )
            yield Field(column, spec, spec.dtype, bound)
    for attribute, expression in source.attributes.items():
        bound = bind(connection, relation, expression, None, f"{where}, attribute {attribute!r}")
        yield Field(attribute_column(attribute), None, attribute_type(bound.dtype), bound)


def _type_rows(
    connection: duckdb.DuckDBPyConnection, table: str, fields: tuple[Field, ...], reading: Reading, where: str
) -> None:
    """Make the typed table: canonical values, and in ``_failed`` the number of the first field that failed."""
    mapped = {field.column: f"{_normal(field, f'v{n}')} AS {name(field.column)}" for n, field in enumerate(fields)}
    missing = {
        column: f"CAST(NULL AS {WAREHOUSE_TYPES[spec.dtype]}) AS {name(column)}"
        for column, spec in TABLES[table].columns.items()
    }
    failures = (f"WHEN t{n} OR (g{n} IS NOT NULL AND v{n} IS NULL) THEN {n}" for n in range(len(fields)))
    gives = ", ".join(f"{_gives(field.bound)} AS e{n}" for n, field in enumerate(fields))
    given = ", ".join(_given(field.bound, n) for n, field in enumerate(fields))
    values = ", ".join(f"{_value(field, f'g{n}', reading)} AS v{n}" for n, field in enumerate(fields))
    try:
        connection.execute(
            f"CREATE TABLE {typed_table(table)} AS "
            f"SELECT _row, {', '.join((missing | mapped).values())}, CASE {' '.join(failures)} END AS _failed "
            f"FROM (SELECT *, {values} FROM (SELECT _row, {given} "
            f"FROM (SELECT rowid + 1 AS _row, {gives} FROM {raw_table(table)})))"
        )
    except duckdb.Error as error:
        plain = "; ".join(field.bound.sql for field in fields if field.bound.form == "plain")
        raise InputError(f"{where}: {reason(error)}, from one of the expressions {plain}") from error


def _gives(bound: Bound) -> str:
    """Write what an expression gives; wrapped where it may fail, so that a failure is NULL and a NULL is not."""
    return f"TRY({{'v': (\n{bound.sql}\n)}})" if bound.form == "guarded" else f"(\n{bound.sql}\n)"


def _given(bound: Bound, number: int) -> str:
    """Write the value that was given, and whether the expression failed on the row."""
    guarded = bound.form == "guarded"
    value = as_given(f"e{number}.v" if guarded else f"e{number}", bound.dtype)
    return f"{value} AS g{number}, {f'e{number} IS NULL' if guarded else 'false'} AS t{number}"


def _value(field: Field, given: str, reading: Reading) -> str:
    """Write the canonical form of what was given, NULL where there is none."""
    if field.bound.form == "country":
        return f"country_of({given})"
    return str(converted(given, field.bound.dtype, field.dtype, reading.time_formats))


def _normal(field: Field, value: str) -> str:
    """Write a canonical value as everybody writes it: codes in their case, no empty lists."""
    if field.spec is not None and (field.spec.country or field.column == "currency"):
        return f"upper({value})"
    if field.dtype == "array<string>":
        return f"CASE WHEN len({value}) > 0 THEN {value} END"
    return f"language_tag({value})" if field.column == "language" else value


def _reject_failures(connection: duckdb.DuckDBPyConnection, table: str, fields: tuple[Field, ...]) -> None:
    """Reject the rows in which a field failed, with the value on which it did."""
    typed, raw = typed_table(table), raw_table(table)
    failed = connection.execute(f"SELECT DISTINCT _failed FROM {typed} WHERE _failed IS NOT NULL ORDER BY 1").fetchall()
    for (number,) in failed:
        bound = fields[number].bound
        value = failed_value(connection, shape(connection, raw), bound.sql) if bound.form == "guarded" else bound.sql
        rows = (
            f"(SELECT _typed._row, _source.* FROM {typed} AS _typed JOIN {raw} AS _source "
            f"ON _source.rowid + 1 = _typed._row WHERE _typed._failed = {number})"
        )
        rule = conversion_rule(fields[number].spec)
        reject(connection, table, rule, rows, column=fields[number].column, value=value)


def _type_numbers_in_text(
    connection: duckdb.DuckDBPyConnection, table: str, fields: tuple[Field, ...]
) -> dict[str, DType]:
    """Make numbers of the attributes that are text only because the file is CSV."""
    cells = [f.column for f in fields if f.spec is None and f.bound.cell_of_file and f.dtype == "string"]
    if not cells:
        return {}
    tests = ", ".join(f"count({name(c)}) > 0 AND bool_and({is_number(name(c))})" for c in cells)
    typed = typed_table(table)
    found = connection.execute(f"SELECT {tests} FROM {typed}").fetchone() or ()
    numbers = [column for column, numeric in zip(cells, found, strict=True) if numeric]
    for column in numbers:
        connection.execute(f"ALTER TABLE {typed} ALTER COLUMN {name(column)} SET DATA TYPE DOUBLE")
    return dict.fromkeys(numbers, "float64")
