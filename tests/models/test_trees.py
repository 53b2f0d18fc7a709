"""Trees: cut into those that ask for a column and those that do not, they add up to what they were."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.trees import Trees

COLUMNS, CATEGORY, NEVER_SPLIT = 5, 3, 4


def matrix(n: int, seed: int) -> np.ndarray:
    """Three columns of numbers with gaps, one of categories, and one that never changes."""
    rng = np.random.default_rng(seed)
    numbers = np.where(rng.random((n, 3)) < 0.2, np.nan, rng.normal(size=(n, 3)))
    return np.column_stack([numbers, rng.integers(0, 4, n), np.zeros(n)])


@pytest.fixture(scope="module")
def trees() -> Trees:
    X = matrix(2_000, 0)
    odds = np.nan_to_num(X[:, 0]) + (X[:, CATEGORY] == 2) * np.nan_to_num(X[:, 1], nan=1.0)
    y = np.random.default_rng(1).random(2_000) < 1 / (1 + np.exp(-odds))
    parameters = {"objective": "binary", "num_leaves": 4, "feature_fraction": 0.5, "verbosity": -1, "num_threads": 1}
    data = lgb.Dataset(X, y.astype(float), categorical_feature=[CATEGORY])
    return Trees(lgb.train(parameters, data, 60).model_to_string())


@given(column=st.integers(0, COLUMNS - 1), seed=st.integers(0, 100))
@settings(max_examples=30, deadline=None)
def test_both_parts_add_up_and_one_says_the_same_whatever_the_column_holds(
    trees: Trees, column: int, seed: int
) -> None:
    asking, steady = trees.split_by(column)
    rows = matrix(50, seed)
    assert len(asking) + len(steady) == len(trees)
    np.testing.assert_allclose(
        asking.log_odds(rows, 1) + steady.log_odds(rows, 1), trees.log_odds(rows, 1), rtol=0, atol=1e-12
    )
    parts = asking.contributions(rows, 1) + steady.contributions(rows, 1)
    np.testing.assert_allclose(parts, trees.contributions(rows, 1), rtol=0, atol=1e-12)
    assert not steady.contributions(rows, 1)[:, column].any()
    other = rows.copy()
    other[:, column] = np.random.default_rng(seed).permutation(other[:, column]) + 1
    assert np.array_equal(steady.contributions(other, 1), steady.contributions(rows, 1))


def test_each_tree_that_asks_is_found(trees: Trees) -> None:
    """LightGBM's own table of the trees is the witness."""
    table = lgb.Booster(model_str=trees.text).trees_to_dataframe()
    for column in range(COLUMNS):
        asking = table.loc[table["split_feature"] == f"Column_{column}", "tree_index"].nunique()
        assert len(trees.split_by(column)[0]) == asking
        assert (asking == 0) == (column == NEVER_SPLIT)


def test_without_any_tree_nothing_is_added(trees: Trees) -> None:
    asking, steady = trees.split_by(NEVER_SPLIT)
    assert not asking.contributions(matrix(3, 0), 1).any()
    assert np.array_equal(steady.contributions(matrix(3, 0), 1), trees.contributions(matrix(3, 0), 1))
