"""The signals of one account over time, from no more rows than they are worked out from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from difflib import get_close_matches

import ibis
import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from features.companies import accounts_before, companies_before
from features.errors import InputError
from features.existence import parents_ever
from features.group import Group
from features.snapshots import build_snapshots
from features.tables import Tables

NARROWED = ("account_history", "intent", "usage", "orders", "impressions")
"""Tables of which only the rows of the account's group account matter.

Of events those of its people elsewhere matter, too; how a BU does elsewhere, and who came from there, is in the others.
"""


def account_signals_over_time(
    tables: Tables,
    group: Group,
    account: str,
    cutoffs: Sequence[datetime],
    progress: Callable[[str], None] = lambda _: None,
) -> pd.DataFrame:
    """Compute the signals of one account at several cutoffs.

    Parameters
    ----------
    tables : the canonical tables.
    group : regions and business units.
    account : one of the ids of the account.
    cutoffs : UTC, without offsets.
    progress : told what is being done.

    Returns
    -------
    The rows of `build_snapshot` that the account has at each cutoff, one per BU, by cutoff and BU; none at cutoffs
    before it existed.

    Raises
    ------
    InputError
        If no account has the id.
    """
    ids = _require(tables, account)
    narrow = narrowed(tables, related(tables, ids, account))
    parts = []
    for cutoff, snapshot in build_snapshots(narrow, group, cutoffs, progress):
        company = companies_before(accounts_before(narrow, cutoff)).set_index("account_id")["entity_id"].get(account)
        parts.append(snapshot[snapshot["account_id"] == company])
    return pd.concat(parts).sort_values(["cutoff", "business_unit"], ignore_index=True)


def related(tables: Tables, ids: pd.Index, account: str) -> list[str]:
    """Return all accounts that may ever share a company or a group account with one: links and parents, followed."""
    parents = parents_ever(tables.own).to_pandas()
    links = tables.connection.table("links").select("left_id", "right_id").to_pandas()
    edges = pd.concat([links.set_axis(["one", "other"], axis=1), parents.set_axis(["one", "other"], axis=1)])
    one, other = ids.get_indexer(edges["one"]), ids.get_indexer(edges["other"])
    known = (one >= 0) & (other >= 0)
    graph = coo_array((np.ones(known.sum()), (one[known], other[known])), shape=(len(ids), len(ids)))
    _, component = connected_components(graph, directed=False)
    return [str(name) for name in ids[component == component[ids.get_loc(account)]]]


def narrowed(tables: Tables, accounts: Sequence[str]) -> Tables:
    """Leave out the rows of all other accounts, where they matter to none of these."""
    wanted = ibis.memtable({"account_id": list(accounts)}, schema={"account_id": "string"})
    own = dict(tables.own)
    own |= {name: own[name].semi_join(wanted, "account_id") for name in NARROWED}
    people, events = own["contacts"].semi_join(wanted, "account_id"), own["events"]
    theirs = events.account_id.isin(wanted.account_id) | events.contact_id.isin(people.contact_id)
    return replace(tables, own=own | {"events": events.filter(ibis.coalesce(theirs, False))})


def _require(tables: Tables, account: str) -> pd.Index:
    """Return the ids of all accounts, if one of them is the one that is asked for."""
    accounts = tables.own["accounts"].select("account_id").order_by("account_id").to_pandas()
    ids: pd.Index = pd.Index(accounts["account_id"])
    if account not in ids:
        near = ", ".join(get_close_matches(account, ids[:100_000].tolist(), n=3)) or f"{ids[0]}, for one"
        raise InputError(f"there is no account {account!r}; give the id that it has in the table accounts: {near}")
    return ids
