"""Hazards: the probability of a success by any day, from propensities of one interval after another."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.polynomial.legendre import leggauss
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from models.intervals import Uncertainty
from models.landmarks import (
    FAILURES_PER_SUCCESS,
    INTERVAL,
    Followed,
    Hazards,
    Stacked,
    cumulated,
    in_interval,
    log_odds_of,
    timeline_keys,
    timelines_followed,
)
from models.leading import FAILURES_PER_LEADING, Leading
from models.learning import EVERYWHERE
from models.predictor import LINES
from models.propensity import PropensityModel
from models.propensity_state import HazardState
from models.timeline import Timeline

Floats = NDArray[np.float64]

TIMING = "timing"
ALL_LINES: Mapping[str, str] = MappingProxyType({TIMING: "how hazards go from one interval to the next", **LINES})
"""What adds to a prediction beside the columns, by name, with what it is."""

_NODES, _WEIGHTS = leggauss(16)
_NODES, _WEIGHTS = (_NODES + 1) / 2, _WEIGHTS / 2
"""Gauss and Legendre's rule on [0, 1]."""


class HazardModel(Hazards[PropensityModel]):
    """Hazards learnt by Glocal's own propensity model: they can be taken apart, doubted and kept."""

    __slots__ = ()

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
        leading: Followed | None = None,
    ) -> Self:
        """Fit a copy of an estimator to the intervals over which rows were followed.

        Parameters
        ----------
        estimator, X, followed, timelines, groups, times, seed : as `models.landmarks.Hazards.learn` takes them.
        leading : when what comes before a success first came, such as an opened opportunity. A row that was not
            followed for it (0 days) tells nothing of it. It is learnt first where it came more often than successes.

        Raises
        ------
        ValueError
            As `models.landmarks.Hazards.learn`.
        """
        stacked = Stacked.of(X, followed, timelines, FAILURES_PER_SUCCESS, seed)
        first = None if leading is None else _leading(X, leading, stacked, np.asarray(groups), seed)
        return cls(stacked.fitted(estimator, groups, times, leading=first), stacked.timelines)

    def to_state(self) -> HazardState:
        """Return all that was learnt, in types that JSON has."""
        return HazardState(timelines=dict(self.timelines), propensity=self.propensity.to_state())

    @classmethod
    def from_state(cls, state: HazardState) -> Self:
        """Return the model that a state was taken from; it predicts the same to the bit."""
        return cls(PropensityModel.from_state(state.propensity), state.timelines)

    def hazards(self, X: pd.DataFrame, keys: NDArray[np.object_], exposure: Floats) -> Floats:
        """Return the log-odds of a success in each interval that is needed, 0 elsewhere.

        Trees that do not ask which interval it is are asked once.
        """
        hazards = np.zeros_like(exposure)
        steady = self.propensity.steady_log_odds(self._anywhere(X, keys), INTERVAL)
        for place, rows, seen in self.in_turn(X, keys, exposure):
            hazards[rows, place] = self.propensity.decision_function(seen, steady.of(rows))
        return hazards

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
        exposure = self.exposure(keys, self.horizons(X))
        signals = [name for name in self.columns if name != self.propensity.segment]
        columns = [*signals, *ALL_LINES]
        parts = np.zeros((len(X), len(self.names), len(columns)))
        steady = self.propensity.steady_contributions(self._anywhere(X, keys), INTERVAL)
        for place, rows, seen in self.in_turn(X, keys, exposure):
            own = self.propensity.contributions(seen, steady.of(rows))
            parts[rows, place] = own.rename(columns={INTERVAL: TIMING})[columns].to_numpy()
        baseline = columns.index("baseline")
        start, end = parts[:, :, baseline], parts.sum(axis=2)
        slopes = np.zeros_like(start)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            slopes += weight * _slopes(start + node * (end - start), exposure)
        added = np.einsum("nk,nkc->nc", slopes, parts)
        added[:, baseline] = log_odds_of(cumulated(start, exposure))
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

    def _anywhere(self, X: pd.DataFrame, keys: NDArray[np.object_]) -> pd.DataFrame:
        """Return what the propensity model sees of rows in some interval, for what is the same in all of them."""
        return in_interval(X[self.columns], keys, self.names[0])

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
        exposure = self.exposure(keys, self.horizons(X))
        intervals = exposure.sum(axis=1)
        return log_odds_of(cumulated(self.hazards(X, keys, exposure), exposure) / intervals), intervals


def _leading(X: pd.DataFrame, leading: Followed, successes: Stacked, groups: NDArray[Any], seed: int) -> Leading | None:
    """Return the intervals that tell of a leading outcome, if these are more than those of a success."""
    if not timelines_followed(X, leading, successes.timelines):
        return None
    stacked = Stacked.of(X, leading, successes.timelines, FAILURES_PER_LEADING, seed)
    if stacked.success.sum() <= successes.success.sum():
        return None
    return Leading(stacked.X, stacked.success, stacked.weight, groups[stacked.rows])


def _slopes(hazards: Floats, exposure: Floats) -> Floats:
    """Return how fast the log-odds of the whole rise with those of each interval."""
    slope: Floats = exposure * expit(hazards) / -np.expm1(-cumulated(hazards, exposure))[:, None]
    return slope
