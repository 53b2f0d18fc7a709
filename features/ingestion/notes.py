"""What an ingest tells beside its counts: what was ignored, cut or changed, and what will make no sense later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import duckdb
import pycountry

from features.contracts import ATTRIBUTE_PREFIX, DATED_BY_HISTORY, TABLES
from features.countries import codes
from features.ingestion.currency import MONEY
from features.ingestion.references import KEYS, optional_references
from features.ingestion.rejects import standing
from features.ingestion.sql import name, texts
from features.ingestion.warehouse import Plan, built_table, last_happenings

_SHOWN = 3


def notes(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[str]:
    """Yield what a person should know, one sentence each.

    Parameters
    ----------
    connection : with the accepted rows and the finished tables.
    plan : by which the tables were written.
    """
    for table in plan.attributes:
        yield from _ignored_references(connection, table)
        yield from _ignored_units(connection, table, plan)
        yield from _languages(connection, table)
    yield from _yet_to_come(connection)
    if plan.cut:
        yield f"accounts: {len(plan.cut):,} cycles of parents were cut, at {_shown(plan.cut)}"
    yield from _open_but_closed(connection, plan)
    yield from _playbook_markets(connection)
    yield from _unknown_history(connection, plan)
    yield from _currencies(connection, plan)
    for table in plan.attributes:
        if not _count(connection, f"FROM {built_table(table)}"):
            yield f"{table}: its source has no row that was accepted"


def _ignored_references(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    for column, target in optional_references(table):
        rows = f"FROM {standing(table)} AS own ANTI JOIN {KEYS}.{name(target)} AS met ON met.id = own.{name(column)}"
        if ignored := _count(connection, f"{rows} WHERE {name(column)} IS NOT NULL"):
            yield f"{table}: {ignored:,} references by {column} to {target} that are not in the data were ignored"


def _yet_to_come(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    """Warn of what has happened in the future, and moves the end of the data there: often it is a placeholder."""
    tomorrow = datetime.now(UTC).replace(tzinfo=None) + timedelta(days=1)
    latest = f"FROM ({last_happenings()}) WHERE moment > ? ORDER BY moment DESC, table_name, column_name LIMIT 1"
    for table, column, moment in connection.execute(latest, [tomorrow]).fetchall():
        yield (
            f"{table}: {column} goes up to {moment:%Y-%m-%d}, which is yet to come, and the data are taken to end "
            "there; if it is a placeholder, map it to NULL with nullif"
        )


def _ignored_units(connection: duckdb.DuckDBPyConnection, table: str, plan: Plan) -> Iterator[str]:
    if "business_unit" not in TABLES[table].columns:
        return
    undeclared = f"business_unit NOT IN {texts(plan.units.names)}"
    if ignored := _count(connection, f"FROM {standing(table)} WHERE {undeclared}"):
        units = _values(connection, f"SELECT business_unit FROM {standing(table)} WHERE {undeclared}")
        yield f"{table}: the business unit of {ignored:,} rows was ignored, for nobody sells by it: {_shown(units)}"
    unnamed = _count(connection, f"FROM {standing(table)} WHERE business_unit IS NULL")
    if unnamed and plan.units.of_unnamed is None and table in ("opportunities", "orders"):
        yield f"{table}: {unnamed:,} rows name no business unit and count for none"


def _languages(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[str]:
    if "language" not in TABLES[table].columns:
        return
    found = _values(connection, f"SELECT language FROM {built_table(table)}")
    if unknown := tuple(tag for tag in found if not _is_language(tag)):
        yield f"{table}: no BCP-47 language is called {_shown(unknown)}; write it as in 'de' or 'pt-BR'"


def _is_language(tag: str) -> bool:
    base = tag.split("-")[0]
    return len(base) in (2, 3) and pycountry.languages.get(**{f"alpha_{len(base)}": base}) is not None


def _open_but_closed(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[str]:
    if "opportunities" not in plan.attributes:
        return
    rows = f"FROM {standing('opportunities')} WHERE"
    if ignored := _count(connection, f"{rows} outcome = 'open' AND closed_at IS NOT NULL"):
        yield f"opportunities: closed_at of {ignored:,} open ones was ignored, for they are not closed"
    if moved := _count(connection, f"{rows} outcome <> 'open' AND closed_at < created_at"):
        yield f"opportunities: {moved:,} were closed on the day of their creation; closed_at was set to created_at"


def _playbook_markets(connection: duckdb.DuckDBPyConnection) -> Iterator[str]:
    markets = _values(connection, f"SELECT unnest(markets) FROM {built_table('playbooks')}")
    if unknown := tuple(market for market in markets if market not in codes()):
        yield f"playbooks: no ISO 3166-1 alpha-2 country is called {_shown(unknown)}; these are shown in no such market"


def _unknown_history(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[str]:
    known = {*DATED_BY_HISTORY, "parent_id", *plan.attributes["accounts"]}
    changed = _values(connection, f'SELECT "column" FROM {built_table("account_history")}')
    if unknown := tuple(column for column in changed if column not in known):
        yield (
            f"account_history: changes of {_shown(unknown)} have no effect; it dates "
            f"{', '.join(DATED_BY_HISTORY)}, parent_id and attributes (by their name, or as {ATTRIBUTE_PREFIX}<name>)"
        )


def _currencies(connection: duckdb.DuckDBPyConnection, plan: Plan) -> Iterator[str]:
    for table in MONEY:
        if table in plan.attributes:
            foreign = _values(connection, f"SELECT currency FROM {standing(table)}")
            if foreign := tuple(currency for currency in foreign if currency != plan.currency):
                yield f"{table}: amounts in {_shown(foreign)} were converted to {plan.currency}"


def _count(connection: duckdb.DuckDBPyConnection, rows: str) -> int:
    found = connection.execute(f"SELECT count(*) {rows}").fetchone()
    return int(found[0]) if found else 0


def _values(connection: duckdb.DuckDBPyConnection, select: str) -> tuple[str, ...]:
    """Return the different values of a column, in order."""
    found = connection.execute(f"SELECT DISTINCT * FROM ({select}) AS values(value) WHERE value IS NOT NULL ORDER BY 1")
    return tuple(row[0] for row in found.fetchall())


def _shown(values: tuple[str, ...]) -> str:
    more = f" and {len(values) - _SHOWN:,} more" if len(values) > _SHOWN else ""
    return ", ".join(repr(value) for value in values[:_SHOWN]) + more
