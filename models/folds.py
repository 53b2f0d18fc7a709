"""Folds: which rows of the training data are held out together."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold, StratifiedKFold

from models.boosting import Folds, Training

SMALLEST_TO_HOLD_OUT = 100
"""With fewer rows than this, none is held out: the folds would say nothing."""


def hold_out(training: Training, groups: NDArray[Any] | None, n_folds: int, seed: int) -> Folds | None:
    """Split the rows so that each is held out once, and both classes are always there to learn from.

    Parameters
    ----------
    groups : ndarray of shape (n,): rows of one group are held out together; None: every row by itself.
    n_folds : parts, >= 2; fewer where there are fewer groups, or fewer rows of the rarer class.

    Returns
    -------
    (rows to learn from, rows held out) of each fold; None where the data are too small for that.
    """
    rarer = int(min(training.y.sum(), (1 - training.y).sum()))
    if training.total < SMALLEST_TO_HOLD_OUT or rarer < 2:
        return None
    n_groups = 0 if groups is None else len(np.unique(groups))
    if n_groups > 1:
        splits = GroupKFold(min(n_folds, n_groups)).split(training.matrix, training.y, groups)
    else:
        stratified = StratifiedKFold(min(n_folds, rarer), shuffle=True, random_state=seed)
        splits = stratified.split(training.matrix, training.y)
    folds = list(splits)
    return folds if all(len(np.unique(training.y[learn])) == 2 for learn, _ in folds) else None
