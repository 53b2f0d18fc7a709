"""Means over rows of accounts: right on average, and intervals that hold although rows of one account are alike."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from training.clustered import clustered_mean


def rows_of(accounts: int, each: int, seed: int) -> tuple[np.ndarray, pd.Series]:
    """Return values whose rows of one account have nearly all in common; the mean to be expected is 1."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(1, 2 * each, accounts)
    values = np.repeat(rng.normal(1, 1, accounts), counts) + rng.normal(0, 0.1, counts.sum())
    return values, pd.Series(np.repeat([f"a{number}" for number in range(accounts)], counts))


def test_intervals_hold_where_those_of_independent_rows_do_not() -> None:
    held, naive = [], []
    for seed in range(300):
        values, accounts = rows_of(60, 10, seed)
        found = clustered_mean(values, accounts)
        held.append(found.low <= 1 <= found.high)
        naive.append(abs(values.mean() - 1) <= 1.96 * values.std() / len(values) ** 0.5)
    assert np.mean(held) == pytest.approx(0.95, abs=0.04)
    assert np.mean(naive) < 0.7


def test_a_single_account_says_nothing_of_others() -> None:
    found = clustered_mean(np.array([1.0, 2.0]), pd.Series(["a", "a"]))
    assert (found.value, found.low, found.high) == (1.5, -np.inf, np.inf)
    assert np.isnan(clustered_mean(np.array([]), pd.Series([], dtype="str")).value)
