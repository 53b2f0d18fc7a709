"""Numbers cut into bins, finer where the outcomes lie."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.leakage.column import Floats
from features.leakage.sample import Flags
from features.leakage.view import Codes

MOST_BINS = 30
SUCCESSES_PER_BIN = 8

FEWEST_OF_ATOM = 5
"""Rows that share a value, from which it stands by itself; in large data ATOM of all rows."""

ATOM = 0.004


def binned(numbers: Floats, success: Flags) -> Codes:
    """Cut numbers where both outcomes are spread; a value that many rows share stands by itself, the missing too."""
    there = ~np.isnan(numbers)
    if not there.any():
        return np.full(len(numbers), -1)
    bins = int(np.clip(success.sum() // SUCCESSES_PER_BIN, 5, MOST_BINS))
    won = numbers[there & success]
    edges = np.concatenate([_quantiles(numbers[there], bins), _quantiles(won, min(bins, len(won) // 10))])
    values, counts = np.unique(numbers[there], return_counts=True)
    atoms = values[counts >= max(FEWEST_OF_ATOM, ATOM * len(numbers))]
    codes = 2 * np.searchsorted(np.unique(np.concatenate([edges, atoms])), numbers)
    codes[there] += np.isin(numbers[there], atoms)
    codes[~there] = codes.max() + 1
    return codes.astype(np.intp)


def _quantiles(numbers: Floats, bins: int) -> Floats:
    """Return values that cut numbers into parts of about equal size; infinite ones are values like any."""
    if bins < 2 or not len(numbers):
        return np.empty(0)
    places = np.linspace(0, len(numbers) - 1, bins + 1)[1:-1].astype(np.intp)
    return np.sort(numbers)[places]


def coded(values: NDArray[np.generic], numbers: Floats) -> Codes:
    """Return the place of each value among all, the missing last."""
    codes: Codes = np.unique(values, return_inverse=True)[1].astype(np.intp)
    codes[np.isnan(numbers)] = codes.max() + 1
    return codes
