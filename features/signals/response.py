"""Signals of response: what came of the playbooks that the account was shown."""

from __future__ import annotations

from functools import partial

from features.group import Group
from features.known import ACCOUNT, days_since, within
from features.known_before import Known
from features.signals.signal import Parts, Signal

_signal = partial(Signal, source=("impressions",))

SIGNALS = (
    _signal("response_shown_365d", "playbooks shown in the last 365 days", "impressions", (0, None)),
    _signal(
        "response_rate_365d",
        "share of the last year's playbooks that led to something",
        "share",
        (0, 1),
        "none was shown",
    ),
    _signal(
        "response_days_since_last", "days since a playbook last led to something", "days", (0, None), "none ever did"
    ),
)


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    shown = known.impressions
    year, led = within(shown, 365), shown.outcome.notnull()
    rows = shown.group_by(*ACCOUNT).agg(
        response_shown_365d=shown.count(where=year),
        responses=shown.count(where=year & led),
        response_days_since_last=days_since(shown, shown.outcome_at).min(),
    )
    rate = rows.responses / rows.response_shown_365d.nullif(0)
    return (rows.mutate(response_rate_365d=rate).drop("responses"),)
