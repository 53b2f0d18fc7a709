"""How well scores separate successes from failures: over all rows, and in the purest part."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata

from features.leakage.column import Floats
from features.leakage.sample import FOLDS, Flags, Sample
from features.leakage.view import Codes

Z = 2.0
"""Standard errors that every figure is lowered by before it counts as evidence."""

LARGEST_PART = 0.1
"""The purest part may hold this share of the failures."""

SMALLEST_PART = 0.15
"""It holds at least this share of the successes, and FEWEST_IN_PART of them."""

FEWEST_IN_PART = 8

PURITY = (0.4, 0.8, 0.9)
"""Shares of successes, lower bounds, in the purest part: what some, few and no honest signals promise."""

STANDS_OUT = 1.8
"""Standard deviations from which a part's purity counts: what a signal of AUC 0.90 has."""


@dataclass(frozen=True, slots=True)
class Area:
    """The probability that a success scores above a failure, ties counting half.

    Parameters
    ----------
    auc : in [0, 1].
    low : its lower bound, Z standard errors below.
    """

    auc: float
    low: float


@dataclass(frozen=True, slots=True)
class Part:
    """The rows that score highest, cut where successes stand out most.

    Parameters
    ----------
    share : of its rows, how many are successes, the table's rate accounted for; `low` is the lower bound.
    successes, failures : of all of either outcome, the share that is in the part.
    distance : standard deviations between the two outcomes that such a cut speaks of, lower bound.
    rows : of the table, about.
    """

    share: float
    low: float
    successes: float
    failures: float
    distance: float
    rows: int

    @property
    def order(self) -> tuple[int, float]:
        """Of two parts, the one of the higher step of PURITY says more, then the one that stands out more."""
        return int(_step(np.array(self.low), np.array(self.distance))), self.distance


def held_out_scores(codes: Codes, sample: Sample) -> Floats:
    """Return each row's log-odds of success over the rate of all, learnt from the other folds.

    Parameters
    ----------
    codes : ndarray of shape (n, k), -1 for none; a row's score is the sum over its k places.
    """
    scores = np.zeros(len(codes))
    for fold in range(FOLDS):
        held_out = sample.fold == fold
        learnt = _log_odds(codes[~held_out], sample.success[~held_out], int(codes.max()) + 1)
        scores[held_out] = learnt[codes[held_out]].sum(axis=1)
    return scores


def _log_odds(codes: Codes, success: Flags, places: int) -> Floats:
    """Return the log-odds of each place over those of all, shrunk by rows that hold one of the rarer outcome."""
    rate = float(np.clip(success.mean(), 1e-6, 1 - 1e-6)) if len(success) else 0.5
    prior = 1 / min(rate, 1 - rate)
    flat = codes.ravel() + 1
    rows = np.bincount(flat, minlength=places + 1)[1:]
    won = np.bincount(flat, np.repeat(success, codes.shape[1]).astype(np.float64), minlength=places + 1)[1:]
    share = (won + prior * rate) / (rows + prior)
    odds = np.log(share / (1 - share)) - np.log(rate / (1 - rate))
    return np.append(odds, 0.0)  # the last place is that of -1: no word, no opinion


def area(success: Flags, score: Floats) -> Area:
    """Measure over all rows; its error after Hanley and McNeil, Radiology 143(1), 1982."""
    won, lost = int(success.sum()), int((~success).sum())
    if not won or not lost:
        return Area(0.5, 0.0)
    auc = float((rankdata(score)[success].sum() - won * (won + 1) / 2) / (won * lost))
    return Area(auc, auc - Z * area_error(auc, won, lost))


def area_error(auc: float, won: float, lost: float) -> float:
    """Return the standard error of an AUC; an error that came out 0 would trust a handful of rows."""
    auc = min(max(auc, 0.5), 1 - 0.5 / min(won, lost))
    above, below = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = auc * (1 - auc) + (won - 1) * (above - auc**2) + (lost - 1) * (below - auc**2)
    return float(np.sqrt(max(variance, 0.0) / (won * lost)))


def purest_part(sample: Sample, score: Floats) -> Part | None:
    """Find the purest part of the highest scores that stands out; None where no part is large enough."""
    success = sample.success
    levels = np.unique(score)[::-1]
    place = len(levels) - 1 - np.searchsorted(levels[::-1], score)
    won = np.cumsum(np.bincount(place[success], minlength=len(levels)))
    lost = np.cumsum(np.bincount(place[~success], minlength=len(levels)))
    large = (won >= max(FEWEST_IN_PART, SMALLEST_PART * won[-1])) & (lost <= LARGEST_PART * lost[-1])
    if not large.any():
        return None
    bounds = (_wilson(won / won[-1], won[-1], -Z), _wilson(lost / lost[-1], lost[-1], Z))
    distance = np.where(large, norm.ppf(bounds[0]) - norm.ppf(bounds[1]), -np.inf)
    pure = _wilson(won / (won + lost), won + lost, -Z)
    low = _in_table(pure, sample)
    best = int(np.argmax(np.where(large, 100 * _step(low, distance) + distance, -np.inf)))
    return _part(sample, int(won[best]), int(lost[best]), float(distance[best]))


def _part(sample: Sample, won: int, lost: int, distance: float) -> Part:
    rows = won + lost
    shares = np.array([won / rows, float(_wilson(np.array(won / rows), rows, -Z))])
    share, low = _in_table(shares, sample)
    return Part(
        share=float(share),
        low=float(low),
        successes=won / int(sample.success.sum()),
        failures=lost / int((~sample.success).sum()),
        distance=distance,
        rows=round(won * sample.successes + lost * sample.failures),
    )


def _step(low: Floats, distance: Floats) -> NDArray[np.intp]:
    """Return how many steps of PURITY a part reaches; none where it does not stand out."""
    return np.where(distance >= STANDS_OUT, np.digitize(low, PURITY), 0)


def _in_table(share: Floats, sample: Sample) -> Floats:
    """Turn a share of the sample's rows into one of the table's."""
    won, lost = share * sample.successes, (1 - share) * sample.failures
    return won / (won + lost)


def _wilson(share: NDArray[np.float64], rows: int | NDArray[np.intp], z: float) -> NDArray[np.float64]:
    """Return the bound, above for z > 0, of a share that was seen in so many rows (Wilson, JASA 22, 1927)."""
    centre = share + z**2 / (2 * rows)
    spread = z * np.sqrt(share * (1 - share) / rows + z**2 / (4 * rows**2))
    bound: NDArray[np.float64] = np.clip((centre + spread) / (1 + z**2 / rows), 1e-9, 1 - 1e-9)
    return bound


def distance_of(auc: float) -> float:
    """Return how many standard deviations apart two normal outcomes of this AUC lie."""
    return float(np.sqrt(2) * norm.ppf(np.clip(auc, 1e-6, 1 - 1e-6)))


def distance_between(flag: Flags, success: Flags) -> float:
    """Return how many standard deviations a flag sets the outcomes apart, lower bound, >= 0."""
    won, lost = int(success.sum()), int((~success).sum())
    shares = float(flag[success].mean()), float(flag[~success].mean())
    sign = 1.0 if shares[0] >= shares[1] else -1.0
    bounds = (_wilson(np.array(shares[0]), won, -sign * Z), _wilson(np.array(shares[1]), lost, sign * Z))
    return max(0.0, sign * float(norm.ppf(bounds[0]) - norm.ppf(bounds[1])))
