"""Hazards: the probability of a success by any day, from propensities of one interval after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import clone

from models.inputs import BETWEEN, SEGMENT_OF_KIND, SEGMENT_OF_UNIT
from models.intervals import Uncertainty
from models.learning import EVERYWHERE
from models.predictor import LINES
from models.propensity import PropensityModel
from models.propensity_state import HazardState
from models.timeline import AtRisk, Timeline, part_of_horizon

Floats = NDArray[np.float64]

INTERVAL = "interval"
"""The column that tells the propensity model which interval a row is about: the trees learn what matters early on."""

BLOCK = "block"
"""The column that says which timeline a row is on, and whether the interval is within its horizon or beyond."""

STRATUM = "stratum"
"""The column that says which interval of which timeline it is: each has a level of its own."""

TIMING = "timing"
ALL_LINES: Mapping[str, str] = MappingProxyType({TIMING: "how hazards go from one interval to the next", **LINES})
"""What adds to a prediction beside the columns, by name, with what it is."""

FAILURES_PER_SUCCESS = 6
"""Failures beyond so many per success tell little more: a random part of them is kept, weighted up to stand for all."""

_NODES, _WEIGHTS = leggauss(16)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
"""Gauss and Legendre's rule on [0, 1]."""


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
class HazardModel:
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

    propensity: PropensityModel
    timelines: Mapping[str, Timeline]
    _names: tuple[str, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        names = sorted({name for line in self.timelines.values() for name in line.names})
        object.__setattr__(self, "_names", tuple(names))

    @classmethod
    def learn(
        cls,
        estimator: PropensityModel,
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
        keys = timeline_keys(X).to_numpy(object)
        parts, learnt = [], {}
        for key, timeline in timelines.items():
            rows = np.flatnonzero(keys == key)
            line = timeline.as_followed(float(np.max(followed.followed_days[rows], initial=0.0)))
            if line is not None:
                learnt[key] = line
                parts.append(AtRisk.of(line, rows, followed.success_day[rows], followed.followed_days[rows]))
        if not parts:
            raise ValueError("no row was followed to the end of the first interval of its timeline")
        at_risk, weight = AtRisk.joined(parts).thinned(FAILURES_PER_SUCCESS, seed)
        names = _interval_names(learnt, keys[at_risk.rows], at_risk.intervals)
        propensity = clone(estimator).set_params(block=BLOCK, stratum=STRATUM)
        propensity.fit(
            _in_interval(X.iloc[at_risk.rows].reset_index(drop=True), keys[at_risk.rows], names),
            at_risk.success,
            sample_weight=weight,
            groups=np.asarray(groups)[at_risk.rows],
            times=np.asarray(times)[at_risk.rows],
        )
        return cls(propensity, learnt)

    def to_state(self) -> HazardState:
        """Return all that was learnt, in types that JSON has."""
        return HazardState(timelines=dict(self.timelines), propensity=self.propensity.to_state())

    @classmethod
    def from_state(cls, state: HazardState) -> Self:
        """Return the model that a state was taken from; it predicts the same to the bit."""
        return cls(PropensityModel.from_state(state.propensity), state.timelines)

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
        exposures = [self._exposure(keys, day) for day in days or (self.horizons(X),)]
        hazards = self._hazards(X, keys, np.maximum.reduce(exposures))
        return np.column_stack([_log_odds(_cumulated(hazards, exposure)) for exposure in exposures])

    def contributions(self, X: pd.DataFrame) -> pd.DataFrame:
        """Take the log-odds of a success within the horizon apart.

        Returns
        -------
        DataFrame of n rows: what each signal and each of ALL_LINES adds; a row's sum is its `log_odds` within 1e-6.

        Notes
        -----
        Each interval's log-odds are a sum already. How much each interval counts for the whole is the mean of its
        slope on the straight way from the baseline to the row (Aumann and Shapley, Values of Non-Atomic Games, 1974;
        Sundararajan, Taly and Yan, integrated gradients, ICML 2017).
        """
        keys = timeline_keys(X).to_numpy(object)
        exposure = self._exposure(keys, self.horizons(X))
        signals = [name for name in self.columns if name != self.propensity.segment]
        columns = [*signals, *ALL_LINES]
        parts = np.zeros((len(X), len(self._names), len(columns)))
        for place, name in enumerate(self._names):
            rows = exposure[:, place] > 0
            if rows.any():
                own = self.propensity.contributions(_in_interval(X.loc[rows, self.columns], keys[rows], name))
                parts[rows, place] = own.rename(columns={INTERVAL: TIMING})[columns].to_numpy()
        baseline = columns.index("baseline")
        start, end = parts[:, :, baseline], parts.sum(axis=2)
        slopes = np.zeros_like(start)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            slopes += weight * _slopes(start + node * (end - start), exposure)
        added = np.einsum("nk,nkc->nc", slopes, parts)
        added[:, baseline] = _log_odds(_cumulated(start, exposure))
        return pd.DataFrame(added, columns=columns, index=X.index)

    def predict_interval(self, X: pd.DataFrame, level: float = 0.9) -> Floats:
        """Return between which probabilities, within the horizon, accounts of like segment and score lie on average.

        It is the model's own uncertainty; see `PropensityModel.predict_interval`.

        Parameters
        ----------
        X : DataFrame of n rows.
        level : how probable it is that the truth lies within, in (0, 1).

        Returns
        -------
        ndarray of shape (n, 2); NaN where the training data were too small to hold rows out.
        """
        uncertainty = self._uncertainty(level)
        if uncertainty is None:
            return np.full((len(X), 2), np.nan)
        log_odds, chances = self._mean_hazard(X)
        return uncertainty.around(log_odds, self._segments(X), level, chances)

    def segment_intervals(self, X: pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
        """Return between which rates the successes of each segment, within the horizon, are to be expected.

        Parameters
        ----------
        X : DataFrame of n rows.
        level : how probable it is that the mean true probability of the rows lies within, in (0, 1).

        Returns
        -------
        What `PropensityModel.segment_intervals` returns; a band is one of mean hazards.
        """
        uncertainty = self._uncertainty(level)
        if uncertainty is None:
            return pd.DataFrame(columns=["segment", "band", "rows", "mean", "low", "high"])
        log_odds, chances = self._mean_hazard(X)
        return uncertainty.table(log_odds, self._segments(X), level, chances)

    def bands(self, X: pd.DataFrame) -> NDArray[np.intp]:
        """Return which band of `segment_intervals` each row is in, ndarray of shape (n,), 1 the highest; 0 if none."""
        uncertainty = self.propensity.predictor_.uncertainty
        return np.zeros(len(X), dtype=np.intp) if uncertainty is None else uncertainty.bands(self._mean_hazard(X)[0])

    def _uncertainty(self, level: float) -> Uncertainty | None:
        if not 0 < level < 1:
            raise ValueError(f"level is {level}; give a probability between 0 and 1, such as 0.9")
        return self.propensity.predictor_.uncertainty

    def _segments(self, X: pd.DataFrame) -> NDArray[Any]:
        if self.propensity.segment is None:
            return np.full(len(X), EVERYWHERE, dtype=object)
        return X[self.propensity.segment].astype("str").to_numpy(object)

    def _mean_hazard(self, X: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the log-odds of the mean hazard over a row's horizon, and how many intervals that is of.

        What is not known of a level moves the hazards of all intervals alike, and so their mean.
        """
        keys = timeline_keys(X).to_numpy(object)
        exposure = self._exposure(keys, self.horizons(X))
        intervals = exposure.sum(axis=1)
        return _log_odds(_cumulated(self._hazards(X, keys, exposure), exposure) / intervals), intervals

    def _exposure(self, keys: NDArray[np.object_], days: float | Floats) -> Floats:
        """Return how much of each interval of a row's timeline lies before its day, ndarray of shape (n, n_names)."""
        reached = np.broadcast_to(np.asarray(days, dtype=np.float64), keys.shape)
        exposure = np.zeros((len(keys), len(self._names)))
        for key in pd.unique(keys):
            rows, line = keys == key, self.timelines[key]
            places = [self._names.index(name) for name in line.names]
            exposure[np.ix_(rows, places)] = line.exposure(reached[rows])
        return exposure

    def _hazards(self, X: pd.DataFrame, keys: NDArray[np.object_], exposure: Floats) -> Floats:
        """Return the log-odds of a success in each interval that is needed, 0 elsewhere."""
        hazards = np.zeros_like(exposure)
        for place, name in enumerate(self._names):
            rows = exposure[:, place] > 0
            if rows.any():
                seen = _in_interval(X.loc[rows, self.columns], keys[rows], name)
                hazards[rows, place] = self.propensity.decision_function(seen)
        return hazards


def timeline_keys(X: pd.DataFrame) -> pd.Series:
    """Return which timeline each row of a model's inputs is on: its business unit and kind."""
    return X[SEGMENT_OF_UNIT].astype("str") + BETWEEN + X[SEGMENT_OF_KIND].astype("str")


def _in_interval(X: pd.DataFrame, keys: NDArray[np.object_], interval: str | pd.Series) -> pd.DataFrame:
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


def _cumulated(hazards: Floats, exposure: Floats) -> Floats:
    """Return the cumulated hazard of each row, ndarray of shape (n,), column by column so that no row sees another."""
    total = np.zeros(len(hazards))
    for place in range(hazards.shape[1]):
        total += exposure[:, place] * np.logaddexp(0, hazards[:, place])
    return total


def _log_odds(cumulated: Floats) -> Floats:
    """Return the log-odds of 1 - exp(-cumulated hazard)."""
    return np.asarray(np.log(-np.expm1(-cumulated)) + cumulated)


def _slopes(hazards: Floats, exposure: Floats) -> Floats:
    """Return how fast the log-odds of the whole rise with those of each interval."""
    slope: Floats = exposure * expit(hazards) / -np.expm1(-_cumulated(hazards, exposure))[:, None]
    return slope
