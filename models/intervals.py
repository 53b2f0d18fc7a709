"""Intervals: between which rates the successes of a segment are to be expected, by band of score."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import beta, norm

from models.pooling import Pooling, RowsHeldOut
from models.unseen import variance_around

Floats = NDArray[np.float64]
Texts = NDArray[Any]

BAND_SHARES = (0.95, 0.8, 0.5)
"""Shares of all rows that score below each band but the last, the highest first."""

ALL_BANDS = "all"

_NODES, _WEIGHTS = hermegauss(9)
_WEIGHTS /= _WEIGHTS.sum()
"""Gauss and Hermite's rule for a standard normal distribution."""


class Uncertainty(BaseModel):
    """What is not known of the level of each segment, and of each band of scores in it.

    Parameters
    ----------
    edges : log-odds from which on a score is in the first band, the second, and so on.
    segments : how far each segment is from its signals.
    cells : how far each band of a segment is from the model, segment and all.
    moves : standard deviation, in log-odds, of a segment's level from one time to another.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    edges: tuple[float, ...]
    segments: Pooling
    cells: Pooling
    moves: float

    @classmethod
    def fit(cls, held_out: RowsHeldOut, segments: Texts, pooling: Pooling, times: Texts | None) -> Uncertainty:
        """Learn from rows that the model was not trained on.

        Parameters
        ----------
        held_out : n rows, their log-odds as they are before pooling.
        segments : ndarray of shape (n,), of text.
        pooling : fitted to the same rows.
        times : ndarray of shape (n,): when each row was; None: levels are taken to stay what they are.
        """
        offset, doubt = pooling.of(segments)
        pooled = replace(held_out, log_odds=held_out.log_odds + offset)
        quantiles = np.quantile(pooled.log_odds, BAND_SHARES, method="inverted_cdf", weights=held_out.weight)
        edges = tuple(quantiles.tolist())
        cells = Pooling.fit(pooled, _cells(segments, _bands(pooled.log_odds, edges)), doubt)
        moves = 0.0
        if times is not None:
            moves = _moves(pooled, segments, times)
        return cls(edges=edges, segments=pooling, cells=cells, moves=moves)

    def bands(self, log_odds: Floats) -> NDArray[np.intp]:
        """Return the band of each score, ndarray of shape (n,), 1 the highest."""
        return _bands(log_odds, self.edges)

    def around(self, log_odds: Floats, segments: Texts, level: float, chances: Floats | float = 1.0) -> Floats:
        """Return between which probabilities accounts with each row's score and segment lie on average.

        Parameters
        ----------
        log_odds : ndarray of shape (n,), of the rows.
        segments : ndarray of shape (n,), of text.
        level : how probable it is that the truth lies within, in (0, 1).
        chances : number, or ndarray of shape (n,), > 0: how many chances of these log-odds a row has, one after the
            other; what is returned is of any success in them.

        Returns
        -------
        ndarray of shape (n, 2).
        """
        offset, doubt = self._of_cells(_cells(segments, self.bands(log_odds)), segments)
        reach = norm.ppf((1 + level) / 2) * np.sqrt(doubt**2 + self.moves**2)
        centre = log_odds + offset
        return np.column_stack([_any_of(centre - reach, chances), _any_of(centre + reach, chances)])

    def table(self, log_odds: Floats, segments: Texts, level: float, chances: Floats | float = 1.0) -> pd.DataFrame:
        """Return, for each segment and each of its bands, between which rates successes are to be expected.

        What is not known is the level, which all rows of a segment share, and how far each account's own probability is
        from the mean of those that look like it, which matters the less the more accounts there are.

        Parameters
        ----------
        log_odds, segments, level, chances : as in `around`; an account is one row.

        Returns
        -------
        DataFrame with ``segment``, ``band`` (1 the highest, or 'all'), ``rows``, ``mean`` (of the probabilities),
        ``low`` and ``high``, sorted by segment and band.
        """
        mean = _any_of(log_odds, chances)
        bands, everyone = self.bands(log_odds), np.full(len(segments), ALL_BANDS, dtype=object)
        offset, doubt = self._of_cells(_cells(segments, bands), segments)
        parts = [
            _rates(segments, everyone, mean, self._levels(log_odds, self.segments.of(segments)[1], chances), level),
            _rates(segments, bands, mean, self._levels(log_odds + offset, doubt, chances), level),
        ]
        table = pd.concat(parts, ignore_index=True).astype({"band": "str"})
        return table.sort_values(["segment", "band"], ignore_index=True)

    def _of_cells(self, cells: Texts, segments: Texts) -> tuple[Floats, Floats]:
        """Return how far each row's band of its segment is from the model, and what is not known of that."""
        mean, doubt = self.cells.of(cells)
        unseen = ~pd.Index(cells).isin(list(self.cells.offsets))
        return mean, np.sqrt(doubt**2 + unseen * self.segments.of(segments)[1] ** 2)

    def _levels(self, log_odds: Floats, doubt: Floats, chances: Floats | float) -> Floats:
        """Return the probability of each row at levels that may be, ndarray of shape (n, number of nodes)."""
        doubt = np.sqrt(doubt**2 + self.moves**2)
        return np.column_stack([_any_of(log_odds + node * doubt, chances) for node in _NODES])


def _moves(pooled: RowsHeldOut, segments: Texts, times: Texts) -> float:
    """Return how far a segment's level at a time to come may be from what is known of it.

    What is known is the mean of the times that there were, so that they seem nearer to it than the next one will be.
    """
    distinct, codes = np.unique(times, return_inverse=True)
    apart = Pooling.fit(pooled, _cells(segments, codes)).unseen.sd
    n = len(distinct)
    return apart * float(np.sqrt((n + 1) / (n - 1))) if n > 1 else apart


def _any_of(log_odds: Floats, chances: Floats | float) -> Floats:
    """Return the probability of a success in any of so many chances of these log-odds."""
    return np.asarray(-np.expm1(-chances * np.logaddexp(0, log_odds)))


def _bands(log_odds: Floats, edges: tuple[float, ...]) -> NDArray[np.intp]:
    """Return the band of each score, 1 the highest."""
    return np.asarray(1 + (log_odds[:, None] < np.array(edges)).sum(axis=1), dtype=np.intp)


def _cells(segments: Texts, parts: NDArray[Any]) -> Texts:
    """Return the name of each row's part of its segment; each name is made once."""
    of, segment_names = pd.factorize(segments, use_na_sentinel=False)
    at, part_names = pd.factorize(parts, use_na_sentinel=False)
    codes, pairs = pd.factorize(of.astype(np.int64) * len(part_names) + at)
    names = [f"{segment_names[pair // len(part_names)]} | {part_names[pair % len(part_names)]}" for pair in pairs]
    return np.array(names, dtype=object)[codes]


def _rates(segments: Texts, bands: NDArray[Any], row_mean: Floats, levels: Floats, level: float) -> pd.DataFrame:
    """Return between which rates each band of each segment lies: a beta distribution of mean and variance alike.

    Parameters
    ----------
    segments, bands, row_mean : ndarrays of shape (n,); the last is each row's probability.
    levels : ndarray of shape (n, number of nodes), the probability of each row at levels that may be.
    """
    keys = [pd.Series(segments, name="segment"), pd.Series(bands, name="band")]
    frame = pd.DataFrame({"mean": row_mean, "unseen": variance_around(row_mean)})
    grouped = frame.groupby(keys)
    rows, sums = grouped.size(), grouped.sum()
    rates = pd.DataFrame({"rows": rows, "mean": sums["mean"] / rows})
    at_levels = pd.DataFrame(levels).groupby(keys).mean().to_numpy()
    mean = at_levels @ _WEIGHTS
    variance = (at_levels - mean[:, None]) ** 2 @ _WEIGHTS + (sums["unseen"] / rows**2).to_numpy()
    as_many = mean * (1 - mean) / variance - 1
    for name, share in (("low", (1 - level) / 2), ("high", (1 + level) / 2)):
        rates[name] = beta.ppf(share, mean * as_many, (1 - mean) * as_many)
    return rates.reset_index()
