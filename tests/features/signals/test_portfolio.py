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


def order(
    account_id: str, days: float, amount: float, unit: str = "cloud", product: str | None = "p", **more: Any
) -> dict[str, Any]:
    return {
        "order_id": f"{account_id} {days} {amount} {unit}",
        "account_id": account_id,
        "ordered_at": CUTOFF - days * DAY,
        "amount": amount,
        "business_unit": unit,
        "product": product,
    } | more


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
        for name in ("a", "once", "returner", "twice", "winner", "yearly")
    ]
    + [{"account_id": "said", "name": "said", "country": "DE", "customer_since": CUTOFF - 30 * DAY}],
    "orders": [
        order("a", 800, 10.0, gross_profit=4.0), order("a", 400, 20.0, product="q"),
        order("a", 200, 30.0, product="r", gross_profit=12.5), order("a", 100, -5.0, product="s", gross_profit=-2.25),
        order("a", 80, 40.0, "sec"), order("a", 0, 999.0, gross_profit=99.0),
        order("once", 90, 5.0, "mystery"),
        order("returner", 100, 5.0), order("returner", 50, -5.0),
        order("twice", 60, 5.0), order("twice", 60, 7.0, "sec"),
        order("yearly", 366, 1.0, product="old"), order("yearly", 365, 2.0), order("yearly", 276, 4.0, product="new"),
        order("yearly", 275, 8.0, product="old"), order("yearly", 300, -0.5, product="back"),
        order("yearly", 400, 16.0, "sec", "s"), order("yearly", 186, 32.0, "sec", "s"),
        order("yearly", 185, 64.0, "sec", "s"), order("yearly", 10, 128.0, "sec", None),
    ],
    "opportunities": [
        win("winner", 500, "cloud", 100.0), win("winner", 10, "cloud", 50.5), win("winner", 5, "sec", None),
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def found(signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return signals_of(account_signals, **ROWS)


@pytest.fixture(scope="module")
def by_unit(signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return signals_of(business_unit_signals, **ROWS)


def test_an_account_that_orders(found: pd.DataFrame) -> None:
    assert found.loc["a"].drop("portfolio_mean_win").to_dict() == {
        "portfolio_bus_owned": 2,
        "portfolio_white_space": 0.0,
        "portfolio_days_customer": 800.0,
        "portfolio_orders_365d": 2,
        "portfolio_amount_90d": 40.0,
        "portfolio_amount_365d": 65.0,
        "portfolio_gross_profit_365d": 10.25,
        "portfolio_growth": pytest.approx(2 / 3),
        "portfolio_products": 3,
        "portfolio_new_products_365d": 1,
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


def test_customers_by_other_ways(found: pd.DataFrame) -> None:
    assert found.loc["winner", ["portfolio_bus_owned", "portfolio_days_customer"]].tolist() == [2, 500.0]
    assert found.loc["winner", "portfolio_mean_win"] == 75.25
    assert found.loc["said", "portfolio_days_customer"] == 30.0
    assert pd.isna(found.loc["said", "portfolio_bus_owned"])
    assert pd.isna(found.loc["returner", "portfolio_days_customer"])
    assert found.loc["returner", "portfolio_returned_365d"] == 5.0


def test_white_space(found: pd.DataFrame) -> None:
    """Of the two BUs that are declared; one that is not, and what was returned, fill nothing."""
    assert found["portfolio_white_space"].to_dict() == {
        "a": 0.0, "once": 1.0, "returner": 1.0, "twice": 0.0, "winner": 0.0, "yearly": 0.0, "said": 1.0,
    }  # fmt: skip


def test_what_is_new(found: pd.DataFrame) -> None:
    """Of four products two were first ordered in the last 365 days; what was only returned is none."""
    assert found.loc["yearly", ["portfolio_products", "portfolio_new_products_365d"]].tolist() == [4, 2]
    assert pd.isna(found.loc["yearly", "portfolio_gross_profit_365d"])


def test_a_business_unit(by_unit: pd.DataFrame) -> None:
    """Cloud's horizon is 90 days, that of sec 180."""
    assert by_unit.loc[("a", "cloud")].dropna().to_dict() == {
        "portfolio_bu_owned_days": 800.0,
        "portfolio_bu_amount_before": -5.0,
        "portfolio_bu_orders_365d": 1,
        "portfolio_bu_days_since_order": 200.0,
    }
    assert by_unit.loc[("a", "sec"), "portfolio_bu_amount_horizon"] == 40.0
    assert by_unit.loc[("winner", "sec"), "portfolio_bu_owned_days"] == 5.0
    returned = by_unit.loc[("returner", "cloud")]
    assert pd.isna(returned["portfolio_bu_owned_days"])
    assert returned["portfolio_bu_amount_horizon"] == -5.0
    assert returned["portfolio_bu_amount_before"] == 5.0
    assert set(by_unit) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}


def test_the_season_is_what_was_ordered_a_year_ago_in_the_time_that_comes_now(by_unit: pd.DataFrame) -> None:
    """For cloud from 365 to 276 days ago, for sec from 365 to 186; the days before and after are none of it."""
    columns = [f"portfolio_bu_{name}" for name in ("amount_season", "days_since_order", "orders_365d")]
    assert by_unit.loc[("yearly", "cloud"), columns].tolist() == [2.0 + 4.0 - 0.5, 275.0, 3]
    assert by_unit.loc[("yearly", "sec"), columns].tolist() == [32.0, 10.0, 3]
    around = ["portfolio_bu_amount_horizon", "portfolio_bu_amount_before"]
    assert by_unit.loc[("yearly", "sec"), around].tolist() == [128.0, 32.0 + 64.0]
