"""Market columns: found by what they hold, kept from the models, and no harm where they move on."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from models.market_columns import ROWS_PER_MARKET, market_columns
from models.propensity import PropensityModel

SEGMENTS, TIMES = 6, 4


def markets(rows: int = 50) -> tuple[np.ndarray, np.ndarray]:
    """Return the segment and time of so many rows of each, in random order."""
    each = [(f"s{segment}", time) for segment in range(SEGMENTS) for time in range(TIMES) for _ in range(rows)]
    mixed = np.random.default_rng(0).permutation(len(each))
    return np.array([name for name, _ in each], dtype=object)[mixed], np.array([time for _, time in each])[mixed]


def of_markets(segments: np.ndarray, times: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return a number for each segment at each time, missing for some."""
    values = np.random.default_rng(seed).normal(size=(SEGMENTS, TIMES))
    values[0, :2] = np.nan
    return values[[int(name[1:]) for name in segments], times]


def columns() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    segments, times = markets()
    own = np.random.default_rng(1).normal(size=len(segments))
    nearly = of_markets(segments, times, seed=2)
    nearly[17] += 1e-6
    constant, empty = np.full(len(segments), 3.0), np.full(len(segments), np.nan)
    matrix = np.column_stack([own, of_markets(segments, times), nearly, constant, empty, times.astype(float)])
    return matrix, segments, times


def test_only_what_is_the_same_in_each_market_and_changes_is_found() -> None:
    matrix, segments, times = columns()
    assert market_columns(matrix, segments, times).tolist() == [1, 5]


def test_what_a_segment_never_changes_is_none() -> None:
    matrix, segments, times = columns()
    matrix[:, 0] = [float(name[1:]) for name in segments]
    assert market_columns(matrix, segments, times).tolist() == [1, 5]


def test_without_segments_or_times_or_with_few_rows_nothing_is() -> None:
    matrix, segments, times = columns()
    assert market_columns(matrix, None, times).size == 0
    assert market_columns(matrix, segments, None).size == 0
    few = np.arange(ROWS_PER_MARKET * SEGMENTS * TIMES - SEGMENTS * TIMES)
    assert market_columns(matrix[few], segments[few], times[few]).size == 0


@given(seed=st.integers(0, 1000))
def test_the_order_of_rows_says_nothing(seed: int) -> None:
    matrix, segments, times = columns()
    mixed = np.random.default_rng(seed).permutation(len(matrix))
    assert market_columns(matrix[mixed], segments[mixed], times[mixed]).tolist() == [1, 5]


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Outcomes that a signal drives, and the level of each segment at each time; a rate that means nothing else."""
    segments, times = markets(rows=250)
    random = np.random.default_rng(3)
    level = np.random.default_rng(4).normal(0, 0.5, (SEGMENTS, TIMES))
    tells = random.normal(size=len(segments))
    codes = [int(name[1:]) for name in segments]
    chance = expit(-2.0 + 0.8 * tells + level[codes, times])
    frame = pd.DataFrame(
        {"tells": tells, "rate": of_markets(segments, times), "market": pd.Series(segments, dtype="str")}
    )
    return frame, random.random(len(frame)) < chance, times


@pytest.fixture(scope="module")
def model(world: tuple[pd.DataFrame, np.ndarray, np.ndarray]) -> PropensityModel:
    frame, y, times = world
    return PropensityModel(segment="market", n_folds=3).fit(frame, y, times=times)


def test_a_market_column_adds_nothing_whatever_it_holds(
    world: tuple[pd.DataFrame, np.ndarray, np.ndarray], model: PropensityModel
) -> None:
    frame = world[0]
    other = frame.assign(rate=np.random.default_rng(5).normal(size=len(frame)))
    assert not model.contributions(other)["rate"].any()
    assert np.array_equal(model.decision_function(other), model.decision_function(frame))
    assert model.contributions(frame)["tells"].abs().mean() > 0.3


def test_it_learns_as_if_the_column_were_not_there(
    world: tuple[pd.DataFrame, np.ndarray, np.ndarray], model: PropensityModel
) -> None:
    frame, y, times = world
    bare = PropensityModel(segment="market", n_folds=3).fit(frame.drop(columns="rate"), y, times=times)
    said = bare.decision_function(frame.drop(columns="rate"))
    np.testing.assert_allclose(model.decision_function(frame), said, rtol=0, atol=1e-9)


def test_what_moves_on_does_no_harm(
    world: tuple[pd.DataFrame, np.ndarray, np.ndarray], model: PropensityModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same model that learns from the column ranks worse once rates have moved."""
    frame, y, times = world
    monkeypatch.setattr("models.propensity.market_columns", lambda *_: np.empty(0, dtype=np.intp))
    fooled = PropensityModel(segment="market", n_folds=3).fit(frame, y, times=times)
    random = np.random.default_rng(6)
    later = frame.assign(rate=random.normal(size=SEGMENTS)[[int(name[1:]) for name in frame["market"]]])
    came = random.random(len(later)) < expit(-2.0 + 0.8 * later["tells"])
    assert fooled.contributions(later)["rate"].any()
    assert roc_auc_score(came, model.decision_function(later)) > roc_auc_score(came, fooled.decision_function(later))
