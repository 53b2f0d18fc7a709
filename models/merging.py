"""Merging: rows whose log-odds are all but alike count as one, so that a million rows are some 50,000."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MERGED_WITHIN = 0.001
"""Rows of a segment whose log-odds are so near count as one."""


@dataclass(frozen=True, slots=True)
class MergedRows:
    """Rows, each of which stands for all that are like it.

    Parameters
    ----------
    log_odds : ndarray of shape (n,), the mean of those it stands for.
    successes : ndarray of shape (n,): the part of the weight that succeeded.
    weight : ndarray of shape (n,), > 0.
    codes : ndarray of shape (n,), of the segments.
    """

    log_odds: Floats
    successes: Floats
    weight: Floats
    codes: NDArray[np.intp]

    @classmethod
    def of(cls, log_odds: Floats, y: Floats, weight: Floats, codes: NDArray[np.intp]) -> Self:
        """Merge rows of the same segment.

        Parameters
        ----------
        log_odds, y, weight : ndarrays of shape (m,); the weights are > 0.
        codes : ndarray of shape (m,), >= 0: the segment of each.
        """
        n_segments = int(codes.max()) + 1
        places = np.rint((log_odds - log_odds.min()) / MERGED_WITHIN).astype(np.int64)
        alike, cells = pd.factorize(places * n_segments + codes)
        total = summed(alike, weight)
        mean = summed(alike, weight * log_odds) / total
        return cls(mean, summed(alike, weight * y), total, (cells % n_segments).astype(np.intp))


def summed(codes: NDArray[np.intp], values: Floats, n: int = 0) -> Floats:
    """Return the sum of the values of each code, ndarray of shape (n,) or longer."""
    return np.asarray(np.bincount(codes, weights=values, minlength=n), dtype=np.float64)
