"""Trees: what LightGBM grew, as a function of rows that can be taken apart."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_TREE = re.compile(r"^(?=Tree=\d+$)", re.MULTILINE)
_SPLITS = re.compile(r"^split_feature=(.*)$", re.MULTILINE)
_SIZES = re.compile(r"^tree_sizes=.*\n", re.MULTILINE)
_END = "end of trees"


@dataclass(frozen=True, slots=True)
class Trees:
    """Trees whose values add up to log-odds; those of one text are equal.

    Parameters
    ----------
    text : LightGBM's.
    """

    text: str
    _booster: lgb.Booster = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_booster", lgb.Booster(model_str=self.text))

    def __len__(self) -> int:
        """How many trees."""
        return int(self._booster.num_trees())

    def log_odds(self, matrix: Floats, threads: int) -> Floats:
        """Return what they add up to, ndarray of shape (n,).

        Parameters
        ----------
        matrix : ndarray of shape (n, n_columns).
        threads : of LightGBM; the result does not depend on it.
        """
        return np.asarray(self._booster.predict(matrix, raw_score=True, num_threads=threads), dtype=np.float64)

    def contributions(self, matrix: Floats, threads: int) -> Floats:
        """Return what each column adds to that, then where it starts from; ndarray of shape (n, n_columns + 1)."""
        return np.asarray(self._booster.predict(matrix, pred_contrib=True, num_threads=threads), dtype=np.float64)

    def split_by(self, column: int) -> tuple[Trees, Trees]:
        """Return the trees that ask for a column anywhere, and those that do not: these say the same whatever it holds.

        Parameters
        ----------
        column : its position.
        """
        return _split_by(self, column)


@lru_cache(maxsize=8)
def _split_by(trees: Trees, column: int) -> tuple[Trees, Trees]:
    """Sort trees into two models by cutting LightGBM's text, for it offers no other way to leave trees out.

    Without the sizes of all trees in its head, LightGBM reads one tree after the other.
    """
    body, end, tail = trees.text.partition(_END)
    head, *each = _TREE.split(body)
    asks = [column in map(int, found[1].split()) for one in each if (found := _SPLITS.search(one))]
    bare = _SIZES.sub("", head)
    with_it, without = (
        Trees(bare + "".join(one for one, asked in zip(each, asks, strict=True) if asked == wanted) + end + tail)
        for wanted in (True, False)
    )
    return with_it, without
