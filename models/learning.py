"""Learning: trees and a linear model on the same folds, then blend, calibration and pooling on what was held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from models.blend import share_of_trees
from models.boosting import Floats, Folds, Settings, Training, grow
from models.calibration import LogitCalibration
from models.folds import hold_out
from models.linear import fit_linear
from models.pooling import Pooling, RowsHeldOut
from models.predictor import Predictor

FEW_ROWS = 5_000
"""Up to so many rows, how they fall into folds decides too much: they are split several times."""

REPEATS = 4


@dataclass(frozen=True, slots=True)
class HoldingOut:
    """How rows are held out.

    Parameters
    ----------
    n_folds : parts, >= 2.
    groups : ndarray of shape (n,): rows of one group are held out together; None: every row by itself.
    seed : of the draw.
    """

    n_folds: int
    groups: NDArray[Any] | None
    seed: int

    def repeats(self, training: Training) -> list[Folds]:
        """Return splits into folds, several where rows are few; none where they are too few for any."""
        repeats = REPEATS if len(training.y) <= FEW_ROWS else 1
        splits = [hold_out(training, self.groups, self.n_folds, self.seed + repeat) for repeat in range(repeats)]
        return [folds for folds in splits if folds is not None]


def learn(
    training: Training,
    settings: Settings,
    holding_out: HoldingOut,
    segments: NDArray[Any] | None = None,
    *,
    calibrate: bool = True,
) -> tuple[Predictor, int]:
    """Learn all that a prediction is made of.

    Parameters
    ----------
    training : what to learn from.
    settings : of the trees.
    holding_out : how rows are held out.
    segments : ndarray of shape (n,), of text; None: nothing is pooled.
    calibrate : whether the blend is brought in line with the rows held out.

    Returns
    -------
    The predictor, and how many trees were grown.
    """
    repeats = holding_out.repeats(training)
    grown = grow(training, settings, repeats[0] if repeats else None)
    base = float(logit(training.rate))
    if grown.held_out is None:
        return Predictor(base, grown.booster, None, 1.0, LogitCalibration(), None), grown.n_trees
    linear = fit_linear(training, repeats, settings.monotone, holding_out.seed)
    many = _told_again(training, len(repeats))
    share = share_of_trees(np.tile(grown.held_out, len(repeats)), linear.held_out.ravel(), *many)
    held_out = share * grown.held_out + (1 - share) * linear.held_out
    calibration = LogitCalibration.fit(held_out.ravel(), *many) if calibrate else LogitCalibration()
    pooling = None
    if segments is not None:
        errors = RowsHeldOut(calibration.apply(held_out[0]), training.y, training.weight, holding_out.groups)
        pooling = Pooling.fit(errors, segments)
    used = linear.model if share < 1 else None
    return Predictor(base, grown.booster, used, share, calibration, pooling), grown.n_trees


def _told_again(training: Training, times: int) -> tuple[Floats, Floats]:
    """Return outcomes and weights of the rows as many times as they were held out, all together no heavier."""
    return np.tile(training.y, times), np.tile(training.weight / times, times)
