"""Intervals: they hold the truth as often as they say, and are wider where less is known."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from models.propensity import PropensityModel

SIZES = np.array([15, 40, 120, 400, 1000] * 4)
CUTOFFS = 5
NAMES = np.array([f"s{place:02d}" for place in range(len(SIZES))])


def group(
    random: np.random.Generator, spread: float, moves: float, *, hidden: bool
) -> list[tuple[pd.DataFrame, np.ndarray]]:
    """Rows of segments at several cutoffs, their true probabilities; the last cutoff is not to be learnt from.

    Where much is hidden, each account's odds are an exponential draw around what its signals say.
    """
    offsets, slopes = random.normal(0, spread, len(SIZES)), random.normal(0, 0.5, 4)
    parts = []
    for _ in range(CUTOFFS + 1):
        codes = np.arange(len(SIZES)).repeat(np.maximum(1, SIZES // CUTOFFS))
        signals = random.normal(size=(len(codes), 4))
        moved = offsets + random.normal(0, moves, len(SIZES))
        frame = pd.DataFrame(signals, columns=list("abcd")).assign(segment=pd.Series(NAMES[codes], dtype="str"))
        own = np.log(random.exponential(size=len(codes))) if hidden else 0.0
        parts.append((frame, expit(signals @ slopes - 2.5 + moved[codes] + own)))
    return parts


def fitted(
    seed: int, spread: float = 0.4, moves: float = 0.0, *, hidden: bool = False
) -> tuple[PropensityModel, pd.DataFrame, np.ndarray]:
    """Return a model of a group, and the rows and truth of the next cutoff."""
    random = np.random.default_rng(seed)
    *past, (rows, truth) = group(random, spread, moves, hidden=hidden)
    frame, chances = pd.concat([part[0] for part in past]), np.concatenate([part[1] for part in past])
    times = np.arange(CUTOFFS).repeat([len(part[0]) for part in past])
    model = PropensityModel(segment="segment", n_folds=3)
    return model.fit(frame, random.random(len(frame)) < chances, times=times), rows, truth


@pytest.fixture(scope="module")
def known() -> tuple[PropensityModel, pd.DataFrame, np.ndarray]:
    return fitted(seed=100)


def held(spread: float, moves: float, *, hidden: bool) -> np.ndarray:
    """Return which intervals of 20 groups hold the truth of their segment, ndarray of shape (20, n_segments)."""
    found = []
    for seed in range(20):
        model, rows, truth = fitted(seed, spread, moves, hidden=hidden)
        table = model.segment_intervals(rows)
        whole = table[table["band"] == "all"].set_index("segment")
        true = pd.Series(truth).groupby(rows["segment"].to_numpy()).mean()[whole.index]
        found.append(((whole["low"] <= true) & (true <= whole["high"])).to_numpy())
    return np.array(found)


@pytest.mark.parametrize(("spread", "moves"), [(0.4, 0.0), (0.3, 0.3)])
def test_nine_of_ten_hold_the_truth(spread: float, moves: float) -> None:
    inside = held(spread, moves, hidden=True)
    assert 0.85 <= inside.mean() <= 0.96
    assert 0.82 <= inside[:, SIZES <= 40].mean() <= 0.97


def test_where_signals_tell_all_more_hold_it() -> None:
    """That no account differs from those that look like it cannot be known; intervals are too wide then."""
    assert held(0.3, 0.3, hidden=False).mean() >= 0.9


def test_levels_that_move_are_found_to(known: tuple[PropensityModel, pd.DataFrame, np.ndarray]) -> None:
    moving = fitted(seed=101, moves=0.5)[0]
    assert known[0].predictor_.uncertainty is not None
    assert moving.predictor_.uncertainty is not None
    assert moving.predictor_.uncertainty.moves > 0.3 > known[0].predictor_.uncertainty.moves


def test_less_data_less_certain(known: tuple[PropensityModel, pd.DataFrame, np.ndarray]) -> None:
    model, rows, _ = known
    table = model.segment_intervals(rows)
    whole = table[table["band"] == "all"].set_index("segment")
    relative = (whole["high"] - whole["low"]) / whole["mean"]
    assert relative[NAMES[SIZES == 15]].mean() > 1.5 * relative[NAMES[SIZES == 1000]].mean()


def test_bands_make_up_the_segment(known: tuple[PropensityModel, pd.DataFrame, np.ndarray]) -> None:
    model, rows, _ = known
    table = model.segment_intervals(rows)
    parts, whole = table[table["band"] != "all"], table[table["band"] == "all"].set_index("segment")
    assert (parts.groupby("segment")["rows"].sum() == whole["rows"]).all()
    means = (parts["mean"] * parts["rows"]).groupby(parts["segment"]).sum() / whole["rows"]
    np.testing.assert_allclose(means, whole["mean"])
    assert parts.groupby("band")["mean"].mean().is_monotonic_decreasing


def test_the_more_certain_the_wider(known: tuple[PropensityModel, pd.DataFrame, np.ndarray]) -> None:
    model, rows, _ = known
    half, nine_tenths = model.predict_interval(rows, 0.5), model.predict_interval(rows, 0.9)
    assert (nine_tenths[:, 0] < half[:, 0]).all()
    assert (half[:, 1] < nine_tenths[:, 1]).all()
    assert ((nine_tenths > 0) & (nine_tenths < 1)).all()


def test_one_account_or_many_give_the_same(known: tuple[PropensityModel, pd.DataFrame, np.ndarray]) -> None:
    model, rows, _ = known
    assert np.array_equal(model.predict_interval(rows.iloc[[7]]), model.predict_interval(rows)[[7]])


def test_a_segment_never_seen_is_the_least_certain(known: tuple[PropensityModel, pd.DataFrame, np.ndarray]) -> None:
    model, rows, _ = known
    largest = rows[rows["segment"] == NAMES[4]]
    seen, new = (np.diff(model.predict_interval(frame)).ravel() for frame in (largest, largest.assign(segment="new")))
    assert np.median(new) > 1.5 * np.median(seen)


def test_without_segments_there_is_one() -> None:
    random = np.random.default_rng(0)
    X = random.normal(size=(2000, 3))
    model = PropensityModel(n_folds=3).fit(X, random.random(2000) < expit(X[:, 0] - 2))
    table = model.segment_intervals(X)
    assert table["band"].tolist() == ["1", "2", "3", "4", "all"]
    assert (table["low"] < table["mean"]).all()
    assert (table["mean"] < table["high"]).all()


def test_too_little_to_hold_out_gives_none() -> None:
    X = np.arange(20.0)[:, None]
    model = PropensityModel().fit(X, np.arange(20) % 2 == 0)
    assert np.isnan(model.predict_interval(X)).all()
    assert model.segment_intervals(X).empty


@pytest.mark.parametrize("level", [0.0, 1.0, 90])
def test_a_level_out_of_range_is_refused(known: tuple[PropensityModel, pd.DataFrame, np.ndarray], level: float) -> None:
    with pytest.raises(ValueError, match="level is"):
        known[0].predict_interval(known[1], level)
