"""Drift: whether accounts, as the model sees them, are still like those that it was judged on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.stats import chi2

Floats = NDArray[np.float64]

BINS = 10

LEAST_SHARE = 1e-4
"""What an empty bin counts as, so that its logarithm exists."""

EVERYWHERE = "all"
"""What all segments together are called."""

FEWEST_ROWS = 200
"""Of smaller segments a distribution of scores says nothing."""

MOVED = 0.25
"""Population stability index, less what chance gives, from which on scores have moved."""

SHIFTED = 0.25
"""Log-odds by which one signal, by itself, moves the average score, from which on it has shifted: because of it alone
about a quarter more successes, or fewer, are expected."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Scores of a segment that are spread otherwise than they were.

    Parameters
    ----------
    segment : its name, or EVERYWHERE.
    index : population stability index, less what chance gives, >= 0.
    rows : that it is of.
    """

    segment: str
    index: float
    rows: int


@dataclass(frozen=True, slots=True)
class Shifted:
    """A signal that moves the average score otherwise than it did.

    Parameters
    ----------
    signal : its name.
    shift : of its mean contribution, in log-odds.
    """

    signal: str
    shift: float


class Reference(BaseModel):
    """What scores and their parts were like.

    Both measures are sizes of an effect, so that they do not grow with the number of rows; what chance alone gives is
    taken off, so that they do not fire where rows are few.

    Parameters
    ----------
    edges : log-odds between the tenths of all scores.
    shares : of rows in each of these bins, by segment.
    rows : that there were, by segment.
    contributions : mean of what each signal added to the log-odds.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    edges: tuple[float, ...]
    shares: dict[str, tuple[float, ...]]
    rows: dict[str, int]
    contributions: dict[str, float]

    @classmethod
    def of(cls, log_odds: Floats, segments: NDArray[Any], contributions: pd.DataFrame) -> Reference:
        """Take note of n rows.

        Parameters
        ----------
        log_odds : ndarray of shape (n,).
        segments : ndarray of shape (n,), of text.
        contributions : of the same population, of as many rows as one can wait for: the signals' columns.
        """
        edges = tuple(np.unique(np.quantile(log_odds, np.linspace(0, 1, BINS + 1)[1:-1])).tolist())
        parts = _parts(log_odds, segments)
        return cls(
            edges=edges,
            shares={name: tuple(_shares(part, edges).tolist()) for name, part in parts.items()},
            rows={name: len(part) for name, part in parts.items()},
            contributions={str(name): float(mean) for name, mean in contributions.mean().items()},
        )

    def moved(self, log_odds: Floats, segments: NDArray[Any]) -> list[Moved]:
        """Return the index of each segment that has enough rows, then and now, the largest first.

        Parameters
        ----------
        log_odds, segments : as in `of`.

        Notes
        -----
        Population stability index: Siddiqi, Credit Risk Scorecards, 2006. By chance it is about a chi-squared variable
        over the harmonic number of rows (Yurdakul and Naranjo, Journal of Risk Model Validation 14, 2020); its 95th
        percentile is taken off.
        """
        found = []
        for name, part in _parts(log_odds, segments).items():
            if name in self.shares:
                index = float(stability_index(np.array([self.shares[name], _shares(part, self.edges)]))[1])
                chance = float(chi2.ppf(0.95, len(self.edges))) * (1 / self.rows[name] + 1 / len(part))
                found.append(Moved(name, max(0.0, index - chance), len(part)))
        return sorted(found, key=lambda one: (-one.index, one.segment))

    def shifted(self, contributions: pd.DataFrame) -> list[Shifted]:
        """Return by how much the mean contribution of each signal has shifted, the furthest first.

        Parameters
        ----------
        contributions : the signals' columns.
        """
        means: Mapping[str, float] = {str(name): float(mean) for name, mean in contributions.mean().items()}
        found = [Shifted(name, means[name] - then) for name, then in self.contributions.items() if name in means]
        return sorted(found, key=lambda one: (-abs(one.shift), one.signal))


def stability_index(shares: Floats) -> Floats:
    """Return the population stability index of each row of shares against the first.

    Parameters
    ----------
    shares : ndarray of shape (n_populations, n_bins), rows adding up to 1.

    Returns
    -------
    ndarray of shape (n_populations,), >= 0; the first is 0.
    """
    floored = np.maximum(shares, LEAST_SHARE)
    index: Floats = ((floored - floored[0]) * np.log(floored / floored[0])).sum(axis=1)
    return index


def _parts(log_odds: Floats, segments: NDArray[Any]) -> dict[str, Floats]:
    """Return the scores of all rows, and of each segment that has enough."""
    parts = {str(name): log_odds[segments == name] for name in np.unique(segments)}
    return {name: part for name, part in ({EVERYWHERE: log_odds} | parts).items() if len(part) >= FEWEST_ROWS}


def _shares(log_odds: Floats, edges: tuple[float, ...]) -> Floats:
    bins = np.searchsorted(np.array(edges), log_odds, "left")
    return np.asarray(np.bincount(bins, minlength=len(edges) + 1) / len(log_odds))
