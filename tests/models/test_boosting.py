"""Boosted trees: fewer leaves where positives are few, and the same trees from any number of threads."""

from __future__ import annotations

from dataclasses import replace

import lightgbm as lgb
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
    colsample_bynode=1.0,
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


def split_on(text: str) -> list[list[str]]:
    """Return the columns that each tree splits on."""
    return [line.split("=")[1].split() for line in text.splitlines() if line.startswith("split_feature=")]


def test_columns_are_drawn_for_each_tree_or_for_each_split() -> None:
    """Drawn for each tree, half of them do without the column that tells most; drawn for each split, hardly any."""
    random = np.random.default_rng(0)
    matrix = random.normal(size=(4000, 16))
    y = (random.random(4000) < 1 / (1 + np.exp(-2 * matrix[:, 0]))).astype(float)
    training, slow = Training(matrix, y, np.ones(4000), []), replace(SETTINGS, learning_rate=0.01)
    by_tree, by_split = (
        sum("0" in columns for columns in split_on(grow(training, one, None).booster))
        for one in (slow, replace(slow, colsample=1.0, colsample_bynode=0.5))
    )
    assert 5 <= by_tree <= 25
    assert by_split >= 28


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_what_is_monotone_stays_so_however_columns_are_drawn(share: float) -> None:
    random = np.random.default_rng(1)
    matrix = random.normal(size=(2000, 4))
    y = (random.random(2000) < 1 / (1 + np.exp(-np.sin(3 * matrix[:, 0])))).astype(float)
    rising = replace(SETTINGS, monotone=[1, 0, 0, 0], colsample=1.0, colsample_bynode=share)
    trees = lgb.Booster(model_str=grow(Training(matrix, y, np.ones(2000), []), rising, None).booster)
    rows = np.repeat(matrix[:50, None], 21, axis=1)
    rows[:, :, 0] = np.linspace(-2, 2, 21)
    said = np.asarray(trees.predict(rows.reshape(-1, 4))).reshape(50, 21)
    assert (np.diff(said, axis=1) >= 0).all()
    assert said.std() > 0.01


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
