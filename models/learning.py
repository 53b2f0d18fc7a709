"""Learning: trees and a linear model on the same folds, then blend, calibration and pooling on what was held out."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from models.blend import share_of_trees
from models.boosting import Floats, Folds, Settings, Training, grow
from models.calibration import Calibration
from models.folds import hold_out
from models.intervals import Uncertainty
from models.leading import LeadingRows, learn_lead
from models.linear import fit_linear
from models.pooling import Pooling, RowsHeldOut
from models.predictor import Names, Predictor
from models.trees import Trees

FEW_ROWS = 5_000
"""Up to so many rows, how they fall into folds decides too much: they are split several times."""

REPEATS = 4

EVERYWHERE = ""
"""The one segment of rows that are of none."""


BLOCK_SPREAD = 0.3
"""How far blocks are believed to be apart, in log-odds: they are too few to learn it from."""


@dataclass(frozen=True, slots=True)
class Belonging:
    """What each of n rows is of.

    Parameters
    ----------
    groups : ndarray of shape (n,): rows of one group are held out together; None: every row by itself.
    names : each of which has a level of its own.
    times : ndarray of shape (n,): when each row was; None: levels are taken to stay what they are.
    """

    groups: NDArray[Any] | None = None
    names: Names = field(default_factory=Names)
    times: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class Learning:
    """How is learnt.

    Parameters
    ----------
    settings : of the trees.
    n_folds : parts of the data that are held out in turn, >= 2.
    calibrate : whether the blend is brought in line with the rows held out.
    seed : of all that is drawn.
    """

    settings: Settings
    n_folds: int = 5
    calibrate: bool = True
    seed: int = 0

    def learn(self, training: Training, of: Belonging, leading: LeadingRows | None = None) -> tuple[Predictor, int]:
        """Learn all that a prediction is made of.

        Parameters
        ----------
        training : what to learn from.
        of : what its rows are of; `groups` must be known where there is a leading outcome.
        leading : what to learn first; None: nothing.

        Returns
        -------
        The predictor, and how many trees were grown.
        """
        repeats = self.repeats(training, of.groups)
        base = float(logit(training.rate))
        if not repeats:
            grown = grow(training, self.settings, None)
            untested = Predictor(base, Trees(grown.booster), None, 1.0, Calibration(), None, None, None, None)
            return untested, grown.n_trees
        learnt = None
        if leading is not None and of.groups is not None:
            learnt = learn_lead(leading, training, of.groups, repeats[0], self.settings)
        lead, start = learnt or (None, None)
        grown = grow(training, self.settings, repeats[0], start)
        trees_held_out = grown.held_out(training.matrix, repeats[0]) + (0.0 if start is None else start)
        linear = fit_linear(training, repeats, self.settings.monotone, self.seed)
        many = _told_again(training, len(repeats))
        share = share_of_trees(np.tile(trees_held_out, len(repeats)), linear.held_out.ravel(), *many)
        held_out = share * trees_held_out + (1 - share) * linear.held_out
        calibration = Calibration.fit(held_out.ravel(), *many) if self.calibrate else Calibration()
        errors = RowsHeldOut(calibration.apply(held_out[0]), training.y, training.weight, of.groups)
        used = linear.model if share < 1 else None
        predictor = Predictor(base, Trees(grown.booster), used, share, calibration, *_levels(errors, of), lead=lead)
        return predictor, grown.n_trees + (len(lead.trees) if lead else 0)

    def repeats(self, training: Training, groups: NDArray[Any] | None) -> list[Folds]:
        """Return splits into folds, several where rows are few; none where they are too few for any."""
        repeats = REPEATS if len(training.y) <= FEW_ROWS else 1
        splits = [hold_out(training, groups, self.n_folds, self.seed + repeat) for repeat in range(repeats)]
        return [folds for folds in splits if folds is not None]


def _levels(errors: RowsHeldOut, of: Belonging) -> tuple[Pooling | None, Pooling | None, Pooling | None, Uncertainty]:
    """Return how blocks, strata and segments differ, one after the other, and what is not known of segments."""
    names, doubt = of.names, np.zeros(len(errors.y))
    blocks = strata = None
    if names.blocks is not None:
        blocks = Pooling.fit(errors, names.blocks, spread=BLOCK_SPREAD)
        offset, doubt = blocks.of(names.blocks)
        errors = replace(errors, log_odds=errors.log_odds + offset)
    if names.strata is not None:
        strata = Pooling.fit(errors, names.strata)
        errors = replace(errors, log_odds=errors.log_odds + strata.of(names.strata)[0])
    if names.segments is not None:
        pooling = Pooling.fit(errors, names.segments).in_doubt(names.segments, doubt)
        return blocks, strata, pooling, Uncertainty.fit(errors, names.segments, pooling, of.times)
    everywhere = np.full(len(errors.y), EVERYWHERE, dtype=object)
    level = Pooling.of_one(errors, EVERYWHERE).in_doubt(everywhere, doubt)
    return blocks, strata, None, Uncertainty.fit(errors, everywhere, level, of.times)


def _told_again(training: Training, times: int) -> tuple[Floats, Floats]:
    """Return outcomes and weights of the rows as many times as they were held out, all together no heavier."""
    return np.tile(training.y, times), np.tile(training.weight / times, times)
