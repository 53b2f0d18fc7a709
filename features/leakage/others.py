"""What the other columns foresee together, and what one column adds to it."""

from __future__ import annotations

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.leakage.column import Floats
from features.leakage.sample import FOLDS, Sample
from features.leakage.separation import Area, Z, area, area_error

STRATA, UNLIKELY_STRATA, FEW_STRATA = 6, 2, 3
"""Rows are compared with rows that the others foresee alike, in so many parts of equally many successes."""

SUCCESSES_PER_STRATUM = 15


def foresee(features: Floats, sample: Sample, trees: int = 60) -> Floats:
    """Return log-odds of each row by trees that never saw its fold.

    Parameters
    ----------
    features : ndarray of shape (n, k), NaN where missing.
    """
    if not features.shape[1]:
        return np.zeros(len(features))
    scores = np.zeros(len(features))
    for fold in range(FOLDS):
        held_out = sample.fold == fold
        if held_out.all() or not held_out.any():
            continue
        data = lgb.Dataset(features[~held_out], sample.success[~held_out], params={"verbosity": -1})
        booster = lgb.train(_parameters(sample), data, num_boost_round=trees)
        scores[held_out] = np.asarray(booster.predict(features[held_out], raw_score=True))
    return scores


def _parameters(sample: Sample) -> dict[str, object]:
    rarer = min(int(sample.success.sum()), int((~sample.success).sum()))
    return {
        "objective": "binary",
        "learning_rate": 0.1,
        "num_leaves": int(np.clip(rarer // 15, 2, 15)),
        "min_data_in_leaf": int(np.clip(len(sample.rows) // 50, 5, 50)),
        "lambda_l2": 5.0,
        "max_bin": 127,
        "seed": 0,
        "num_threads": 1,  # small fits: threads that wait for each other cost more than they save
        "deterministic": True,
        "force_col_wise": True,
        "verbosity": -1,
    }


def gain(score: Floats, others: Floats, sample: Sample) -> tuple[float, float]:
    """Return the part of all uncertainty (log loss) that the others remove, and of what is left that the column does.

    Parameters
    ----------
    score, others : ndarrays of shape (n,), log-odds by folds.
    """
    both = foresee(np.column_stack([others, score]), sample)
    base = _loss(np.zeros(len(score)), sample)
    left, now = _loss(others, sample), _loss(both, sample)
    return 1 - left / base, 1 - now / left


def _loss(score: Floats, sample: Sample) -> float:
    """Return the log loss in the table of log-odds that were learnt in the sample, best shifted to the table's rate."""
    odds = score + np.log(sample.success.mean() / (1 - sample.success.mean())) * (score == 0).all()
    odds = odds + np.log(sample.successes / sample.failures)
    surprise = np.where(sample.success, np.logaddexp(0, -odds), np.logaddexp(0, odds))
    return float(np.average(surprise, weights=sample.weight))


def among_unlikely(score: Floats, others: Floats, sample: Sample) -> Area:
    """Measure among rows that the others foresee alike, over the third of the successes that they foresee least.

    Where there are too few to look at a third, all count.

    An honest signal tells of the unlikely what it tells of all; one that knows the outcome also knows who succeeded
    against all signs.
    """
    success = sample.success
    many = success.sum() >= STRATA * SUCCESSES_PER_STRATUM
    edges = np.quantile(others[success], np.linspace(0, 1, (STRATA if many else FEW_STRATA) + 1)[1:-1])
    stratum = np.searchsorted(edges, others)
    found = [_within(score, success, stratum == part) for part in range(UNLIKELY_STRATA if many else FEW_STRATA)]
    won, lost = sum(won for _, won, _ in found), sum(lost for _, _, lost in found)
    if not won:
        return Area(0.5, 0.0)
    auc = sum(one * won for one, won, _ in found) / won
    return Area(auc, auc - Z * area_error(auc, won, lost))


def _within(score: Floats, success: NDArray[np.bool_], rows: NDArray[np.bool_]) -> tuple[float, int, int]:
    won, lost = int(success[rows].sum()), int((~success[rows]).sum())
    return (area(success[rows], score[rows]).auc, won, lost) if won and lost else (0.5, 0, 0)
