"""Boosted trees: fewer leaves where positives are few, and the same trees from any number of threads."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from models.boosting import Settings, Training, grow
from models.folds import hold_out

SETTINGS = Settings(
    learning_rate=0.1,
    n_estimators=40,
    num_leaves=8,
    min_child_samples=100,
    colsample=0.5,
    l2=1.0,
    monotone=[],
    random_state=0,
    threads=1,
)


def world(n: int, positives: int) -> Training:
    random = np.random.default_rng(n)
    matrix = random.normal(size=(n, 4))
    y = np.zeros(n)
    y[np.argsort(-matrix[:, 0] - random.normal(size=n))[:positives]] = 1.0
    return Training(matrix, y, np.ones(n), [])


@pytest.mark.parametrize(("positives", "leaves"), [(3, 2), (15, 2), (60, 5), (1000, 8)])
def test_few_positives_make_small_trees(positives: int, leaves: int) -> None:
    assert SETTINGS.parameters(world(3000, positives))["num_leaves"] == leaves


def test_the_most_trees_are_never_exceeded() -> None:
    training = world(1500, 300)
    grown = grow(training, SETTINGS, hold_out(training, None, 3, seed=0))
    assert 1 <= grown.n_trees <= 40
    assert grown.booster.count("\nTree=") == grown.n_trees


def test_rows_held_out_are_predicted_without_their_own_labels() -> None:
    training = world(1500, 300)
    folds = hold_out(training, None, 3, seed=0)
    assert folds is not None
    rows = folds[0][1]
    changed = training.y.copy()
    changed[rows] = changed[rows][::-1]
    assert (changed != training.y).any()
    fixed = replace(SETTINGS, n_estimators=1, l2=0.0)
    before, after = (
        grow(replace(training, y=y), fixed, folds).held_out(training.matrix, folds) for y in (training.y, changed)
    )
    assert np.array_equal(before[rows], after[rows])


def test_threads_leave_no_trace() -> None:
    training = world(1500, 300)
    assert grow(training, SETTINGS, None) == grow(training, replace(SETTINGS, threads=2), None)
