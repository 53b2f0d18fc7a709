"""Propensity: how probable a success is, as a scikit-learn classifier whose every prediction can be taken apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from joblib import effective_n_jobs  # type: ignore[import-untyped]
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, type_of_target
from sklearn.utils.validation import (
    _check_sample_weight,
    check_array,
    check_consistent_length,
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from models.boosting import Floats, Settings, Training
from models.design import Design
from models.intervals import Uncertainty
from models.leading import Lead, Leading, LeadingRows
from models.learning import EVERYWHERE, Belonging, Learning
from models.market_columns import market_columns
from models.predictor import LINES, Names, Predictor, Steady
from models.propensity_state import PropensityState
from models.trees import Trees

MISSING = "?"
"""The segment of rows of which none is known."""

SMALLEST_PROBABILITY = 1e-12
"""Probabilities stay this far from 0 and 1: nothing is ever certain."""


class PropensityModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Gradient-boosted trees for rare events, blended with a linear model, calibrated, in log-odds that add up.

    How many trees there are, how much the linear model counts and how to calibrate is found on rows held out within the
    training data: where these are few, the linear model predicts. With fewer than 50 rows none is held out, and a
    few trees are grown uncalibrated.

    Parameters
    ----------
    segment : a column of names that says which part of the market a row is of: each part has an intercept of its own,
        drawn to that of all where its rows are few. It is no signal: trees that see it learn large segments and not
        small ones, and nobody can tell then how far off those are. A column that is the same for all rows of each
        segment at each time and changes, such as the segment's win rate until then, is not learnt from either.
    block : a column of names that says which large part of the business a row is of, such as a business unit: each has
        an intercept of its own, hardly drawn to that of the others and learnt before all else. It is no signal either.
    stratum : a column of names that says which of several like things a row is about, such as an interval of time: each
        has an intercept of its own, learnt before those of segments. It is no signal either.
    learning_rate : how much of each tree counts, > 0.
    n_estimators : the largest number of trees, >= 1.
    num_leaves : the largest number of leaves per tree, >= 2; fewer where positives are few.
    min_child_samples : rows of average risk that a leaf must stand on, >= 1; fewer where the data are small.
    colsample : share of the columns that each tree may use, in (0, 1]; never fewer than eight.
    colsample_bynode : share of these that each split may use, in (0, 1].
    l2 : how hard a leaf's value is drawn to 0, >= 0.
    monotone : columns whose value may only raise (1) or only lower (-1) the probability.
    calibrate : whether predictions are brought in line with the rows held out.
    n_folds : parts of the data that are held out in turn, >= 2.
    random_state : seed of all that is drawn.
    n_jobs : threads, in scikit-learn's convention; no prediction depends on it.

    Attributes
    ----------
    classes_ : ndarray of shape (2,), the negative and the positive label.
    n_trees_ : number of trees.
    predictor_ : Predictor, all that was learnt.
    n_features_in_ : number of columns.
    feature_names_in_ : ndarray of their names, where fitted on a DataFrame.

    Notes
    -----
    Ke et al., LightGBM, NIPS 2017; Lundberg et al., consistent attribution for trees (TreeSHAP), arXiv:1802.03888.
    """

    def __init__(
        self,
        *,
        segment: str | None = None,
        block: str | None = None,
        stratum: str | None = None,
        learning_rate: float = 0.05,
        n_estimators: int = 1000,
        num_leaves: int = 8,
        min_child_samples: int = 100,
        colsample: float = 0.5,
        colsample_bynode: float = 1.0,
        l2: float = 10.0,
        monotone: Mapping[str, int] | None = None,
        calibrate: bool = True,
        n_folds: int = 5,
        random_state: int = 0,
        n_jobs: int | None = None,
    ) -> None:
        self.segment = segment
        self.block = block
        self.stratum = stratum
        self.learning_rate = learning_rate
        self.n_estimators = n_estimators
        self.num_leaves = num_leaves
        self.min_child_samples = min_child_samples
        self.colsample = colsample
        self.colsample_bynode = colsample_bynode
        self.l2 = l2
        self.monotone = monotone
        self.calibrate = calibrate
        self.n_folds = n_folds
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(
        self,
        X: ArrayLike | pd.DataFrame,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        groups: ArrayLike | None = None,
        times: ArrayLike | None = None,
        leading: Leading | None = None,
    ) -> Self:
        """Grow and calibrate the trees.

        Parameters
        ----------
        X : DataFrame or array of shape (n, n_features): numbers, flags, names; NaN where missing, never infinite.
        y : array of shape (n,), two classes; the greater one is the positive.
        sample_weight : array of shape (n,), >= 0: how many rows each row stands for.
        groups : array of shape (n,): rows of one group, such as one account at several cutoffs, are held out together.
        times : array of shape (n,): when each row was, such as its cutoff; intervals then allow for levels that move
            from time to time.
        leading : what comes before a success and more often: trees learn it first, and those of successes are added to
            what it says of them. It needs `groups`.

        Raises
        ------
        ValueError
            If `y` has not two classes, `X` is infinite somewhere or has no signal, `monotone` names what is no column
            of numbers, `segment` what is no column, or there is a leading outcome and no groups.
        TypeError
            If a column holds neither numbers nor names.
        """
        matrix = self._learn_design(X)
        target = self._learn_classes(y, len(matrix))
        if leading is not None and groups is None:
            raise ValueError("leading is given without groups, by which its rows are held out; give both or neither")
        weight = _check_sample_weight(sample_weight, matrix, dtype=np.float64, ensure_non_negative=True)
        kept = weight > 0
        if len(np.unique(target[kept])) < 2:
            raise ValueError("y holds one class only where its weight is above 0; two classes are needed to learn from")
        names = self._names_of(X)
        of = Belonging(
            _kept(groups, kept),
            Names(_kept(names.blocks, kept), _kept(names.strata, kept), _kept(names.segments, kept)),
            _kept(times, kept),
        )
        if not kept.all():
            matrix, target, weight = matrix[kept], target[kept], weight[kept]
        unseen = market_columns(matrix, of.names.segments, of.times)
        training = Training(_without(matrix, unseen), target, weight, self._design.categories)
        learning = Learning(self._settings(), self.n_folds, self.calibrate, self.random_state)
        self.predictor_, self.n_trees_ = learning.learn(training, of, self._leading_rows(leading, unseen))
        return self

    def decision_function(self, X: ArrayLike | pd.DataFrame, steady: Steady | None = None) -> Floats:
        """Return the calibrated log-odds of a success, ndarray of shape (n,).

        Parameters
        ----------
        X : as `fit` takes it.
        steady : what `steady_log_odds` found of n rows that differ from these in its column alone; None: all is found
            anew.
        """
        check_is_fitted(self)
        return self.predictor_.log_odds(self._matrix(X), self._names_of(X), effective_n_jobs(self.n_jobs), steady)

    def predict_proba(self, X: ArrayLike | pd.DataFrame) -> Floats:
        """Return the probability of failure and of success, ndarray of shape (n, 2), strictly within 0 and 1."""
        positive = to_probability(self.decision_function(X))
        return np.column_stack([1 - positive, positive])

    def predict(self, X: ArrayLike | pd.DataFrame) -> NDArray[Any]:
        """Return the more probable class, ndarray of shape (n,)."""
        probable = self.decision_function(X) > 0
        return np.asarray(self.classes_[probable.astype(np.intp)])

    def predict_interval(self, X: ArrayLike | pd.DataFrame, level: float = 0.9) -> Floats:
        """Return between which probabilities accounts of the same segment and band of scores lie on average.

        It is the model's own uncertainty of such accounts' level. The account's own probability may lie outside: no
        method gives intervals of that kind that are both narrow and right (Gupta, Podkopaev and Ramdas,
        Distribution-free binary classification, NeurIPS 2020).

        Parameters
        ----------
        X : as `fit` takes it.
        level : how probable it is that the truth lies within, in (0, 1).

        Returns
        -------
        ndarray of shape (n, 2); NaN where the training data were too small to hold rows out.

        Raises
        ------
        ValueError
            If `level` is out of range.
        """
        log_odds, segments, uncertainty = self._levels(X, level)
        if uncertainty is None:
            return np.full((len(log_odds), 2), np.nan)
        return uncertainty.around(log_odds, segments, level)

    def segment_intervals(self, X: ArrayLike | pd.DataFrame, level: float = 0.9) -> pd.DataFrame:
        """Return between which rates the successes of each segment, and of each band of its scores, are to be expected.

        Parameters
        ----------
        X : as `fit` takes it.
        level : how probable it is that the mean true probability of the rows lies within, in (0, 1).

        Returns
        -------
        DataFrame with ``segment``, ``band`` (1 the highest, or 'all'), ``rows``, ``mean`` (of the probabilities),
        ``low`` and ``high``; empty where the training data were too small to hold rows out.

        Raises
        ------
        ValueError
            If `level` is out of range.
        """
        log_odds, segments, uncertainty = self._levels(X, level)
        if uncertainty is None:
            return pd.DataFrame(columns=["segment", "band", "rows", "mean", "low", "high"])
        return uncertainty.table(log_odds, segments, level)

    def steady_log_odds(self, X: pd.DataFrame, column: str) -> Steady:
        """Return what does not depend on a column, once for all rows that differ in nothing else.

        Parameters
        ----------
        X : as `fit` takes it.
        column : its name.

        Raises
        ------
        ValueError
            If `column` is no signal.
        """
        place, threads = self._place(column), effective_n_jobs(self.n_jobs)
        return self.predictor_.steady_log_odds(self._matrix(X), place, threads)

    def steady_contributions(self, X: pd.DataFrame, column: str) -> Steady:
        """Return the same as `steady_log_odds`, taken apart."""
        place, threads = self._place(column), effective_n_jobs(self.n_jobs)
        return self.predictor_.steady_contributions(self._matrix(X), place, threads)

    def contributions(self, X: ArrayLike | pd.DataFrame, steady: Steady | None = None) -> pd.DataFrame:
        """Take predictions apart.

        Parameters
        ----------
        X : as `fit` takes it.
        steady : what `steady_contributions` found of n rows that differ from these in its column alone; None: all is
            found anew.

        Returns
        -------
        DataFrame of n rows: what each signal adds to the log-odds, and each of `models.predictor.LINES`; a row's sum is
        its `decision_function` within 1e-6.
        """
        check_is_fitted(self)
        threads = effective_n_jobs(self.n_jobs)
        parts = self.predictor_.contributions(self._matrix(X), self._names_of(X), threads, steady)
        index = X.index if isinstance(X, pd.DataFrame) else None
        return pd.DataFrame(parts, columns=[*self._design.names, *LINES], index=index)

    def to_state(self) -> PropensityState:
        """Return all that was learnt, in types that JSON has."""
        check_is_fitted(self)
        predictor = self.predictor_
        return PropensityState(
            params={name: value for name, value in self.get_params().items() if name != "n_jobs"},
            names=self._design.names,
            columns=tuple(map(str, getattr(self, "feature_names_in_", self._design.names))),
            named=hasattr(self, "feature_names_in_"),
            levels=dict(self._design.levels),
            classes=tuple(self.classes_.tolist()),
            n_trees=self.n_trees_,
            base=predictor.base,
            share_of_trees=predictor.share_of_trees,
            linear=predictor.linear,
            calibration=predictor.calibration,
            blocks=predictor.blocks,
            strata=predictor.strata,
            pooling=predictor.pooling,
            uncertainty=predictor.uncertainty,
            booster=predictor.trees.text,
            lead=predictor.lead.to_state() if predictor.lead else None,
        )

    @classmethod
    def from_state(cls, state: PropensityState) -> Self:
        """Return the model that a state was taken from; it predicts the same to the bit."""
        model = cls(**state.params)
        model._design = Design(state.names, state.levels)
        model.n_features_in_ = len(state.columns)
        if state.named:
            model.feature_names_in_ = np.array(state.columns, dtype=object)
        model.classes_ = np.array(state.classes)
        model.n_trees_ = state.n_trees
        model.predictor_ = Predictor(
            base=state.base,
            trees=Trees(state.booster),
            linear=state.linear,
            share_of_trees=state.share_of_trees,
            calibration=state.calibration,
            blocks=state.blocks,
            strata=state.strata,
            pooling=state.pooling,
            uncertainty=state.uncertainty,
            lead=Lead.from_state(state.lead) if state.lead else None,
        )
        return model

    @property
    def levels_(self) -> Mapping[str, tuple[str, ...]]:
        """The names that each category column held when the model was fitted, sorted."""
        check_is_fitted(self)
        return self._design.levels

    def _learn_design(self, X: ArrayLike | pd.DataFrame) -> Floats:
        checked = self._checked(X, reset=True)
        if isinstance(checked, pd.DataFrame):
            self._design = Design.learn(self._signals(checked))
        else:
            self._design = Design(tuple(f"x{position}" for position in range(checked.shape[1])))
        taken = next((name for name in LINES if name in self._design.names), None)
        if taken:
            raise ValueError(f"X has a column {taken!r}, the name that contributions give to {LINES[taken]}; rename it")
        return self._as_matrix(checked)

    def _learn_classes(self, y: ArrayLike, n_rows: int) -> Floats:
        labels = check_array(column_or_1d(y, warn=True), ensure_2d=False, dtype=None, input_name="y", estimator=self)
        check_consistent_length(labels, np.empty(n_rows))
        check_classification_targets(labels)
        kind = type_of_target(labels, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        self.classes_, codes = np.unique(labels, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y holds one class only, {self.classes_[0]!r}; two classes are needed to learn from")
        return codes.astype(np.float64)

    def _leading_rows(self, leading: Leading | None, unseen: NDArray[np.intp]) -> LeadingRows | None:
        """Return a leading outcome as trees see it, without some columns."""
        if leading is None:
            return None
        matrix, y = _without(self._matrix(leading.X), unseen), np.asarray(leading.y, dtype=np.float64)
        weight, groups = np.asarray(leading.sample_weight, dtype=np.float64), np.asarray(leading.groups)
        check_consistent_length(matrix, y, weight, groups)
        return LeadingRows(Training(matrix, y, weight, self._design.categories), groups)

    def _settings(self) -> Settings:
        return Settings(
            learning_rate=self.learning_rate,
            n_estimators=self.n_estimators,
            num_leaves=self.num_leaves,
            min_child_samples=self.min_child_samples,
            colsample=self.colsample,
            colsample_bynode=self.colsample_bynode,
            l2=self.l2,
            monotone=_directions(self.monotone or {}, self._design),
            random_state=self.random_state,
            threads=effective_n_jobs(self.n_jobs),
        )

    def _place(self, column: str) -> int:
        """Return the position of a signal."""
        check_is_fitted(self)
        if column not in self._design.names:
            raise ValueError(f"column is {column!r}, which is no signal of this model; give one that is")
        return self._design.names.index(column)

    def _checked(self, X: ArrayLike | pd.DataFrame, *, reset: bool) -> pd.DataFrame | Floats:
        """Check names and number of columns; a DataFrame stays one."""
        if isinstance(X, pd.DataFrame):
            validate_data(self, X, reset=reset, skip_check_array=True)
            return X
        matrix: Floats = validate_data(self, X, reset=reset, dtype=np.float64, ensure_all_finite="allow-nan")
        return matrix

    def _matrix(self, X: ArrayLike | pd.DataFrame) -> Floats:
        return self._as_matrix(self._checked(X, reset=False))

    def _as_matrix(self, checked: pd.DataFrame | Floats) -> Floats:
        if not isinstance(checked, pd.DataFrame):
            return checked
        matrix: Floats = check_array(
            self._design.matrix(self._signals(checked)), ensure_all_finite="allow-nan", estimator=self, input_name="X"
        )
        return matrix

    def _levels(self, X: ArrayLike | pd.DataFrame, level: float) -> tuple[Floats, NDArray[Any], Uncertainty | None]:
        """Return what intervals are made of."""
        if not 0 < level < 1:
            raise ValueError(f"level is {level}; give a probability between 0 and 1, such as 0.9")
        log_odds, segments = self.decision_function(X), self._names_of(X).segments
        if segments is None:
            segments = np.full(len(log_odds), EVERYWHERE, dtype=object)
        return log_odds, segments, self.predictor_.uncertainty

    def _names_of(self, X: ArrayLike | pd.DataFrame) -> Names:
        """Return what each row is of."""
        return Names(
            self._names_in(X, "block", self.block),
            self._names_in(X, "stratum", self.stratum),
            self._names_in(X, "segment", self.segment),
        )

    def _names_in(self, X: ArrayLike | pd.DataFrame, parameter: str, column: str | None) -> NDArray[Any] | None:
        if column is None:
            return None
        if not isinstance(X, pd.DataFrame):
            told = f"{parameter} names {column!r}, but X is no DataFrame, whose columns have names; give one"
            raise ValueError(told)  # noqa: TRY004
        return X[column].astype("str").fillna(MISSING).to_numpy(object)

    def _signals(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the columns that are signals."""
        given = (("block", self.block), ("stratum", self.stratum), ("segment", self.segment))
        named = {parameter: column for parameter, column in given if column is not None}
        for parameter, column in named.items():
            if column not in X.columns:
                raise ValueError(f"{parameter} names {column!r}, which is no column of X; leave it out")
        signals = X.drop(columns=list(named.values()))
        if signals.shape[1] == 0:
            no_signals = ", ".join(map(repr, X.columns))
            raise ValueError(f"X has no column but the segment, block or stratum {no_signals}; give signals as well")
        return signals

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "predictor_")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.classifier_tags.multi_class = False
        return tags


def to_probability(log_odds: Floats) -> Floats:
    """Return probabilities strictly within 0 and 1, element by element."""
    return np.clip(expit(log_odds), SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)


def _directions(monotone: Mapping[str, int], design: Design) -> Sequence[int]:
    """Return the direction of each column, 0 where it is free; nothing where all are."""
    for name, direction in monotone.items():
        if name not in design.names or name in design.levels:
            raise ValueError(f"monotone names {name!r}, which is no column of numbers; leave it out")
        if direction not in (-1, 0, 1):
            raise ValueError(f"monotone gives {name!r} the direction {direction!r}; give -1, 0 or 1")
    return [monotone.get(name, 0) for name in design.names] if any(monotone.values()) else []


def _without(matrix: Floats, columns: NDArray[np.intp]) -> Floats:
    """Return a matrix in which nothing is known of some columns."""
    if not len(columns):
        return matrix
    seen = matrix.copy()
    seen[:, columns] = np.nan
    return seen


def _kept(labels: ArrayLike | None, kept: NDArray[np.bool_]) -> NDArray[Any] | None:
    if labels is None:
        return None
    column = column_or_1d(labels)
    check_consistent_length(column, kept)
    return np.asarray(column[kept])
