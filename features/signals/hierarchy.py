"""Signals of the hierarchy: what happens in the whole group account that the account belongs to."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.group import Group
from features.known import Known
from features.signals.engagement import theirs
from features.signals.pipeline import open_opportunities
from features.signals.signal import Signal

LEVELS = 6
"""How far up parents are followed; deeper trees end there."""

SIGNALS = (
    Signal("hierarchy_accounts", "accounts of the group account", "accounts", (1, None)),
    Signal("hierarchy_countries", "countries in which the group account has accounts", "countries", (1, None)),
    Signal("hierarchy_is_parent", "ultimate parent of other accounts (1 yes, 0 no)", "yes or no", (0, 1)),
    Signal(
        "hierarchy_events_90d", "events at the group account's other accounts in the last 90 days", "events", (0, None)
    ),
    Signal(
        "hierarchy_active_90d",
        "other accounts of the group account with an event in the last 90 days",
        "accounts",
        (0, None),
    ),
    Signal(
        "hierarchy_bu_owners",
        "other accounts of the group account that bought from this business unit",
        "accounts",
        (0, None),
        scope="business_unit",
    ),
    Signal(
        "hierarchy_bu_open",
        "open opportunities of this business unit at the group account's other accounts",
        "opportunities",
        (0, None),
        scope="business_unit",
    ),
)


def roots(known: Known) -> ir.Table:
    """Return the ultimate parent of each account: account_id, country, root_id (its own id where it has none)."""
    parents = known.accounts.select("account_id", "parent_id")
    rows = known.accounts.select("account_id", "country", "parent_id")
    rows = rows.mutate(root_id=rows.account_id, next_id=rows.parent_id)
    for _ in range(LEVELS):
        above = parents.select(above_id=parents.account_id, above_parent=parents.parent_id)
        joined = rows.left_join(above, [("next_id", "above_id")])
        rows = joined.select(
            "account_id",
            "country",
            root_id=ibis.coalesce(joined.above_id, joined.root_id),
            next_id=joined.above_parent,
        )
    return rows.drop("next_id")


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account from its group account."""
    tree = roots(known)
    events = theirs(known)
    own = (
        events.filter(known.within(events.occurred_at, 90))
        .group_by("account_id")
        .agg(own_events=lambda row: row.count())
    )
    rows = tree.left_join(own, "account_id").drop("account_id_right")
    rows = rows.mutate(own_events=ibis.coalesce(rows.own_events, 0))
    family = rows.group_by("root_id").agg(
        hierarchy_accounts=rows.count(),
        hierarchy_countries=rows.country.nunique(),
        events=rows.own_events.sum(),
        active=(rows.own_events > 0).sum(),
    )
    joined = rows.inner_join(family, "root_id")
    return joined.select(
        "account_id",
        "hierarchy_accounts",
        "hierarchy_countries",
        hierarchy_is_parent=((joined.account_id == joined.root_id) & (joined.hierarchy_accounts > 1)).cast("int64"),
        hierarchy_events_90d=joined.events - joined.own_events,
        hierarchy_active_90d=joined.active - (joined.own_events > 0).cast("int64"),
    )


def business_unit_signals(known: Known, _group: Group) -> ir.Table:
    """Compute what the other accounts of the group account have with each BU."""
    tree = roots(known).select("account_id", "root_id")
    buys = known.owned.select("account_id", "business_unit", owners=1, open=0)
    rows = open_opportunities(known).select("account_id", "business_unit", owners=0, open=1)
    own = (
        ibis.union(buys, rows)
        .group_by("account_id", "business_unit")
        .agg(owners=lambda row: row.owners.max(), open=lambda row: row.open.sum())
    )
    placed = own.inner_join(tree, "account_id")
    family = placed.group_by("root_id", "business_unit").agg(owners=placed.owners.sum(), open=placed.open.sum())
    everyone = tree.inner_join(family, "root_id")
    mine = own.rename(own_owners="owners", own_open="open")
    joined = everyone.left_join(mine, ["account_id", "business_unit"])
    return joined.select(
        "account_id",
        "business_unit",
        hierarchy_bu_owners=joined.owners - ibis.coalesce(joined.own_owners, 0),
        hierarchy_bu_open=joined.open - ibis.coalesce(joined.own_open, 0),
    )
