"""The rows that the leak guard looks at: a sample of a table's, cut into folds by what the rows hold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Keys = NDArray[np.uint64]

FOLDS = 5
MOST_SUCCESSES = 10_000
MOST_FAILURES = 30_000
"""More rows than these of either outcome sharpen no verdict: a random part of them is looked at."""


@dataclass(frozen=True, slots=True)
class Sample:
    """Which rows are looked at, in an order that does not depend on that of the table.

    Parameters
    ----------
    rows : ndarray of shape (n,), positions in the table.
    success : ndarray of shape (n,).
    fold : ndarray of shape (n,), in [0, FOLDS): the part in which a row is held out.
    successes, failures : how many rows of the table each row that was kept stands for, by outcome.
    """

    rows: NDArray[np.intp]
    success: Flags
    fold: NDArray[np.intp]
    successes: float
    failures: float

    @property
    def weight(self) -> NDArray[np.float64]:
        """How many rows of the table each row stands for."""
        return np.where(self.success, self.successes, self.failures)

    @property
    def rate(self) -> float:
        """The share of successes in the table."""
        return float(np.average(self.success, weights=self.weight))


def draw(frame: pd.DataFrame, success: Flags, groups: pd.Series | None) -> Sample:
    """Choose rows and folds by a digest of what each row holds: neither moves with the order of rows or columns.

    Parameters
    ----------
    groups : rows of one group are held out together; None: identical rows are.
    """
    keys = _keys(frame)
    order = np.argsort(keys, kind="stable")
    chosen = [
        order[success[order] == outcome][:most] for outcome, most in ((True, MOST_SUCCESSES), (False, MOST_FAILURES))
    ]
    rows = np.concatenate(chosen)
    rows = rows[np.argsort(keys[rows], kind="stable")]
    together = keys if groups is None else _digest(groups)
    return Sample(
        rows=rows,
        success=success[rows],
        fold=(together[rows] // np.uint64(7) % np.uint64(FOLDS)).astype(np.intp),
        successes=int(success.sum()) / len(chosen[0]),
        failures=int((~success).sum()) / len(chosen[1]),
    )


def _keys(frame: pd.DataFrame) -> Keys:
    """Return a digest per row; sums of the columns' digests, so that their order does not matter."""
    keys = np.zeros(len(frame), dtype=np.uint64)
    for position in range(frame.shape[1]):
        keys += _digest(frame.iloc[:, position])
    return keys


def _digest(values: pd.Series) -> Keys:
    plain = values.astype("str") if values.dtype == object else values
    return np.asarray(pd.util.hash_pandas_object(plain, index=False), dtype=np.uint64)
