"""Signals of engagement: who at the account did what, how often, how lately."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.group import Group
from features.known import Known
from features.signals.signal import Signal

OURS = ("sent", "delivered", "bounced", "shown", "outbound")
"""Actions that are ours, not theirs."""

CHANNELS = ("web", "email", "event", "webinar", "call", "meeting", "content", "ad", "social")

SENIORITY_WEIGHTS = {"c_level": 5, "vp": 4, "director": 3, "manager": 2, "contributor": 1}
"""What one event counts by who did it; one whom nobody knows counts as a contributor."""

POINTS = {"meeting": 15, "attend": 10, "reply": 10, "demo": 10, "download": 5, "share": 5, "click": 3, "visit": 1}
"""The point score in common use: points per action over the last 90 days, 1 for any other."""

_WINDOWS = (7, 30, 90, 365)

SIGNALS = (
    *(
        Signal(f"engagement_events_{days}d", f"events at the account in the last {days} days", "events", (0, None))
        for days in _WINDOWS
    ),
    *(
        Signal(f"engagement_{channel}_90d", f"{channel} engagement in the last 90 days", "events", (0, None))
        for channel in CHANNELS
    ),
    Signal("engagement_sent_90d", "messages that we sent in the last 90 days", "messages", (0, None)),
    Signal("engagement_people_90d", "people who did something in the last 90 days", "people", (0, None)),
    Signal(
        "engagement_functions_90d", "functions whose people did something in the last 90 days", "functions", (0, None)
    ),
    Signal(
        "engagement_seniority_90d", "events in the last 90 days, weighted by seniority", "weighted events", (0, None)
    ),
    Signal("engagement_points", "engagement points of the last 90 days", "points", (0, None)),
    Signal(
        "engagement_share_30d",
        "share of the last year's events that fell into the last 30 days",
        "share",
        (0, 1),
        "no event in the last year",
    ),
    Signal(
        "engagement_days_since_last",
        "days since anyone at the account last did something",
        "days",
        (0, None),
        "nobody ever did",
    ),
    *(
        Signal(
            f"engagement_bu_events_{days}d",
            f"events about this business unit in the last {days} days",
            "events",
            (0, None),
            scope="business_unit",
        )
        for days in (30, 90, 365)
    ),
    Signal(
        "engagement_bu_people_90d",
        "people who engaged with this business unit in the last 90 days",
        "people",
        (0, None),
        scope="business_unit",
    ),
    Signal(
        "engagement_bu_days_since_last",
        "days since anyone last engaged with this business unit",
        "days",
        (0, None),
        "nobody ever did",
        "business_unit",
    ),
)


def theirs(known: Known) -> ir.Table:
    """Return the events that the account's people did, not we."""
    events = known.events
    return events.filter(ibis.coalesce(events.action, "").notin(OURS))


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account as a whole."""
    contacts = known.contacts.select("contact_id", "function", "seniority")
    year = known.events.filter(known.within(known.events.occurred_at, 365))
    events = year.left_join(contacts, "contact_id").drop("contact_id_right")
    own = ibis.coalesce(events.action, "").notin(OURS)
    last = {days: known.within(events.occurred_at, days) & own for days in _WINDOWS}
    weight = _weights(events.seniority, SENIORITY_WEIGHTS)
    points = _weights(events.action, POINTS)
    recent = events.group_by("account_id").agg(
        **{f"engagement_events_{days}d": own_rows.sum() for days, own_rows in last.items()},
        **{f"engagement_{name}_90d": (last[90] & (events.channel == name)).sum() for name in CHANNELS},
        engagement_sent_90d=(known.within(events.occurred_at, 90) & ~own).sum(),
        engagement_people_90d=events.contact_id.nunique(where=last[90]),
        engagement_functions_90d=events.function.nunique(where=last[90]),
        engagement_seniority_90d=weight.sum(where=last[90]),
        engagement_points=points.sum(where=last[90]),
    )
    recent = recent.mutate(
        engagement_share_30d=recent.engagement_events_30d / recent.engagement_events_365d.nullif(0),
    )
    ever = theirs(known)
    latest = ever.group_by("account_id").agg(engagement_days_since_last=known.days_since(ever.occurred_at.max()))
    return latest.outer_join(recent, "account_id").select(
        *(column for column in (*latest.columns[1:], *recent.columns[1:])),
        account_id=lambda row: ibis.coalesce(row.account_id, row.account_id_right),
    )


def business_unit_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of account × BU, from events that name the BU."""
    events = theirs(known).filter(lambda row: row.business_unit.notnull())
    last = {days: known.within(events.occurred_at, days) for days in (30, 90, 365)}
    return events.group_by("account_id", "business_unit").agg(
        **{f"engagement_bu_events_{days}d": rows.sum() for days, rows in last.items()},
        engagement_bu_people_90d=events.contact_id.nunique(where=last[90]),
        engagement_bu_days_since_last=known.days_since(events.occurred_at.max()),
    )


def _weights(value: ir.StringValue, weights: dict[str, int]) -> ir.IntegerValue:
    """Return the whole-number weight of each value, 1 for any other."""
    return ibis.cases(*((value == name, weight) for name, weight in weights.items()), else_=1)
