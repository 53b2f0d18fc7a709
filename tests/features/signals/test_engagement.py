"""Engagement: events, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.signals.engagement import CHANNELS, SIGNALS, account_signals, business_unit_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)
ACCOUNTS = [
    {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in ("a", "b", "c")
]


def event(number: int, days: float, channel: str, action: str | None, **more: Any) -> dict[str, Any]:
    return {
        "event_id": str(number),
        "account_id": "a",
        "occurred_at": CUTOFF - days * DAY,
        "channel": channel,
        "action": action,
    } | more


CONTACTS = [
    {"contact_id": name, "account_id": "a", "created_at": created, "seniority": seniority, "function": function}
    for name, created, seniority, function in (
        ("chief", CUTOFF - 99 * DAY, "c_level", "it"),
        ("clerk", CUTOFF - 99 * DAY, "contributor", "hr"),
        ("later", CUTOFF, "vp", "ops"),
    )
]
EVENTS = [
    event(1, 1, "web", "visit", contact_id="chief", business_unit="cloud"),
    event(2, 7, "webinar", "attend", contact_id="chief", business_unit="cloud"),
    event(3, 20, "email", "reply", contact_id="clerk", business_unit="sec"),
    event(4, 89, "fax", None, contact_id="later"),
    event(5, 90, "email", "click"),
    event(6, 91, "web", "visit", contact_id="clerk", business_unit="cloud"),
    event(7, 400, "web", "visit", business_unit="cloud"),
    event(8, 2, "email", "sent", contact_id="clerk", business_unit="cloud"),
    event(9, 95, "email", "sent"),
    event(10, 366, "web", "visit", account_id="b"),
    event(11, 5, "email", "delivered", account_id="c"),
]


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, accounts=ACCOUNTS, contacts=CONTACTS, events=EVENTS)
    channels = dict.fromkeys(CHANNELS, 0) | {"web": 1, "webinar": 1, "email": 2}
    assert found.loc["a"].to_dict() == {
        "engagement_events_7d": 2,
        "engagement_events_30d": 3,
        "engagement_events_90d": 5,
        "engagement_events_365d": 6,
        **{f"engagement_{channel}_90d": events for channel, events in channels.items()},
        "engagement_sent_90d": 1,
        "engagement_people_90d": 2,
        "engagement_functions_90d": 2,
        "engagement_seniority_90d": 5 + 5 + 1 + 1 + 1,
        "engagement_points": 1 + 10 + 10 + 1 + 3,
        "engagement_share_30d": 0.5,
        "engagement_days_since_last": 1.0,
    }
    assert found.loc["b", "engagement_days_since_last"] == 366.0
    assert found.loc["b"].drop("engagement_days_since_last").isna().all()
    assert found.loc["c", "engagement_sent_90d"] == 1
    assert pd.isna(found.loc["c", "engagement_days_since_last"])
    assert found.loc["c", "engagement_events_365d"] == 0


def test_a_business_unit(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(business_unit_signals, accounts=ACCOUNTS, contacts=CONTACTS, events=EVENTS)
    assert found.loc[("a", "cloud")].to_dict() == {
        "engagement_bu_events_30d": 2,
        "engagement_bu_events_90d": 2,
        "engagement_bu_events_365d": 3,
        "engagement_bu_people_90d": 1,
        "engagement_bu_days_since_last": 1.0,
    }
    assert found.loc[("a", "sec"), "engagement_bu_days_since_last"] == 20.0
    assert set(found.index) == {("a", "cloud"), ("a", "sec")}


@pytest.mark.parametrize("scope", ["account", "business_unit"])
def test_all_that_is_declared_is_computed(scope: str, signals_of: Callable[..., pd.DataFrame]) -> None:
    function = account_signals if scope == "account" else business_unit_signals
    found = signals_of(function, accounts=ACCOUNTS)
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == scope}
