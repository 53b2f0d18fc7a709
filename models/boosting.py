"""Boosted trees for rare events: how hard to regularise, how many trees, and log-odds for rows held out."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Folds = Sequence[tuple[NDArray[np.intp], NDArray[np.intp]]]

PATIENCE = 50
"""Trees without progress on the rows held out, after which no more are grown."""

TREES_UNTESTED = 30
"""Trees where the data are too small to hold rows out."""

ROWS_PER_LEAF_OF_SMALL_DATA = 20
"""Small data are cut in no more than this many leaves by size alone."""

POSITIVES_PER_LEAF = 15
"""Rows of the rarer class that pay for one more leaf per tree."""

COLUMNS_PER_TREE = 8
"""Columns that a tree may use at least, so that few columns still meet in one tree."""

LEAST_INFORMATION_IN_LEAF = 2.0
"""Smallest sum of p × (1 - p) over a leaf's rows: about the rows of the rarer class to be expected there."""


@dataclass(frozen=True, slots=True)
class Training:
    """The rows that trees are grown on.

    Parameters
    ----------
    matrix : ndarray of shape (n, n_columns); NaN where missing.
    y : ndarray of shape (n,), 0 or 1, both present.
    weight : ndarray of shape (n,), > 0: how many rows each row stands for.
    categories : positions of the columns that hold categories.
    """

    matrix: Floats
    y: Floats
    weight: Floats
    categories: Sequence[int]

    @property
    def total(self) -> float:
        """How many rows the data stand for."""
        return float(self.weight.sum())

    @property
    def rate(self) -> float:
        """The share of positives."""
        return float(np.average(self.y, weights=self.weight))

    def dataset(self, start: Floats | None = None) -> lgb.Dataset:
        """Return the data as LightGBM bins them: every value by itself where few, so that weights move no edge.

        Parameters
        ----------
        start : ndarray of shape (n,), log-odds that trees are added to; None: those of the share of positives.
        """
        binning = {"min_data_in_bin": 1, "feature_pre_filter": False, "verbosity": -1}
        return lgb.Dataset(
            self.matrix,
            self.y,
            weight=self.weight,
            init_score=start,
            categorical_feature=list(self.categories),
            params=binning,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """How trees are grown; see `models.propensity.PropensityModel` for what each means."""

    learning_rate: float
    n_estimators: int
    num_leaves: int
    min_child_samples: int
    colsample: float
    colsample_bynode: float
    l2: float
    monotone: Sequence[int]
    random_state: int
    threads: int

    def parameters(self, training: Training) -> dict[str, object]:
        """Return LightGBM's parameters, regularised harder where there is less to learn from.

        A leaf's smallest size is counted in hessian, not in rows, so that it follows weights and asks for more rows
        where positives are rarer.
        """
        variance = training.rate * (1 - training.rate)
        rarer = training.total * min(training.rate, 1 - training.rate)
        rows_per_leaf = min(self.min_child_samples, training.total / ROWS_PER_LEAF_OF_SMALL_DATA)
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": self.learning_rate,
            "num_leaves": int(np.clip(1 + rarer // POSITIVES_PER_LEAF, 2, self.num_leaves)),
            "min_data_in_leaf": 0,
            "min_sum_hessian_in_leaf": max(rows_per_leaf * variance, LEAST_INFORMATION_IN_LEAF),
            "feature_fraction": float(np.clip(COLUMNS_PER_TREE / training.matrix.shape[1], self.colsample, 1.0)),
            "feature_fraction_bynode": self.colsample_bynode,
            "lambda_l2": self.l2,
            "monotone_constraints": list(self.monotone) or None,
            # LightGBM has no other where columns are drawn for each split.
            "monotone_constraints_method": "intermediate" if self.colsample_bynode == 1 else "basic",
            "seed": self.random_state,
            "num_threads": self.threads,
            # Sums over rows stay within one thread, column by column: the same bits with any number of threads.
            "deterministic": True,
            "force_col_wise": True,
            "verbosity": -1,
        }


@dataclass(frozen=True, slots=True)
class Grown:
    """Trees, and what is known of them.

    Parameters
    ----------
    booster : the trees as LightGBM's text.
    n_trees : how many they are.
    boosters : by fold, that never saw the rows held out; of more trees.
    """

    booster: str
    n_trees: int
    boosters: Sequence[lgb.Booster] = ()

    def held_out(self, matrix: Floats, folds: Folds) -> Floats:
        """Return the log-odds of rows by the trees of the fold that held them out, ndarray of shape (n,).

        Parameters
        ----------
        matrix : ndarray of shape (n, n_columns).
        folds : (rows to learn from, rows held out), each row held out once.
        """
        said = np.empty(len(matrix))
        for booster, (_, rest) in zip(self.boosters, folds, strict=True):
            said[rest] = np.asarray(booster.predict(matrix[rest], raw_score=True, num_iteration=self.n_trees))
        return said


def grow(training: Training, settings: Settings, folds: Folds | None, start: Floats | None = None) -> Grown:
    """Grow as many trees as do best on rows held out, then that many on all rows.

    Parameters
    ----------
    folds : (rows to learn from, rows held out), no row held out twice; None: a fixed small number of trees.
    start : ndarray of shape (n,), log-odds that the trees are added to, which they do not hold; None: there are none.
    """
    parameters, binned = settings.parameters(training), training.dataset(start)
    if folds is None:
        n_trees, boosters = min(TREES_UNTESTED, settings.n_estimators), list[lgb.Booster]()
    else:
        n_trees, boosters = _tried(binned, parameters, settings.n_estimators, folds)
    booster = lgb.train(parameters, binned, num_boost_round=n_trees)
    return Grown(_without_threads(booster.model_to_string()), n_trees, boosters)


def _tried(
    binned: lgb.Dataset, parameters: dict[str, object], most: int, folds: Folds
) -> tuple[int, list[lgb.Booster]]:
    """Return the best number of trees, and the trees of each fold."""
    run = lgb.cv(
        parameters,
        binned,
        num_boost_round=most,
        folds=folds,
        callbacks=[lgb.early_stopping(PATIENCE, verbose=False)],
        return_cvbooster=True,
    )
    n_trees = int(np.argmin(np.asarray(run["valid binary_logloss-mean"]))) + 1
    return n_trees, cast("lgb.CVBooster", run["cvbooster"]).boosters


def _without_threads(text: str) -> str:
    """Return a model's text without the number of threads that grew it: it is no part of the model."""
    return re.sub(r"\[num_threads: -?\d+\]", "[num_threads: 0]", text)
