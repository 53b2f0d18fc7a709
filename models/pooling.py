"""Pooling: how far each segment is from what the model says of it; small ones borrow from the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.special import expit, logsumexp

from models.merging import MergedRows, summed

Floats = NDArray[np.float64]
Codes = NDArray[np.intp]

SPREADS = np.geomspace(0.01, 2.0, 25)
"""Standard deviations, in log-odds, that segments may be apart."""

USUAL_SPREAD = 0.3
"""How far segments are believed to be apart before any row is seen: half-normal."""

ROUNDS = 30


class Offset(BaseModel):
    """How far one segment's log-odds are from the model's: a normal distribution.

    Parameters
    ----------
    mean : in log-odds.
    sd : >= 0, of what is not known of it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: float = 0.0
    sd: float = 0.0


@dataclass(frozen=True, slots=True)
class RowsHeldOut:
    """Predictions of n rows by a model that never saw them, and what came of each.

    Parameters
    ----------
    log_odds : ndarray of shape (n,), calibrated.
    y : ndarray of shape (n,), 0 or 1.
    weight : ndarray of shape (n,), > 0: how many rows each stands for.
    groups : ndarray of shape (n,): rows of one group, such as one account at several cutoffs, tell less than as many
        rows of different groups; None: every row by itself.
    """

    log_odds: Floats
    y: Floats
    weight: Floats
    groups: NDArray[Any] | None = None

    def design_effect(self, codes: Codes | None = None) -> float:
        """Return how much more the errors vary, summed by group, than those of independent rows would; >= 1.

        Parameters
        ----------
        codes : ndarray of shape (n,): the segment of each row, each group of which counts by itself; None: all are one.

        Notes
        -----
        Kish, Survey Sampling, 1965.
        """
        chance = expit(self.log_odds)
        errors = self.weight * (self.y - chance)
        if self.groups is not None:
            parts = pd.factorize(self.groups, use_na_sentinel=False)[0].astype(np.int64)
            if codes is not None:
                parts = pd.factorize(parts * (codes.max() + 1) + codes)[0]
            errors = summed(parts, errors)
        return max(1.0, float(np.dot(errors, errors) / np.dot(self.weight, chance * (1 - chance))))


class Pooling(BaseModel):
    """What is known of all segments.

    Parameters
    ----------
    offsets : by segment.
    unseen : of a segment of which there was no row.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    offsets: dict[str, Offset]
    unseen: Offset

    @classmethod
    def fit(
        cls, held_out: RowsHeldOut, segments: NDArray[Any], doubt: Floats | None = None, spread: float | None = None
    ) -> Pooling:
        """Learn from rows that the model was not trained on.

        Parameters
        ----------
        held_out : n rows.
        segments : ndarray of shape (n,), of text.
        doubt : ndarray of shape (n,), standard deviations, the same for all rows of a segment: how far its log-odds
            may be from the model's besides; None: not at all.
        spread : standard deviation, in log-odds, that segments are apart, > 0; None: it is learnt.

        Notes
        -----
        An intercept per segment, normal around 0. Its spread is unknown too: each that is possible counts by its
        marginal likelihood (Laplace's approximation) and by a prior, so that a few segments that happen to agree do not
        make the others certain. The likelihood is tempered by how much more the rows' scores vary between groups than
        the model has it (Pauli, Racugno and Ventura, Statistica Sinica 21, 2011).
        """
        codes, names = pd.factorize(segments, sort=True, use_na_sentinel=False)
        weight = held_out.weight / held_out.design_effect(codes)
        spreads = SPREADS if spread is None else np.array([spread])
        extra = np.zeros(len(names))
        if doubt is not None:
            extra[codes] = doubt**2
        rows = _Rows(MergedRows.of(held_out.log_odds, held_out.y, weight, codes), extra)
        modes = list(rows.modes_of_all(spreads))
        belief = np.array([rows.evidence(one, mode) for one, mode in zip(spreads, modes, strict=True)])
        belief -= spreads**2 / (2 * USUAL_SPREAD**2) - np.log(spreads)  # the spreads are apart in proportion
        belief = np.exp(belief - logsumexp(belief))
        means = np.array([mode for mode, _ in modes])
        variances = np.array([variance for _, variance in modes])
        mean = np.einsum("s,sk->k", belief, means)
        variance = np.einsum("s,sk->k", belief, variances + (means - mean) ** 2)
        offsets = {
            str(name): Offset(mean=float(mean[k]), sd=float(np.sqrt(variance[k]))) for k, name in enumerate(names)
        }
        return cls(offsets=offsets, unseen=Offset(sd=float(np.sqrt(np.dot(belief, spreads**2)))))

    @classmethod
    def of_one(cls, held_out: RowsHeldOut, segment: str) -> Pooling:
        """Return what is known of the level of all rows, as one segment that is calibrated already."""
        chance = expit(held_out.log_odds)
        information = float(np.dot(held_out.weight, chance * (1 - chance))) / held_out.design_effect()
        level = Offset(sd=information**-0.5)
        return cls(offsets={segment: level}, unseen=level)

    def in_doubt(self, segments: NDArray[Any], doubt: Floats) -> Pooling:
        """Return the same offsets, less certain.

        Parameters
        ----------
        segments : ndarray of shape (n,), of text.
        doubt : ndarray of shape (n,), standard deviations of what else is not known of each row's log-odds.
        """
        variance = pd.Series(doubt**2).groupby(segments.astype(str)).mean()
        offsets = {
            name: Offset(mean=one.mean, sd=float(np.hypot(one.sd, np.sqrt(variance[name]))))
            for name, one in self.offsets.items()
        }
        unseen = Offset(sd=float(np.hypot(self.unseen.sd, np.sqrt(variance.mean()))))
        return Pooling(offsets=offsets, unseen=unseen)

    def of(self, segments: NDArray[Any]) -> tuple[Floats, Floats]:
        """Return the mean and the standard deviation of each row's offset, ndarrays of shape (n,)."""
        codes, names = pd.factorize(segments)
        offsets = [self.offsets.get(str(name), self.unseen) for name in names]
        return np.array([one.mean for one in offsets])[codes], np.array([one.sd for one in offsets])[codes]


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows held out, and what else is not known of their segments.

    Parameters
    ----------
    rows : n of them, merged; their weights are tempered.
    extra : ndarray of shape (number of segments,), the further variance of each.
    """

    rows: MergedRows
    extra: Floats

    def modes_of_all(self, spreads: Floats) -> Iterator[tuple[Floats, Floats]]:
        """Yield the modes of one spread after the other, each found from the one before."""
        offset = np.zeros(len(self.extra))
        for spread in spreads:
            offset, variance = self.modes(spread, offset)
            yield offset, variance

    def modes(self, spread: float, start: Floats) -> tuple[Floats, Floats]:
        """Return the most probable offset of each segment for a given spread, and its variance."""
        offset, precision = start, 1 / (spread**2 + self.extra)
        for _ in range(ROUNDS):
            chance = expit(self.rows.log_odds + offset[self.rows.codes])
            gradient = self._by_segment(self.rows.successes - self.rows.weight * chance) - precision * offset
            curvature = self._by_segment(self.rows.weight * chance * (1 - chance)) + precision
            # A step of more than 1 in log-odds leaves the range in which the curvature holds.
            step = np.clip(gradient / curvature, -1.0, 1.0)
            offset = offset + step
            if np.abs(step).max() < 1e-9:
                break
        return offset, 1 / curvature

    def evidence(self, spread: float, mode: tuple[Floats, Floats]) -> float:
        """Return the logarithm of the marginal likelihood of a spread, but for a constant."""
        offset, variance = mode
        shifted = self.rows.log_odds + offset[self.rows.codes]
        likelihood = np.dot(self.rows.successes, shifted) - np.dot(self.rows.weight, np.logaddexp(0, shifted))
        apart = spread**2 + self.extra
        prior = -(offset**2 / apart).sum() / 2 - np.log(apart).sum() / 2
        return float(likelihood + prior + np.log(variance).sum() / 2)

    def _by_segment(self, values: Floats) -> Floats:
        return summed(self.rows.codes, values, len(self.extra))
