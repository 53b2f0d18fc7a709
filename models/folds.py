"""Folds: which rows of the training data are held out together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import PredefinedSplit, StratifiedKFold

from models.boosting import Folds, Training

SMALLEST_TO_HOLD_OUT = 50
"""With fewer rows than this, none is held out: the folds would say nothing."""

FEWEST_OF_EITHER = 5
"""With fewer rows of either class than this, none is held out: what came of so few is chance."""


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
    if training.total < SMALLEST_TO_HOLD_OUT or rarer < FEWEST_OF_EITHER:
        return None
    codes = None if groups is None else pd.factorize(groups, sort=True, use_na_sentinel=False)[0]
    n_groups = 0 if codes is None else int(codes.max()) + 1
    if codes is not None and n_groups > 1:
        # Not GroupKFold, which takes as long to shuffle many groups as the trees take to grow.
        fold_of_group = np.random.default_rng(seed).permutation(n_groups) % n_folds
        splits = PredefinedSplit(fold_of_group[codes]).split()
    else:
        stratified = StratifiedKFold(min(n_folds, rarer), shuffle=True, random_state=seed)
        splits = stratified.split(training.matrix, training.y)
    folds = list(splits)
    return folds if all(len(np.unique(training.y[learn])) == 2 for learn, _ in folds) else None
