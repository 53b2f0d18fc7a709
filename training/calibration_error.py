"""Calibration error: of all rows and of each large segment, beside what is allowed and what chance alone gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.drift import EVERYWHERE
from models.pooling import RowsHeldOut
from training.evaluate import ECE_BINS, calibration_bins, expected_calibration_error

MOST_ERROR = 0.01
"""Calibration error that is allowed of all rows, where chance does not give more."""

MOST_ERROR_OF_SEGMENT = 0.03
LARGE_SEGMENT = 500
"""Calibration error that is allowed of a segment of so many rows, where chance does not give more."""

SIMULATIONS = 2_000


@dataclass(frozen=True, slots=True)
class CalibrationError:
    """How far probabilities are from what came true.

    Parameters
    ----------
    segment : business unit × region; EVERYWHERE for all rows.
    rows : how many.
    error : mean distance between predicted and observed rate over ten bins of equal mass.
    allowed : the bound, or what a perfect model stays below in 19 of 20 trainings where that is more.
    """

    segment: str
    rows: int
    error: float
    allowed: float

    @property
    def is_too_large(self) -> bool:
        """Whether the error is beyond what is allowed."""
        return self.error > self.allowed


def calibration_errors(rows: pd.DataFrame) -> list[CalibrationError]:
    """Compare predicted with observed rates, of all rows first, then of each large segment by name.

    Parameters
    ----------
    rows : with ``account_id``, ``business_unit``, ``region``, ``label`` and ``probability``.
    """
    segments = rows["business_unit"].astype("str") + " × " + rows["region"].astype("str")
    sizes = segments.value_counts()
    large = sorted(sizes[sizes >= LARGE_SEGMENT].index)
    looks = 1 + len(large)
    return [
        _error(EVERYWHERE, rows, MOST_ERROR, looks),
        *(_error(name, rows[segments == name], MOST_ERROR_OF_SEGMENT, looks) for name in large),
    ]


def _error(segment: str, rows: pd.DataFrame, bound: float, looks: int) -> CalibrationError:
    """Measure one set of rows; one looks at so many of them, each of which may be wrong by chance."""
    success, probability = rows["label"].to_numpy(bool), rows["probability"].to_numpy(np.float64)
    bins = calibration_bins(success, probability, ECE_BINS)
    log_odds = np.log(probability / (1 - probability))
    alike = RowsHeldOut(log_odds, success.astype(np.float64), np.ones(len(rows)), rows["account_id"].to_numpy())
    counts = np.maximum(1, bins["rows"].to_numpy() / alike.design_effect()).astype(int)
    observed = np.random.default_rng(0).binomial(counts, bins["predicted"], (SIMULATIONS, len(bins))) / counts
    by_chance = np.average(np.abs(observed - bins["predicted"].to_numpy()), axis=1, weights=bins["rows"])
    allowed = max(bound, float(np.quantile(by_chance, 1 - 0.05 / looks)))
    return CalibrationError(segment, len(rows), expected_calibration_error(success, probability), allowed)
