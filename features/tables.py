"""The canonical tables of a workspace as Ibis expressions, each account under the id of its company."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis

from features.contracts import ATTRIBUTE_PREFIX, TABLES
from features.engines import connected
from features.errors import InputError
from features.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Tables:
    """The canonical tables; ``tables[name]`` has each row under the company that today's identity gives its account.

    Parameters
    ----------
    connection : the Ibis backend that holds them.
    own : the tables of the contract as they were ingested, each row under the account's own id.
    companies : ``account_id`` and the ``entity_id`` that today's identity gives it.
    static : (table, column) declared never to change.
    as_of : the end of what may be looked at; no later than `data_end`.
    data_end : the day after the last thing that happened in the data.
    data_version : digest of all accepted rows.
    plans : where plans of queries on them are kept; None: in memory only.
    """

    connection: Any
    own: Mapping[str, ibis.Table]
    companies: ibis.Table
    static: frozenset[tuple[str, str]]
    as_of: datetime
    data_end: datetime
    data_version: str
    plans: Path | None = None

    def __getitem__(self, name: str) -> ibis.Table:
        return under_companies(self.own[name], self.companies)

    def attributes(self, table: str) -> tuple[str, ...]:
        """Return the columns of a table that are the user's own, in alphabetical order."""
        return tuple(sorted(name for name in self.own[table].columns if name.startswith(ATTRIBUTE_PREFIX)))


@contextmanager
def open_tables(workspace: Workspace, as_of: datetime | None = None) -> Iterator[Tables]:
    """Open a workspace's tables for reading.

    Parameters
    ----------
    workspace : with ingested data.
    as_of : the end of what may be looked at; the end of the data by default.

    Raises
    ------
    InputError
        If nothing was ingested yet, `as_of` lies after the end of the data, or the workspace's engine does not start.
    """
    workspace.require_data()
    with connected(workspace) as connection:
        tables = replace(read_tables(connection), plans=workspace.plans)
        yield tables if as_of is None else _as_of(tables, as_of)


def _as_of(tables: Tables, as_of: datetime) -> Tables:
    """End the tables earlier."""
    if as_of > tables.as_of:
        raise InputError(f"as of {as_of:%Y-%m-%d}: the data end before {tables.as_of:%Y-%m-%d}; give no later date")
    return replace(tables, as_of=as_of)


def read_tables(connection: Any) -> Tables:
    """Read the tables of an open warehouse."""
    facts = dict(connection.table("ingest_facts").select("key", "value").to_pandas().itertuples(index=False))
    static = connection.table("static_columns").select("table_name", "column_name").to_pandas()
    data_end = datetime.fromisoformat(facts["as_of"])
    return Tables(
        connection=connection,
        own={name: connection.table(name) for name in TABLES},
        companies=connection.table("entities").select("account_id", "entity_id"),
        static=frozenset(static.itertuples(index=False, name=None)),
        as_of=data_end,
        data_end=data_end,
        data_version=facts["data_version"],
    )


def under_companies(table: ibis.Table, companies: ibis.Table) -> ibis.Table:
    """Put the id of the company in place of each account's own.

    Parameters
    ----------
    table : each row under the account's own id.
    companies : ``account_id`` and ``entity_id``; rows of an account that it lacks fall away, a parent that it lacks
        becomes NULL.

    Returns
    -------
    The same columns; one with a ``parent_id`` keeps the account's own id as ``alias_id``, one without ``account_id``
    stays as it is.
    """
    if "account_id" not in table.columns:
        return table
    keys = companies.select(company_key=companies.account_id, company_of=companies.entity_id)
    joined = table.inner_join(keys, table.account_id == keys.company_key)
    columns = {name: table[name] for name in table.columns} | {"account_id": keys.company_of}
    if "parent_id" in columns:
        parents = companies.select(parent_key=companies.account_id, parent_of=companies.entity_id)
        joined = joined.left_join(parents, table.parent_id == parents.parent_key)
        columns |= {"parent_id": parents.parent_of, "alias_id": table.account_id}
    return joined.select(**columns)
