"""Writing the warehouse: every table of the contract with all its columns, in a fixed order of rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb

from features.contracts import ATTRIBUTE_PREFIX, TABLES, DType, Table
from features.ingestion.business_units import Units
from features.ingestion.conversion import WAREHOUSE_TYPES
from features.ingestion.currency import MONEY, in_group_currency, with_rate
from features.ingestion.references import KEYS, optional_references
from features.ingestion.rejects import standing
from features.ingestion.sql import name, text, texts
from features.sources import Sources, attribute_column

BUILT = "built"
"""What the database under construction is called."""

_HAPPENED = {
    "accounts": ("created_at", "customer_since", "parent_since"),
    "opportunities": ("created_at", "closed_at"),
    "impressions": ("shown_at", "viewed_at", "outcome_at"),
}
"""When things happened, in tables where the time of the row does not tell it all."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is needed to turn accepted rows into the tables of the warehouse.

    Parameters
    ----------
    currency : the group's.
    units : the business units.
    attributes : type of each attribute's column by table; the tables are those that the sources map.
    cut : accounts that lose their parent, for else they would be above themselves.
    """

    currency: str
    units: Units
    attributes: dict[str, dict[str, DType]]
    cut: tuple[str, ...]


def built_table(table: str) -> str:
    """Return the quoted name of a table under construction."""
    return f"{BUILT}.{name(table)}"


def write_table(connection: duckdb.DuckDBPyConnection, table: Table, plan: Plan) -> None:
    """Write one table of the contract from its accepted rows, or empty where the sources do not map it."""
    attributes = plan.attributes.get(table.name)
    if attributes is None:
        columns = ", ".join(f"{name(c)} {WAREHOUSE_TYPES[spec.dtype]}" for c, spec in table.columns.items())
        connection.execute(f"CREATE TABLE {built_table(table.name)} ({columns})")
        return
    cells = {column: name(column) for column in table.columns} | _special_cells(table.name, plan)
    if table.name == "account_history":
        cells |= _changes(connection, plan)
    own = {column: name(column) for column in attributes}
    rows = standing(table.name)
    if table.name in MONEY:
        rows = with_rate(table.name, rows, "rates" in plan.attributes)
    joins = "".join(
        f" LEFT JOIN {KEYS}.{name(target)} AS {name(f'to {column}')} ON {name(f'to {column}')}.id = {name(column)}"
        for column, target in optional_references(table.name)
    )
    order = name(table.key) if table.key else "ALL"
    selected = ", ".join(f"{sql} AS {name(column)}" for column, sql in (cells | own).items())
    connection.execute(
        f"CREATE TABLE {built_table(table.name)} AS SELECT {selected} FROM {rows}{joins} ORDER BY {order}"
    )


def write_static(connection: duckdb.DuckDBPyConnection, sources: Sources) -> None:
    """Write what was declared never to change: ``static_columns(table_name, column_name)``."""
    declared = sorted((table, column) for table, source in sources.tables.items() for column in source.static_columns())
    connection.execute(f"CREATE TABLE {built_table('static_columns')} (table_name VARCHAR, column_name VARCHAR)")
    for row in declared:
        connection.execute(f"INSERT INTO {built_table('static_columns')} VALUES (?, ?)", row)


def write_facts(connection: duckdb.DuckDBPyConnection, facts: dict[str, str]) -> None:
    """Write what is to be known of the ingest: ``ingest_facts(key, value)``."""
    connection.execute(f"CREATE TABLE {built_table('ingest_facts')} (key VARCHAR, value VARCHAR)")
    for row in facts.items():
        connection.execute(f"INSERT INTO {built_table('ingest_facts')} VALUES (?, ?)", row)


def day_after(connection: duckdb.DuckDBPyConnection) -> datetime | None:
    """Return midnight after the last thing that happened, or was loaded; None where nothing is dated."""
    last = connection.execute(f"SELECT max(moment) FROM ({last_happenings()})").fetchone()
    if last is None or last[0] is None:
        return None
    return datetime.combine(last[0].date() + timedelta(days=1), datetime.min.time())


def last_happenings() -> str:
    """Write the SELECT of the last time in each column that dates something: table_name, column_name, moment."""
    return " UNION ALL ".join(
        f"SELECT {text(table.name)} AS table_name, {text(column)} AS column_name, max({name(column)}) AS moment "
        f"FROM {built_table(table.name)}"
        for table in TABLES.values()
        if table.time
        for column in (*_HAPPENED.get(table.name, (table.time,)), "loaded_at")
    )


def _special_cells(table: str, plan: Plan) -> dict[str, str]:
    """Write the columns that are not simply what was mapped."""
    cells = {column: f"{name(f'to {column}')}.id" for column, _ in optional_references(table)}
    if "business_unit" in TABLES[table].columns:
        cells["business_unit"] = plan.units.column()
    if table in MONEY:
        cells |= {column: in_group_currency(column, plan.currency) for column in MONEY[table]}
        cells["currency"] = f"CASE WHEN currency IS NOT NULL THEN {text(plan.currency)} END"
    if table == "accounts" and plan.cut:
        cells["parent_id"] = f"CASE WHEN account_id NOT IN {texts(plan.cut)} THEN {cells['parent_id']} END"
    if table == "opportunities":
        cells["closed_at"] = "CASE WHEN outcome <> 'open' THEN greatest(closed_at, created_at) END"
    return cells


def _changes(connection: duckdb.DuckDBPyConnection, plan: Plan) -> dict[str, str]:
    """Write which column changed, and to what; flags, which are numbers as attributes, as numbers."""
    own = plan.attributes["accounts"]
    given = connection.execute(f'SELECT DISTINCT "column" FROM {standing("account_history")} ORDER BY 1').fetchall()
    meant = {changed: _account_column(changed, own) for (changed,) in given}
    cases = " ".join(f"WHEN {text(changed)} THEN {text(column)}" for changed, column in meant.items())
    numbers = [changed for changed, column in meant.items() if own.get(column) == "float64"]
    flags = "CASE lower(value) WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE value END"
    return {
        "column": f'CASE "column" {cases} END' if meant else '"column"',
        "value": f'CASE WHEN "column" IN {texts(numbers)} THEN {flags} ELSE value END' if numbers else "value",
    }


def _account_column(changed: str, own: Collection[str]) -> str:
    """Return the column of accounts that a change names: the contract's, or that of an attribute by either name."""
    columns = TABLES["accounts"].columns
    attribute = attribute_column(changed.removeprefix(ATTRIBUTE_PREFIX))
    if changed in columns:
        return changed
    if attribute in own:
        return attribute
    return changed.lower() if changed.lower() in columns else changed
