"""Backtest: every slice is told of with all its rankings, and who knows the truth is ahead."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd
import pytest

from features.group import Group
from models.timeline import Timeline
from training.backtest import (
    CAPTURED,
    CHAMPION,
    EVERYTHING,
    LOGISTIC_REGRESSION,
    MODEL,
    WITH_PIPELINE,
    WITHOUT_PIPELINE,
    backtest,
)
from training.evaluate import expected_calibration_error, lift
from training.examples import Examples
from training.fit import Fitted, fit_kind
from training.splits import Split, Splits

CUTOFFS = [datetime.fromisoformat(f"2024-{month:02d}-01") for month in (1, 4, 7, 10)]
SIGNALS = ("tells", "noise", "engagement_points", "attributes_annual_revenue", "pipeline_open")
GROUP = Group.model_validate(
    {
        "regions": {"NORTH": ["SE"], "SOUTH": ["IT"]},
        "business_units": {"cloud": {"horizon_days": 90}},
        "tiers": {
            "first": {"cost": 10, "effect": 0.5, "capacity": {"NORTH": 10, "SOUTH": 20}},
            "second": {"cost": 1, "effect": 0.2, "capacity": {"NORTH": 40}},
            "rest": {"cost": 0, "effect": 0.1},
        },
    }
)


def rows_at(cutoffs: list[datetime], accounts: int, seed: int = 0) -> pd.DataFrame:
    """Half of the accounts are promising, and a third of those succeed within the horizon."""
    rng = np.random.default_rng(seed)
    n = accounts * len(cutoffs)
    account = np.tile(np.arange(accounts), len(cutoffs))
    promising = account % 2 == 0
    label = promising & (rng.random(n) < 1 / 3)
    days = pd.to_timedelta(rng.integers(0, 89, n), unit="D").to_numpy()
    cutoff = np.repeat(np.array(cutoffs, dtype="datetime64[us]"), accounts)
    return pd.DataFrame(
        {
            "account_id": [f"a{number}" for number in account],
            "business_unit": "cloud",
            "cutoff": cutoff,
            "kind": "new_logo",
            "country": np.where(account % 4 < 2, "SE", "IT"),
            "region": np.where(account % 4 < 2, "NORTH", "SOUTH"),
            "tells": promising + rng.normal(0, 0.3, n),
            "noise": rng.normal(size=n),
            "pipeline_open": (account % 5 == 0).astype(float),
            "engagement_points": rng.exponential(size=n),
            "attributes_annual_revenue": rng.lognormal(size=n),
            "label": label,
            "succeeded_at": np.where(label, cutoff + days, np.datetime64("NaT")),
            "followed_days": 90.0,
            "opened_at": np.array(np.datetime64("NaT", "us")),
            "opened_followed_days": 0.0,
            "amount": np.where(label, 500.0, np.nan),
            "gross_profit": np.where(label, 100.0, np.nan),
        }
    )


@pytest.fixture(scope="module")
def examples() -> Examples:
    splits = Splits(until=CUTOFFS[2], units={"cloud": Split(train=tuple(CUTOFFS[:2]), test=tuple(CUTOFFS[2:]))})
    lines = {"cloud × new_logo": Timeline.over(90, 90)}
    return Examples(rows_at(CUTOFFS[:2], 400), rows_at(CUTOFFS[2:], 400, seed=1), splits, lines)


@pytest.fixture(scope="module")
def fitted(examples: Examples) -> Fitted:
    found = fit_kind("conversion", examples, SIGNALS).fitted
    assert found is not None
    return found


@pytest.fixture(scope="module")
def told(examples: Examples, fitted: Fitted) -> pd.DataFrame:
    champion = np.random.default_rng(2).uniform(0.1, 0.2, len(fitted.test))
    return backtest(fitted, examples.train, SIGNALS, GROUP, champion)


def of(told: pd.DataFrame, ranking: str, by: str = EVERYTHING, which: str = EVERYTHING) -> pd.DataFrame:
    lines = told[(told["ranking"] == ranking) & (told["by"] == by) & (told["of"] == which)]
    return lines.set_index("figure")


def test_every_slice_is_told_of_with_every_ranking(told: pd.DataFrame) -> None:
    assert told.groupby("by")["of"].unique().map(sorted).to_dict() == {
        "all": ["all"],
        "business unit": ["cloud"],
        "region": ["NORTH", "SOUTH"],
        "segment": ["cloud × NORTH", "cloud × SOUTH"],
        "cutoff": ["2024-07-01", "2024-10-01"],
        "pipeline": [WITH_PIPELINE, WITHOUT_PIPELINE],
    }
    rankings = {MODEL, LOGISTIC_REGRESSION, CHAMPION, "revenue", "engagement_points"}
    assert (told.groupby(["by", "of"])["ranking"].agg(set) == rankings).all()
    parts = told[(told["ranking"] == MODEL) & (told["figure"] == "auc")].groupby("by")[["rows", "successes"]].sum()
    assert (parts == parts.loc["all"]).all(axis=None)


def test_figures_are_those_that_the_model_is_known_by(told: pd.DataFrame, fitted: Fitted) -> None:
    value = of(told, MODEL)["value"]
    for name, expected in fitted.metrics.as_dict().items():
        assert value[name] == pytest.approx(expected)
    assert of(told, "revenue")["value"]["auc"] == pytest.approx(fitted.baselines["revenue"].auc)
    assert not {"brier", "ece"} & set(of(told, "revenue").index)
    south = fitted.test[fitted.test["region"] == "SOUTH"]
    found = of(told, MODEL, "region", "SOUTH")["value"]
    error = expected_calibration_error(south["label"].to_numpy(), south["probability"].to_numpy())
    assert found["ece"] == pytest.approx(error)
    best = lift(fitted.test["label"].to_numpy(), fitted.test["probability"].to_numpy(), 0.1)
    assert value["lift_at_10"] == pytest.approx(best)


def test_what_knows_is_ahead_of_what_does_not_and_intervals_say_so(told: pd.DataFrame) -> None:
    for ranking in (CHAMPION, "revenue", "engagement_points"):
        behind = of(told, ranking).loc["auc"]
        assert 0.1 < behind["ahead_low"] < behind["ahead"] < behind["ahead_high"] < 0.6
        assert behind["ahead"] == pytest.approx(of(told, MODEL)["value"]["auc"] - behind["value"])
    as_good = of(told, LOGISTIC_REGRESSION).loc["auc"]
    assert as_good["ahead_low"] < 0.02
    intervals = told.dropna(subset=["low"])
    assert ((intervals["low"] <= intervals["value"]) & (intervals["value"] <= intervals["high"])).all()
    smaller = of(told, MODEL, "cutoff", "2024-07-01").loc["auc"]
    whole = of(told, MODEL).loc["auc"]
    assert smaller["high"] - smaller["low"] > whole["high"] - whole["low"]


def test_places_are_those_of_the_tiers(told: pd.DataFrame, fitted: Fitted) -> None:
    """At each cutoff and in each region as many as the tier has, and the tiers before it; each success earns alike."""
    found = of(told, MODEL)
    test = fitted.test.assign(worth=fitted.test["probability"])
    assert [name for name in found.index if name.startswith(CAPTURED)] == [CAPTURED + "first", CAPTURED + "second"]
    rank = test.groupby(["cutoff", "region"])["worth"].rank(ascending=False, method="first")
    for tier, places in (("first", {"NORTH": 10, "SOUTH": 20}), ("second", {"NORTH": 50, "SOUTH": 20})):
        placed = rank <= test["region"].map(places)
        expected = test.loc[placed, "label"].sum() / test["label"].sum()
        assert found["value"][CAPTURED + tier] == pytest.approx(expected, abs=0.02)


def test_a_champion_that_cannot_be_asked_and_slices_of_few_are_left_out(examples: Examples, fitted: Fitted) -> None:
    rare = fitted.test.assign(region=np.where(fitted.test["account_id"] == "a0", "OTHER", fitted.test["region"]))
    champion = np.full(len(rare), np.nan)
    few = Fitted(
        fitted.model,
        fitted.gross_profit,
        fitted.amount,
        rare,
        fitted.metrics,
        fitted.baselines,
        fitted.by_unit,
    )
    told = backtest(few, examples.train, SIGNALS, GROUP, champion)
    assert CHAMPION not in set(told["ranking"])
    assert "OTHER" not in set(told["of"])


def test_that_half_of_what_a_line_learns_from_are_successes_does_not_raise_its_probabilities(
    examples: Examples, fitted: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without putting its odds right every probability would be a third too high, and so would be the error."""
    monkeypatch.setattr("training.backtest.LEARNT_ROWS", 200)
    told = backtest(fitted, examples.train, SIGNALS, GROUP, np.full(len(fitted.test), np.nan))
    assert of(told, LOGISTIC_REGRESSION)["value"]["ece"] < 0.15
    assert of(told, LOGISTIC_REGRESSION)["value"]["auc"] > 0.6
