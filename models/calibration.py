"""Calibration: a straight line in log-odds that makes predicted probabilities come true on rows held out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

Floats = NDArray[np.float64]

SLOPE_PRIOR_SD = 0.5
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
        prior around 1: with few positives, or with log-odds that hardly differ, the line stays near the identity.
        """
        weight = np.ones_like(y) if sample_weight is None else sample_weight
        rate = float(np.average(y, weights=weight))
        if not 0 < rate < 1:
            raise ValueError(f"calibration needs rows of both classes; the share of positives is {rate:g}")
        centre = float(np.average(logits, weights=weight))
        deviation = logits - centre

        def loss(line: Floats) -> tuple[float, Floats]:
            return _penalised_loss(line, deviation, y, weight)

        best = minimize(
            loss,
            x0=np.array([np.log(rate / (1 - rate)), 1.0]),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), (SMALLEST_SLOPE, None)],
            options={"ftol": 1e-15, "gtol": 1e-9},
        )
        level, slope = (float(value) for value in best.x)
        return cls(intercept=level - slope * centre, slope=slope)

    def apply(self, logits: Floats) -> Floats:
        """Return the calibrated log-odds, element by element."""
        return self.intercept + self.slope * logits


def _penalised_loss(line: Floats, deviation: Floats, y: Floats, weight: Floats) -> tuple[float, Floats]:
    """Return the mean log-loss of a line (level, slope) with its prior, and the gradient."""
    level, slope = line
    logits = level + slope * deviation
    total = weight.sum()
    error = weight * (expit(logits) - y)
    surprise = (slope - 1) / SLOPE_PRIOR_SD**2
    loss = np.dot(weight, np.logaddexp(0, logits) - y * logits) + (slope - 1) * surprise / 2
    gradient = np.array([error.sum(), np.dot(error, deviation) + surprise])
    return float(loss / total), gradient / total
