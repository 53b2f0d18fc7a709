"""The predictor: trees and a linear model, blended, calibrated and pooled; every prediction can be taken apart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.calibration import Calibration
from models.intervals import Uncertainty
from models.leading import Lead
from models.linear import LinearModel
from models.pooling import Pooling
from models.trees import Trees

Floats = NDArray[np.float64]
Texts = NDArray[Any]
Ask = Callable[[Trees, Floats, int], Floats]

LINES: Mapping[str, str] = MappingProxyType(
    {
        "baseline": "the share of successes among all that was learnt from",
        "blending": "where trees and linear model start from instead",
        "calibration": "what makes the start come true on rows held out, in each block and stratum",
        "pooling": "how the segment differs from what its signals say",
    }
)
"""What adds to a prediction beside the columns, by name, with what it is."""


@dataclass(frozen=True, slots=True)
class Names:
    """What each of n rows is of; None where nothing is.

    Parameters
    ----------
    blocks, strata, segments : ndarrays of shape (n,), of text; see `models.propensity.PropensityModel`.
    """

    blocks: Texts | None = None
    strata: Texts | None = None
    segments: Texts | None = None


@dataclass(frozen=True, slots=True)
class Steady:
    """What trees that never ask for a column say of n rows, whatever the column holds.

    Parameters
    ----------
    column : its position.
    said : ndarray of shape (n,), log-odds, or of shape (n, n_columns + 1), what each column adds to them and where they
        start from.
    """

    column: int
    said: Floats

    def of(self, rows: NDArray[np.bool_]) -> Steady:
        """Return that of some of the rows."""
        return Steady(self.column, self.said[rows])


@dataclass(frozen=True, slots=True)
class Predictor:
    """All that was learnt, as a function of the matrix and of what rows are of.

    Parameters
    ----------
    base : log-odds of the share of successes.
    trees : grown on the signals.
    linear : None where the trees predict alone.
    share_of_trees : in the blend, in [0, 1].
    calibration : of the blend.
    blocks : how far each block is from the calibrated blend; None where there are no blocks.
    strata : how far each stratum is from that; None where there are no strata.
    pooling : how far each segment is from that; None where there are no segments.
    uncertainty : None where no row was held out.
    lead : what the trees are added to; None where they stand alone.
    """

    base: float
    trees: Trees
    linear: LinearModel | None
    share_of_trees: float
    calibration: Calibration
    blocks: Pooling | None
    strata: Pooling | None
    pooling: Pooling | None
    uncertainty: Uncertainty | None
    lead: Lead | None = None

    def log_odds(self, matrix: Floats, names: Names, threads: int, steady: Steady | None = None) -> Floats:
        """Return the log-odds of a success, each row by itself.

        Parameters
        ----------
        matrix : ndarray of shape (n, n_columns), as models.design.Design gives it.
        names : those that were learnt.
        threads : of LightGBM.
        steady : what `steady_log_odds` found of n rows that differ from these in its column alone; None: nothing yet.
        """
        blended = np.zeros(len(matrix))
        if self.share_of_trees:
            blended += self.share_of_trees * (self._said(Trees.log_odds, matrix, threads, steady) + self._start)
        if self.linear is not None:
            blended += (1 - self.share_of_trees) * self.linear.predict(matrix)
        return self.calibration.apply(blended) + self._calibrated_by(names) + _offsets(self.pooling, names.segments)

    def contributions(self, matrix: Floats, names: Names, threads: int, steady: Steady | None = None) -> Floats:
        """Return what each column, then each of LINES, adds; ndarray of shape (n, n_columns + 4).

        Parameters
        ----------
        matrix, names, threads : as `log_odds` takes them.
        steady : what `steady_contributions` found of n rows that differ from these in its column alone; None: nothing
            yet.

        Notes
        -----
        Calibration bends: between the start and a row each column has its share of what it does there, by the mean
        slope on the straight way (Aumann and Shapley, Values of Non-Atomic Games, 1974).
        """
        parts = np.zeros((len(matrix), matrix.shape[1] + len(LINES)))
        signals, (baseline, blending, calibration, pooling) = parts[:, : -len(LINES)], parts[:, -len(LINES) :].T
        start = np.zeros(len(matrix))
        if self.share_of_trees:
            shap = self._said(Trees.contributions, matrix, threads, steady)
            signals += self.share_of_trees * shap[:, :-1]
            start += self.share_of_trees * (shap[:, -1] + self._start)
        if self.linear is not None:
            signals += (1 - self.share_of_trees) * self.linear.contributions(matrix)
            start += (1 - self.share_of_trees) * self.linear.intercept
        blended = start + signals.sum(axis=1)
        baseline[:] = self.base
        blending[:] = start - self.base
        signals *= self.calibration.mean_slope(start, blended)[:, None]
        calibration[:] = self.calibration.apply(start) - start + self._calibrated_by(names)
        pooling[:] = _offsets(self.pooling, names.segments)
        return parts

    def steady_log_odds(self, matrix: Floats, column: int, threads: int) -> Steady:
        """Return what does not depend on a column, once for all rows that differ in nothing else.

        Parameters
        ----------
        matrix : ndarray of shape (n, n_columns).
        column : its position.
        threads : of LightGBM.
        """
        return Steady(column, self._steady(Trees.log_odds, matrix, column, threads))

    def steady_contributions(self, matrix: Floats, column: int, threads: int) -> Steady:
        """Return the same as `steady_log_odds`, taken apart."""
        return Steady(column, self._steady(Trees.contributions, matrix, column, threads))

    def _said(self, ask: Ask, matrix: Floats, threads: int, steady: Steady | None) -> Floats:
        """Return what all trees say."""
        if steady is None:
            return sum((factor * ask(trees, matrix, threads) for factor, trees in self._added_up), np.zeros(()))
        asking = ((factor, trees.split_by(steady.column)[0]) for factor, trees in self._added_up)
        return sum((factor * ask(trees, matrix, threads) for factor, trees in asking), steady.said)

    def _steady(self, ask: Ask, matrix: Floats, column: int, threads: int) -> Floats:
        """Return what the trees that never ask for a column say; nothing where no trees predict."""
        if not self.share_of_trees:
            return np.zeros(len(matrix))
        silent = ((factor, trees.split_by(column)[1]) for factor, trees in self._added_up)
        return sum((factor * ask(trees, matrix, threads) for factor, trees in silent), np.zeros(()))

    @property
    def _added_up(self) -> list[tuple[float, Trees]]:
        """The trees that predict, with what they are multiplied by."""
        return [(1.0, self.trees), *([(self.lead.slope, self.lead.trees)] if self.lead else [])]

    @property
    def _start(self) -> float:
        """Where the trees start from, beside what they hold themselves."""
        return self.lead.intercept if self.lead else 0.0

    def _calibrated_by(self, names: Names) -> Floats | float:
        """Return what blocks and strata add."""
        return _offsets(self.blocks, names.blocks) + _offsets(self.strata, names.strata)


def _offsets(pooling: Pooling | None, names: Texts | None) -> Floats | float:
    """Return what one kind of names adds, 0 where it was not learnt."""
    return 0.0 if pooling is None or names is None else pooling.of(names)[0]
