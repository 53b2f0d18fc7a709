"""The buy-till-you-die model finds in a world of its own making who will spend how much, of what was known then."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from benchmarks.buy_till_you_die import expected_spend

pytestmark = pytest.mark.xdist_group("buy_till_you_die")

CUTOFF = datetime.fromisoformat("2026-01-01")
CUSTOMERS, DAYS = 400, 365


@pytest.fixture(scope="module")
def truth() -> pd.DataFrame:
    """Customers with a rate of orders per day, a mean amount, and the share of them whom we have lost."""
    rng = np.random.default_rng(0)
    index = pd.Index([f"a{number:03d}" for number in range(CUSTOMERS)], name="account_id")
    rate, amount = rng.gamma(1.0, 0.02, CUSTOMERS) + 0.002, rng.gamma(6.0, 20.0, CUSTOMERS)
    return pd.DataFrame({"rate": rate, "amount": amount, "lost": rng.random(CUSTOMERS) < 0.3}, index=index)


@pytest.fixture(scope="module")
def orders(truth: pd.DataFrame) -> pd.DataFrame:
    """Return their orders of a year; those whom we lost stop half-way."""
    rng = np.random.default_rng(1)
    parts = []
    for account, (rate, amount, lost) in truth.iterrows():
        days = np.cumsum(rng.exponential(1 / rate, 200))
        days = days[days < (DAYS / 2 if lost else DAYS)]
        at = [CUTOFF - timedelta(days=DAYS) + timedelta(days=float(day)) for day in days]
        spent = rng.gamma(6.0, amount / 6.0, len(days))
        parts.append(pd.DataFrame({"account_id": account, "ordered_at": at, "amount": spent}))
    return pd.concat(parts, ignore_index=True)


@pytest.fixture(scope="module")
def found(orders: pd.DataFrame) -> pd.Series:
    later = pd.DataFrame({"account_id": ["a000"], "ordered_at": [CUTOFF], "amount": [1e9]})
    returned = pd.DataFrame({"account_id": ["a001"], "ordered_at": [CUTOFF - timedelta(days=9)], "amount": [-1e9]})
    return expected_spend(pd.concat([orders, later, returned], ignore_index=True), CUTOFF, DAYS)


@pytest.fixture(scope="module")
def spend(found: pd.Series, truth: pd.DataFrame) -> pd.Series:
    """What each will truly spend on average."""
    return (truth["rate"] * truth["amount"] * DAYS * ~truth["lost"]).reindex(found.index)


def test_knows_all_who_bought(found, orders):
    assert set(found.index) == set(orders["account_id"])
    assert (np.isfinite(found) & (found > 0)).all()


def test_finds_the_level(found, spend):
    assert found.sum() == pytest.approx(spend.sum(), rel=0.2)


def test_ranks_nearly_as_the_truth(found, spend):
    assert found.corr(spend, method="spearman") > 0.8
