"""Signals of the hierarchy: what happens in the whole group account that the account belongs to."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from features.customers import exact
from features.group import Group
from features.known import ACCOUNT, UNIT, days_since, total, within
from features.known_before import Known
from features.signals.joining import added
from features.signals.pipeline import LATELY_DAYS, open_opportunities
from features.signals.signal import Parts, Signal

_tree = partial(Signal, source=("accounts",))
_events = partial(Signal, source=("accounts", "events"))
_orders = partial(Signal, source=("accounts", "orders"))
_unit = partial(Signal, source=("accounts", "opportunities", "orders"), scope="business_unit")

SIGNALS = (
    _tree("hierarchy_accounts", "accounts of the group account", "accounts", (1, None)),
    _tree("hierarchy_countries", "countries in which the group account has accounts", "countries", (1, None)),
    _tree("hierarchy_is_parent", "ultimate parent of other accounts (1 yes, 0 no)", "yes or no", (0, 1)),
    _events(
        "hierarchy_events_90d", "events at the group account's other accounts in the last 90 days", "events", (0, None)
    ),
    _events(
        "hierarchy_active_90d",
        "other accounts of the group account with an event in the last 90 days",
        "accounts",
        (0, None),
    ),
    _events(
        "hierarchy_active_countries_90d",
        "countries in which the group account had an event in the last 90 days",
        "countries",
        (0, None),
    ),
    _events(
        "hierarchy_own_share_90d",
        "own share of the group account's events of the last 90 days",
        "share",
        (0, 1),
        "the group account had no event",
    ),
    _events(
        "hierarchy_head_office_90d", "events at the ultimate parent in the last 90 days", "events", (0, None),
        "it is the ultimate parent",
    ),
    _events(
        "hierarchy_siblings_90d", "events at accounts with the same parent in the last 90 days", "events", (0, None)
    ),
    _orders(
        "hierarchy_amount_365d", "net amount that the group account's other accounts ordered in the last 365 days",
        "group currency",
    ),
    _orders(
        "hierarchy_own_amount_share",
        "own share of what the group account ordered in the last 365 days",
        "share",
        (0, 1),
        "the group account ordered nothing",
    ),
    _unit(
        "hierarchy_bu_owners",
        "other accounts of the group account that bought from this business unit",
        "accounts",
        (0, None),
    ),
    _unit(
        "hierarchy_bu_countries",
        "countries in which the group account bought from this business unit",
        "countries",
        (0, None),
    ),
    _unit(
        "hierarchy_bu_open",
        "open opportunities of this business unit at the group account's other accounts",
        "opportunities",
        (0, None),
        source=("accounts", "opportunities"),
    ),
    _unit(
        "hierarchy_bu_wins_730d",
        "wins of this business unit at the group account's other accounts in the last two years",
        "wins",
        (0, None),
        source=("accounts", "opportunities"),
    ),
)  # fmt: skip


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account from its group account."""
    events = known.quarter.select(*ACCOUNT, events="n")
    rows = added(added(known.tree, events, ACCOUNT), _ordered(known), ACCOUNT)
    nothing = exact(ibis.literal(0))
    rows = rows.mutate(events=ibis.coalesce(rows.events, 0), ordered=ibis.coalesce(rows.ordered, nothing))
    active = rows.events > 0
    group = rows.group_by("cutoff_no", "root_no").agg(
        hierarchy_accounts=rows.count(),
        hierarchy_countries=rows.country.nunique(),
        hierarchy_active_countries_90d=rows.country.nunique(where=active),
        group_events=total(rows.events),
        active=rows.count(where=active),
        head_events=total(rows.events, rows.account_no == rows.root_no),
        group_ordered=rows.ordered.sum(),
        bought=rows.ordered.sum(where=rows.ordered > 0),
    )
    joined = rows.inner_join(group, ["cutoff_no", "root_no"])
    joined = added(joined, _under_parents(rows), ("cutoff_no", "parent_no"))
    own, is_root = joined.events, joined.account_no == joined.root_no
    signals = joined.select(
        *ACCOUNT,
        "hierarchy_accounts",
        "hierarchy_countries",
        "hierarchy_active_countries_90d",
        hierarchy_is_parent=(is_root & (joined.hierarchy_accounts > 1)).cast("int64"),
        hierarchy_events_90d=joined.group_events - own,
        hierarchy_active_90d=joined.active - (own > 0).cast("int64"),
        hierarchy_own_share_90d=own / joined.group_events.nullif(0),
        hierarchy_head_office_90d=ibis.ifelse(is_root, None, joined.head_events),
        hierarchy_siblings_90d=ibis.coalesce(joined.under_parent - own, 0),
        hierarchy_amount_365d=(joined.group_ordered - joined.ordered).cast("float64"),
        hierarchy_own_amount_share=ibis.greatest(joined.ordered, nothing).cast("float64")
        / joined.bought.cast("float64"),
    )
    return (signals,)


def business_unit_signals(known: Known, _group: Group) -> Parts:
    """Compute what the other accounts of the group account have with each BU."""
    tree = known.tree.select(*ACCOUNT, "root_no", "country")
    own = _own_units(known)
    placed = own.inner_join(tree, list(ACCOUNT))
    group = placed.group_by("cutoff_no", "root_no", "business_unit").agg(
        all_owners=placed.owners.sum(),
        hierarchy_bu_countries=placed.country.nunique(where=placed.owners > 0),
        all_opened=placed.opened.sum(),
        all_won=placed.won.sum(),
    )
    everyone = tree.inner_join(group, ["cutoff_no", "root_no"])
    joined = added(everyone, own, UNIT)
    signals = joined.select(
        *UNIT,
        "hierarchy_bu_countries",
        hierarchy_bu_owners=joined.all_owners - ibis.coalesce(joined.owners, 0),
        hierarchy_bu_open=joined.all_opened - ibis.coalesce(joined.opened, 0),
        hierarchy_bu_wins_730d=joined.all_won - ibis.coalesce(joined.won, 0),
    )
    return (signals,)


def _ordered(known: Known) -> ir.Table:
    rows = known.orders.filter(within(known.orders, 365))
    return rows.group_by(*ACCOUNT).agg(ordered=exact(rows.amount).sum())


def _under_parents(rows: ir.Table) -> ir.Table:
    """Sum up the events of the accounts directly under each parent."""
    below = rows.filter(rows.parent_no.notnull())
    return below.group_by("cutoff_no", "parent_no").agg(under_parent=total(below.events))


def _own_units(known: Known) -> ir.Table:
    """Return what each account itself has with each BU: owners (1 or 0), opened and won, counts."""
    deals = known.opportunities
    lately = deals.filter(deals.outcome == "won", days_since(deals, deals.closed_at) <= LATELY_DAYS)
    rows = ibis.union(
        known.owned.select(*UNIT, owners=1, opened=0, won=0),
        open_opportunities(known).select(*UNIT, owners=0, opened=1, won=0),
        lately.select(*UNIT, owners=0, opened=0, won=1),
    )
    return rows.group_by(*UNIT).agg(owners=rows.owners.max(), opened=rows.opened.sum(), won=rows.won.sum())
