"""Merging: nothing is lost, and what is merged is all but alike."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.merging import MERGED_WITHIN, MergedRows


@given(seed=st.integers(0, 10_000), n=st.integers(1, 300), segments=st.integers(1, 5))
def test_weights_successes_and_means_stay(seed: int, n: int, segments: int) -> None:
    random = np.random.default_rng(seed)
    log_odds, y = random.normal(0, 0.01, n), (random.random(n) < 0.3).astype(float)
    weight, codes = random.uniform(0.1, 3, n), random.integers(0, segments, n)
    rows = MergedRows.of(log_odds, y, weight, codes)
    for segment in range(segments):
        merged, own = rows.codes == segment, codes == segment
        assert rows.weight[merged].sum() == pytest.approx(weight[own].sum())
        assert rows.successes[merged].sum() == pytest.approx((weight * y)[own].sum())
        assert np.dot(rows.weight[merged], rows.log_odds[merged]) == pytest.approx(np.dot(weight[own], log_odds[own]))


def test_only_rows_that_are_near_and_of_one_segment_become_one() -> None:
    log_odds = np.array([0.0, MERGED_WITHIN / 4, 0.0, 3 * MERGED_WITHIN])
    rows = MergedRows.of(log_odds, np.array([1.0, 0, 1, 0]), np.ones(4), np.array([0, 0, 1, 0]))
    assert sorted(rows.weight) == [1, 1, 2]
    assert rows.successes[rows.weight == 2] == 1
