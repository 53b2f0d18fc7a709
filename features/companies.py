"""Which accounts there were before a cutoff, and which of them were one company, as far as was known then."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from features.calendar import CUTOFF, Calendar
from features.existence import existing, numbered, parents_ever
from features.linking.uniting import unite
from features.tables import Tables

_UNITED = pa.schema(dict.fromkeys(("cutoff_no", "own_no", "company_no"), pa.int32()))
_READ_BY_IDENTITY = ("account_id", "lei", "duns", "parent_id")


def rows_before(table: ir.Table, time: str, cutoff: datetime) -> ir.Table:
    """Keep the rows that happened and were loaded before the cutoff."""
    happened = table[time]
    return table.filter(happened < cutoff, ibis.coalesce(table.loaded_at, happened) < cutoff)


def accounts_before(tables: Tables, cutoff: datetime) -> ir.Table:
    """Return the accounts that existed before a cutoff, one row per own id, as `features.existence` has them.

    Parameters
    ----------
    tables : the canonical tables.
    cutoff : UTC, without an offset.
    """
    return _accounts_at(tables, Calendar((cutoff,))).drop("account_no", "parent_no", *CUTOFF)


def _accounts_at(tables: Tables, calendar: Calendar) -> ir.Table:
    """Return the accounts that existed before each cutoff."""
    accounts = numbered(tables.own, ibis.literal(tables.data_end), calendar)
    return existing(accounts, tables.own["account_history"], calendar, ibis.memtable(calendar.rows))


def companies_before(accounts: ir.Table) -> pd.DataFrame:
    """Unite the accounts that existed before a cutoff: account_id, entity_id.

    The links between accounts, found once at ingest, are read from where the accounts are.
    """
    links = accounts.get_backend().table("links").to_pandas()
    return unite(accounts.select(*_READ_BY_IDENTITY).to_pandas(), links)[["account_id", "entity_id"]]


def companies_at(tables: Tables, there: ir.Table) -> pa.Table:
    """Unite the accounts that existed at each cutoff, from the links between accounts that were found at ingest.

    Parameters
    ----------
    tables : the canonical tables.
    there : as `features.existence.existing` gives them.

    Returns
    -------
    Table of int32 with ``cutoff_no``, ``own_no`` of an account, and ``company_no``, that of the company's smallest id;
    a row for each account that is not a company of its own.
    """
    links = tables.connection.table("links").to_pandas()
    if links.empty:
        return _UNITED.empty_table()
    concerned = ibis.memtable({"account_id": _concerned(tables, links)}, schema={"account_id": "string"})
    rows = there.semi_join(concerned, "account_id").select("cutoff_no", "account_no", *_READ_BY_IDENTITY).to_pandas()
    placed = [rows[["cutoff_no", "account_no"]].assign(company_no=rows["account_no"]).iloc[:0]]
    for _, known in rows.groupby("cutoff_no"):
        number = known.set_index("account_id")["account_no"]
        entity = unite(known, links).set_index("account_id")["entity_id"].map(number)
        placed.append(known[["cutoff_no", "account_no"]].assign(company_no=known["account_id"].map(entity)))
    found = pd.concat(placed).rename(columns={"account_no": "own_no"})
    return pa.Table.from_pandas(found[found["company_no"] != found["own_no"]], _UNITED, preserve_index=False)


def _concerned(tables: Tables, links: pd.DataFrame) -> list[str]:
    """Return the accounts that links name, and all that are ever above them; the others are companies of their own."""
    above = parents_ever(tables.own).to_pandas()
    waiting = pd.Index(pd.concat([links["left_id"], links["right_id"], links["crowd_id"]]).dropna().unique())
    concerned = waiting
    while len(waiting):
        waiting = pd.Index(above.loc[above["account_id"].isin(waiting), "parent_id"].unique()).difference(concerned)
        concerned = concerned.union(waiting)
    return [str(account) for account in concerned]


def companies_later(tables: Tables, calendar: Calendar) -> pd.DataFrame:
    """Place every account, later ones too, in a company as it was known before each cutoff.

    What happens later at an account that identity at the end of the tables counts to such a company is the company's.

    Parameters
    ----------
    tables : the canonical tables.
    calendar : the cutoffs.

    Returns
    -------
    DataFrame with ``cutoff_no``, the place of the cutoff in the calendar, ``account_id`` and ``entity_id``.
    """
    end = companies_before(accounts_before(tables, tables.as_of))
    there = _accounts_at(tables, calendar).select("cutoff_no", *_READ_BY_IDENTITY).to_pandas()
    links = tables.connection.table("links").to_pandas()
    placed = [end.iloc[:0].assign(cutoff_no=pd.Series(dtype="int32"))]
    for number, known in there.groupby("cutoff_no"):
        then = unite(known.drop(columns="cutoff_no"), links)[["account_id", "entity_id"]]
        placed.append(_placed(end, then).assign(cutoff_no=np.int32(number)))
    return pd.concat(placed, ignore_index=True)[["cutoff_no", "account_id", "entity_id"]]


def _placed(end: pd.DataFrame, then: pd.DataFrame) -> pd.DataFrame:
    """Place each account in its company of then, one that came later in that of the others that it is one with now."""
    known = end.merge(then.rename(columns={"entity_id": "then"}), on="account_id", how="left")
    heir = known.groupby("entity_id")["then"].transform("min")
    return known.assign(entity_id=known["then"].fillna(heir)).drop(columns="then").dropna()
