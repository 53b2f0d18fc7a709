"""A user's SQL expressions: how each can be run so that it fails on single rows only, and on what it failed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

import duckdb
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from features.errors import InputError
from features.ingestion.sql import name, nearest, reason, text

Form = Literal["cell", "country", "guarded", "plain"]

_ARITHMETIC = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.Pow)
_EMPTY = "shape"
_SAME_CASTS = {"TIMESTAMP": "timestamp", "DOUBLE": "float64"}


@dataclass(frozen=True, slots=True)
class Bound:
    """An expression that suits its raw relation.

    Parameters
    ----------
    form : ``cell`` is a bare column, ``country`` is ``country_code`` of one; ``guarded`` is any other expression,
        whose failures ``TRY`` tells from NULL; ``plain`` is one around which DuckDB allows no ``TRY``, as a window.
    sql : the column, or the whole expression.
    dtype : DuckDB's type of what it gives.
    cell_of_file : whether it is a column as it stands in the file.
    """

    form: Form
    sql: str
    dtype: str
    cell_of_file: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """What is to be known of a relation to bind expressions to it.

    Parameters
    ----------
    relation : quoted name of an empty table of the same columns, quick to bind to.
    columns : DuckDB's type of each column, by name, in order.
    """

    relation: str
    columns: Mapping[str, str]


def shape(connection: duckdb.DuckDBPyConnection, relation: str) -> Shape:
    """Return the shape of a relation, good until the next one is asked for.

    Parameters
    ----------
    relation : quoted name.
    """
    connection.execute(f"CREATE OR REPLACE TABLE {_EMPTY} AS FROM {relation} LIMIT 0")
    described = connection.execute(f"DESCRIBE {_EMPTY}").fetchall()
    return Shape(_EMPTY, {row[0]: row[1] for row in described})


def bind(
    connection: duckdb.DuckDBPyConnection, relation: Shape, expression: str, wanted: str | None, where: str
) -> Bound:
    """Check an expression against a relation and choose the form in which it is run.

    Parameters
    ----------
    relation : what it reads.
    expression : the user's SQL.
    wanted : the canonical type that the value is turned into anyway; None for an attribute.
    where : for messages.

    Raises
    ------
    InputError
        If it is no valid expression over the relation.
    """
    columns = relation.columns
    by_lower = {column.lower(): column for column in columns}
    stripped = expression.strip()
    if stripped.lower() in by_lower:
        column = by_lower[stripped.lower()]
        return Bound("cell", name(column), columns[column], cell_of_file=True)
    parsed = _parse(stripped)
    if parsed is not None and (simple := _simple(parsed, by_lower, columns, wanted)):
        return simple
    try:
        dtype = _type_of(connection, relation, stripped)
    except duckdb.Error as error:
        for variant in _variants(parsed, columns):
            if (found := _type_or_none(connection, relation, variant)) is not None:
                return _guarded_or_plain(connection, relation, variant, found)
        raise InputError(f"{where}: {_why(error, columns)}; the expression: {stripped}") from error
    return _guarded_or_plain(connection, relation, stripped, dtype)


def failed_value(connection: duckdb.DuckDBPyConnection, relation: Shape, expression: str) -> str:
    """Write SQL for the value on which an expression failed, in a row where it did.

    That is the first argument of the part without which the rest would not fail; where no single part is to blame, all
    columns that the expression names.
    """
    parsed = _parse(expression)
    columns = {column.lower(): column for column in relation.columns}
    named = [columns[c.lower()] for c in _columns_in(parsed) if c.lower() in columns]
    everything = _all_of(named)
    if parsed is None or len(named) < 2:
        return everything
    cases = [
        f"WHEN TRY({{'v': {part}}}) IS NULL AND TRY({{'v': {rest}}}) IS NOT NULL "
        f"THEN coalesce(TRY(CAST({argument} AS VARCHAR)), {everything})"
        for part, rest, argument in _parts(parsed)
        if _type_or_none(connection, relation, f"TRY({{'a': {part}, 'b': {rest}, 'c': {argument}}})") is not None
    ]
    return f"CASE {' '.join(cases)} ELSE {everything} END" if cases else everything


def _parse(expression: str) -> exp.Expr | None:
    """Parse an expression; None for one that DuckDB may know and sqlglot does not."""
    try:
        return sqlglot.parse_one(expression, read="duckdb")
    except SqlglotError:
        return None


def _simple(
    parsed: exp.Expr, by_lower: Mapping[str, str], columns: Mapping[str, str], wanted: str | None
) -> Bound | None:
    """Recognise NULL, a bare column, a cast that is made anyway, and country_code of a column."""
    if isinstance(parsed, exp.Null):
        return Bound("plain", "CAST(NULL AS VARCHAR)", "VARCHAR")
    if isinstance(parsed, exp.Cast) and not isinstance(parsed, exp.TryCast):
        same = wanted is not None and _SAME_CASTS.get(parsed.to.sql("duckdb")) == wanted
        column = _bare(parsed.this, by_lower) if same else None
        return Bound("cell", name(column), columns[column]) if column else None
    if isinstance(parsed, exp.Anonymous) and parsed.name.lower() == "country_code" and len(parsed.expressions) == 1:
        column = _bare(parsed.expressions[0], by_lower)
        return Bound("country", name(column), "VARCHAR") if column and columns[column] == "VARCHAR" else None
    column = _bare(parsed, by_lower)
    return Bound("cell", name(column), columns[column], cell_of_file=True) if column else None


def _bare(node: exp.Expr, by_lower: Mapping[str, str]) -> str | None:
    """Return the column that an expression is, if it is nothing more."""
    return by_lower.get(node.name.lower()) if isinstance(node, exp.Column) and not node.table else None


def _type_of(connection: duckdb.DuckDBPyConnection, relation: Shape, expression: str) -> str:
    """Return the type of what an expression gives for each row; '*' beside it keeps aggregates out."""
    statement = f"DESCRIBE SELECT *, (\n{expression}\n) FROM {relation.relation}"
    if len(connection.extract_statements(statement)) != 1:
        raise duckdb.ParserException("this is more than one expression")
    return str(connection.execute(statement).fetchall()[-1][1])


def _type_or_none(connection: duckdb.DuckDBPyConnection, relation: Shape, expression: str) -> str | None:
    try:
        return _type_of(connection, relation, expression)
    except duckdb.Error:
        return None


def _guarded_or_plain(connection: duckdb.DuckDBPyConnection, relation: Shape, expression: str, dtype: str) -> Bound:
    guarded = _type_or_none(connection, relation, f"TRY({{'v': (\n{expression}\n)}})")
    return Bound("guarded" if guarded else "plain", expression, dtype)


def _variants(parsed: exp.Expr | None, columns: Mapping[str, str]) -> Iterator[str]:
    """Yield the expression with text columns cast to numbers where it reckons with them, and times to text to parse."""
    if parsed is None:
        return
    types = {column.lower(): dtype for column, dtype in columns.items()}

    def cast(within: tuple[type[exp.Expr], ...], dtype: str, to: str) -> str:
        def change(node: exp.Expr) -> exp.Expr:
            suits = isinstance(node, exp.Column) and isinstance(node.parent, within)
            return exp.cast(node, to) if suits and types.get(node.name.lower(), "").startswith(dtype) else node

        return str(parsed.copy().transform(change).sql("duckdb"))

    yield cast(_ARITHMETIC, "VARCHAR", "DOUBLE")
    yield cast((*_ARITHMETIC, exp.Func), "VARCHAR", "DOUBLE")
    yield cast((exp.StrToTime,), "TIMESTAMP", "VARCHAR")
    yield cast((exp.StrToTime,), "DATE", "VARCHAR")


def _why(error: duckdb.Error, columns: Mapping[str, str]) -> str:
    """Say why an expression does not suit, and which column might have been meant."""
    missing = re.search(r'column "([^"]+)" not found|"([^"]+)" not found in FROM', str(error))
    if missing is None:
        return reason(error)
    column = missing[1] or missing[2]
    return (
        f"there is no column {column!r} in the source{nearest(column, columns)}; its columns are {', '.join(columns)}"
    )


def _columns_in(parsed: exp.Expr | None) -> tuple[str, ...]:
    """Return the names of the columns in an expression, each once, in order."""
    return tuple(dict.fromkeys(column.name for column in parsed.find_all(exp.Column))) if parsed else ()


def _all_of(columns: list[str]) -> str:
    """Write the value of a column, or those of several with their names."""
    if len(columns) == 1:
        return f"CAST({name(columns[0])} AS VARCHAR)"
    cells = ", ".join(f"{text(column + '=')} || CAST({name(column)} AS VARCHAR)" for column in columns)
    return f"concat_ws(', ', {cells})" if columns else "CAST(NULL AS VARCHAR)"


def _parts(parsed: exp.Expr) -> Iterator[tuple[str, str, str]]:
    """Yield each cast or function in an expression, the expression without it, and its first argument; inner first."""
    places = [place for place, node in enumerate(parsed.walk()) if isinstance(node, exp.Cast | exp.Func)]
    for place in reversed(places):
        rest = parsed.copy()
        node = next(islice(rest.walk(), place, None))
        argument = node.expressions[0] if isinstance(node, exp.Anonymous) and node.expressions else node.this
        if isinstance(node, exp.Case | exp.If) or not isinstance(argument, exp.Expr):
            continue
        part, given = node.sql("duckdb"), argument.sql("duckdb")
        if node is rest:
            yield part, "NULL", given
        else:
            node.replace(exp.Null())
            yield part, rest.sql("duckdb"), given
