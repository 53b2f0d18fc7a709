"""Intent: topics and strengths, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.signals.intent import SIGNALS, account_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def intent(account_id: str, days: float, topic: str, strength: float = 1.0) -> dict[str, Any]:
    at = CUTOFF - days * DAY
    return {"account_id": account_id, "observed_at": at, "topic": topic, "strength": strength}


def account(name: str, country: str = "DE", parent: str | None = None) -> dict[str, Any]:
    return {
        "account_id": name, "name": name, "country": country, "parent_id": parent, "created_at": CUTOFF - 999 * DAY,
    }  # fmt: skip


def test_strengths_topics_and_surge(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(
        account_signals,
        accounts=[account(name) for name in "abcde"],
        intent=[
            intent("a", 1, "t1", 0.1), intent("a", 30, "t1", 0.2), intent("a", 31, "t2", 0.4),
            intent("a", 90, "t3", 0.5), intent("a", 91, "t4", 0.8), intent("a", 365, "t4", 0.4),
            intent("a", 366, "t5", 9.0),
            intent("b", 40, "t1", 3.0), intent("c", 5, "t1", 0.0),
            intent("e", 5, "t1"), intent("e", 365, "t1"), intent("e", 5, "t2", 3.0), intent("e", 366, "t2"),
            intent("e", 31, "t3"), intent("e", 7, "t4", 0.0), intent("e", 0, "t5"),
        ],
    )  # fmt: skip
    assert set(found) == {signal.name for signal in SIGNALS}
    assert found.loc["a"].to_dict() == pytest.approx(
        {
            "intent_strength_30d": 0.3,
            "intent_strength_90d": 1.2,
            "intent_strongest_30d": 0.2,
            "intent_topics_90d": 3,
            "intent_new_topics_30d": 1,
            "intent_focus_90d": 0.5 / 1.2,
            "intent_surge": 0.15 / 0.4,
            "intent_days_since_last": 1.0,
            "intent_group_countries_30d": 1,
        }
    )
    assert found.loc["b"].dropna().to_dict() == {
        "intent_strength_30d": 0.0,
        "intent_strength_90d": 3.0,
        "intent_topics_90d": 1,
        "intent_new_topics_30d": 0,
        "intent_focus_90d": 1.0,
        "intent_days_since_last": 40.0,
    }
    assert found.loc["c", ["intent_surge", "intent_focus_90d"]].isna().all()
    assert "d" not in found.index
    assert found.loc["e", ["intent_new_topics_30d", "intent_topics_90d", "intent_focus_90d"]].tolist() == [2, 4, 0.6]


def test_one_topic_in_several_countries_of_a_group(signals_of: Callable[..., pd.DataFrame]) -> None:
    """In 30 days DE and FR read about t1, FR, JP and US about t2; who reads about neither sees none of it."""
    found = signals_of(
        account_signals,
        accounts=[
            account("top"), account("fr1", "FR", "top"), account("fr2", "FR", "fr1"), account("jp", "JP", "top"),
            account("us", "US", "fr2"), account("quiet", "BR", "top"), account("other", "CN", "top"),
            account("lone", "MX"),
        ],
        intent=[
            intent("top", 30, "t1"), intent("fr1", 1, "t1"), intent("fr2", 1, "t1"), intent("fr2", 2, "t2"),
            intent("jp", 3, "t2", 0.0), intent("us", 4, "t2"), intent("jp", 31, "t1"), intent("other", 1, "t3"),
            intent("other", 40, "t2"), intent("quiet", 40, "t2"), intent("lone", 1, "t1"), intent("lone", 1, "t2"),
        ],
    )["intent_group_countries_30d"]  # fmt: skip
    assert found.dropna().to_dict() == {"top": 2, "fr1": 2, "fr2": 3, "jp": 3, "us": 3, "other": 1, "lone": 1}
