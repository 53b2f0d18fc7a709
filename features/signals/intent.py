"""Signals of intent: which topics the account reads about elsewhere, and how strongly."""

from __future__ import annotations

import ibis.expr.types as ir

from features.customers import exact
from features.group import Group
from features.known import Known
from features.signals.signal import Signal

SIGNALS = (
    Signal("intent_strength_30d", "intent strength over the last 30 days", "strength", (0, None)),
    Signal("intent_strength_90d", "intent strength over the last 90 days", "strength", (0, None)),
    Signal("intent_strongest_30d", "strongest intent signal of the last 30 days", "strength", (0, None), "none seen"),
    Signal("intent_topics_90d", "topics with intent in the last 90 days", "topics", (0, None)),
    Signal(
        "intent_surge",
        "mean intent strength of the last 30 days as a multiple of the year's",
        "ratio",
        (0, None),
        "none seen in the last 30 days, or all of strength 0",
    ),
    Signal("intent_days_since_last", "days since intent was last seen", "days", (0, None), "none ever seen"),
)


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account."""
    intent = known.intent
    strength = exact(intent.strength)
    last = {days: known.within(intent.observed_at, days) for days in (30, 90, 365)}
    per_account = intent.group_by("account_id").agg(
        intent_strength_30d=strength.sum(where=last[30]).cast("float64").fill_null(0.0),
        intent_strength_90d=strength.sum(where=last[90]).cast("float64").fill_null(0.0),
        intent_strongest_30d=intent.strength.max(where=last[30]),
        intent_topics_90d=intent.topic.nunique(where=last[90]),
        intent_days_since_last=known.days_since(intent.observed_at.max()),
        rows_30d=last[30].sum(),
        rows_365d=last[365].sum(),
        year=strength.sum(where=last[365]).cast("float64"),
    )
    month_mean = per_account.intent_strength_30d / per_account.rows_30d.nullif(0)
    year_mean = per_account.year / per_account.rows_365d.nullif(0)
    return per_account.mutate(intent_surge=month_mean / year_mean.nullif(0)).drop("rows_30d", "rows_365d", "year")
