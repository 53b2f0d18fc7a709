"""Signals of engagement: who at the account did what, how often, how lately."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from features.activity import CHANNELS, SCORE_PARTS
from features.calendar import WINDOWS
from features.group import Group
from features.known import ACCOUNT, UNIT, days_since, total, within
from features.known_before import Known
from features.signals.joining import added
from features.signals.signal import Parts, Signal

SENIORITY_WEIGHTS = {"c_level": 5, "vp": 4, "director": 3, "manager": 2, "contributor": 1}
"""What one event counts by who did it; one whom nobody knows counts as a contributor."""

EXECUTIVES = ("c_level", "vp")

_CALLED = {
    "meetings": "meetings and calls",
    "events": "events and webinars",
    "content": "web and content",
    "mail": "email",
    "media": "ads and social media",
    "product": "product and support",
    "other": "other channels",
    "sent": "what we sent",
}

_account = partial(Signal, source=("events",))
_person = partial(Signal, source=("events", "contacts"))
_unit = partial(Signal, source=("events",), scope="business_unit")

SIGNALS = (
    *(
        _account(f"engagement_events_{days}d", f"events at the account in the last {days} days", "events", (0, None))
        for days in WINDOWS
    ),
    *(
        _account(f"engagement_{channel}_90d", f"{channel} engagement in the last 90 days", "events", (0, None))
        for channel in CHANNELS
    ),
    _account("engagement_sent_90d", "messages that we sent in the last 90 days", "messages", (0, None)),
    _account("engagement_opened_90d", "mails opened in the last 90 days, hidden scanners included", "mails", (0, None)),
    _account(
        "engagement_trend_30d",
        "events of the last 30 days as a multiple of the account's usual month",
        "ratio",
        (0, None),
        "nobody did anything in the eleven months before",
    ),
    _account(
        "engagement_days_since_last",
        "days since anyone at the account last did something",
        "days",
        (0, None),
        "nobody did in the last year",
    ),
    _account(
        "engagement_days_since_talk",
        "days since anyone at the account last met us or called",
        "days",
        (0, None),
        "nobody did in the last year",
    ),
    _person("engagement_people_90d", "people who did something in the last 90 days", "people", (0, None)),
    _person("engagement_executives_90d", "executives who did something in the last 90 days", "people", (0, None)),
    _person(
        "engagement_functions_90d", "functions whose people did something in the last 90 days", "functions", (0, None)
    ),
    *(
        _person(
            f"engagement_seniority_{days}d",
            f"events in the last {days} days, weighted by seniority",
            "weighted events",
            (0, None),
        )
        for days in (30, 90)
    ),
    _account("engagement_points", "engagement points of the last 90 days", "points", (0, None)),
    *(
        _account(f"engagement_points_{part}", f"engagement points for {_CALLED[part]}", "points", (0, None))
        for part in SCORE_PARTS
    ),
    *(
        _unit(
            f"engagement_bu_events_{days}d",
            f"events about this business unit in the last {days} days",
            "events",
            (0, None),
        )
        for days in (30, 90, 365)
    ),
    _unit(
        "engagement_bu_talks_90d", "meetings and calls about this business unit in the last 90 days", "events",
        (0, None),
    ),
    _unit(
        "engagement_bu_people_90d",
        "people who engaged with this business unit in the last 90 days",
        "people",
        (0, None),
        source=("events", "contacts"),
    ),
    _unit(
        "engagement_bu_days_since_last",
        "days since anyone last engaged with this business unit",
        "days",
        (0, None),
        "nobody did in the last year",
    ),
)  # fmt: skip


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account as a whole."""
    return _year(known), _quarter(known), _people(known)


def business_unit_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of account × BU, from events that name the BU."""
    rows, people = known.unit_activity, known.unit_people
    quarter = within(rows, 90)
    counts = rows.group_by(*UNIT).agg(
        **{f"engagement_bu_events_{days}d": total(rows.n, within(rows, days)) for days in (30, 90, 365)},
        engagement_bu_talks_90d=total(rows.talks, quarter),
        engagement_bu_days_since_last=days_since(rows, rows.last_second).min(),
    )
    return counts, people.group_by(*UNIT).agg(engagement_bu_people_90d=people.count())


def _year(known: Known) -> ir.Table:
    """Compute what looks back a year, and how the last days compare with it."""
    rows, quarter = known.activity, known.quarter
    lately = {f"engagement_events_{days}d": quarter[n] for days, n in ((7, "n_7d"), (30, "n_30d"), (90, "n"))}
    counts = rows.group_by(*ACCOUNT).agg(
        **{f"engagement_events_{days}d": total(rows.n, within(rows, days)) for days in (180, 365)},
        engagement_days_since_last=days_since(rows, rows.last_second).min(),
        engagement_days_since_talk=days_since(rows, rows.last_talk_second).min(),
    )
    counts = added(added(counts, quarter.select(*ACCOUNT, **lately), ACCOUNT), _beyond_one(known), ACCOUNT)
    n = {days: ibis.coalesce(counts[f"engagement_events_{days}d"], 0) for days in (30, 90)}
    before = counts.engagement_events_365d - n[30]
    return counts.mutate(
        engagement_trend_30d=n[30] * ((365 - 30) / 30) / before.nullif(0),
        **{f"engagement_seniority_{days}d": n[days] + ibis.coalesce(counts[f"more_{days}d"], 0) for days in n},
    ).drop("more_30d", "more_90d")


def _quarter(known: Known) -> ir.Table:
    """Compute what looks back 90 days."""
    rows = known.quarter
    return rows.select(
        *ACCOUNT,
        **{f"engagement_{channel}_90d": rows[f"n_{channel}"] for channel in CHANNELS},
        **{f"engagement_points_{part}": rows[f"points_{part}"] for part in SCORE_PARTS},
        engagement_points=sum(rows[f"points_{part}"] for part in SCORE_PARTS),
        engagement_sent_90d=rows.sent,
        engagement_opened_90d=rows.opened,
    )


def _people(known: Known) -> ir.Table:
    """Compute who was behind it."""
    rows = known.people
    return rows.group_by(*ACCOUNT).agg(
        engagement_people_90d=rows.count(),
        engagement_executives_90d=rows.count(where=rows.seniority.isin(EXECUTIVES)),
        engagement_functions_90d=rows.function.nunique(),
    )


def _beyond_one(known: Known) -> ir.Table:
    """Compute what the events of people of known seniority count beyond 1 each."""
    rows = known.people
    weight = ibis.cases(*((rows.seniority == name, value - 1) for name, value in SENIORITY_WEIGHTS.items()), else_=0)
    return rows.group_by(*ACCOUNT).agg(**{f"more_{days}d": total(weight * rows[f"n_{days}d"]) for days in (30, 90)})
