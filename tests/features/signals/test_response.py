"""Response: what came of what was shown, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from features.signals.response import SIGNALS, account_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def test_impressions(signals_of: Callable[..., pd.DataFrame]) -> None:
    def shown(account_id: str, days: float, came: float | None = None) -> dict[str, Any]:
        return {
            "impression_id": f"{account_id} {days}",
            "account_id": account_id,
            "asset_id": "x",
            "shown_at": CUTOFF - days * DAY,
            "outcome": None if came is None else "opened",
            "outcome_at": None if came is None else CUTOFF - came * DAY,
        }

    found = signals_of(
        account_signals,
        accounts=[
            {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in "ab"
        ],
        impressions=[
            shown("a", 1, 0), shown("a", 10, 5), shown("a", 365), shown("a", 300, 299), shown("a", 366, 2),
            shown("b", 400),
        ],
    )  # fmt: skip
    assert found.loc["a"].to_dict() == {
        "response_shown_365d": 4, "response_rate_365d": 0.5, "response_days_since_last": 2.0,
    }  # fmt: skip
    assert found.loc["b", "response_shown_365d"] == 0
    assert found.loc["b"].drop("response_shown_365d").isna().all()
    assert set(found) == {signal.name for signal in SIGNALS}
