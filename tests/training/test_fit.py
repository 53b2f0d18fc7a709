"""Fitting: what can be learnt is found, what cannot is refused with the counts, and a seed decides what is drawn."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from models.baselines import BASELINES
from models.inputs import BETWEEN, KINDS
from models.timeline import Timeline
from training.examples import Examples
from training.fit import fit_kind
from training.splits import Split, Splits

START = datetime.fromisoformat("2024-01-01")
CUTOFFS = tuple(START + timedelta(days=90 * number) for number in range(4))
SPLITS = Splits(CUTOFFS[2], {"cloud": Split(train=CUTOFFS[:2], test=CUTOFFS[2:])})
TIMELINES = {f"cloud{BETWEEN}{kind}": Timeline.over(90, 90) for kind in KINDS}
SIGNALS = ("usage_trend", "engagement_points", "attributes_annual_revenue")


def rows_at(cutoffs: tuple[datetime, ...], accounts: int, rate: float = 0.2, seed: int = 0) -> pd.DataFrame:
    """Return examples in which the trend of usage decides and nothing else does."""
    rng = np.random.default_rng(seed)
    n = accounts * len(cutoffs)
    trend = rng.normal(size=n)
    label = trend > np.quantile(trend, 1 - rate)
    days = rng.integers(0, 90, n) * np.timedelta64(86_400_000_000, "us")
    return pd.DataFrame(
        {
            "account_id": [f"a{number:04d}" for number in range(accounts)] * len(cutoffs),
            "business_unit": "cloud",
            "cutoff": np.repeat(np.array(cutoffs, dtype="datetime64[us]"), accounts),
            "kind": rng.choice(["cross_sell", "upsell"], n),
            "country": "FR",
            "region": "EMEA",
            "in_pipeline": False,
            "usage_trend": trend,
            "engagement_points": rng.exponential(size=n),
            "attributes_annual_revenue": rng.lognormal(size=n),
            "label": label,
            "succeeded_at": np.where(
                label, np.repeat(np.array(cutoffs, dtype="datetime64[us]"), accounts) + days, np.datetime64("NaT")
            ),
            "followed_days": 90.0,
            "opened_at": np.array(np.datetime64("NaT", "us")),
            "opened_followed_days": 0.0,
            "amount": np.where(label, 500.0, np.nan),
            "gross_profit": np.nan,
        }
    )


@pytest.fixture(scope="module")
def examples() -> Examples:
    return Examples(rows_at(CUTOFFS[:2], 300), rows_at(CUTOFFS[2:], 300, seed=1), SPLITS, TIMELINES)


def test_finds_what_decides(examples):
    outcome = fit_kind("expansion", examples, SIGNALS, seed=0)
    fitted = outcome.fitted
    assert fitted is not None
    assert fitted.metrics.auc > 0.9
    assert set(fitted.baselines) == set(BASELINES)
    for baseline in fitted.baselines.values():
        assert 0.4 < baseline.auc < 0.6
        assert fitted.metrics.lift_at_10 > 3 > baseline.lift_at_10
        assert baseline.brier is baseline.ece is None
    assert set(fitted.by_unit) == {"cloud"}
    assert fitted.by_unit["cloud"] == fitted.metrics
    assert fitted.test["probability"].between(0, 1, inclusive="neither").all()
    assert outcome.counts == {
        "train_rows": 600,
        "train_successes": int(examples.train["label"].sum()),
        "test_rows": 600,
        "test_successes": int(examples.test["label"].sum()),
    }


def test_an_unfinished_window_is_judged_as_far_as_it_was_seen(examples):
    fitted = fit_kind("expansion", examples, SIGNALS, seed=0).fitted
    cut = examples.test.assign(followed_days=45.0)
    half = fit_kind("expansion", replace(examples, test=cut), SIGNALS, seed=0).fitted
    assert fitted is not None
    assert half is not None
    assert (half.test["probability"] < fitted.test["probability"]).all()


def test_money_is_that_of_the_successes(examples):
    fitted = fit_kind("expansion", examples, SIGNALS, seed=0).fitted
    assert fitted is not None
    assert fitted.amount.predict(examples.test.head(5)) == pytest.approx([500.0] * 5)
    assert np.isnan(fitted.gross_profit.predict(examples.test.head(5))).all()


def test_a_kind_learns_from_its_own_rows_only(examples):
    other = rows_at(CUTOFFS[:2], 300, seed=2).assign(kind="new_logo", label=True)
    mixed = Examples(pd.concat([examples.train, other], ignore_index=True), examples.test, SPLITS, TIMELINES)
    alone, among = (fit_kind("expansion", each, SIGNALS, seed=0) for each in (examples, mixed))
    assert alone.counts == among.counts
    assert alone.fitted is not None
    assert among.fitted is not None
    assert alone.fitted.model.to_state() == among.fitted.model.to_state()


class TestASeed:
    def trees(self, examples, seed: int) -> str:
        fitted = fit_kind("expansion", examples, SIGNALS, seed).fitted
        assert fitted is not None
        return fitted.model.to_state().propensity.booster

    def test_gives_the_same_trees(self, examples):
        assert self.trees(examples, 3) == self.trees(examples, 3)

    def test_that_is_another_gives_others(self, examples):
        assert self.trees(examples, 3) != self.trees(examples, 4)


class TestARefusal:
    def test_counts_what_there_is_to_learn_from(self, examples):
        few = Examples(rows_at(CUTOFFS[:2], 300, rate=0.04), examples.test, SPLITS, TIMELINES)
        won = few.train.loc[few.train["label"], "account_id"].nunique()
        lost = few.train.loc[~few.train["label"], "account_id"].nunique()
        outcome = fit_kind("expansion", few, SIGNALS, seed=0)
        assert outcome.fitted is None
        assert outcome.refused == (
            f"{won} accounts with a success and {lost} without are there to learn from (600 rows at 2 cutoffs), "
            "and 30 of each are needed"
        )

    def test_counts_what_there_is_to_judge_by(self, examples):
        few = Examples(examples.train, rows_at(CUTOFFS[2:], 5, rate=0.3), SPLITS, TIMELINES)
        outcome = fit_kind("expansion", few, SIGNALS, seed=0)
        assert "are there to judge by (10 rows at 2 cutoffs), and 10 of each are needed" in str(outcome.refused)

    def test_counts_accounts_and_not_their_rows(self, examples):
        cutoffs = tuple(START + timedelta(days=number) for number in range(100))
        same = rows_at(cutoffs, 40).assign(label=lambda rows: rows["account_id"] < "a0020")
        outcome = fit_kind("expansion", Examples(same, examples.test, SPLITS, TIMELINES), SIGNALS, seed=0)
        assert outcome.counts["train_successes"] == 2000
        assert "20 accounts with a success and 20 without are there to learn from" in str(outcome.refused)

    def test_where_nearly_all_succeed_says_who_is_missing(self, examples):
        all_win = Examples(examples.train.assign(label=True), examples.test, SPLITS, TIMELINES)
        refused = fit_kind("expansion", all_win, SIGNALS, seed=0).refused
        assert "300 accounts with a success and 0 without" in str(refused)

    def test_of_a_kind_without_a_row(self, examples):
        refused = fit_kind("conversion", examples, SIGNALS, seed=0).refused
        assert "0 accounts with a success and 0 without are there to learn from (0 rows" in str(refused)
