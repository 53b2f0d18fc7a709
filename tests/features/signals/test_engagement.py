"""Engagement: events, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.activity import CHANNELS, MACHINES, OPENED, OTHER_POINTS, OURS, PARTS, POINTS, SCORE_PARTS, TALKS
from features.signals.engagement import SIGNALS, account_signals, business_unit_signals

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
    event(12, 3, "email", "open", contact_id="chief", business_unit="cloud"),
    event(13, 4, "email", "machine_click", contact_id="clerk", business_unit="cloud"),
    event(14, 200, "call", None, account_id="c", business_unit="cloud"),
    event(15, 5, "call", "outbound", account_id="c", business_unit="sec"),
    event(16, 40, "meeting", "meeting", account_id="c", business_unit="sec"),
]


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Three events of the last 30 days after three in the eleven months before are far above the usual month."""
    found = signals_of(account_signals, accounts=ACCOUNTS, contacts=CONTACTS, events=EVENTS)
    channels = dict.fromkeys(CHANNELS, 0) | {"web": 1, "webinar": 1, "email": 2}
    points = dict.fromkeys(SCORE_PARTS, 0) | {
        "content": 10 * 3, "events": 100 * 3, "mail": 100 * 2 + 30, "other": 10, "sent": 3,
    }  # fmt: skip
    assert found.loc["a"].drop("engagement_days_since_talk").to_dict() == {
        "engagement_events_7d": 2,
        "engagement_events_30d": 3,
        "engagement_events_90d": 5,
        "engagement_events_180d": 6,
        "engagement_events_365d": 6,
        **{f"engagement_{channel}_90d": events for channel, events in channels.items()},
        "engagement_sent_90d": 1,
        "engagement_opened_90d": 1,
        "engagement_people_90d": 2,
        "engagement_executives_90d": 1,
        "engagement_functions_90d": 2,
        "engagement_seniority_30d": 5 + 5 + 1,
        "engagement_seniority_90d": 5 + 5 + 1 + 1 + 1,
        "engagement_points": 573,
        **{f"engagement_points_{part}": value for part, value in points.items()},
        "engagement_trend_30d": pytest.approx(3 / (3 / (335 / 30))),
        "engagement_days_since_last": 1.0,
    }
    assert pd.isna(found.loc["a", "engagement_days_since_talk"])
    assert "b" not in found.index
    met = {
        "events_365d": 2,
        "sent_90d": 2,
        "meeting_90d": 1,
        "call_90d": 0,
        "points": 150 + 2 * 3,
        "points_meetings": 150,
    }
    met |= {"days_since_last": 40.0, "days_since_talk": 40.0, "trend_30d": 0.0}
    assert {name: found.loc["c", f"engagement_{name}"] for name in met} == met


def test_a_business_unit(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(business_unit_signals, accounts=ACCOUNTS, contacts=CONTACTS, events=EVENTS)
    assert found.loc[("a", "cloud")].to_dict() == {
        "engagement_bu_events_30d": 2,
        "engagement_bu_events_90d": 2,
        "engagement_bu_events_365d": 3,
        "engagement_bu_talks_90d": 0,
        "engagement_bu_people_90d": 1,
        "engagement_bu_days_since_last": 1.0,
    }
    assert found.loc[("a", "sec"), "engagement_bu_days_since_last"] == 20.0
    assert found.loc[("c", "sec"), ["engagement_bu_talks_90d", "engagement_bu_days_since_last"]].tolist() == [1, 40.0]
    old = found.loc[("c", "cloud")].dropna().to_dict()
    assert old == {"engagement_bu_events_365d": 1, "engagement_bu_days_since_last": 200.0}
    assert set(found.index) == {("a", "cloud"), ("a", "sec"), ("c", "cloud"), ("c", "sec")}


def test_the_score_can_be_followed(signals_of: Callable[..., pd.DataFrame]) -> None:
    """A demo this week 3 × 150, a reply this month 2 × 100, a page this quarter 1 × 10; 4 mails of ours 3 × 1 each."""
    sent = [event(10 + number, 1, "email", "sent") for number in range(4)]
    found = signals_of(
        account_signals,
        accounts=ACCOUNTS,
        events=[event(1, 5, "meeting", "demo"), event(2, 20, "email", "reply"), event(3, 60, "web", "visit"), *sent],
    ).loc["a"]
    parts = {part: found[f"engagement_points_{part}"] for part in SCORE_PARTS}
    assert {part: value for part, value in parts.items() if value} == {
        "meetings": 450, "mail": 200, "content": 10, "sent": 12,
    }  # fmt: skip
    assert found["engagement_points"] == 450 + 200 + 10 + 12


class TestScoreOfAnything:
    """Accounts 'did' something; 'noisy' ones did the same while machines opened mail; to 'ours' we sent all of it."""

    DID = st.tuples(
        st.integers(0, 3),
        st.floats(0.01, 120),
        st.sampled_from((*CHANNELS, "fax")),
        st.sampled_from((*POINTS, *OURS, "visit", None)),
    )
    NOISE = st.tuples(st.integers(0, 3), st.floats(0.01, 400), st.just("email"), st.sampled_from((*MACHINES, *OPENED)))

    @given(did=st.lists(DID, min_size=20, max_size=80), noise=st.lists(NOISE, min_size=5, max_size=30))
    @settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
    def test_parts_add_up_and_what_nobody_did_is_worth_nothing(
        self, did: list[Any], noise: list[Any], signals_of: Callable[..., pd.DataFrame]
    ) -> None:
        found = self.signals(did, noise, signals_of)
        parts = [f"engagement_points_{part}" for part in SCORE_PARTS]
        assert (found[parts].sum(axis=1) == found["engagement_points"]).all()
        for number in range(4):
            own = [row[1:] for row in did if row[0] == number]
            for part in SCORE_PARTS:
                expected = sum(worth(*row) for row in own if part_of(*row) == part)
                assert found.loc[f"did{number}", f"engagement_points_{part}"] == expected
            acts = [row for row in own if row[2] not in OURS]
            theirs = sum(worth(*row) for row in acts)
            assert found.loc[f"ours{number}", "engagement_points"] * 10 <= theirs
        opened = found.pop("engagement_opened_90d")
        for number in range(4):
            own = [row for row in noise if row[0] == number]
            seen = [row for row in own if row[3] in OPENED and CUTOFF - row[1] * DAY >= CUTOFF - 90 * DAY]
            assert (opened[f"did{number}"], opened[f"noisy{number}"]) == (0, len(seen))
        same = [found[found.index.str.startswith(name)].reset_index(drop=True) for name in ("did", "noisy")]
        assert_frame_equal(*same, check_exact=True)

    def signals(self, did: list[Any], noise: list[Any], signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
        acts = [row for row in did if row[3] not in OURS]
        rows = {"did": did, "noisy": [*did, *noise], "ours": [(*row[:3], "sent") for row in acts]}
        drawn = [(f"{name}{row[0]}", *row[1:]) for name, of in rows.items() for row in of]
        found = signals_of(
            account_signals,
            accounts=[
                ACCOUNTS[0] | {"account_id": f"{name}{no}", "name": f"{name}{no}"} for name in rows for no in range(4)
            ],
            events=[event(no, *row[1:], account_id=row[0]) for no, row in enumerate(drawn)],
        )
        found = found.reindex([f"{name}{no}" for name in rows for no in range(4)])
        names = [signal.name for signal in SIGNALS if signal.scope == "account"]
        return found[names].fillna(
            {signal.name: 0.0 for signal in SIGNALS if not signal.missing and signal.name in names}
        )


def part_of(days: float, channel: str, action: str | None) -> str:
    """Say in which part of the score an event is."""
    return "sent" if action in OURS else next((name for name, of in PARTS.items() if channel in of), "other")


def worth(days: float, channel: str, action: str | None) -> int:
    """Say what an event adds to the score."""
    at = CUTOFF - days * DAY
    times = sum(at >= CUTOFF - window * DAY for window in (7, 30, 90))
    of_channel = POINTS["meeting"] if channel in TALKS else OTHER_POINTS
    return times * (1 if action in OURS else POINTS.get(action or "", of_channel))


@pytest.mark.parametrize("scope", ["account", "business_unit"])
def test_all_that_is_declared_is_computed(scope: str, signals_of: Callable[..., pd.DataFrame]) -> None:
    function = account_signals if scope == "account" else business_unit_signals
    found = signals_of(function, accounts=ACCOUNTS)
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == scope}
