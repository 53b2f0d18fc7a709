"""Figures of a ranking with intervals: all rows of an account are left out together, one part of accounts at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import t

from training.clustered import LEVEL, Estimate

Floats = NDArray[np.float64]

PARTS = 20

_REACH = float(t.ppf((1 + LEVEL) / 2, PARTS - 1))


@dataclass(frozen=True, slots=True)
class Replicates:
    """A figure of all rows, and of the rows without each part of the accounts.

    Parameters
    ----------
    each : ndarray of shape (1 + PARTS,); NaN where it is not defined, such as where all succeed.

    Notes
    -----
    Delete-a-group jackknife: Kott, Journal of Official Statistics 17(4), 2001. A figure is taken to be symmetric around
    the truth, with Student's distribution.
    """

    each: Floats

    def __sub__(self, other: Replicates) -> Replicates:
        """Return by how much one figure is ahead of another on the same rows."""
        return Replicates(self.each - other.each)

    def estimate(self, least: float = -np.inf, most: float = np.inf) -> Estimate:
        """Return the figure, and between what it may be, which is all that it can be where a part holds everything.

        Parameters
        ----------
        least, most : what the figure can be.
        """
        value, without = float(self.each[0]), self.each[1:]
        spread = float(((without - without.mean()) ** 2).sum())
        reach = _REACH * (spread * (PARTS - 1) / PARTS) ** 0.5
        if not np.isfinite(reach):
            return Estimate(value, least, most)
        return Estimate(value, max(least, value - reach), min(most, value + reach))


def parts_of(accounts: pd.Series) -> NDArray[np.intp]:
    """Return which part each row is in, 0 to PARTS - 1: drawn at random but always the same, as large as each other."""
    codes, names = pd.factorize(accounts, sort=True)
    return np.asarray(np.random.default_rng(0).permutation(len(names))[codes] % PARTS, dtype=np.intp)


def ratio(numerator: Floats, denominator: Floats, parts: NDArray[np.intp]) -> Replicates:
    """Return the sum of one thing over that of another, such as what was captured of all that there was.

    Parameters
    ----------
    numerator, denominator : ndarrays of shape (n,).
    parts : ndarray of shape (n,), as `parts_of` gives them.
    """
    above, below = (
        _without(np.bincount(parts, values, PARTS).astype(np.float64)[:, None])[:, 0]
        for values in (numerator, denominator)
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        return Replicates(above / below)


def auc_and_precision(
    success: NDArray[np.bool_], score: Floats, parts: NDArray[np.intp]
) -> tuple[Replicates, Replicates]:
    """Return the area under the ROC curve, ties counting half, and the average precision.

    Parameters
    ----------
    success : ndarray of shape (n,).
    score : ndarray of shape (n,), higher first.
    parts : ndarray of shape (n,), as `parts_of` gives them.
    """
    levels, codes = np.unique(-score, return_inverse=True)
    places = parts * len(levels) + codes
    won, all_ = (
        _without(np.bincount(places, weights, PARTS * len(levels)).astype(np.float64).reshape(PARTS, -1))
        for weights in (success.astype(np.float64), np.ones(len(success)))
    )
    lost = all_ - won
    found, looked_at = won.cumsum(axis=1), all_.cumsum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        auc = (lost * (found - won / 2)).sum(axis=1) / (won.sum(axis=1) * lost.sum(axis=1))
        precision = np.where(looked_at > 0, found / looked_at, 0.0)
        average = (won * precision).sum(axis=1) / won.sum(axis=1)
    return Replicates(auc), Replicates(average)


def _without(sums: Floats) -> Floats:
    """Return what there is of each column in all parts, then without each part: (PARTS, m) to (1 + PARTS, m)."""
    total = sums.sum(axis=0)
    return np.vstack([total, total - sums])
