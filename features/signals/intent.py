"""Signals of intent: which topics the account reads about elsewhere, and how strongly."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from features.customers import exact
from features.group import Group
from features.known import ACCOUNT, days_since, total, within
from features.known_before import Known
from features.signals.signal import Parts, Signal

_signal = partial(Signal, source=("intent",))

SIGNALS = (
    _signal("intent_strength_30d", "intent strength over the last 30 days", "strength", (0, None)),
    _signal("intent_strength_90d", "intent strength over the last 90 days", "strength", (0, None)),
    _signal("intent_strongest_30d", "strongest intent signal of the last 30 days", "strength", (0, None), "none seen"),
    _signal("intent_topics_90d", "topics with intent in the last 90 days", "topics", (0, None)),
    _signal(
        "intent_new_topics_30d", "topics with intent in the last 30 days, but not in the year before", "topics",
        (0, None),
    ),
    _signal(
        "intent_focus_90d",
        "share of the strongest topic in the intent of the last 90 days",
        "share",
        (0, 1),
        "none seen in the last 90 days, or all of strength 0",
    ),
    _signal(
        "intent_surge",
        "mean intent strength of the last 30 days as a multiple of the year's",
        "ratio",
        (0, None),
        "none seen in the last 30 days, or all of strength 0",
    ),
    _signal("intent_days_since_last", "days since intent was last seen", "days", (0, None), "none in the last year"),
    _signal(
        "intent_group_countries_30d",
        "countries of the group account with intent on one and the same topic of this account in the last 30 days",
        "countries",
        (0, None),
        source=("intent", "accounts"),
    ),
)  # fmt: skip


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    topics = known.keeper.keep("topics", _topics(known))
    of_all = topics.quarter.sum().over(group_by=[topics[key] for key in ACCOUNT])
    share = topics.quarter.cast("float64") / of_all.cast("float64").nullif(0)
    by_topic = topics.mutate(share=ibis.coalesce(share, 0))
    per_account = by_topic.group_by(*ACCOUNT).agg(
        intent_topics_90d=by_topic.count(where=by_topic.n_90d > 0),
        intent_new_topics_30d=by_topic.count(where=(by_topic.n_30d > 0) & (by_topic.n_before == 0)),
        intent_focus_90d=by_topic.share.max().nullif(0),
    )
    return _totals(known), per_account, _across_countries(known, topics)


def _totals(known: Known) -> ir.Table:
    """Sum up over all topics."""
    rows = known.intent
    last = {days: within(rows, days) for days in (30, 90, 365)}
    sums = rows.group_by(*ACCOUNT).agg(
        intent_strength_30d=ibis.coalesce(rows.strength.sum(where=last[30]).cast("float64"), 0.0),
        intent_strength_90d=ibis.coalesce(rows.strength.sum(where=last[90]).cast("float64"), 0.0),
        intent_strongest_30d=rows.strongest.max(where=last[30]),
        intent_days_since_last=days_since(rows, rows.last_second).min(),
        rows_30d=total(rows.n, last[30]),
        rows_365d=total(rows.n),
        year=rows.strength.sum().cast("float64"),
    )
    month_mean = sums.intent_strength_30d / sums.rows_30d.nullif(0)
    year_mean = sums.year / sums.rows_365d.nullif(0)
    return sums.mutate(intent_surge=month_mean / year_mean.nullif(0)).drop("rows_30d", "rows_365d", "year")


def _topics(known: Known) -> ir.Table:
    """Sum up each topic of an account."""
    rows = known.intent
    month, quarter = within(rows, 30), within(rows, 90)
    return rows.group_by(*ACCOUNT, "topic").agg(
        n_30d=ibis.coalesce(total(rows.n, month), 0),
        n_90d=ibis.coalesce(total(rows.n, quarter), 0),
        n_before=ibis.coalesce(total(rows.n, ~month), 0),
        quarter=ibis.coalesce(rows.strength.sum(where=quarter), exact(ibis.literal(0))),
    )


def _across_countries(known: Known, topics: ir.Table) -> ir.Table:
    """Count in how many countries of its group account the account's most widespread topic of now is seen."""
    now = topics.filter(topics.n_30d > 0).select(*ACCOUNT, "topic")
    placed = now.inner_join(known.tree, list(ACCOUNT))
    everywhere = placed.group_by("cutoff_no", "root_no", "topic").agg(countries=placed.country.nunique())
    # kept, for engines that join `now` and `everywhere` by topic first make every pair of accounts
    here, there = known.keeper.keep("topics_now", placed), known.keeper.keep("topics_everywhere", everywhere)
    seen = here.inner_join(there, ["cutoff_no", "root_no", "topic"])
    return seen.group_by(*ACCOUNT).agg(intent_group_countries_30d=seen.countries.max())
