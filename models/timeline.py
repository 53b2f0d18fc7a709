"""Timelines: the intervals after a cutoff in which a business unit's hazards are learnt, and who was seen in each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

WITHIN_HORIZON = 4
"""Equal intervals that a horizon is cut in; each one after it ends twice as far away as the one before."""

NEAR_ENOUGH = 1.05
"""No interval is made for less than a twentieth of what lies before it: the last one goes on."""


class Timeline(BaseModel):
    """The intervals in which an account may succeed first, from the cutoff on.

    Parameters
    ----------
    horizon_days : > 0.
    ends : the day on which each interval ends and the next begins, > 0, rising.
    whole : whether a success is of the horizon as a whole, which then is the only interval.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    horizon_days: float
    ends: tuple[float, ...]
    whole: bool = False

    @classmethod
    def over(cls, horizon_days: float, planning_days: float) -> Timeline:
        """Return the intervals that reach over a horizon and as far as is planned."""
        ends = [horizon_days * number / WITHIN_HORIZON for number in range(1, WITHIN_HORIZON + 1)]
        while ends[-1] * NEAR_ENOUGH < planning_days:
            ends.append(2 * ends[-1])
        return cls(horizon_days=horizon_days, ends=tuple(ends))

    @classmethod
    def of_whole(cls, horizon_days: float) -> Timeline:
        """Return the one interval of a success that is of a window as a whole."""
        return cls(horizon_days=horizon_days, ends=(horizon_days,), whole=True)

    def as_followed(self, followed_days: float) -> Timeline | None:
        """Return the intervals that could be followed to their end, of which the last one goes on; None where none can.

        Parameters
        ----------
        followed_days : how long the row was followed that was followed longest.
        """
        ends = tuple(end for end in self.ends if end <= followed_days)
        return self.model_copy(update={"ends": ends}) if ends else None

    @property
    def names(self) -> tuple[str, ...]:
        """What the intervals are called, alike for all BUs: by how many parts of their horizon lie behind each."""
        return ("whole",) if self.whole else tuple(str(number) for number in range(1, len(self.ends) + 1))

    @property
    def starts(self) -> tuple[float, ...]:
        """The day on which each interval begins."""
        return (0.0, *self.ends[:-1])

    def exposure(self, days: Floats) -> Floats:
        """Return how much of each interval lies before some days; the last one goes on for as long as is needed.

        Parameters
        ----------
        days : ndarray of shape (n,), >= 0.

        Returns
        -------
        ndarray of shape (n, n_intervals), >= 0.
        """
        starts, ends = np.array(self.starts), np.array(self.ends)
        most = np.append(np.ones(len(ends) - 1), np.inf)
        return np.asarray(np.clip((days[:, None] - starts) / (ends - starts), 0.0, most))


def part_of_horizon(name: str) -> str:
    """Return whether an interval of some name is within its horizon or beyond."""
    return "beyond" if name.isdigit() and int(name) > WITHIN_HORIZON else "within"


@dataclass(frozen=True, slots=True)
class AtRisk:
    """Pairs of a row and an interval over the whole of which the row was followed, without a success before.

    Parameters
    ----------
    rows : ndarray of shape (m,), places of the rows.
    intervals : ndarray of shape (m,), places of the intervals on the row's timeline.
    success : ndarray of shape (m,), whether the first success came in the interval.
    """

    rows: Places
    intervals: Places
    success: NDArray[np.bool_]

    @classmethod
    def of(cls, timeline: Timeline, rows: Places, success_day: Floats, followed_days: Floats) -> AtRisk:
        """Find the pairs of rows of one timeline.

        An interval that was not followed to its end tells nothing, whether it holds a success or not: to count
        successes there and to leave the others out would raise the hazard.

        Parameters
        ----------
        rows : ndarray of shape (n,), their places.
        success_day : ndarray of shape (n,), of the first success, in days from the cutoff; NaN where none was seen.
        followed_days : ndarray of shape (n,).

        Notes
        -----
        An account that is lost for good, such as one that was closed, stays at risk and never succeeds: these are
        hazards of the subdistribution, and what they add up to is the cumulative incidence among competing exits (Fine
        and Gray, JASA 94, 1999; in discrete time, Berger et al., Biostatistics 21, 2020). As the end of learning is the
        only censoring, and known for every row, no weights are needed.
        """
        starts, ends = np.array(timeline.starts), np.array(timeline.ends)
        day = np.where(np.isnan(success_day), np.inf, success_day)
        at_risk = (followed_days[:, None] >= ends) & (day[:, None] >= starts)
        places, intervals = np.nonzero(at_risk)
        return cls(rows[places], intervals, day[places] < ends[intervals])

    @classmethod
    def joined(cls, parts: list[AtRisk]) -> AtRisk:
        """Put the pairs of several timelines together."""
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.intervals for part in parts]),
            np.concatenate([part.success for part in parts]),
        )

    def thinned(self, failures_per_success: float, seed: int) -> tuple[AtRisk, Floats]:
        """Keep every success and a random part of the failures.

        Returns
        -------
        The pairs kept, and how many each stands for, so that rates and probabilities stay what they are (case-control
        sampling: King and Zeng, Logistic regression in rare events data, Political Analysis 9(2), 2001).
        """
        failures = np.flatnonzero(~self.success)
        most = int(failures_per_success * (len(self.success) - len(failures)))
        if len(failures) <= most:
            return self, np.ones(len(self.success))
        weight = self.success.astype(np.float64)
        weight[np.random.default_rng(seed).choice(failures, most, replace=False)] = len(failures) / most
        kept = weight > 0
        return AtRisk(self.rows[kept], self.intervals[kept], self.success[kept]), weight[kept]
