"""Usage: readings, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from features.signals.usage import SIGNALS, account_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def reading(account_id: str, days: float, product: str, value: float) -> dict[str, Any]:
    at = CUTOFF - days * DAY
    return {"account_id": account_id, "observed_at": at, "product": product, "metric": "logins", "value": value}


def test_readings(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(
        account_signals,
        accounts=[
            {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in "abcd"
        ],
        usage=[
            reading("a", 2, "p", 6.0), reading("a", 30, "p", 3.0), reading("a", 31, "q", 1.0),
            reading("a", 91, "r", 2.0), reading("a", 180, "r", 3.0), reading("a", 181, "s", 99.0),
            reading("a", 0, "p", 99.0),
            reading("b", 200, "p", 1.0),
            reading("c", 1, "p", 1.0), reading("c", 60, "p", 0.0), reading("c", 91, "p", 1.0),
            reading("c", 365, "q", 1.0), reading("c", 366, "r", 1.0), reading("d", 366, "p", 1.0),
        ],
    )  # fmt: skip
    assert found.loc["a"].to_dict() == {
        "usage_products_90d": 2,
        "usage_dropped": 2,
        "usage_readings_90d": 3,
        "usage_mean_30d": 4.5,
        "usage_trend": 2.25,
        "usage_days_since_last": 2.0,
    }
    assert found.loc["b"].dropna().to_dict() == {
        "usage_products_90d": 0, "usage_dropped": 1, "usage_days_since_last": 200.0,
    }  # fmt: skip
    assert found.loc["c", "usage_trend"] == 1.0 / 0.5
    assert found.loc["c", "usage_dropped"] == 1
    assert "d" not in found.index
    assert set(found) == {signal.name for signal in SIGNALS}
