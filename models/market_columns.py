"""Market columns: those that tell which market and time a row is of, and nothing that sets it apart there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROWS_PER_MARKET = 30
"""With fewer rows per market and time than that on average, columns may be the same there by chance."""


def market_columns(matrix: Floats, segments: NDArray[Any] | None, times: NDArray[Any] | None) -> NDArray[np.intp]:
    """Find the columns that are the same for all rows of each segment at each time, and not for all rows.

    Such a column has as many values as there are segments and times. Trees that see it learn what the outcomes of these
    few happened to be, and go wrong when it moves on; how segments differ is learnt by their intercepts.

    Parameters
    ----------
    matrix : ndarray of shape (n, n_columns); NaN where missing.
    segments : ndarray of shape (n,), the segment of each row; None: there are none, and no such column.
    times : ndarray of shape (n,), when each row was; None: all at once.

    Returns
    -------
    Their positions, ascending; none where there are fewer than ROWS_PER_MARKET rows per segment and time.
    """
    if segments is None:
        return np.empty(0, dtype=np.intp)
    market, n_markets = _markets(segments, times)
    if len(matrix) < ROWS_PER_MARKET * n_markets:
        return np.empty(0, dtype=np.intp)
    first = np.empty(n_markets, dtype=np.intp)
    first[market[::-1]] = np.arange(len(matrix))[::-1]
    found = [
        column
        for column in range(matrix.shape[1])
        if _same(matrix[:, column], matrix[first, column][market]) and not _same(matrix[:, column], matrix[0, column])
    ]
    return np.array(found, dtype=np.intp)


def _markets(segments: NDArray[Any], times: NDArray[Any] | None) -> tuple[NDArray[np.intp], int]:
    """Return the number of each row's segment at its time, from 0, and how many there are."""
    keys = pd.DataFrame({"segment": segments, "time": 0 if times is None else times})
    numbers = keys.groupby(["segment", "time"], sort=False, dropna=False).ngroup().to_numpy()
    return np.asarray(numbers, dtype=np.intp), int(numbers.max()) + 1


def _same(one: Floats, other: Floats | float) -> bool:
    """Tell whether two columns hold the same, missing values included."""
    return bool(((one == other) | (np.isnan(one) & np.isnan(other))).all())
