"""Means over rows that belong to accounts, with intervals that know that the rows of one account are alike."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import norm

Floats = NDArray[np.float64]

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and between what it may be.

    Parameters
    ----------
    value : the mean; NaN where there is no row.
    low, high : ends of the interval of LEVEL; infinite where one account says nothing of how others vary.
    """

    value: float
    low: float
    high: float


def clustered_mean(values: Floats, accounts: pd.Series, level: float = LEVEL) -> Estimate:
    """Return a mean with an interval.

    Parameters
    ----------
    values : ndarray of shape (n,).
    accounts : of length n: which account each value is of.
    level : how probable it is that the mean to be expected lies within, in (0, 1).

    Notes
    -----
    A ratio of sums over accounts, whose variance is linearised (Cochran, Sampling Techniques, 1977, section 6.3).
    """
    if len(values) == 0:
        return Estimate(float("nan"), float("-inf"), float("inf"))
    mean = float(values.mean())
    codes, names = pd.factorize(accounts)
    if len(names) < 2:
        return Estimate(mean, float("-inf"), float("inf"))
    errors = np.bincount(codes, weights=values - mean)
    variance = float((errors**2).sum()) / len(values) ** 2 * len(names) / (len(names) - 1)
    reach = float(norm.ppf((1 + level) / 2)) * variance**0.5
    return Estimate(mean, mean - reach, mean + reach)
