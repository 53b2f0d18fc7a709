"""The predictor: trees and a linear model, blended, calibrated and pooled; every prediction can be taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from models.calibration import LogitCalibration
from models.intervals import Uncertainty
from models.leading import Lead
from models.linear import LinearModel
from models.pooling import Pooling

Floats = NDArray[np.float64]
Texts = NDArray[Any]

LINES: Mapping[str, str] = MappingProxyType(
    {
        "baseline": "the share of successes among all that was learnt from",
        "blending": "where trees and linear model start from instead",
        "calibration": "what makes probabilities come true on rows held out, in each block and stratum",
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
class Predictor:
    """All that was learnt, as a function of the matrix and of what rows are of.

    Parameters
    ----------
    base : log-odds of the share of successes.
    trees : LightGBM's text.
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
    trees: str
    linear: LinearModel | None
    share_of_trees: float
    calibration: LogitCalibration
    blocks: Pooling | None
    strata: Pooling | None
    pooling: Pooling | None
    uncertainty: Uncertainty | None
    lead: Lead | None = None
    _booster: lgb.Booster = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_booster", lgb.Booster(model_str=self.trees))

    def log_odds(self, matrix: Floats, names: Names, threads: int) -> Floats:
        """Return the log-odds of a success, each row by itself.

        Parameters
        ----------
        matrix : ndarray of shape (n, n_columns), as models.design.Design gives it.
        names : those that were learnt.
        threads : of LightGBM.
        """
        calibrated = self.calibration.apply(self._blended(matrix, threads))
        return calibrated + self._calibrated_by(names) + _offsets(self.pooling, names.segments)

    def contributions(self, matrix: Floats, names: Names, threads: int) -> Floats:
        """Return what each column, then each of LINES, adds; ndarray of shape (n, n_columns + 4)."""
        parts = np.zeros((len(matrix), matrix.shape[1] + len(LINES)))
        signals, (baseline, blending, calibration, pooling) = parts[:, : -len(LINES)], parts[:, -len(LINES) :].T
        start = np.zeros(len(matrix))
        if self.share_of_trees:
            shap = self._trees(matrix, threads, pred_contrib=True)
            if self.lead is not None:
                shap += self.lead.contributions(matrix, threads)
            signals += self.share_of_trees * shap[:, :-1]
            start += self.share_of_trees * shap[:, -1]
        if self.linear is not None:
            signals += (1 - self.share_of_trees) * self.linear.contributions(matrix)
            start += (1 - self.share_of_trees) * self.linear.intercept
        blended = self._blended(matrix, threads)
        baseline[:] = self.base
        blending[:] = start - self.base
        calibration[:] = self.calibration.apply(blended) - blended + self._calibrated_by(names)
        pooling[:] = _offsets(self.pooling, names.segments)
        return parts

    def _calibrated_by(self, names: Names) -> Floats | float:
        """Return what blocks and strata add."""
        return _offsets(self.blocks, names.blocks) + _offsets(self.strata, names.strata)

    def _blended(self, matrix: Floats, threads: int) -> Floats:
        blended = np.zeros(len(matrix))
        if self.share_of_trees:
            said = self._trees(matrix, threads)
            if self.lead is not None:
                said += self.lead.log_odds(matrix, threads)
            blended += self.share_of_trees * said
        if self.linear is not None:
            blended += (1 - self.share_of_trees) * self.linear.predict(matrix)
        return blended

    def _trees(self, matrix: Floats, threads: int, *, pred_contrib: bool = False) -> Floats:
        """Return LightGBM's own log-odds, or their parts."""
        predicted = self._booster.predict(matrix, raw_score=True, pred_contrib=pred_contrib, num_threads=threads)
        return np.asarray(predicted, dtype=np.float64)


def _offsets(pooling: Pooling | None, names: Texts | None) -> Floats | float:
    """Return what one kind of names adds, 0 where it was not learnt."""
    return 0.0 if pooling is None or names is None else pooling.of(names)[0]
