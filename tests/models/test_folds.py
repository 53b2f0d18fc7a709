"""Folds: each row held out once, groups together, both classes always left to learn from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.boosting import Training
from models.folds import hold_out


def training(y: np.ndarray) -> Training:
    return Training(np.zeros((len(y), 1)), y, np.ones(len(y)), [])


@given(seed=st.integers(0, 999), n_groups=st.integers(1, 40), rate=st.floats(0.0, 0.5), n_folds=st.integers(2, 6))
@settings(max_examples=60, deadline=None)
def test_every_split_can_be_learnt_from(seed: int, n_groups: int, rate: float, n_folds: int) -> None:
    random = np.random.default_rng(seed)
    y = (random.random(150) < rate).astype(float)
    groups = random.integers(0, n_groups, 150)
    folds = hold_out(training(y), groups, n_folds, seed=0)
    if folds is None:
        return
    assert np.array_equal(np.sort(np.concatenate([rows for _, rows in folds])), np.arange(150))
    for learn, rows in folds:
        assert set(y[learn]) == {0.0, 1.0}
        if len(set(groups)) > 1:
            assert not set(groups[learn]) & set(groups[rows])


@pytest.mark.parametrize(("n", "positives"), [(49, 20), (500, 1)])
def test_too_little_is_not_split(n: int, positives: int) -> None:
    y = np.zeros(n)
    y[:positives] = 1.0
    assert hold_out(training(y), None, 5, seed=0) is None


def test_positives_in_one_group_only_are_not_split() -> None:
    y = np.repeat([0.0, 1.0], [180, 20])
    assert hold_out(training(y), np.arange(200) // 20, 5, seed=0) is None
