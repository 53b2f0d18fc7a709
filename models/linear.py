"""The linear model: a ridge logistic regression, which needs less data than trees, and never leaves the range seen."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from models.boosting import Folds, Training

Floats = NDArray[np.float64]

STRENGTHS = tuple(10.0**exponent for exponent in range(-5, 2))
"""Variances of a coefficient's prior to choose from, weakest effect first, per standard deviation of a column."""

WORSE_IN_A_ROW = 2
"""Strengths without progress on the rows held out, after which no stronger ones are tried."""

TAIL = 0.01
"""Share of a column's values at either end that count as the last value before them."""

MOST_LEVELS = 50
"""Names of a category that have an effect of their own: the commonest."""

MOST_ROWS = 10_000
"""Rows, half of them of either class where both have so many, from which a linear model has learnt all that it can."""

SMALLEST_SPREAD = 1e-9
"""Columns that spread less than this, beside their size, do not differ."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Number(_Model):
    """What one column of numbers adds.

    Parameters
    ----------
    column : its position in the matrix.
    least, most : values beyond count as these.
    centre, scale : mean and standard deviation of the values that were there.
    absent : share of the rows in which it was missing.
    slope : per standard deviation.
    missing : added in place of the slope where missing, less its mean over all rows.
    """

    column: int
    least: float
    most: float
    centre: float
    scale: float
    absent: float
    slope: float = 0.0
    missing: float = 0.0

    @classmethod
    def seen(cls, column: int, values: Floats, weight: Floats) -> Self | None:
        """Return a column yet without effect; None where nothing in it differs."""
        there = ~np.isnan(values)
        if not there.any():
            return None
        known, known_weight = values[there], weight[there]
        least, most = np.quantile(known, [TAIL, 1 - TAIL], method="inverted_cdf", weights=known_weight).tolist()
        if least == most:
            least, most = float(known.min()), float(known.max())
        clipped = np.clip(known, least, most)
        centre = float(np.average(clipped, weights=known_weight))
        scale = float(np.sqrt(np.average((clipped - centre) ** 2, weights=known_weight)))
        absent = float(np.average(~there, weights=weight))
        flat = scale <= SMALLEST_SPREAD * max(1.0, abs(centre))
        if flat and absent == 0:
            return None
        return cls(column=column, least=least, most=most, centre=centre, scale=0.0 if flat else scale, absent=absent)

    def columns(self, matrix: Floats) -> list[Floats]:
        """Return the standardised value, 0 where missing, and whether it is missing, less its share."""
        values = matrix[:, self.column]
        missing = np.isnan(values)
        columns = []
        if self.scale:
            scaled = (np.clip(values, self.least, self.most) - self.centre) / self.scale
            columns.append(np.where(missing, 0.0, scaled))
        if self.absent:
            columns.append(missing - self.absent)
        return columns

    def with_effects(self, effects: Callable[[], float]) -> Self:
        """Return the column with its coefficients, taken in the order of `columns`."""
        slope = effects() if self.scale else 0.0
        return self.model_copy(update={"slope": slope, "missing": effects() if self.absent else 0.0})

    def effect(self, matrix: Floats) -> Floats:
        """Return what it adds to the log-odds of each row, 0 on average."""
        values = matrix[:, self.column]
        missing = np.isnan(values)
        effect = np.zeros(len(values))
        if self.slope:
            effect = (np.clip(values, self.least, self.most) - self.centre) * (self.slope / self.scale)
        effect -= self.missing * self.absent
        effect[missing] = self.missing * (1 - self.absent)
        return effect


class Names(_Model):
    """What one column of categories adds.

    Parameters
    ----------
    column : its position in the matrix.
    codes : of the names that have an effect.
    shares : of the rows that bear each.
    effects : of each; a name that has none, or was never seen, adds what the average of all rows adds.
    """

    column: int
    codes: tuple[int, ...]
    shares: tuple[float, ...]
    effects: tuple[float, ...] = ()

    @classmethod
    def seen(cls, column: int, values: Floats, weight: Floats) -> Self | None:
        """Return a column yet without effects; None where all rows bear the same name."""
        there = ~np.isnan(values)
        sizes = np.bincount(values[there].astype(np.intp), weights=weight[there])
        commonest = np.argsort(-sizes, kind="stable")[:MOST_LEVELS]
        codes = np.sort(commonest[sizes[commonest] > 0])
        shares = sizes[codes] / weight.sum()
        if len(codes) < 2 and (not len(codes) or shares[0] == 1):
            return None
        return cls(column=column, codes=tuple(codes.tolist()), shares=tuple(shares.tolist()))

    def columns(self, matrix: Floats) -> list[Floats]:
        """Return whether a row bears each name, less the share that does."""
        values = matrix[:, self.column]
        return [(values == code) - share for code, share in zip(self.codes, self.shares, strict=True)]

    def with_effects(self, effects: Callable[[], float]) -> Self:
        """Return the column with its coefficients, taken in the order of `columns`."""
        return self.model_copy(update={"effects": tuple(effects() for _ in self.codes)})

    def effect(self, matrix: Floats) -> Floats:
        """Return what it adds to the log-odds of each row, 0 on average."""
        table = np.zeros(max(self.codes) + 2)
        table[list(self.codes)] = self.effects
        values = matrix[:, self.column]
        known = ~np.isnan(values) & (values < len(table) - 1)
        places = np.where(known, values, len(table) - 1).astype(np.intp)
        return table[places] - float(np.dot(self.shares, self.effects))


class LinearModel(_Model):
    """log-odds = intercept + what each column adds, columns one after the other: the same for one row as for many."""

    intercept: float
    numbers: tuple[Number, ...] = ()
    names: tuple[Names, ...] = ()

    @property
    def parts(self) -> tuple[Number | Names, ...]:
        """All columns that have an effect, numbers first."""
        return (*self.numbers, *self.names)

    @classmethod
    def describe(cls, training: Training) -> Self:
        """Return a model yet without effects: how each column is spread."""
        numbers, names = [], []
        for column in range(training.matrix.shape[1]):
            values = training.matrix[:, column]
            if column in training.categories:
                names.append(Names.seen(column, values, training.weight))
            else:
                numbers.append(Number.seen(column, values, training.weight))
        return cls(intercept=0.0, numbers=tuple(filter(None, numbers)), names=tuple(filter(None, names)))

    def design(self, matrix: Floats) -> Floats:
        """Return what the coefficients are multiplied with, ndarray of shape (n, n_coefficients)."""
        columns = [column for part in self.parts for column in part.columns(matrix)]
        return np.column_stack([np.empty((len(matrix), 0)), *columns])

    def with_coefficients(self, intercept: float, coefficients: Sequence[float]) -> Self:
        """Return the model with its effects, in the order of `design`."""
        effects = iter(coefficients).__next__
        return self.model_copy(
            update={
                "intercept": intercept,
                "numbers": tuple(number.with_effects(effects) for number in self.numbers),
                "names": tuple(name.with_effects(effects) for name in self.names),
            }
        )

    def without_slopes(self, columns: Collection[int]) -> Self:
        """Return a description in which the values of some columns of numbers do not matter."""
        flat = [
            number.model_copy(update={"scale": 0.0}) if number.column in columns else number for number in self.numbers
        ]
        return self.model_copy(update={"numbers": tuple(flat)})

    def contributions(self, matrix: Floats) -> Floats:
        """Return what each column of a matrix adds to the log-odds, ndarray of its shape."""
        parts = np.zeros_like(matrix)
        for part in self.parts:
            parts[:, part.column] = part.effect(matrix)
        return parts

    def predict(self, matrix: Floats) -> Floats:
        """Return the log-odds, ndarray of shape (n,)."""
        total = np.full(len(matrix), self.intercept)
        for part in self.parts:
            total += part.effect(matrix)
        return total


@dataclass(frozen=True, slots=True)
class Fitted:
    """A linear model, and what is known of it.

    Parameters
    ----------
    model : fitted to all rows.
    strength : of its prior.
    held_out : ndarray of shape (n_repeats, n), log-odds of each row by models that never saw it.
    """

    model: LinearModel
    strength: float
    held_out: Floats


def fit_linear(training: Training, repeats: Sequence[Folds], monotone: Sequence[int], seed: int) -> Fitted:
    """Fit the model whose prior does best on rows held out.

    Parameters
    ----------
    training : what to learn from.
    repeats : splits of the rows into folds, each row held out once in each.
    monotone : direction of each column, 0 where it is free; empty where all are.
    seed : draws the rows where they are more than are needed.

    Notes
    -----
    Le Cessie and van Houwelingen, Ridge estimators in logistic regression, Applied Statistics 41(1), 1992.
    """
    drawn = _drawn(training, seed)
    paths = [_Path.start(_part(drawn, learn), rows, monotone) for folds in repeats for learn, rows in folds]
    whole = _Path.start(_part(drawn, np.arange(len(training.y))), np.arange(0), monotone)
    best, n_worse, least = STRENGTHS[0], 0, np.inf
    for strength in STRENGTHS:
        loss = sum(path.loss(drawn, strength) for path in paths)
        n_worse = 0 if loss < least else n_worse + 1
        best, least = (strength, loss) if loss < least else (best, least)
        if n_worse == WORSE_IN_A_ROW:
            break
    held_out = np.empty((len(repeats), len(training.y)))
    places = [repeat for repeat, folds in enumerate(repeats) for _ in folds]
    for repeat, path in zip(places, paths, strict=True):
        held_out[repeat, path.rows] = path.fit(best).predict(training.matrix[path.rows])
    return Fitted(whole.fit(best), best, held_out)


@dataclass(frozen=True, slots=True)
class _Path:
    """One part of the data to learn from, and the rows to judge by."""

    description: LinearModel
    design: Floats
    training: Training
    rows: NDArray[np.intp]
    monotone: Sequence[int]

    @classmethod
    def start(cls, training: Training, rows: NDArray[np.intp], monotone: Sequence[int]) -> _Path:
        description = LinearModel.describe(training)
        return cls(description, description.design(training.matrix), training, rows, monotone)

    def fit(self, strength: float) -> LinearModel:
        """Fit the coefficients; a slope in a direction that is not allowed is none."""
        model = self._fit(strength)
        wrong = {one.column for one in model.numbers if self.monotone and one.slope * self.monotone[one.column] < 0}
        if not wrong:
            return model
        fewer = self.description.without_slopes(wrong)
        return replace(self, description=fewer, design=fewer.design(self.training.matrix)).fit(strength)

    def _fit(self, strength: float) -> LinearModel:
        if not self.design.shape[1]:
            return self.description.with_coefficients(float(logit(self.training.rate)), [])
        regression = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100, tol=1e-6)
        regression.fit(self.design, self.training.y, sample_weight=self.training.weight)
        return self.description.with_coefficients(float(regression.intercept_[0]), regression.coef_[0].tolist())

    def loss(self, drawn: Training, strength: float) -> float:
        """Return the log-loss of those rows to judge by that were drawn, summed with their weights."""
        judged = _part(drawn, self.rows)
        log_odds = self.fit(strength).predict(judged.matrix)
        return float(np.dot(judged.weight, np.logaddexp(0, log_odds) - judged.y * log_odds))


def _drawn(training: Training, seed: int) -> Training:
    """Return the data with weight on no more rows than are needed, each standing for those of its class left out.

    Of the rarer class all are kept while they are no more than half: they tell most (King and Zeng, Logistic regression
    in rare events data, Political Analysis 9(2), 2001).
    """
    if len(training.y) <= MOST_ROWS:
        return training
    random, weight = np.random.default_rng(seed), np.zeros_like(training.weight)
    rarer, commoner = sorted((np.flatnonzero(training.y == label) for label in (0, 1)), key=len)
    n_rarer = min(len(rarer), MOST_ROWS // 2)
    for rows, n in ((rarer, n_rarer), (commoner, MOST_ROWS - n_rarer)):
        kept = random.permutation(rows)[:n]
        weight[kept] = training.weight[kept] * (training.weight[rows].sum() / training.weight[kept].sum())
    return replace(training, weight=weight)


def _part(drawn: Training, rows: NDArray[np.intp]) -> Training:
    """Return those of some rows that were drawn."""
    kept = rows[drawn.weight[rows] > 0]
    return Training(drawn.matrix[kept], drawn.y[kept], drawn.weight[kept], drawn.categories)
