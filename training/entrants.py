"""Entrants: a data scientist's own classifiers in the same race, over the same rows, intervals and cutoffs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol, Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import logit
from sklearn.base import BaseEstimator, clone

from features.errors import InputError
from models.inputs import model_inputs
from models.landmarks import Hazards
from models.propensity import SMALLEST_PROBABILITY
from training.examples import Examples
from training.fit import followed, probability_judged

Floats = NDArray[np.float64]


class Classifier(Protocol):
    """What may enter: `fit` and `predict_proba` as scikit-learn has them, and parameters that `clone` can copy.

    Rows are a DataFrame: signals as numbers and flags, NaN where missing; as text ``segment_business_unit``,
    ``segment_kind``, ``segment`` (business unit and region), and the ``interval`` in which a success is to come.
    Signals that no row learnt from knows are left out.
    """

    def fit(self, X: pd.DataFrame, y: NDArray[np.bool_], /) -> object:
        """Learn from rows and whether each succeeded in its interval."""

    def predict_proba(self, X: pd.DataFrame, /) -> Floats:
        """Return the probability of failure and of success, ndarray of shape (n, 2)."""


Entrants = Mapping[str, Classifier]


def require_names(entrants: Entrants, taken: Collection[str]) -> None:
    """Check that no entrant bears a name that the backtest has for something else.

    Raises
    ------
    InputError
        If one does.
    """
    for name in entrants:
        if name in taken:
            raise InputError(f"entrant {name!r}: the backtest calls another ranking so; give it another name")


def judged_by_entrant(
    classifier: Classifier,
    examples: Examples,
    train: pd.DataFrame,
    test: pd.DataFrame,
    signals: tuple[str, ...],
    seed: int,
) -> Floats:
    """Learn hazards with a classifier, and return the probabilities that rows are judged by.

    Parameters
    ----------
    classifier : left as it is.
    examples : with the timelines.
    train, test : those of its rows that are to be learnt from, and judged.
    signals : the columns that are signals.
    seed : of the failures that are left out.

    Returns
    -------
    ndarray of shape (n_test,), in (0, 1); see `training.fit.probability_judged`.
    """
    hazards = Hazards.learn(
        _AsPropensity(classifier),
        model_inputs(train, signals),
        followed(train),
        examples.timelines,
        groups=train["account_id"],
        times=train["cutoff"],
        seed=seed,
    )
    return probability_judged(hazards, test, signals)


class _AsPropensity(BaseEstimator):  # type: ignore[misc]
    """A classifier as what hazards are learnt by.

    It learns from the failures that were kept as if there were no others; how many each stands for moves all log-odds
    by the same (King and Zeng, Logistic regression in rare events data, Political Analysis 9(2), 2001), so that
    classifiers need no sample weights.
    """

    def __init__(self, classifier: Classifier, block: str | None = None, stratum: str | None = None) -> None:
        self.classifier = classifier
        self.block = block
        self.stratum = stratum

    def fit(
        self, X: pd.DataFrame, y: ArrayLike, *, sample_weight: ArrayLike, groups: ArrayLike, times: ArrayLike
    ) -> Self:
        """Learn from rows, without what levels would be learnt from."""
        del groups, times
        success, weight = np.asarray(y, dtype=np.bool_), np.asarray(sample_weight, dtype=np.float64)
        self.feature_names_in_ = X.columns.to_numpy(object)
        self.shift_ = float(np.log(weight[~success].mean() / weight[success].mean()))
        held_back = (self.block, self.stratum)
        self.seen_ = [name for name in X.columns if name not in held_back and X[name].notna().any()]
        self.classifier_ = clone(self.classifier)
        self.classifier_.fit(X[self.seen_], success)
        return self

    def decision_function(self, X: pd.DataFrame) -> Floats:
        """Return the log-odds of a success, ndarray of shape (n,)."""
        probability = np.asarray(self.classifier_.predict_proba(X[self.seen_]), dtype=np.float64)[:, 1]
        return np.asarray(logit(np.clip(probability, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)) - self.shift_)
