"""Hazards: in worlds whose answer is known, as far as one could see, and by any day."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from models.hazards import ALL_LINES, TIMING, HazardModel
from models.inputs import SEGMENT, SEGMENT_OF_KIND, SEGMENT_OF_UNIT
from models.landmarks import Followed, timeline_keys
from models.propensity import PropensityModel
from models.propensity_state import HazardState
from models.timeline import Timeline

Floats = NDArray[np.float64]

HORIZON = 540.0
CUTOFFS = 24
"""Monthly, the last of them a month before the end of what was seen."""


def inputs(n: int, seed: int = 0, units: Mapping[str, str] | None = None) -> pd.DataFrame:
    """Return rows with one signal that tells and one that does not, of a fast and a slow business unit."""
    rng = np.random.default_rng(seed)
    unit = rng.choice(list(units or {"slow": "", "fast": ""}), n)
    region = rng.choice(["EMEA", "APAC"], n)
    return pd.DataFrame(
        {
            SEGMENT_OF_UNIT: pd.Series(unit, dtype="str"),
            SEGMENT_OF_KIND: pd.Series("new_logo", index=range(n), dtype="str"),
            SEGMENT: pd.Series([f"{one} × {where}" for one, where in zip(unit, region, strict=True)], dtype="str"),
            "tells": rng.normal(size=n),
            "noise": rng.normal(size=n),
        }
    )


def rate(X: pd.DataFrame) -> Floats:
    """Return the true hazard of a day."""
    pace = np.where(X[SEGMENT_OF_UNIT] == "slow", 1.0, 4.0)
    return np.asarray(pace * 0.178 / HORIZON * np.exp(X["tells"] - 0.5))


def followed(X: pd.DataFrame, seed: int = 0, gone_after: float = np.inf) -> Followed:
    """Let time pass until the end of what was seen, and some accounts close for good after so many days on average."""
    rng = np.random.default_rng([seed, 1])
    until = 30.0 * rng.integers(1, CUTOFFS + 1, len(X))
    day = rng.exponential(1 / rate(X))
    closed = np.inf if np.isinf(gone_after) else rng.exponential(gone_after, len(X))
    return Followed(np.where((day < until) & (day < closed), day, np.nan), until)


LINES = {"slow × new_logo": Timeline.over(HORIZON, 365), "fast × new_logo": Timeline.over(90, 365)}


def learn(X: pd.DataFrame, seen: Followed) -> HazardModel:
    places = np.arange(len(X))
    estimator = PropensityModel(segment=SEGMENT, n_estimators=200, n_folds=2, n_jobs=1)
    return HazardModel.learn(estimator, X, seen, LINES, places, places % CUTOFFS)


@pytest.fixture(scope="module")
def model() -> HazardModel:
    X = inputs(30_000)
    return learn(X, followed(X))


@pytest.fixture(scope="module")
def rows() -> pd.DataFrame:
    return inputs(4_000, seed=1)


@pytest.mark.parametrize("days", [20.0, 90.0, 200.0, 365.0, 540.0, 700.0])
@pytest.mark.parametrize("unit", ["slow", "fast"])
def test_the_probability_by_any_day_is_true_though_few_windows_have_ended(
    model: HazardModel, rows: pd.DataFrame, unit: str, days: float
) -> None:
    own = rows[rows[SEGMENT_OF_UNIT] == unit]
    truth = -np.expm1(-rate(own) * days)
    said = expit(model.log_odds(own, days)[:, 0])
    assert said.mean() == pytest.approx(truth.mean(), rel=0.1)
    assert np.corrcoef(said, truth)[0, 1] > 0.9


def test_to_take_the_unfinished_for_failures_would_lose_much_of_it() -> None:
    """The error that hazards are there to avoid, so that the test above is known to be able to fail."""
    X = inputs(30_000)
    seen = followed(X)
    slow = (X[SEGMENT_OF_UNIT] == "slow").to_numpy()
    taken = (seen.success_day[slow] < HORIZON).mean()
    assert taken < 0.7 * -np.expm1(-rate(X[slow]) * HORIZON).mean()


def test_accounts_that_close_for_good_make_success_less_likely(rows: pd.DataFrame) -> None:
    X = inputs(30_000)
    model = learn(X, followed(X, gone_after=300.0))
    own = rows[rows[SEGMENT_OF_UNIT] == "slow"]
    leaving = 1 / 300
    for days in (180.0, 540.0):
        both = rate(own) + leaving
        incidence = rate(own) / both * -np.expm1(-both * days)
        said = expit(model.log_odds(own, days)[:, 0]).mean()
        assert said == pytest.approx(incidence.mean(), rel=0.12)
    assert said < 0.75 * -np.expm1(-rate(own) * 540).mean()


@pytest.fixture(scope="module")
def followed_rows() -> tuple[pd.DataFrame, Followed]:
    X = inputs(3_000)
    return X, followed(X)


def opened(X: pd.DataFrame, seen: Followed, times: float, seed: int = 0) -> Followed:
    """Let something come before a success, so many times as often."""
    day = np.random.default_rng([seed, 2]).exponential(1 / (times * rate(X)))
    return Followed(np.where(day < seen.followed_days, day, np.nan), seen.followed_days)


def test_what_comes_before_a_success_is_learnt_first(followed_rows: tuple[pd.DataFrame, Followed]) -> None:
    X, seen = followed_rows
    places = np.arange(len(X))
    estimator = PropensityModel(segment=SEGMENT, n_estimators=200, n_folds=2, n_jobs=1)
    model = HazardModel.learn(estimator, X, seen, LINES, places, places % CUTOFFS, leading=opened(X, seen, 4.0))
    assert model.propensity.predictor_.lead is not None
    rows = inputs(4_000, seed=1)
    truth = -np.expm1(-rate(rows) * 90)
    said = expit(model.log_odds(rows, 90.0)[:, 0])
    assert said.mean() == pytest.approx(truth.mean(), rel=0.15)
    parts = model.contributions(rows)
    np.testing.assert_allclose(parts.sum(axis=1), model.log_odds(rows)[:, 0], atol=1e-6)
    again = HazardModel.from_state(type(model.to_state()).model_validate_json(model.to_state().model_dump_json()))
    assert np.array_equal(again.log_odds(rows, 90.0), model.log_odds(rows, 90.0))


@pytest.mark.parametrize("why", ["rarer than successes", "never followed", "too briefly"])
def test_what_tells_less_than_successes_is_not_learnt(followed_rows: tuple[pd.DataFrame, Followed], why: str) -> None:
    X, seen = followed_rows
    before = opened(X, seen, 0.2)
    if why == "never followed":
        before = Followed(before.success_day, np.zeros(len(X)))
    if why == "too briefly":  # the slow unit alone, and for no longer than the fast one's first interval
        before = Followed(before.success_day, np.where(X[SEGMENT_OF_UNIT] == "slow", 30.0, 0.0))
    places = np.arange(len(X))
    estimator = PropensityModel(segment=SEGMENT, n_estimators=20, n_folds=2, n_jobs=1)
    with_it, without = (
        HazardModel.learn(estimator, X, seen, LINES, places, places % CUTOFFS, leading=given)
        for given in (before, None)
    )
    assert with_it.to_state() == without.to_state()


def test_it_says_when(rows: pd.DataFrame) -> None:
    """Accounts with the signal succeed within the first quarter or not at all, the others after it."""
    X = inputs(20_000, units={"fast": ""}).assign(tells=lambda frame: frame["tells"] > 0)
    rng = np.random.default_rng(0)
    early, late = rng.uniform(0, 22.5, len(X)), rng.uniform(22.5, 90, len(X))
    succeeds = rng.random(len(X)) < 0.2
    day = np.where(succeeds, np.where(X["tells"], early, late), np.nan)
    model = learn(X, Followed(day, np.full(len(X), 400.0)))
    both = X.head(400).assign(tells=[True, False] * 200)
    first, whole = expit(model.log_odds(both, 22.5, 90.0)).T
    assert first[::2].mean() == pytest.approx(0.2, rel=0.1)
    assert first[1::2].mean() < 0.01
    np.testing.assert_allclose([whole[::2].mean(), whole[1::2].mean()], 0.2, rtol=0.1)


@given(days=st.lists(st.floats(0.1, 3000), min_size=2, max_size=5, unique=True))
@settings(max_examples=20, deadline=None)
def test_later_is_more_likely(model: HazardModel, rows: pd.DataFrame, days: list[float]) -> None:
    some = rows.head(50)
    rising = model.log_odds(some, *sorted(days))
    assert (np.diff(rising, axis=1) >= 0).all()
    assert np.isfinite(rising).all()


@given(places=st.lists(st.integers(0, 3_999), min_size=1, max_size=8))
@settings(max_examples=20, deadline=None)
def test_alone_or_among_others_and_by_one_day_or_several_to_the_bit(
    model: HazardModel, rows: pd.DataFrame, places: list[int]
) -> None:
    everyone = model.log_odds(rows, 30.0, model.horizons(rows), 365.0)
    some = rows.iloc[places]
    assert (model.log_odds(some, 30.0, model.horizons(some), 365.0) == everyone[places]).all()
    assert (model.log_odds(some)[:, 0] == everyone[places, 1]).all()


def test_contributions_add_up(model: HazardModel, rows: pd.DataFrame) -> None:
    parts = model.contributions(rows)
    assert list(parts.columns) == [SEGMENT_OF_UNIT, SEGMENT_OF_KIND, "tells", "noise", *ALL_LINES]
    np.testing.assert_allclose(parts.sum(axis="columns"), model.log_odds(rows)[:, 0], atol=1e-6, rtol=0)
    assert parts["tells"].abs().mean() > 10 * parts["noise"].abs().mean()
    assert np.corrcoef(parts["tells"], rows["tells"])[0, 1] > 0.9


def test_intervals_hold_the_truth_of_segments_and_say_more_of_large_ones(rows: pd.DataFrame) -> None:
    """Twelve regions of two units, each with a level of its own; nine of ten intervals of 90 % hold."""
    rng = np.random.default_rng(3)
    held, widths = [], {}
    for seed in range(4):
        X = inputs(12_000, seed)
        sizes = rng.dirichlet(np.full(12, 0.7))
        region = rng.choice(12, len(X), p=sizes)
        level = np.append(rng.normal(0, 0.4, 12), 0.0)[region]
        X[SEGMENT] = X[SEGMENT_OF_UNIT] + " × " + pd.Series(region.astype(str), dtype="str")
        hazard = rate(X) * np.exp(level)
        until = 30.0 * rng.integers(1, CUTOFFS + 1, len(X))
        day = rng.exponential(1 / hazard)
        model = learn(X, Followed(np.where(day < until, day, np.nan), until))
        truth = pd.Series(-np.expm1(-hazard * model.horizons(X))).groupby(X[SEGMENT]).mean()
        table = model.segment_intervals(X).query("band == 'all'").set_index("segment")
        held += list((table["low"] <= truth[table.index]) & (truth[table.index] <= table["high"]))
        relative = (table["high"] - table["low"]) / table["mean"]
        widths |= dict(zip(table["rows"], relative, strict=True))
    assert 0.8 <= np.mean(held) <= 0.99
    sizes_seen = sorted(widths)
    assert widths[sizes_seen[0]] > 2 * widths[sizes_seen[-1]]


def test_the_interval_of_an_account_is_around_its_probability(model: HazardModel, rows: pd.DataFrame) -> None:
    low, high = model.predict_interval(rows).T
    said = expit(model.log_odds(rows)[:, 0])
    assert ((low > 0) & (low < high) & (high < 1)).all()
    assert ((low < said) & (said < high)).mean() > 0.9
    narrower = model.predict_interval(rows, 0.5)
    assert (narrower[:, 1] - narrower[:, 0] < high - low).all()
    with pytest.raises(ValueError, match=r"level is 1\.5; give a probability"):
        model.predict_interval(rows, 1.5)


def test_loaded_it_is_the_same_to_the_bit(model: HazardModel, rows: pd.DataFrame) -> None:
    loaded = HazardModel.from_state(HazardState.model_validate_json(model.to_state().model_dump_json()))
    assert (loaded.log_odds(rows, 77.0) == model.log_odds(rows, 77.0)).all()
    assert loaded.to_state() == model.to_state()


def test_a_success_of_a_whole_window_has_one_interval() -> None:
    X = inputs(4_000, units={"fast": ""})
    success = np.random.default_rng(0).random(len(X)) < 0.3
    places = np.arange(len(X))
    lines = {"fast × new_logo": Timeline.of_whole(90)}
    model = HazardModel.learn(
        PropensityModel(n_folds=2, n_jobs=1), X, Followed.of_windows(success, 90), lines, places, places
    )
    said = expit(model.log_odds(X, 45.0, 90.0, 180.0))
    assert said[:, 1].mean() == pytest.approx(success.mean(), rel=0.02)
    np.testing.assert_allclose((1 - said[:, 0]) ** 2, 1 - said[:, 1])
    np.testing.assert_allclose((1 - said[:, 1]) ** 2, 1 - said[:, 2])
    assert TIMING in model.contributions(X)


def test_only_units_and_kinds_that_were_there_are_known(model: HazardModel, rows: pd.DataFrame) -> None:
    assert model.knows(rows).all()
    assert not model.knows(rows.assign(**{SEGMENT_OF_KIND: "upsell"})).any()
    assert set(timeline_keys(rows)) == set(model.timelines)


def test_nothing_followed_through_is_refused() -> None:
    X = inputs(100)
    seen = Followed(np.full(100, np.nan), np.full(100, 20.0))
    with pytest.raises(ValueError, match="no row was followed to the end of the first interval"):
        learn(X, seen)


def test_bands_are_those_of_the_intervals(model: HazardModel, rows: pd.DataFrame) -> None:
    found = rows.assign(band=model.bands(rows).astype(str)).groupby([SEGMENT, "band"]).size()
    table = model.segment_intervals(rows).query("band != 'all'").set_index(["segment", "band"])["rows"]
    assert found.to_dict() == table.to_dict()
    assert model.bands(rows).min() == 1
