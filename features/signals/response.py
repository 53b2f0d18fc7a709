"""Signals of response: what came of the playbooks that the account was shown."""

from __future__ import annotations

import ibis.expr.types as ir

from features.group import Group
from features.known import Known
from features.signals.signal import Signal

SIGNALS = (
    Signal("response_shown_365d", "playbooks shown in the last 365 days", "impressions", (0, None)),
    Signal(
        "response_rate_365d",
        "share of the last year's playbooks that led to something",
        "share",
        (0, 1),
        "none was shown",
    ),
    Signal(
        "response_days_since_last", "days since a playbook last led to something", "days", (0, None), "none ever did"
    ),
)


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account."""
    shown = known.impressions
    year, led = known.within(shown.shown_at, 365), shown.outcome.notnull()
    rows = shown.group_by("account_id").agg(
        response_shown_365d=year.sum(),
        responses=(year & led).sum(),
        response_days_since_last=known.days_since(shown.outcome_at.max()),
    )
    return rows.mutate(response_rate_365d=rows.responses / rows.response_shown_365d.nullif(0)).drop("responses")
