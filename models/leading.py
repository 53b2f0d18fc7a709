"""Leading outcomes: what comes before a success and more often, such as an opened opportunity; trees learn it first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from models.boosting import Floats, Folds, Settings, Training, grow
from models.calibration import Calibration
from models.propensity_state import LeadState
from models.trees import Trees

FAILURES_PER_LEADING = 3
"""Rows without the leading outcome that are kept per row with it: more take longer and say no more."""


@dataclass(frozen=True, slots=True)
class Leading:
    """Rows that tell of a leading outcome; they may be others than those that tell of successes.

    Parameters
    ----------
    X : DataFrame of n rows with the columns of those that tell of successes.
    y : array of shape (n,), whether the leading outcome came.
    sample_weight : array of shape (n,), > 0: how many rows each stands for.
    groups : array of shape (n,), such as accounts: held out together with the rows of successes of the same group.
    """

    X: pd.DataFrame
    y: ArrayLike
    sample_weight: ArrayLike
    groups: ArrayLike


@dataclass(frozen=True, slots=True)
class LeadingRows:
    """The same rows as trees are grown on them, with the group of each.

    Parameters
    ----------
    training : the rows.
    groups : ndarray of shape (n,).
    """

    training: Training
    groups: NDArray[Any]

    def held_out_like(self, groups: NDArray[Any], folds: Folds) -> Folds:
        """Return folds that hold a group out where other folds do; groups that these do not know are always learnt.

        Parameters
        ----------
        groups : ndarray of shape (m,), of the rows that were split.
        folds : of those.
        """
        every = np.arange(len(self.groups))
        held = [pd.Series(self.groups).isin(groups[rest]).to_numpy() for _, rest in folds]
        return [(every[~rows], every[rows]) for rows in held]


@dataclass(frozen=True, slots=True)
class Lead:
    """Trees that learnt a leading outcome, and the line that makes log-odds of successes of what they say.

    Parameters
    ----------
    trees : of the leading outcome.
    intercept, slope : of the line, found on rows held out; almost flat where the leading outcome says nothing of
        successes. It is straight, so that trees add up.
    """

    trees: Trees
    intercept: float
    slope: float

    @classmethod
    def from_state(cls, state: LeadState) -> Self:
        """Return the lead that a state was taken from; it says the same to the bit."""
        return cls(Trees(state.booster), state.intercept, state.slope)

    def to_state(self) -> LeadState:
        """Return all that was learnt, in types that JSON has."""
        return LeadState(intercept=self.intercept, slope=self.slope, booster=self.trees.text)


def learn_lead(
    leading: LeadingRows, training: Training, groups: NDArray[Any], folds: Folds, settings: Settings
) -> tuple[Lead, Floats] | None:
    """Learn a leading outcome, and what it says of successes.

    Parameters
    ----------
    leading : rows of it.
    training : rows of successes.
    groups : ndarray of shape (n,), of the rows of successes.
    folds : of these.
    settings : of the trees.

    Returns
    -------
    The lead, and the log-odds of each row of successes by trees that never saw its group; None where the rows to learn
    from are all of one outcome.

    Notes
    -----
    Few successes say little of many signals, and what comes before them is driven by the same: learning both is
    multi-task learning (Caruana, Machine Learning 28, 1997), here one after the other, by boosting.
    """
    alike = leading.held_out_like(groups, folds)
    if any(len(np.unique(leading.training.y[learn])) < 2 or not len(rest) for learn, rest in alike):
        return None
    grown = grow(leading.training, settings, alike)
    said = grown.held_out(training.matrix, folds)
    line = Calibration.fit(said, training.y, training.weight, most_pieces=1)
    return Lead(Trees(grown.booster), line.intercept, line.slopes[0]), line.apply(said)
