"""The linear model: known effects are found again, ranges are kept, and every row is predicted by itself."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from models.boosting import Training
from models.folds import hold_out
from models.linear import MOST_LEVELS, Fitted, LinearModel, fit_linear

MISSING, SLOPE, EFFECT = 1.0, 0.8, 1.2


def world(n: int, seed: int = 0, base: float = -2.0) -> Training:
    """Column 0 raises, missing or high; 1 is noise; 2 is a category of which name 2 raises; 3 is constant."""
    random = np.random.default_rng(seed)
    matrix = np.column_stack(
        [random.normal(5, 2, n), random.normal(size=n), random.integers(0, 4, n).astype(float), np.full(n, 7.0)]
    )
    missing = random.random(n) < 0.2
    matrix[missing, 0] = np.nan
    truth = base + np.where(missing, MISSING, SLOPE * (matrix[:, 0] - 5) / 2) + EFFECT * (matrix[:, 2] == 2)
    return Training(matrix, (random.random(n) < expit(truth)).astype(float), np.ones(n), [2])


def fit(training: Training, monotone: list[int] | None = None) -> Fitted:
    folds = hold_out(training, None, 4, seed=0)
    assert folds is not None
    return fit_linear(training, [folds], monotone or [], seed=0)


@pytest.fixture(scope="module")
def fitted() -> Fitted:
    return fit(world(9_000))


def log_odds(model: LinearModel, *rows: list[float]) -> np.ndarray:
    return model.predict(np.array(rows))


class TestKnownEffects:
    def test_of_numbers(self, fitted: Fitted) -> None:
        low, high, missing = log_odds(fitted.model, [5, 0, 0, 7], [7, 0, 0, 7], [np.nan, 0, 0, 7])
        assert high - low == pytest.approx(SLOPE, abs=0.1)
        assert missing - low == pytest.approx(MISSING, abs=0.15)

    def test_of_names(self, fitted: Fitted) -> None:
        first, third = log_odds(fitted.model, [5, 0, 0, 7], [5, 0, 2, 7])
        assert third - first == pytest.approx(EFFECT, abs=0.15)

    def test_none_of_noise_or_of_what_never_differs(self, fitted: Fitted) -> None:
        one, other = log_odds(fitted.model, [5, -1, 0, 7], [5, 1, 0, 7])
        assert abs(other - one) < 0.15
        assert {part.column for part in fitted.model.parts} == {0, 1, 2}

    def test_a_name_never_seen_is_like_the_average_row(self, fitted: Fitted) -> None:
        names = [log_odds(fitted.model, [5, 0, name, 7])[0] for name in range(4)]
        unseen, unknown = log_odds(fitted.model, [5, 0, 9, 7], [5, 0, np.nan, 7])
        assert unseen == unknown
        assert unseen == pytest.approx(np.mean(names), abs=0.05)

    def test_few_rows_are_drawn_to_the_base_rate(self) -> None:
        few = fit(world(80, seed=3, base=-1.0))
        assert few.strength < fit(world(8000, seed=3, base=-1.0)).strength

    def test_of_rare_events_among_many_rows(self) -> None:
        """None of the few successes is left out where not all rows are learnt from, and rates stay what they are."""
        training = world(60_000, seed=4, base=-8.0)
        assert 40 < training.y.sum() < 120
        model = fit(training).model
        first, third = log_odds(model, [5, 0, 0, 7], [5, 0, 2, 7])
        assert third - first > EFFECT / 3
        assert expit(model.predict(training.matrix)).mean() == pytest.approx(training.rate, rel=0.1)


class TestRange:
    def test_is_never_left(self, fitted: Fitted) -> None:
        far, farther = log_odds(fitted.model, [50, 0, 0, 7], [5e9, 0, 0, 7])
        assert far == farther

    def test_the_commonest_of_many_names_count(self) -> None:
        random = np.random.default_rng(0)
        names = np.minimum(random.geometric(0.02, 3000) - 1, 299).astype(float)
        training = Training(names[:, None], (random.random(3000) < 0.3).astype(float), np.ones(3000), [0])
        (part,) = LinearModel.describe(training).names
        assert len(part.codes) == MOST_LEVELS
        assert set(part.codes) >= set(range(20))


class TestEveryRow:
    @given(rows=st.lists(st.integers(0, 1999), min_size=1, max_size=30))
    @settings(max_examples=30, deadline=None)
    def test_is_predicted_by_itself(self, fitted: Fitted, rows: list[int]) -> None:
        matrix = world(2000, seed=5).matrix
        assert np.array_equal(fitted.model.predict(matrix[rows]), fitted.model.predict(matrix)[rows])

    def test_is_the_sum_of_its_contributions(self, fitted: Fitted) -> None:
        matrix = world(2000, seed=6).matrix
        parts = fitted.model.contributions(matrix)
        np.testing.assert_allclose(fitted.model.intercept + parts.sum(axis=1), fitted.model.predict(matrix), atol=1e-9)

    def test_contributions_are_0_on_average_where_learnt(self, fitted: Fitted) -> None:
        np.testing.assert_allclose(fitted.model.contributions(world(9_000).matrix).mean(axis=0), 0, atol=1e-9)

    def test_is_the_product_with_the_design(self) -> None:
        training = world(500, seed=7)
        model = LinearModel.describe(training)
        design = model.design(training.matrix)
        coefficients = np.random.default_rng(0).normal(size=design.shape[1])
        expected = 0.3 + design @ coefficients
        np.testing.assert_allclose(
            model.with_coefficients(0.3, coefficients.tolist()).predict(training.matrix), expected, atol=1e-9
        )


def test_rows_held_out_are_predicted_without_their_own_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.linear.STRENGTHS", (0.1,))
    training = world(400, seed=8)
    folds = hold_out(training, None, 4, seed=0)
    assert folds is not None
    rows = folds[0][1]
    changed = training.y.copy()
    changed[rows] = 1 - changed[rows]
    one = fit_linear(training, [folds], [], seed=0)
    other = fit_linear(replace(training, y=changed), [folds], [], seed=0)
    assert np.array_equal(one.held_out[0, rows], other.held_out[0, rows])
    assert not np.array_equal(one.held_out[0], other.held_out[0])


@pytest.mark.parametrize("direction", [1, -1])
def test_a_direction_is_kept(direction: int) -> None:
    model = fit(world(2000, seed=9), [direction, 0, 0, 0]).model
    low, high = log_odds(model, [3, 0, 0, 7], [7, 0, 0, 7])
    assert (high > low) if direction == 1 else (high == low)


def test_a_weight_of_two_is_a_row_told_twice() -> None:
    training = world(300, seed=10)
    weight = np.random.default_rng(1).integers(1, 4, 300)
    learn, judge = np.arange(250), np.arange(250, 300)
    weighted = fit_linear(replace(training, weight=weight.astype(float)), [[(learn, judge)]], [], seed=0)
    places = np.arange(300).repeat(weight)
    repeated = Training(training.matrix[places], training.y[places], np.ones(len(places)), [2])
    again = fit_linear(repeated, [[(np.flatnonzero(places < 250), np.flatnonzero(places >= 250))]], [], seed=0)
    assert weighted.strength == again.strength
    np.testing.assert_allclose(weighted.model.predict(training.matrix), again.model.predict(training.matrix), atol=1e-4)
