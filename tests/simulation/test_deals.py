"""Deals that add up, and orders as an ERP writes them."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest


@pytest.fixture(scope="module")
def deals(exports: Path) -> pd.DataFrame:
    rows = pd.read_csv(exports / "opportunities.csv", parse_dates=["closed"], dtype={"opportunity_id": "str"})
    rows = rows[~rows["opportunity_id"].str.startswith("X", na=True)].drop_duplicates()
    return rows.assign(opened=pd.to_datetime(rows["opened"]))


def test_deals_close_after_they_open(deals: pd.DataFrame) -> None:
    closed = deals["status"] != "Open"
    assert (deals.loc[closed, "closed"] > deals.loc[closed, "opened"]).all()
    assert deals.loc[~closed, "closed"].isna().all()
    assert deals.loc[deals["status"] == "Closed Won", "gross_profit"].notna().all()
    assert deals.loc[deals["status"] != "Closed Won", "gross_profit"].isna().all()


def test_renewals_are_mostly_won(deals: pd.DataFrame) -> None:
    renewals = deals[(deals["type"] == "renewal") & (deals["status"] != "Open")]
    assert len(renewals) > 300
    assert 0.88 < (renewals["status"] == "Closed Won").mean() < 0.96


def test_amounts_are_heavy_tailed_and_in_many_currencies(deals: pd.DataFrame) -> None:
    assert deals["currency"].nunique() > 10
    amount = deals.loc[deals["currency"] == "EUR", "amount"]
    assert amount.mean() > 1.5 * amount.median()


def test_history_begins_with_the_opportunity_and_ends_as_it_stands(exports: Path, deals: pd.DataFrame) -> None:
    history = pd.read_csv(exports / "opportunity_history.csv", dtype={"changed_at": "str"})
    history = history[history["opportunity_id"].isin(deals["opportunity_id"])]
    history = history.assign(changed_at=pd.to_datetime(history["changed_at"], errors="coerce")).dropna()
    history = history.sort_values("changed_at", kind="stable").groupby("opportunity_id")
    known = deals.set_index("opportunity_id")
    first, last = history.first(), history.last()
    assert (first["changed_at"] == known["opened"].reindex(first.index)).all()
    assert (last["stage"] == known["stage"].reindex(last.index)).all()
    assert (last["amount"] - known["amount"].reindex(last.index)).abs().max() < 0.02


def test_orders_have_decimal_commas_and_returns(exports: Path) -> None:
    orders = pd.read_csv(exports / "orders.csv", sep=";", decimal=",")
    assert orders["net_value"].dtype == np.float64
    assert 0.005 < (orders["net_value"] < 0).mean() < 0.06
