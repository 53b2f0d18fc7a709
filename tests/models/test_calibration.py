"""Calibration: a known curve is found again, no ranking is turned round, and noise is drawn to the base rate."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import log_loss

from models.calibration import MOST_PIECES, SUCCESSES_PER_PIECE, Calibration

BENT = Calibration(intercept=0.5, slopes=(1.4, 0.5), knots=(-2.0,))
"""What is low was said too high, and what is high too high as well: no straight line puts that right."""


def world(n: int, curve: Callable[[np.ndarray], np.ndarray], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds of a model, and outcomes whose true log-odds are a function of them."""
    random = np.random.default_rng(seed)
    logits = random.normal(-2.5, 1.0, n)
    return logits, (random.random(n) < expit(curve(logits))).astype(float)


def line(intercept: float, slope: float) -> Callable[[np.ndarray], np.ndarray]:
    return Calibration(intercept=intercept, slopes=(slope,)).apply


@pytest.mark.parametrize("curve", [line(0.0, 1.0), line(-0.5, 0.6), line(0.8, 1.4), BENT.apply])
def test_a_known_curve_is_found_again(curve: Callable[[np.ndarray], np.ndarray]) -> None:
    found = Calibration.fit(*world(200_000, curve, seed=0))
    assert len(found.slopes) == MOST_PIECES
    where = np.linspace(-4.5, -0.5, 9)
    np.testing.assert_allclose(found.apply(where), curve(where), atol=0.1)


def test_what_no_straight_line_puts_right_is_put_right() -> None:
    logits, y = world(100_000, BENT.apply, seed=1)
    there, _ = world(100_000, BENT.apply, seed=2)
    truth = expit(BENT.apply(there))
    straight, bent = (
        np.abs(expit(Calibration.fit(logits, y, most_pieces=most).apply(there)) - truth)[there > 0].mean()
        for most in (1, MOST_PIECES)
    )
    assert bent < straight / 3


@given(seed=st.integers(0, 10_000), slope=st.floats(-2, 3), intercept=st.floats(-1, 1), n=st.integers(60, 2000))
@settings(max_examples=40, deadline=None)
def test_probabilities_average_to_the_base_rate_and_ranks_stay(
    seed: int, slope: float, intercept: float, n: int
) -> None:
    logits, y = world(n, lambda given: intercept + slope * given, seed)
    y[:2] = [0.0, 1.0]
    found = Calibration.fit(logits, y)
    assert min(found.slopes) > 0
    assert list(found.knots) == sorted(found.knots)
    assert (np.diff(found.apply(np.sort(logits))) >= 0).all()
    assert expit(found.apply(logits)).mean() == pytest.approx(y.mean(), abs=1e-5)


@pytest.mark.parametrize(("successes", "pieces"), [(1, 1), (99, 1), (100, 2), (250, 5), (4000, MOST_PIECES)])
def test_each_piece_stands_on_successes(successes: int, pieces: int) -> None:
    random = np.random.default_rng(successes)
    y = (np.arange(3 * successes) < successes).astype(float)
    logits = random.normal(size=len(y)) + y
    found = Calibration.fit(logits, y)
    assert len(found.slopes) == pieces
    standing = np.bincount(np.searchsorted(found.knots, logits[y == 1]), minlength=pieces)
    assert np.ptp(standing) <= 1
    assert standing.min() >= min(successes, SUCCESSES_PER_PIECE)


@pytest.mark.parametrize("positives", [5, 20, 100, 400])
def test_noise_is_drawn_to_the_base_rate(positives: int) -> None:
    """Log-odds that tell nothing cost next to nothing against the base rate, however spread they are."""
    random = np.random.default_rng(positives)
    y = np.zeros(3000)
    y[:positives] = 1.0
    here, there = random.normal(-4, 1, 3000), random.normal(-4, 1, 3000)
    probability = expit(Calibration.fit(here, y).apply(there))
    base = log_loss(y, np.full(3000, y.mean()))
    assert log_loss(y, probability) <= 1.01 * base


@pytest.mark.parametrize("n", [400, 4000])
def test_a_weight_of_two_is_a_row_told_twice(n: int) -> None:
    logits, y = world(n, line(0.3, 0.8), seed=2)
    weight = np.random.default_rng(3).integers(0, 4, n)
    weighted = Calibration.fit(logits, y, weight.astype(float))
    repeated = Calibration.fit(logits.repeat(weight), y.repeat(weight))
    assert weighted.knots == repeated.knots
    assert weighted.slopes == pytest.approx(repeated.slopes, rel=1e-4)
    assert weighted.intercept == pytest.approx(repeated.intercept, rel=1e-4)


def test_log_odds_that_do_not_differ_give_the_base_rate() -> None:
    y = np.array([1.0, 0, 0, 0]).repeat(200)
    found = Calibration.fit(np.full(len(y), -1.0), y)
    assert expit(found.apply(np.array([-1.0]))) == pytest.approx(0.25)


@pytest.mark.parametrize("times", [1, 500])
def test_perfect_separation_stays_finite(times: int) -> None:
    found = Calibration.fit(np.array([-1.0, -1, 1, 1]).repeat(times), np.array([0.0, 0, 1, 1]).repeat(times))
    assert np.isfinite(found.apply(np.array([-1.0, 0, 1]))).all()
    assert 0 < min(found.slopes) <= max(found.slopes) < 10


def test_one_class_is_refused() -> None:
    with pytest.raises(ValueError, match="both classes"):
        Calibration.fit(np.zeros(3), np.ones(3))


def test_the_mean_slope_leads_from_start_to_end() -> None:
    start, end = np.array([-4.0, -3.0, -1.0, -3.0, -2.0]), np.array([-3.0, -1.0, 0.0, -3.0, -2.0 + 1e-12])
    slopes = BENT.mean_slope(start, end)
    np.testing.assert_allclose(slopes, [1.4, 0.95, 0.5, 1.4, 1.4])
    np.testing.assert_allclose(BENT.apply(start) + slopes * (end - start), BENT.apply(end), atol=1e-9)
