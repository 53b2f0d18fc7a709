"""Calibration: a known line is found again, no ranking is turned round, and noise is drawn to the base rate."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import log_loss

from models.calibration import LogitCalibration


def world(n: int, intercept: float, slope: float, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of a model, and outcomes whose true log-odds are a line of them."""
    random = np.random.default_rng(seed)
    logits = random.normal(-2.5, 1.0, n)
    return logits, (random.random(n) < expit(intercept + slope * logits)).astype(float)


@pytest.mark.parametrize(("intercept", "slope"), [(0.0, 1.0), (-0.5, 0.6), (0.8, 1.4)])
def test_a_known_line_is_found_again(intercept: float, slope: float) -> None:
    logits, y = world(50_000, intercept, slope, seed=0)
    line = LogitCalibration.fit(logits, y)
    assert line.slope == pytest.approx(slope, abs=0.06)
    assert line.apply(np.array([-2.5])) == pytest.approx(intercept - 2.5 * slope, abs=0.06)


@given(seed=st.integers(0, 10_000), slope=st.floats(-2, 3), intercept=st.floats(-1, 1), n=st.integers(60, 600))
@settings(max_examples=30, deadline=None)
def test_probabilities_average_to_the_base_rate_and_ranks_stay(
    seed: int, slope: float, intercept: float, n: int
) -> None:
    logits, y = world(n, intercept, slope, seed)
    y[:2] = [0.0, 1.0]
    line = LogitCalibration.fit(logits, y)
    assert line.slope > 0
    assert expit(line.apply(logits)).mean() == pytest.approx(y.mean(), abs=1e-5)


@pytest.mark.parametrize("positives", [5, 20, 100])
def test_noise_is_drawn_to_the_base_rate(positives: int) -> None:
    """Log-odds that tell nothing cost next to nothing against the base rate, however spread they are."""
    random = np.random.default_rng(positives)
    y = np.zeros(3000)
    y[:positives] = 1.0
    here, there = random.normal(-4, 1, 3000), random.normal(-4, 1, 3000)
    probability = expit(LogitCalibration.fit(here, y).apply(there))
    base = log_loss(y, np.full(3000, y.mean()))
    assert log_loss(y, probability) <= 1.01 * base


def test_a_weight_of_two_is_a_row_told_twice() -> None:
    logits, y = world(400, 0.3, 0.8, seed=2)
    weight = np.random.default_rng(3).integers(0, 4, 400)
    weighted = LogitCalibration.fit(logits, y, weight.astype(float))
    repeated = LogitCalibration.fit(logits.repeat(weight), y.repeat(weight))
    assert weighted.slope == pytest.approx(repeated.slope, rel=1e-4)
    assert weighted.intercept == pytest.approx(repeated.intercept, rel=1e-4)


def test_log_odds_that_do_not_differ_give_the_base_rate() -> None:
    y = np.array([1.0, 0, 0, 0])
    line = LogitCalibration.fit(np.full(4, -1.0), y)
    assert expit(line.apply(np.array([-1.0]))) == pytest.approx(0.25)


def test_perfect_separation_stays_finite() -> None:
    line = LogitCalibration.fit(np.array([-1.0, -1, 1, 1]), np.array([0.0, 0, 1, 1]))
    assert 0 < line.slope < 10


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        LogitCalibration.fit(np.zeros(3), np.ones(3))
