"""The blend: how much of trees and of a linear model goes into a prediction, decided on rows held out."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

Floats = NDArray[np.float64]

BELIEF_IN_LINEAR = 5.0
"""How much log-loss, summed over rows, trees alone must save to be believed before anything else is known."""

NEGLIGIBLE = 0.05
"""A share below this is none."""


def share_of_trees(trees: Floats, linear: Floats, y: Floats, weight: Floats) -> float:
    """Return how much of a blend's log-odds is the trees', in [0, 1]; the rest is the linear model's.

    Parameters
    ----------
    trees, linear : ndarrays of shape (n,), log-odds by models that never saw the row.
    y : ndarray of shape (n,), 0 or 1.
    weight : ndarray of shape (n,), how many rows each stands for.

    Notes
    -----
    Wolpert, Stacked generalization, Neural Networks 5(2), 1992; with weights that are no less than 0 and add up to 1
    (Breiman, Stacked regressions, Machine Learning 24, 1996).
    """

    def loss(share: float) -> float:
        log_odds = share * trees + (1 - share) * linear
        surprise = float(np.dot(weight, np.logaddexp(0, log_odds) - y * log_odds))
        return surprise + BELIEF_IN_LINEAR * share

    share = float(minimize_scalar(loss, bounds=(0, 1), method="bounded").x)
    return 0.0 if share < NEGLIGIBLE else 1.0 if share > 1 - NEGLIGIBLE else share
