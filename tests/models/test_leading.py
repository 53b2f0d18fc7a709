"""Leading outcomes: what is learnt first helps where successes are few, and does no harm where it says nothing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit

from models.boosting import Training
from models.leading import Leading, LeadingRows
from models.propensity import PropensityModel

Floats = NDArray[np.float64]

SEEDS = range(5)


@dataclass(frozen=True, slots=True)
class World:
    """Accounts of which few succeed, and more do something before, driven by the same signals or by others."""

    X: pd.DataFrame
    truth: Floats
    success: NDArray[np.bool_]
    leading: Leading

    @classmethod
    def draw(cls, seed: int, *, tells: bool, n: int = 3_000) -> World:
        random = np.random.default_rng(seed)
        X = pd.DataFrame(random.normal(size=(n, 12)), columns=[f"s{number:02}" for number in range(12)])
        pull = X.to_numpy()[:, :6].sum(axis=1) * 0.4 + 0.8 * (X["s00"] * X["s01"] > 0)
        before = expit(pull - 1.5) if tells else np.full(n, 0.3)
        truth = 0.12 * expit(pull - 1.5)
        leading = Leading(X, random.random(n) < before, np.ones(n), np.arange(n))
        return cls(X, truth, random.random(n) < truth, leading)

    def fit(self, *, leading: bool) -> PropensityModel:
        model = PropensityModel(n_estimators=300, learning_rate=0.1, min_child_samples=20, n_folds=3, n_jobs=1)
        return model.fit(self.X, self.success, groups=np.arange(len(self.X)), leading=self.leading if leading else None)

    def loss(self, model: PropensityModel) -> float:
        """Return the log-loss that is to be expected of new outcomes."""
        said = model.predict_proba(self.X)[:, 1]
        return float(-np.mean(self.truth * np.log(said) + (1 - self.truth) * np.log1p(-said)))


def gain(seed: int, *, tells: bool) -> float:
    """Return how much of the log-loss that could be saved a leading outcome saves, on rows that nothing learnt from."""
    world, other = World.draw(seed, tells=tells), World.draw(seed + 1000, tells=tells)
    alone, led = other.loss(world.fit(leading=False)), other.loss(world.fit(leading=True))
    least = float(-np.mean(other.truth * np.log(other.truth) + (1 - other.truth) * np.log1p(-other.truth)))
    return (alone - led) / (alone - least)


@pytest.fixture(scope="module")
def world() -> World:
    return World.draw(0, tells=True)


@pytest.fixture(scope="module")
def model(world: World) -> PropensityModel:
    return world.fit(leading=True)


def test_what_is_driven_by_the_same_helps_where_successes_are_few() -> None:
    assert median(gain(seed, tells=True) for seed in SEEDS) > 0.15


def test_what_says_nothing_does_no_harm() -> None:
    assert median(gain(seed, tells=False) for seed in SEEDS) > -0.05


def test_probabilities_stay_those_of_successes(world: World, model: PropensityModel) -> None:
    other = World.draw(77, tells=True, n=20_000)
    assert model.predictor_.lead is not None
    assert np.mean(world.leading.y) > 5 * world.success.mean()
    assert model.predict_proba(other.X)[:, 1].mean() == pytest.approx(other.truth.mean(), rel=0.15)


def test_contributions_add_up(world: World, model: PropensityModel) -> None:
    parts = model.contributions(world.X)
    np.testing.assert_allclose(parts.sum(axis=1), model.decision_function(world.X), atol=1e-6)
    assert parts["blending"].max() - parts["blending"].min() < 1e-9


@pytest.mark.parametrize("column", ["s00", "s11"])
def test_what_does_not_depend_on_a_column_is_found_once(world: World, model: PropensityModel, column: str) -> None:
    assert column in model.feature_names_in_
    other = world.X.assign(**{column: np.random.default_rng(5).permutation(world.X[column])})
    said, parts = model.steady_log_odds(world.X, column), model.steady_contributions(world.X, column)
    np.testing.assert_allclose(model.decision_function(other, said), model.decision_function(other), atol=1e-9, rtol=0)
    np.testing.assert_allclose(model.contributions(other, parts), model.contributions(other), atol=1e-9, rtol=0)
    some = np.arange(len(other)) % 3 == 0
    assert model.contributions(other[some], parts.of(some)).equals(model.contributions(other, parts)[some])
    assert np.array_equal(
        model.decision_function(other[some], said.of(some)), model.decision_function(other, said)[some]
    )


def test_what_is_no_signal_has_nothing_steady(world: World, model: PropensityModel) -> None:
    with pytest.raises(ValueError, match="'nothing', which is no signal"):
        model.steady_log_odds(world.X, "nothing")


def test_it_is_kept_and_every_row_stands_by_itself_to_the_bit(world: World, model: PropensityModel) -> None:
    state = model.to_state()
    again = PropensityModel.from_state(type(state).model_validate_json(state.model_dump_json()))
    said = model.decision_function(world.X)
    assert np.array_equal(again.decision_function(world.X), said)
    assert np.array_equal(
        np.concatenate([model.decision_function(world.X.iloc[[row]]) for row in range(20)]), said[:20]
    )
    assert again.n_trees_ == model.n_trees_


def test_the_same_from_any_number_of_threads(world: World, model: PropensityModel) -> None:
    threaded = PropensityModel(**{**model.get_params(), "n_jobs": 2})
    threaded.fit(world.X, world.success, groups=np.arange(len(world.X)), leading=world.leading)
    assert np.array_equal(threaded.decision_function(world.X), model.decision_function(world.X))


def test_monotone_signals_stay_monotone(world: World) -> None:
    model = PropensityModel(n_estimators=50, monotone={"s00": 1}, min_child_samples=20, n_folds=2, n_jobs=1)
    model.fit(world.X, world.success, groups=np.arange(len(world.X)), leading=world.leading)
    rows = world.X.iloc[:50]
    steps = [model.decision_function(rows.assign(s00=value)) for value in np.linspace(-2, 2, 9)]
    assert (np.diff(steps, axis=0) >= 0).all()


def test_without_groups_it_cannot_be_held_out(world: World) -> None:
    with pytest.raises(ValueError, match="groups"):
        PropensityModel().fit(world.X, world.success, leading=world.leading)


def test_one_outcome_only_teaches_nothing(world: World) -> None:
    never = Leading(world.X, np.zeros(len(world.X), dtype=bool), np.ones(len(world.X)), np.arange(len(world.X)))
    model = world.fit(leading=False)
    same = PropensityModel(**model.get_params())
    same.fit(world.X, world.success, groups=np.arange(len(world.X)), leading=never)
    assert same.predictor_.lead is None
    assert np.array_equal(same.decision_function(world.X), model.decision_function(world.X))


@given(
    groups=st.lists(st.integers(0, 9), min_size=2, max_size=40),
    leading=st.lists(st.integers(0, 12), min_size=1, max_size=40),
)
def test_a_group_is_held_out_by_the_same_fold_in_both(groups: list[int], leading: list[int]) -> None:
    known, other = np.array(groups), np.array(leading)
    fold = known % 2
    folds = [(np.flatnonzero(fold != one), np.flatnonzero(fold == one)) for one in (0, 1)]
    n = len(other)
    rows = LeadingRows(Training(np.zeros((n, 1)), np.zeros(n), np.ones(n), []), other)
    alike = rows.held_out_like(known, folds)
    for (_, rest), (learn, held) in zip(folds, alike, strict=True):
        assert sorted([*learn, *held]) == list(range(n))
        assert set(other[held]) <= set(known[rest])
        assert not set(other[learn]) & set(known[rest])


def test_rows_held_out_are_said_by_trees_that_never_saw_their_account() -> None:
    """What came of an account before must not tell, through its leading outcome, what came of it at last."""
    n = 3_000
    noise = pd.DataFrame({"s00": np.arange(n, dtype=float), "s01": np.zeros(n)})
    success = np.random.default_rng(0).random(n) < 0.1
    leading = Leading(noise, success | (np.random.default_rng(1).random(n) < 0.1), np.ones(n), np.arange(n))
    model = PropensityModel(min_child_samples=2, l2=0.0, num_leaves=64, n_folds=3, n_jobs=1)
    model.fit(noise, success, groups=np.arange(n), leading=leading)
    lead = model.predictor_.lead
    assert lead is not None
    assert model.decision_function(noise).std() < 0.3
