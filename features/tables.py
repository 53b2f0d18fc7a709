"""The canonical tables of a workspace as Ibis expressions, each account under the id of its company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import ibis

from features.contracts import ATTRIBUTE_PREFIX, TABLES
from features.workspace import Workspace

FIRST_SEEN = "first_seen"
"""The table of when anything dated is first known of each account: ``account_id``, ``first_at``."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The canonical tables.

    Parameters
    ----------
    connection : the Ibis backend that holds them.
    by_name : the tables of the contract, ``account_id`` being that of the united company; ``accounts`` keeps one row
        per alias, whose own id is ``alias_id``.
    static : (table, column) declared never to change.
    as_of : the day after the last thing that happened in the data.
    data_version : digest of all accepted rows.
    """

    connection: Any
    by_name: Mapping[str, ibis.Table]
    static: frozenset[tuple[str, str]]
    as_of: datetime
    data_version: str

    def __getitem__(self, name: str) -> ibis.Table:
        return self.by_name[name]

    def attributes(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table that are the user's own, in alphabetical order."""
        return tuple(sorted(name for name in self.by_name[table].columns if name.startswith(ATTRIBUTE_PREFIX)))


@contextmanager
def open_tables(workspace: Workspace) -> Iterator[Tables]:
    """Open a workspace's tables for reading.

    Raises
    ------
    InputError
        If nothing was ingested yet.
    """
    workspace.require_data()
    connection = ibis.duckdb.connect(workspace.warehouse, read_only=True)
    try:
        yield read_tables(connection)
    finally:
        connection.disconnect()


def read_tables(connection: Any) -> Tables:
    """Read the tables of an open warehouse."""
    entities = connection.table("entities").select("account_id", "entity_id")
    by_name = {name: _united(connection.table(name), entities) for name in TABLES}
    by_name = {name: connection.create_table(f"united_{name}", table, temp=True) for name, table in by_name.items()}
    by_name[FIRST_SEEN] = connection.create_table(FIRST_SEEN, _first_seen(by_name), temp=True)
    facts = dict(connection.table("ingest_facts").select("key", "value").to_pandas().itertuples(index=False))
    static = connection.table("static_columns").select("table_name", "column_name").to_pandas()
    return Tables(
        connection=connection,
        by_name=by_name,
        static=frozenset(static.itertuples(index=False, name=None)),
        as_of=datetime.fromisoformat(facts["as_of"]),
        data_version=facts["data_version"],
    )


def _united(table: ibis.Table, entities: ibis.Table) -> ibis.Table:
    """Put the id of the company in place of the account's own, parents' included."""
    for column in ("account_id", "parent_id"):
        if column in table.columns:
            own = entities.select(entity_key=entities.account_id, entity_of=entities.entity_id)
            table = table.left_join(own, table[column] == own.entity_key)
            if column == "account_id" and "name" in table.columns:
                table = table.mutate(alias_id=table.account_id)
            table = table.mutate(**{column: table.entity_of}).drop("entity_key", "entity_of")
    return table


def _first_seen(tables: Mapping[str, ibis.Table]) -> ibis.Table:
    """Say when anything dated is first known of each account."""
    times = [
        table.select("account_id", at=ibis.greatest(table[spec.time], ibis.coalesce(table.loaded_at, table[spec.time])))
        for name, spec in TABLES.items()
        if spec.time and name != "accounts" and "account_id" in (table := tables[name]).columns
    ]
    seen = ibis.union(*times).filter(lambda row: row["at"].notnull())
    return seen.group_by("account_id").agg(first_at=seen["at"].min())
