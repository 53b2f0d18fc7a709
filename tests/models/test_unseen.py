"""The unseen: the variance is that of the distribution that assumes least."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import truncexpon

from models.unseen import variance_around


@given(rate=st.floats(0.01, 500))
def test_it_is_that_of_a_truncated_exponential_distribution(rate: float) -> None:
    mean, variance = truncexpon.stats(b=rate, scale=1 / rate, moments="mv")
    assert variance_around(np.array([mean]))[0] == pytest.approx(variance, rel=1e-3)


def test_it_is_the_square_of_what_is_rare_and_that_of_any_number_at_one_half() -> None:
    np.testing.assert_allclose(variance_around(np.array([0.01, 0.03, 0.5])), [0.01**2, 0.03**2, 1 / 12], rtol=1e-3)


@given(mean=st.floats(0, 1))
def test_success_and_failure_are_alike_and_nothing_is_beyond_a_coin(mean: float) -> None:
    there, back = variance_around(np.array([mean, 1 - mean]))
    assert there == pytest.approx(back, rel=1e-6, abs=1e-9)
    assert 0 <= there <= mean * (1 - mean) + 1e-12
