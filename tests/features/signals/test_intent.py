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


def test_strengths_topics_and_surge(signals_of: Callable[..., pd.DataFrame]) -> None:
    def intent(account_id: str, days: float, topic: str, strength: float) -> dict[str, Any]:
        at = CUTOFF - days * DAY
        return {"account_id": account_id, "observed_at": at, "topic": topic, "strength": strength}

    found = signals_of(
        account_signals,
        accounts=[
            {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in "abcd"
        ],
        intent=[
            intent("a", 1, "t1", 0.1), intent("a", 30, "t1", 0.2), intent("a", 31, "t2", 0.4),
            intent("a", 90, "t3", 0.5), intent("a", 91, "t4", 0.8), intent("a", 365, "t4", 0.4),
            intent("a", 366, "t5", 9.0),
            intent("b", 40, "t1", 3.0), intent("c", 5, "t1", 0.0),
        ],
    )  # fmt: skip
    assert set(found) == {signal.name for signal in SIGNALS}
    assert found.loc["a"].to_dict() == pytest.approx(
        {
            "intent_strength_30d": 0.3,
            "intent_strength_90d": 1.2,
            "intent_strongest_30d": 0.2,
            "intent_topics_90d": 3,
            "intent_surge": 0.15 / 0.4,
            "intent_days_since_last": 1.0,
        }
    )
    assert found.loc["b"].dropna().to_dict() == {
        "intent_strength_30d": 0.0,
        "intent_strength_90d": 3.0,
        "intent_topics_90d": 1,
        "intent_days_since_last": 40.0,
    }
    assert pd.isna(found.loc["c", "intent_surge"])
    assert "d" not in found.index
