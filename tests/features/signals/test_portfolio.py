"""The portfolio: orders and what was bought, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.signals.portfolio import SIGNALS, account_signals, business_unit_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def order(account_id: str, days: float, amount: float, unit: str = "cloud", product: str = "p") -> dict[str, Any]:
    return {
        "order_id": f"{account_id} {days} {amount} {unit}",
        "account_id": account_id,
        "ordered_at": CUTOFF - days * DAY,
        "amount": amount,
        "business_unit": unit,
        "product": product,
    }


def win(account_id: str, days: float, unit: str, amount: float | None) -> dict[str, Any]:
    return {
        "opportunity_id": f"{account_id} {days}",
        "account_id": account_id,
        "created_at": CUTOFF - (days + 1) * DAY,
        "closed_at": CUTOFF - days * DAY,
        "outcome": "won",
        "business_unit": unit,
        "amount": amount,
    }


ROWS: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 3_000 * DAY}
        for name in ("a", "once", "returner", "twice", "winner")
    ]
    + [{"account_id": "said", "name": "said", "country": "DE", "customer_since": CUTOFF - 30 * DAY}],
    "orders": [
        order("a", 800, 10.0), order("a", 400, 20.0, product="q"), order("a", 200, 30.0, product="r"),
        order("a", 100, -5.0, product="s"), order("a", 80, 40.0, "sec"), order("a", 0, 999.0),
        order("once", 90, 5.0, "mystery"),
        order("returner", 100, 5.0), order("returner", 50, -5.0),
        order("twice", 60, 5.0), order("twice", 60, 7.0, "sec"),
    ],
    "opportunities": [
        win("winner", 500, "cloud", 100.0), win("winner", 10, "cloud", 50.5), win("winner", 5, "sec", None),
    ],
}  # fmt: skip


def test_an_account_that_orders(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, **ROWS)
    assert found.loc["a"].drop("portfolio_mean_win").to_dict() == {
        "portfolio_bus_owned": 2,
        "portfolio_days_customer": 800.0,
        "portfolio_orders_365d": 2,
        "portfolio_amount_90d": 40.0,
        "portfolio_amount_365d": 65.0,
        "portfolio_growth": pytest.approx(2 / 3),
        "portfolio_products": 3,
        "portfolio_mean_order": 25.0,
        "portfolio_returned_365d": 5.0,
        "portfolio_days_since_order": 80.0,
        "portfolio_interval_days": 240.0,
        "portfolio_silence": pytest.approx(80 / 240),
    }
    once = found.loc["once"]
    assert once[["portfolio_amount_90d", "portfolio_growth", "portfolio_bus_owned"]].tolist() == [5.0, 1.0, 1]
    on_one_day = found.loc[["once", "twice"], ["portfolio_interval_days", "portfolio_silence"]]
    assert on_one_day.isna().all(axis=None)
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "account"}


def test_customers_by_other_ways(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, **ROWS)
    assert found.loc["winner", ["portfolio_bus_owned", "portfolio_days_customer"]].tolist() == [2, 500.0]
    assert found.loc["winner", "portfolio_mean_win"] == 75.25
    assert found.loc["said", "portfolio_days_customer"] == 30.0
    assert pd.isna(found.loc["said", "portfolio_bus_owned"])
    assert pd.isna(found.loc["returner", "portfolio_days_customer"])
    assert found.loc["returner", "portfolio_returned_365d"] == 5.0


def test_a_business_unit(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Cloud's horizon is 90 days, that of sec 180."""
    found = signals_of(business_unit_signals, **ROWS)
    assert found.loc[("a", "cloud")].to_dict() == {
        "portfolio_bu_owned_days": 800.0,
        "portfolio_bu_amount_horizon": pytest.approx(float("nan"), nan_ok=True),
        "portfolio_bu_amount_before": -5.0,
        "portfolio_bu_orders_365d": 1,
    }
    assert found.loc[("a", "sec"), "portfolio_bu_amount_horizon"] == 40.0
    assert found.loc[("winner", "sec"), "portfolio_bu_owned_days"] == 5.0
    assert pd.isna(found.loc[("returner", "cloud"), "portfolio_bu_owned_days"])
    assert found.loc[("returner", "cloud"), "portfolio_bu_amount_horizon"] == -5.0
    assert found.loc[("returner", "cloud"), "portfolio_bu_amount_before"] == 5.0
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}
