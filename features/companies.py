"""Which accounts there were before a cutoff, and which of them were one company, as far as was known then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.contracts import TABLES
from features.linking.uniting import unite
from features.tables import Tables

_READ_BY_IDENTITY = ("account_id", "lei", "duns", "parent_id")


def only_if(known: ir.BooleanValue, value: ir.Value) -> ir.Value:
    """Return a value where it was known, else NULL."""
    return ibis.ifelse(known, value, ibis.null(value.type()))


def rows_before(table: ir.Table, time: str, cutoff: datetime) -> ir.Table:
    """Keep the rows that happened and were loaded before the cutoff."""
    happened = table[time]
    return table.filter(happened < cutoff, ibis.coalesce(table.loaded_at, happened) < cutoff)


def accounts_before(tables: Tables, cutoff: datetime) -> ir.Table:
    """Return the accounts that existed before a cutoff, one row per own id.

    An account exists from its ``created_at``, else from its first dated row, or from ``customer_since``. One of which
    nothing tells since when it exists is there at the end of the data only.

    Parameters
    ----------
    tables : the canonical tables.
    cutoff : UTC, without an offset.

    Returns
    -------
    The columns of ``accounts``, ``customer_since`` and ``parent_id`` only as far as they were known (a parent that
    did not exist yet was none), and ``existing_since``, NULL where nothing tells.
    """
    rows = tables.own["accounts"]
    rows = rows.filter(ibis.coalesce(rows.loaded_at < cutoff, True))
    rows = rows.mutate(
        customer_since=only_if(rows.customer_since < cutoff, rows.customer_since),
        parent_id=only_if(ibis.coalesce(rows.parent_since < cutoff, True), rows.parent_id),
    )
    first = _first_rows(tables.own)
    rows = rows.left_join(first, "account_id").drop("account_id_right")
    since = ibis.least(ibis.coalesce(rows.created_at, rows.first_at), rows.customer_since)
    rows = rows.mutate(existing_since=since).drop("first_at")
    undated = ~rows.existing_since.notnull() & (cutoff >= tables.data_end)
    there = rows.filter((rows.existing_since < cutoff) | undated)
    parents = there.select(parent="account_id")
    return there.left_join(parents, there.parent_id == parents.parent).drop("parent_id").rename(parent_id="parent")


def companies_before(accounts: ir.Table) -> pd.DataFrame:
    """Unite the accounts that existed before a cutoff: account_id, entity_id.

    The links between accounts, found once at ingest, are read from where the accounts are.
    """
    links = accounts.get_backend().table("links").to_pandas()
    return unite(accounts.select(*_READ_BY_IDENTITY).to_pandas(), links)[["account_id", "entity_id"]]


def known_since(own: Mapping[str, ir.Table]) -> ir.Table:
    """Say from when on each account is known, whatever the cutoff: account_id, known_since.

    An account is among `accounts_before` every cutoff after this; NULL: at the end of the data only.

    Parameters
    ----------
    own : the tables of the contract as they were ingested.
    """
    accounts = own["accounts"]
    rows = accounts.left_join(_first_rows(own), "account_id")
    since = ibis.least(ibis.coalesce(accounts.created_at, rows.first_at), accounts.customer_since)
    return rows.select("account_id", known_since=only_if(since.notnull(), ibis.greatest(since, accounts.loaded_at)))


def companies_later(tables: Tables, cutoff: datetime) -> pd.DataFrame:
    """Place every account, later ones too, in a company as it was known before the cutoff: account_id, entity_id.

    What happens later at an account that identity at the end of the tables counts to such a company is the company's.
    """
    then = companies_before(accounts_before(tables, cutoff)).rename(columns={"entity_id": "then"})
    end = companies_before(accounts_before(tables, tables.as_of)).merge(then, on="account_id", how="left")
    heir = end.groupby("entity_id")["then"].transform("min")
    placed: pd.DataFrame = end.assign(entity_id=end["then"].fillna(heir)).drop(columns="then").dropna()
    return placed


def _first_rows(own: Mapping[str, ir.Table]) -> ir.Table:
    """Say when anything dated is first known of each account without ``created_at``: account_id, first_at."""
    accounts = own["accounts"]
    undated = accounts.filter(~accounts.created_at.notnull()).select("account_id")
    times = [
        rows.select("account_id", at=ibis.greatest(rows[spec.time], rows.loaded_at))
        for name, spec in TABLES.items()
        if spec.time and name != "accounts" and "account_id" in (rows := own[name]).columns
    ]
    seen = ibis.union(*times).semi_join(undated, "account_id")
    return seen.group_by("account_id").agg(first_at=seen["at"].min())
