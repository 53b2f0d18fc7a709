"""Market columns: those that tell which segment and time a row is of, and nothing that sets it apart there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

ROWS_PER_MARKET = 30
"""With fewer rows per market and time than that on average, columns may be the same there by chance."""


def market_columns(matrix: Floats, segments: NDArray[Any] | None, times: NDArray[Any] | None) -> NDArray[np.intp]:
    """Find the columns that are the same for all rows of each segment at each time, but change from time to time.

    Such a column has as many values as there are segments and times. Trees that see it learn what the outcomes of these
    few happened to be, and go wrong when it moves on; how segments differ is learnt by their intercepts. A column that
    a segment never changes, such as its business unit, says what signals mean there.

    Parameters
    ----------
    matrix : ndarray of shape (n, n_columns); NaN where missing.
    segments : ndarray of shape (n,), the segment of each row; None: there are none, and no such column.
    times : ndarray of shape (n,), when each row was; None: all at once, and there is no such column.

    Returns
    -------
    Their positions, ascending; none where there are fewer than ROWS_PER_MARKET rows per segment and time.
    """
    none = np.empty(0, dtype=np.intp)
    if segments is None or times is None:
        return none
    of_segments = pd.DataFrame({"segment": segments, "time": times})
    at_times = _first_rows(of_segments, ["segment", "time"])
    if len(matrix) < ROWS_PER_MARKET * len(np.unique(at_times)):
        return none
    ever = _first_rows(of_segments, ["segment"])
    found = [
        number
        for number, column in enumerate(matrix.T)
        if _same(column, column[at_times]) and not _same(column, column[ever])
    ]
    return np.array(found, dtype=np.intp)


def _first_rows(keys: pd.DataFrame, names: list[str]) -> NDArray[np.intp]:
    """Return for each row the first row with the same keys, ndarray of shape (n,)."""
    places = pd.Series(np.arange(len(keys)))
    return places.groupby([keys[name] for name in names], dropna=False).transform("min").to_numpy(np.intp)


def _same(one: Floats, other: Floats) -> bool:
    """Tell whether two columns hold the same, missing values included."""
    return bool(((one == other) | (np.isnan(one) & np.isnan(other))).all())
