"""What the views of one column tell of the outcome."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass

import numpy as np

from features.leakage.column import Column, Floats
from features.leakage.sample import Flags, Sample
from features.leakage.separation import Area, Part, area, distance_between, held_out_scores, purest_part
from features.leakage.view import Aspect, View
from features.leakage.views import views


@dataclass(frozen=True, slots=True)
class Told:
    """What one view tells.

    Parameters
    ----------
    view : the way to look at the column.
    score : ndarray of shape (n,), log-odds by folds.
    area : over all rows.
    among_filled : over the rows that have a value.
    part : the purest part, if any is large enough.
    """

    view: View
    score: Floats
    area: Area
    among_filled: Area
    part: Part | None


@dataclass(frozen=True, slots=True)
class Presence:
    """Who has a value at all.

    Parameters
    ----------
    successes, failures : shares that have one.
    distance : standard deviations between the outcomes that this speaks of, lower bound, >= 0.
    beyond : what the value tells among those that have one.
    """

    successes: float
    failures: float
    distance: float
    beyond: Area


@dataclass(frozen=True, slots=True)
class Finding:
    """What a column tells.

    Parameters
    ----------
    name : of the column.
    column : its values in the sample.
    told : by each view, the strongest first.
    presence : None where all or no rows have a value.
    repeated : of the successes, the share that holds the commonest of their numbers.
    """

    name: Hashable
    column: Column
    told: tuple[Told, ...]
    presence: Presence | None
    repeated: float

    @property
    def strongest(self) -> Told:
        """What the strongest view tells."""
        return self.told[0]

    def by(self, *aspects: Aspect) -> Told | None:
        """Return what the strongest view of some aspects tells."""
        return next((one for one in self.told if one.view.aspect in aspects), None)

    @property
    def purest(self) -> Told | None:
        """What the view tells whose best part is the purest."""
        return max(
            (one for one in self.told if one.part), key=lambda one: one.part.order if one.part else (), default=None
        )

    @property
    def feature(self) -> Floats:
        """The column as other columns' judge sees it: numbers as they are, texts as what they tell."""
        return self.strongest.score if self.column.numbers is None else self.column.numbers


def examine(name: Hashable, column: Column, sample: Sample, time: Floats | None) -> Finding | None:
    """Look at a column from all sides; None where it holds nothing that differs."""
    filled = column.filled
    told = [_told(view, filled, sample) for view in views(column, sample.success, time) if np.ptp(view.codes)]
    if not told:
        return None
    told.sort(key=lambda one: -one.area.low)
    return Finding(name, column, tuple(told), _presence(filled, told, sample), _repeated(column, sample.success))


def _told(view: View, filled: Flags, sample: Sample) -> Told:
    score, success = held_out_scores(view.codes, sample), sample.success
    return Told(
        view=view,
        score=score,
        area=area(success, score),
        among_filled=area(success[filled], score[filled]),
        part=purest_part(sample, score),
    )


def _presence(filled: Flags, told: list[Told], sample: Sample) -> Presence | None:
    if filled.all() or not filled.any():
        return None
    success = sample.success
    beyond = [one.among_filled for one in told if one.view.aspect != "presence"]
    return Presence(
        successes=float(filled[success].mean()),
        failures=float(filled[~success].mean()),
        distance=distance_between(filled, success),
        beyond=max(beyond, key=lambda one: one.low, default=Area(0.5, 0.0)),
    )


def _repeated(column: Column, success: Flags) -> float:
    if column.numbers is None or not (success & column.filled).any():
        return 0.0
    counts = np.unique(column.numbers[success & column.filled], return_counts=True)[1]
    return float(counts.max() / success.sum())
