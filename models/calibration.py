"""Calibration: a straight line in log-odds that makes predicted probabilities come true on rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit

Floats = NDArray[np.float64]

SLOPE_PRIOR_SD = 0.25
"""How far, as a standard deviation, a slope is believed to be from 1 before any row is seen."""

SMALLEST_SLOPE = 0.01
"""A slope stays above 0, so that calibration never turns a ranking round."""


@dataclass(frozen=True, slots=True)
class LogitCalibration:
    """Calibrated log-odds = intercept + slope × log-odds; additive contributions stay additive under it.

    Parameters
    ----------
    intercept : in log-odds.
    slope : > 0; below 1 where the model was too sure of itself.
    """

    intercept: float = 0.0
    slope: float = 1.0

    @classmethod
    def fit(cls, logits: Floats, y: Floats, sample_weight: Floats | None = None) -> LogitCalibration:
        """Fit the line to rows that the model was not trained on.

        Parameters
        ----------
        logits : ndarray of shape (n,), finite log-odds.
        y : ndarray of shape (n,), 0 or 1, both present.
        sample_weight : ndarray of shape (n,), >= 0: how many rows each row stands for; all 1 by default.

        Raises
        ------
        ValueError
            If `y` holds one class only: no line is the best one then.

        Notes
        -----
        Platt, Advances in Large Margin Classifiers, 1999. In place of his smoothed targets the slope has a normal
        prior around 1. Where the best line is no better than the base rate, it is the base rate for everyone.
        """
        weight = np.ones_like(y) if sample_weight is None else sample_weight
        rate = float(np.average(y, weights=weight))
        if not 0 < rate < 1:
            raise ValueError(f"calibration needs rows of both classes; the share of positives is {rate:g}")
        centre = float(np.average(logits, weights=weight))
        held_out = _HeldOut(logits - centre, y, weight)
        base = _Line(float(logit(rate)), 0.0)
        best = held_out.best_line(base.level, SMALLEST_SLOPE, None)
        slope = best.slope if held_out.loss(best) < held_out.loss(base) else SMALLEST_SLOPE
        level = held_out.best_line(base.level, slope, slope).level
        return cls(intercept=level - slope * centre, slope=slope)

    def apply(self, logits: Floats) -> Floats:
        """Return the calibrated log-odds, element by element."""
        return self.intercept + self.slope * logits


class _Line(NamedTuple):
    level: float
    slope: float


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """Rows held out: how far each one's log-odds are from their mean, what came of it, and its weight."""

    deviation: Floats
    y: Floats
    weight: Floats

    def best_line(self, level: float, least: float, most: float | None) -> _Line:
        """Return the most probable line with a slope within bounds, the search starting from a level."""
        best = minimize(
            self._penalised_loss,
            x0=np.array([level, least if most == least else 1.0]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), (least, most)],
            options={"ftol": 1e-15, "gtol": 1e-9},
        )
        return _Line(*(float(value) for value in best.x))

    def loss(self, line: _Line) -> float:
        """Return the log-loss of a line, summed over rows with their weights."""
        logits = line.level + line.slope * self.deviation
        return float(np.dot(self.weight, np.logaddexp(0, logits) - self.y * logits))

    def _penalised_loss(self, line: Floats) -> tuple[float, Floats]:
        """Return the mean log-loss of a line with its prior, and the gradient."""
        level, slope = line.tolist()
        error = self.weight * (expit(level + slope * self.deviation) - self.y)
        surprise = (slope - 1) / SLOPE_PRIOR_SD**2
        loss = self.loss(_Line(level, slope)) + (slope - 1) * surprise / 2
        gradient = np.array([error.sum(), np.dot(error, self.deviation) + surprise])
        return float(loss / self.weight.sum()), gradient / self.weight.sum()
