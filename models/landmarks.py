"""Landmarks: who succeeds in which interval after a cutoff, learnt by any estimator of a propensity."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, Self, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from sklearn.base import clone

from models.inputs import BETWEEN, SEGMENT_OF_KIND, SEGMENT_OF_UNIT
from models.timeline import AtRisk, Timeline, part_of_horizon

Floats = NDArray[np.float64]

INTERVAL = "interval"
"""The column that tells the propensity model which interval a row is about: the trees learn what matters early on."""

BLOCK = "block"
"""The column that says which timeline a row is on, and whether the interval is within its horizon or beyond."""

STRATUM = "stratum"
"""The column that says which interval of which timeline it is: each has a level of its own."""

FAILURES_PER_SUCCESS = 6
"""Failures beyond so many per success tell little more: a random part of them is kept, weighted up to stand for all."""


class Propensity(Protocol):
    """What learns who succeeds, and says how probable that is: scikit-learn's interface, with parameters to set."""

    feature_names_in_: Any

    def fit(
        self, X: pd.DataFrame, y: ArrayLike, *, sample_weight: ArrayLike, groups: ArrayLike, times: ArrayLike
    ) -> object:
        """Learn from rows, some of which stand for several; those of one group are alike."""

    def decision_function(self, X: pd.DataFrame) -> Floats:
        """Return the log-odds of a success, ndarray of shape (n,)."""

    def set_params(self, **params: Any) -> Any:
        """Set `block` and `stratum`, the names of two columns; see `models.propensity.PropensityModel`."""


P = TypeVar("P", bound=Propensity)


@dataclass(frozen=True, slots=True)
class Followed:
    """What came of n rows after their cutoffs.

    Parameters
    ----------
    success_day : ndarray of shape (n,), of the first success, in days from the cutoff; NaN where none was seen.
    followed_days : ndarray of shape (n,), >= 0: how long each row was followed, success or not.
    """

    success_day: Floats
    followed_days: Floats

    @classmethod
    def of_windows(cls, success: ArrayLike, days: float) -> Self:
        """Return what is known where only whether there was a success in a whole window is, and not when."""
        return cls(np.where(np.asarray(success, dtype=bool), 0.0, np.nan), np.full(np.shape(success), float(days)))


@dataclass(frozen=True, slots=True)
class Stacked:
    """The intervals over which rows were followed, one below the other, as a propensity model learns from them.

    Parameters
    ----------
    X : DataFrame of m rows.
    success : ndarray of shape (m,), whether the first success came in the interval.
    weight : ndarray of shape (m,), how many such intervals each stands for.
    rows : ndarray of shape (m,), the place of the row that each is of.
    timelines : those of which there is an interval, as far as one was followed to its end.
    """

    X: pd.DataFrame
    success: NDArray[np.bool_]
    weight: Floats
    rows: NDArray[np.intp]
    timelines: Mapping[str, Timeline]

    @classmethod
    def of(
        cls, X: pd.DataFrame, followed: Followed, timelines: Mapping[str, Timeline], failures: float, seed: int
    ) -> Self:
        """Stack intervals.

        Parameters
        ----------
        X : DataFrame of n rows, as models.inputs.model_inputs gives it.
        followed : what came of them.
        timelines : by business unit and kind.
        failures : that are kept, at random, for each success.
        seed : of what is drawn.

        Raises
        ------
        ValueError
            If no interval was followed to its end.
        """
        keys, learnt = timeline_keys(X).to_numpy(object), timelines_followed(X, followed, timelines)
        if not learnt:
            raise ValueError("no row was followed to the end of the first interval of its timeline")
        parts = []
        for key, line in learnt.items():
            rows = np.flatnonzero(keys == key)
            parts.append(AtRisk.of(line, rows, followed.success_day[rows], followed.followed_days[rows]))
        at_risk, weight = AtRisk.joined(parts).thinned(failures, seed)
        names = _interval_names(learnt, keys[at_risk.rows], at_risk.intervals)
        seen = in_interval(X.iloc[at_risk.rows].reset_index(drop=True), keys[at_risk.rows], names)
        return cls(seen, at_risk.success, weight, at_risk.rows, learnt)

    def fitted(self, estimator: P, groups: ArrayLike, times: ArrayLike, **more: Any) -> P:
        """Return a copy of an estimator that learnt from them.

        Parameters
        ----------
        estimator : left as it is.
        groups, times : arrays of shape (n,), of the rows.
        more : what the estimator's `fit` takes besides.
        """
        propensity: P = clone(estimator).set_params(block=BLOCK, stratum=STRATUM)
        of = {"groups": np.asarray(groups)[self.rows], "times": np.asarray(times)[self.rows]}
        propensity.fit(self.X, self.success, sample_weight=self.weight, **of, **more)
        return propensity


@dataclass(frozen=True, slots=True)
class Hazards(Generic[P]):
    """The probability of a first success by any day after the cutoff.

    One propensity model learns, for all intervals together, who succeeds in an interval among those who have not
    succeeded before; which interval it is, is one of its columns. Rows whose horizon has not ended tell of the
    intervals over which they were followed.

    Parameters
    ----------
    propensity : fitted to rows stacked by interval.
    timelines : by business unit and kind, as `timeline_keys` writes them.

    Notes
    -----
    Landmarking with discrete-time hazards: Suresh, Severn and Ghosh, BMC Medical Research Methodology 22, 2022;
    Sandqvist, arXiv:2601.17605.
    """

    propensity: P
    timelines: Mapping[str, Timeline]
    names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = sorted({name for line in self.timelines.values() for name in line.names})
        object.__setattr__(self, "names", tuple(names))

    @classmethod
    def learn(
        cls,
        estimator: P,
        X: pd.DataFrame,
        followed: Followed,
        timelines: Mapping[str, Timeline],
        groups: ArrayLike,
        times: ArrayLike,
        seed: int = 0,
    ) -> Self:
        """Fit a copy of an estimator to the intervals over which rows were followed.

        Parameters
        ----------
        estimator : what learns a propensity; left as it is.
        X : DataFrame of n rows, as models.inputs.model_inputs gives it.
        followed : what came of them.
        timelines : by business unit and kind. Intervals that no row was followed through are not learnt: the hazard of
            the last one before them goes on. A business unit and kind of which there is no row is not known then.
        groups, times : arrays of shape (n,), as `PropensityModel.fit` takes them.
        seed : of what is drawn.

        Raises
        ------
        ValueError
            If no interval was followed to its end, or all rows succeeded in theirs, or none.
        """
        stacked = Stacked.of(X, followed, timelines, FAILURES_PER_SUCCESS, seed)
        return cls(stacked.fitted(estimator, groups, times), stacked.timelines)

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        return [name for name in self.propensity.feature_names_in_ if name not in (INTERVAL, BLOCK, STRATUM)]

    def knows(self, X: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which rows are of a business unit and kind that there is a timeline of, ndarray of shape (n,)."""
        return timeline_keys(X).isin(list(self.timelines)).to_numpy()

    def horizons(self, X: pd.DataFrame) -> Floats:
        """Return the horizon of each row in days, ndarray of shape (n,)."""
        horizons = timeline_keys(X).map({key: line.horizon_days for key, line in self.timelines.items()})
        return np.asarray(horizons, dtype=np.float64)

    def log_odds(self, X: pd.DataFrame, *days: float | Floats) -> Floats:
        """Return the log-odds of a success by each of some days; alone or among others, a row gets the same to the bit.

        Parameters
        ----------
        X : DataFrame of n rows.
        days : numbers, or ndarrays of shape (n,), > 0; the horizon where none are given.

        Returns
        -------
        ndarray of shape (n, number of days).
        """
        keys = timeline_keys(X).to_numpy(object)
        exposures = [self.exposure(keys, day) for day in days or (self.horizons(X),)]
        hazards = self.hazards(X, keys, np.maximum.reduce(exposures))
        return np.column_stack([log_odds_of(cumulated(hazards, exposure)) for exposure in exposures])

    def exposure(self, keys: NDArray[np.object_], days: float | Floats) -> Floats:
        """Return how much of each interval of a row's timeline lies before its day, ndarray of shape (n, n_names)."""
        reached = np.broadcast_to(np.asarray(days, dtype=np.float64), keys.shape)
        exposure = np.zeros((len(keys), len(self.names)))
        for key in pd.unique(keys):
            rows, line = keys == key, self.timelines[key]
            places = [self.names.index(name) for name in line.names]
            exposure[np.ix_(rows, places)] = line.exposure(reached[rows])
        return exposure

    def hazards(self, X: pd.DataFrame, keys: NDArray[np.object_], exposure: Floats) -> Floats:
        """Return the log-odds of a success in each interval that is needed, 0 elsewhere."""
        hazards = np.zeros_like(exposure)
        for place, rows, seen in self.in_turn(X, keys, exposure):
            hazards[rows, place] = self.propensity.decision_function(seen)
        return hazards

    def in_turn(
        self, X: pd.DataFrame, keys: NDArray[np.object_], exposure: Floats
    ) -> Iterator[tuple[int, NDArray[np.bool_], pd.DataFrame]]:
        """Return each interval's place, which rows need it, and what the propensity model sees of them in it."""
        for place, name in enumerate(self.names):
            rows = exposure[:, place] > 0
            if rows.any():
                yield place, rows, in_interval(X.loc[rows, self.columns], keys[rows], name)


def timelines_followed(X: pd.DataFrame, followed: Followed, timelines: Mapping[str, Timeline]) -> dict[str, Timeline]:
    """Return the timelines of which a row was followed through the first interval, each as far as one was followed."""
    longest = pd.Series(followed.followed_days).groupby(timeline_keys(X).to_numpy()).max()
    lines = {key: line.as_followed(float(longest.get(key, 0.0))) for key, line in timelines.items()}
    return {key: line for key, line in lines.items() if line is not None}


def timeline_keys(X: pd.DataFrame) -> pd.Series:
    """Return which timeline each row of a model's inputs is on: its business unit and kind."""
    return X[SEGMENT_OF_UNIT].astype("str") + BETWEEN + X[SEGMENT_OF_KIND].astype("str")


def in_interval(X: pd.DataFrame, keys: NDArray[np.object_], interval: str | pd.Series) -> pd.DataFrame:
    """Return what the propensity model sees of rows, each on the timeline of its key, in an interval."""
    part = part_of_horizon(interval) if isinstance(interval, str) else interval.map(part_of_horizon)
    of = pd.Series(keys, index=X.index, dtype="str") + BETWEEN
    return X.assign(**{INTERVAL: interval, BLOCK: of + part, STRATUM: of + interval})


def _interval_names(timelines: Mapping[str, Timeline], keys: NDArray[Any], intervals: NDArray[np.intp]) -> pd.Series:
    """Return the name of each pair's interval."""
    names = np.empty(len(keys), dtype=object)
    for key, line in timelines.items():
        rows = keys == key
        names[rows] = np.array(line.names, dtype=object)[intervals[rows]]
    return pd.Series(names, dtype="str")


def cumulated(hazards: Floats, exposure: Floats) -> Floats:
    """Return the cumulated hazard of each row, ndarray of shape (n,), column by column so that no row sees another."""
    total = np.zeros(len(hazards))
    for place in range(hazards.shape[1]):
        total += exposure[:, place] * np.logaddexp(0, hazards[:, place])
    return total


def log_odds_of(cumulated: Floats) -> Floats:
    """Return the log-odds of 1 - exp(-cumulated hazard)."""
    return np.asarray(np.log(-np.expm1(-cumulated)) + cumulated)
