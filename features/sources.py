"""The sources file: which exports hold which canonical table, and which expressions its columns are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from features.contracts import ATTRIBUTE_PREFIX, TABLES, Table
from features.errors import InputError
from features.ingestion.sql import nearest
from features.yaml_file import read_yaml

STATIC_TABLES = ("accounts", "opportunities")
"""The tables whose undated values a user may declare never to change."""


def _expression(value: object) -> object:
    """Take the numbers and truth values that YAML reads as the SQL that they stand for."""
    if value is None or value == "":
        raise ValueError("this is empty; give an SQL expression, as in 'null' or upper(name)")
    return str(value).lower() if isinstance(value, bool) else str(value) if isinstance(value, int | float) else value


Expression = Annotated[str, BeforeValidator(_expression)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TableSource(_Strict):
    """Where one canonical table comes from.

    Parameters
    ----------
    from_ : a file, a folder, a pattern, a table of the warehouse, or a SELECT; written ``from``.
    options : what DuckDB needs to read the files.
    columns : SQL expression by canonical column.
    attributes : SQL expression by the name of the user's own attribute.
    static : columns and attributes that never change.
    """

    from_: str = Field(alias="from", min_length=1)
    options: dict[str, Any] = Field(default_factory=dict)
    columns: dict[str, Expression] = Field(min_length=1)
    attributes: dict[str, Expression] = Field(default_factory=dict)
    static: tuple[str, ...] = ()

    def static_columns(self) -> tuple[str, ...]:
        """Return the static columns under their names in the warehouse."""
        return tuple(attribute_column(name) if name in self.attributes else name for name in self.static)


class IdentitySource(_Strict):
    """What people say about which accounts are one company.

    Parameters
    ----------
    decisions : a CSV file of pairs of accounts that are, or are not, one company.
    """

    decisions: str = Field(min_length=1)


class _SourcesFile(_Strict):
    warehouse: str | None = None
    identity: IdentitySource | None = None
    tables: dict[str, TableSource] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Sources:
    """A sources file that was read and checked.

    Parameters
    ----------
    path : the file itself; relative paths in it start from its folder.
    tables : by canonical name.
    warehouse : a DuckDB file with tables to read from, if any.
    decisions : a file of what people decided about which accounts are one company, if any.
    """

    path: Path
    tables: dict[str, TableSource]
    warehouse: Path | None
    decisions: Path | None = None

    @property
    def folder(self) -> Path:
        """Where relative paths start from."""
        return self.path.resolve().parent


def attribute_column(attribute: str) -> str:
    """Return the warehouse's column for a user's attribute: prefix, then lower-case letters, digits and '_'."""
    return ATTRIBUTE_PREFIX + re.sub(r"\W+", "_", attribute.strip().lower()).strip("_")


def read_sources(path: Path) -> Sources:
    """Read and check a sources file.

    Raises
    ------
    InputError
        If the file is missing or no YAML, or has keys, tables, columns or attributes that cannot be.
    """
    declared = read_yaml(path, "sources file")
    try:
        parsed = _SourcesFile.model_validate(declared)
    except ValidationError as error:
        raise InputError(f"{path}: {_first_problem(error)}") from error
    for name, source in parsed.tables.items():
        _check_table(path, name, source)
    _check_enough(path, parsed.tables)
    folder = path.resolve().parent
    warehouse = folder / parsed.warehouse if parsed.warehouse else None
    decisions = folder / parsed.identity.decisions if parsed.identity else None
    return Sources(path, parsed.tables, warehouse, decisions)


def _first_problem(error: ValidationError) -> str:
    """Say the first thing that is wrong with its place, value and likest valid key."""
    problem = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    place = ".".join(str(part) for part in problem["loc"])
    if problem["type"] == "extra_forbidden":
        model = _model(problem["loc"])
        keys = [field.alias or name for name, field in model.model_fields.items()]
        guess = nearest(str(problem["loc"][-1]), keys)
        return f"{place}: there is no such key{guess}; the keys are {', '.join(keys)}"
    if problem["type"] == "missing":
        return f"{place}: this key is missing; add it"
    if problem["type"] == "value_error":
        return f"{place}: {problem['msg'].removeprefix('Value error, ')}"
    return f"{place}: {problem['msg']}; the value is {problem['input']!r}"


def _model(place: tuple[int | str, ...]) -> type[_Strict]:
    """Return the model of the section that a key stands in."""
    if len(place) == 1:
        return _SourcesFile
    return IdentitySource if place[0] == "identity" else TableSource


def _check_table(path: Path, name: str, source: TableSource) -> None:
    """Check one table's section against the contract."""
    table = TABLES.get(name)
    if table is None:
        raise InputError(
            f"{path}: there is no table {name!r}{nearest(name, TABLES)}; the tables are {', '.join(TABLES)}"
        )
    for column in source.columns:
        if column not in table.columns:
            raise InputError(
                f"{path}: table {name!r} has no column {column!r}{nearest(column, table.columns)}; "
                f"its columns are {', '.join(table.columns)}{_attributes_instead(table)}"
            )
    unmapped = [column for column in table.required if column not in source.columns]
    if unmapped:
        raise InputError(f"{path}: table {name!r} needs column {unmapped[0]!r}; map it under 'columns'")
    _check_attributes(path, table, source)
    _check_static(path, name, source)


def _attributes_instead(table: Table) -> str:
    return "; a column of your own goes under 'attributes'" if table.attributes else ""


def _check_attributes(path: Path, table: Table, source: TableSource) -> None:
    """Check that the table may have attributes and that no two become the same column."""
    if source.attributes and not table.attributes:
        may = ", ".join(name for name, each in TABLES.items() if each.attributes)
        raise InputError(f"{path}: table {table.name!r} takes no attributes; {may} do")
    columns: dict[str, str] = {}
    for attribute in source.attributes:
        column = attribute_column(attribute)
        if column == ATTRIBUTE_PREFIX:
            raise InputError(f"{path}: table {table.name!r}: attribute {attribute!r} has no letter; give it a name")
        if column in columns:
            raise InputError(
                f"{path}: table {table.name!r}: attributes {columns[column]!r} and {attribute!r} would both become "
                f"column {column!r}; rename one"
            )
        columns[column] = attribute


def _check_static(path: Path, name: str, source: TableSource) -> None:
    """Check that what is declared static was mapped, in a table where that means something."""
    if source.static and name not in STATIC_TABLES:
        raise InputError(f"{path}: table {name!r}: 'static' goes with {' and '.join(STATIC_TABLES)} only; remove it")
    mapped = [*source.columns, *source.attributes]
    for column in source.static:
        if column not in mapped:
            raise InputError(
                f"{path}: table {name!r} declares {column!r} static, which it does not map{nearest(column, mapped)}; "
                f"mapped are {', '.join(mapped)}"
            )


def _check_enough(path: Path, tables: dict[str, TableSource]) -> None:
    """Check that there are accounts, something that tells of success, and every table that another needs."""
    if "accounts" not in tables:
        raise InputError(f"{path}: table 'accounts' is missing; accounts cannot be ranked without it")
    if not {"opportunities", "orders"} & set(tables):
        raise InputError(f"{path}: map 'opportunities' or 'orders'; without either nothing tells who buys")
    for name in tables:
        for column, spec in TABLES[name].columns.items():
            if spec.required and spec.refers_to and spec.refers_to not in tables:
                raise InputError(
                    f"{path}: table {name!r} refers to {spec.refers_to!r} by {column!r}; map {spec.refers_to!r} too"
                )
