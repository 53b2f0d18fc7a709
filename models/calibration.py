"""Calibration: a bent line in log-odds that makes predicted probabilities come true on rows held out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.optimize import minimize
from scipy.special import expit, logit

from models.merging import MergedRows

Floats = NDArray[np.float64]

SLOPE_PRIOR_SD = 0.25
"""How far, as a standard deviation, the mean slope is believed to be from 1."""

BEND_PRIOR_SD = 0.1
"""How far each slope is believed to be from the one before it."""

SMALLEST_SLOPE = 0.01
"""A slope stays above 0, so that calibration never turns a ranking round."""

MOST_PIECES = 8

SUCCESSES_PER_PIECE = 50
"""A piece stands on so many; with fewer than twice as many there is one."""

NO_WAY = 1e-9
"""Log-odds that are so near have no way between them whose slope could be measured."""


class Calibration(BaseModel):
    """Calibrated log-odds: a rising function of what the model says, straight in pieces.

    Parameters
    ----------
    intercept : of the first piece, in log-odds.
    slopes : of the pieces, > 0; below 1 where the model was too sure of itself.
    knots : log-odds where a piece ends and the next begins, ascending.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    intercept: float = 0.0
    slopes: tuple[float, ...] = (1.0,)
    knots: tuple[float, ...] = ()

    @classmethod
    def fit(
        cls, logits: Floats, y: Floats, sample_weight: Floats | None = None, most_pieces: int = MOST_PIECES
    ) -> Self:
        """Fit the line to rows that the model was not trained on.

        Parameters
        ----------
        logits : ndarray of shape (n,), finite log-odds.
        y : ndarray of shape (n,), 0 or 1, both present.
        sample_weight : ndarray of shape (n,), >= 0: how many rows each row stands for; all 1 by default.
        most_pieces : the largest number of pieces, >= 1; there are fewer where successes are few.

        Raises
        ------
        ValueError
            If `y` holds one class only: no line is the best one then.

        Notes
        -----
        Platt, Advances in Large Margin Classifiers, 1999, with a spline in place of his line (Lucena, Spline-based
        probability calibration, arXiv:1809.07751), whose slopes are positive, and normal around 1 in place of his
        smoothed targets. Where the best line is no better than the base rate, it is the base rate for everyone.
        """
        weight = np.ones_like(y) if sample_weight is None else sample_weight
        rate = float(np.average(y, weights=weight))
        if not 0 < rate < 1:
            raise ValueError(f"calibration needs rows of both classes; the share of positives is {rate:g}")
        counts = weight > 0
        knots = _knots(logits, y * weight, most_pieces)
        rows = MergedRows.of(logits[counts], y[counts], weight[counts], np.zeros(counts.sum(), dtype=np.intp))
        held_out = _HeldOut.of(rows, knots)
        n, base = len(knots) + 1, float(logit(rate))
        level, slopes = held_out.best(base, np.full(n, SMALLEST_SLOPE), None)
        if held_out.loss(level, slopes) >= held_out.loss(base, np.zeros(n)):
            slopes = np.full(n, SMALLEST_SLOPE)
        # The level alone once more: slopes that the search left or a bound holds must not move the mean.
        level, slopes = held_out.best(base, slopes, slopes)
        start = level - float(np.dot(slopes, held_out.centre))
        return cls(
            intercept=start - float(slopes[0] * knots[0]) if len(knots) else start,
            slopes=tuple(slopes.tolist()),
            knots=tuple(knots.tolist()),
        )

    def apply(self, logits: Floats) -> Floats:
        """Return the calibrated log-odds, element by element."""
        calibrated = self.intercept + self.slopes[0] * logits
        for knot, bend in zip(self.knots, np.diff(self.slopes), strict=True):
            calibrated += bend * np.maximum(0.0, logits - knot)
        return calibrated

    def mean_slope(self, start: Floats, end: Floats) -> Floats:
        """Return the mean slope on the way from some log-odds to others, element by element, > 0."""
        way = end - start
        there = np.abs(way) < NO_WAY
        slopes = np.array(self.slopes)[np.searchsorted(self.knots, start)]
        return np.where(there, slopes, (self.apply(end) - self.apply(start)) / np.where(there, 1.0, way))


@dataclass(frozen=True, slots=True)
class _HeldOut:
    """Rows held out: how far each one's log-odds reach into each piece.

    Parameters
    ----------
    reach : ndarray of shape (n, number of pieces), from their means.
    centre : ndarray of shape (number of pieces,), these means.
    successes, weight : ndarrays of shape (n,); see `MergedRows`.
    """

    reach: Floats
    centre: Floats
    successes: Floats
    weight: Floats

    @classmethod
    def of(cls, rows: MergedRows, knots: Floats) -> Self:
        """Divide log-odds among the pieces; in the first one they are counted from its end, in others from their start.

        Parameters
        ----------
        rows : n of them.
        knots : ndarray of shape (number of pieces - 1,), ascending.
        """
        starts, ends = np.append(-np.inf, knots), np.append(knots, np.inf)
        origin = np.append(knots[:1], knots) if len(knots) else np.zeros(1)
        reach = np.clip(rows.log_odds[:, None], starts, ends) - origin
        centre = np.average(reach, axis=0, weights=rows.weight)
        return cls(reach - centre, centre, rows.successes, rows.weight)

    def best(self, level: float, least: Floats, most: Floats | None) -> tuple[float, Floats]:
        """Return the most probable level and slopes, these within bounds, the search starting from a level.

        Parameters
        ----------
        level : where the search starts, at slopes of 1 or as near as bounds let it.
        least, most : ndarrays of shape (number of pieces,); None: there is no upper bound.
        """
        upper = [None] * len(least) if most is None else most.tolist()
        found = minimize(
            self._penalised_loss,
            x0=np.append(level, np.maximum(1.0, least) if most is None else most),
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None), *zip(least.tolist(), upper, strict=True)],
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 1000},
        ).x
        return float(found[0]), np.asarray(found[1:], dtype=np.float64)

    def loss(self, level: float, slopes: Floats) -> float:
        """Return the log-loss, summed over rows with their weights."""
        logits = level + self.reach @ slopes
        return float(np.dot(self.weight, np.logaddexp(0, logits)) - np.dot(self.successes, logits))

    def _penalised_loss(self, line: Floats) -> tuple[float, Floats]:
        """Return the mean log-loss of level and slopes with their prior, and the gradient."""
        level, slopes = float(line[0]), line[1:]
        error = self.weight * expit(level + self.reach @ slopes) - self.successes
        from_one, bends = slopes.mean() - 1, np.diff(slopes)
        loss = self.loss(level, slopes) + (from_one / SLOPE_PRIOR_SD) ** 2 / 2
        loss += float(np.dot(bends, bends)) / BEND_PRIOR_SD**2 / 2
        slope_gradient = error @ self.reach + from_one / len(slopes) / SLOPE_PRIOR_SD**2
        slope_gradient -= np.diff(bends, prepend=0.0, append=0.0) / BEND_PRIOR_SD**2
        return float(loss / self.weight.sum()), np.append(error.sum(), slope_gradient) / self.weight.sum()


def _knots(logits: Floats, successes: Floats, most_pieces: int) -> Floats:
    """Return where pieces meet on which about as many successes stand each, ndarray of shape (number of pieces - 1,).

    Parameters
    ----------
    logits, successes : ndarrays of shape (n,); how many successes each row stands for.
    most_pieces : >= 1.
    """
    pieces = min(most_pieces, max(1, int(successes.sum() // SUCCESSES_PER_PIECE)))
    shares = np.arange(1, pieces) / pieces
    return np.unique(np.quantile(logits, shares, method="inverted_cdf", weights=successes))
