"""The blend: all to the better part, some to both where each knows something, and doubt favours the linear model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from models.blend import share_of_trees


def world(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """What each of two models knows, in log-odds, and what came true."""
    one, other = np.random.default_rng(seed).normal(size=(2, n))
    y = np.random.default_rng(seed + 1).random(n) < expit(one + other - 1)
    return one, other, y.astype(float)


def test_trees_alone_where_the_linear_model_knows_nothing() -> None:
    one, other, y = world(5000)
    assert share_of_trees(one + other - 1, 2 * other[::-1] - 1, y, np.ones(5000)) > 0.9


def test_the_linear_model_alone_where_trees_know_nothing() -> None:
    one, other, y = world(5000)
    assert share_of_trees(2 * other[::-1] - 1, one + other - 1, y, np.ones(5000)) < 0.1


def test_both_where_each_knows_half() -> None:
    one, other, y = world(5000)
    assert share_of_trees(2 * one - 1, 2 * other - 1, y, np.ones(5000)) == pytest.approx(0.5, abs=0.1)


def test_doubt_favours_the_linear_model() -> None:
    one, _, y = world(60)
    same = one - 1
    assert share_of_trees(same, same, y, np.ones(60)) == 0.0


@given(seed=st.integers(0, 999), n=st.integers(10, 200))
@settings(max_examples=30, deadline=None)
def test_a_blend_is_never_worse_than_the_linear_model_on_what_it_was_fitted_to(seed: int, n: int) -> None:
    trees, linear, y = world(n, seed)
    share = share_of_trees(trees, linear, y, np.ones(n))

    def loss(log_odds: np.ndarray) -> float:
        return float((np.logaddexp(0, log_odds) - y * log_odds).sum())

    assert 0 <= share <= 1
    assert loss(share * trees + (1 - share) * linear) <= loss(linear) + 0.05
