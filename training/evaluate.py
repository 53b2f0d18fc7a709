"""How good a ranking and its probabilities were, measured on what happened since."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

ECE_BINS = 10


@dataclass(frozen=True, slots=True)
class Metrics:
    """What one ranking was worth.

    Parameters
    ----------
    auc : probability that a success ranks above a failure, ties counting half.
    average_precision : mean precision over the successes.
    brier : mean squared error of the probability; None for a ranking without probabilities.
    ece : mean distance between predicted and observed rate over ten bins of equal mass; None likewise.
    lift_at_10 : rate of successes among the first tenth, over the rate of all.
    """

    auc: float
    average_precision: float
    brier: float | None
    ece: float | None
    lift_at_10: float

    def as_dict(self) -> dict[str, float | None]:
        """Return the metrics by name."""
        return asdict(self)


def measure(success: Flags, score: Floats, *, is_probability: bool) -> Metrics:
    """Measure a ranking.

    Parameters
    ----------
    success : ndarray of shape (n,), both outcomes present.
    score : ndarray of shape (n,), higher first; -inf for what the ranking knows nothing of.
    is_probability : whether scores are probabilities, and are judged as such.
    """
    rank = pd.Series(score).rank().to_numpy()
    return Metrics(
        auc=float(roc_auc_score(success, rank)),
        average_precision=float(average_precision_score(success, rank)),
        brier=float(brier_score_loss(success, score)) if is_probability else None,
        ece=expected_calibration_error(success, score) if is_probability else None,
        lift_at_10=lift(success, score, 0.1),
    )


def lift(success: Flags, score: Floats, share: float) -> float:
    """Return the rate of successes among the first share of the ranking over that of all.

    Rows that tie at the edge count by the part of them that fits, so that their order does not matter.

    Parameters
    ----------
    success : ndarray of shape (n,).
    score : ndarray of shape (n,), higher first.
    share : in (0, 1].
    """
    return captured(success.astype(np.float64), score, share) / share if success.any() else float("nan")


def captured(value: Floats, score: Floats, share: float) -> float:
    """Return the part of all value that the first share of a ranking holds; ties at the edge count by what fits.

    Parameters
    ----------
    value : ndarray of shape (n,), their sum not 0.
    score : ndarray of shape (n,), higher first.
    share : in (0, 1].
    """
    return float(np.dot(value, within_first(score, share)) / value.sum())


def within_first(score: Floats, share: float) -> Floats:
    """Return how much of each row is in the first share of a ranking: those that tie at its edge count by what fits.

    Parameters
    ----------
    score : ndarray of shape (n,), higher first.
    share : in (0, 1].

    Returns
    -------
    ndarray of shape (n,), in [0, 1].
    """
    sizes = pd.Series(score).value_counts().sort_index(ascending=False)
    before = sizes.cumsum() - sizes
    fits = ((share * len(score) - before) / sizes).clip(0, 1)
    return np.asarray(pd.Series(score).map(fits), dtype=np.float64)


def calibration_bins(success: Flags, probability: Floats, bins: int = ECE_BINS) -> pd.DataFrame:
    """Compare predicted with observed rates.

    Returns
    -------
    DataFrame with ``rows``, ``predicted`` and ``observed`` (mean rates), one row per bin of equal mass.
    """
    order = np.argsort(probability, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return pd.DataFrame(
        {
            "rows": [len(part) for part in parts],
            "predicted": [float(probability[part].mean()) for part in parts],
            "observed": [float(success[part].mean()) for part in parts],
        }
    )


def expected_calibration_error(success: Flags, probability: Floats, bins: int = ECE_BINS) -> float:
    """Return the mean distance between predicted and observed rate over bins of equal mass, in [0, 1]."""
    table = calibration_bins(success, probability, bins)
    return float(np.average((table["predicted"] - table["observed"]).abs(), weights=table["rows"]))
