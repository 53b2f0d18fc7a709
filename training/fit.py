"""Fitting one kind of model and judging it on later cutoffs, or saying why there can be none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from models.baselines import BASELINES
from models.inputs import SEGMENT, ModelKind, model_inputs, model_kinds
from models.propensity import PropensityModel
from models.value import ValueModel
from training.evaluate import Metrics, measure
from training.examples import Examples

FEWEST_ACCOUNTS = 30
"""Accounts that succeeded, and that did not, which a model needs to learn from; a third of them to be judged by."""

FAILURES_PER_SUCCESS = 8
"""Failures beyond so many per success tell little more: a random part of them is kept, weighted up to stand for all."""

FOLDS = 3


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model with what it was worth.

    Parameters
    ----------
    model : predicts success within the horizon.
    gross_profit, amount : predict the money of a success.
    test : the rows that it was judged by, with ``probability``.
    metrics : on those rows.
    baselines : the same for the rankings in use today.
    by_unit : the model's metrics for each BU where both outcomes occur.
    """

    model: PropensityModel
    gross_profit: ValueModel
    amount: ValueModel
    test: pd.DataFrame
    metrics: Metrics
    baselines: Mapping[str, Metrics]
    by_unit: Mapping[str, Metrics]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one kind: a model, or the reason why there is none.

    Parameters
    ----------
    kind : which model it is about.
    counts : rows and successes that there were to learn from and to judge by.
    """

    kind: ModelKind
    counts: Mapping[str, int]
    fitted: Fitted | None = None
    refused: str | None = None


def fit_kind(
    kind: ModelKind,
    examples: Examples,
    signals: tuple[str, ...],
    seed: int = 0,
    model: PropensityModel | None = None,
) -> Outcome:
    """Fit and judge one kind of model.

    Parameters
    ----------
    kind : which model.
    examples : labelled snapshots.
    signals : the columns that are signals.
    seed : of all that is drawn.
    model : what to fit, left as it is; the one that Glocal trains by default.
    """
    train, test = (rows[model_kinds(rows) == kind] for rows in (examples.train, examples.test))
    counts = {
        "train_rows": len(train),
        "train_successes": int(train["label"].sum()),
        "test_rows": len(test),
        "test_successes": int(test["label"].sum()),
    }
    refused = _refusal(examples, train, test)
    if refused:
        return Outcome(kind, counts, refused=refused)
    rows, weight = _thinned(train, seed)
    model = clone(model or PropensityModel(segment=SEGMENT, n_folds=FOLDS, random_state=seed, n_jobs=-1))
    model.fit(
        model_inputs(rows, signals),
        rows["label"],
        sample_weight=weight,
        groups=rows["account_id"],
        times=rows["cutoff"],
    )
    return Outcome(kind, counts, fitted=_judge(model, train, test, signals))


def _judge(model: PropensityModel, train: pd.DataFrame, test: pd.DataFrame, signals: tuple[str, ...]) -> Fitted:
    test = test.assign(probability=model.predict_proba(model_inputs(test, signals))[:, 1])
    won = train[train["label"]]
    return Fitted(
        model=model,
        gross_profit=ValueModel().fit(won, won["gross_profit"]),
        amount=ValueModel().fit(won, won["amount"]),
        test=test,
        metrics=_metrics(test),
        baselines={
            name: measure(test["label"].to_numpy(), ranking(test), is_probability=False)
            for name, ranking in BASELINES.items()
        },
        by_unit={
            str(name): _metrics(rows) for name, rows in test.groupby("business_unit") if rows["label"].nunique() == 2
        },
    )


def _metrics(rows: pd.DataFrame) -> Metrics:
    return measure(rows["label"].to_numpy(), rows["probability"].to_numpy(), is_probability=True)


def _refusal(examples: Examples, train: pd.DataFrame, test: pd.DataFrame) -> str | None:
    """Say why there can be no model; None where there can."""
    if not examples.cutoffs("train"):
        return "; ".join(f"{name}: {split.refused}" for name, split in examples.splits.items())
    for rows, purpose, cutoffs, fewest in (
        (train, "to learn from", len(examples.cutoffs("train")), FEWEST_ACCOUNTS),
        (test, "to judge by", len(examples.cutoffs("test")), FEWEST_ACCOUNTS // 3),
    ):
        won = rows.loc[rows["label"], "account_id"].nunique()
        lost = rows.loc[~rows["label"], "account_id"].nunique()
        if min(won, lost) < fewest:
            return (
                f"{won:,} accounts with a success and {lost:,} without are there {purpose} "
                f"({len(rows):,} rows at {cutoffs} cutoffs), and {fewest} of each are needed"
            )
    return None


def _thinned(train: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, NDArray[np.float64]]:
    """Keep every success and a random part of the failures.

    Returns
    -------
    The rows kept, and how many rows each stands for, so that rates and probabilities stay what they are (case-control
    sampling: King and Zeng, Logistic regression in rare events data, Political Analysis 9(2), 2001).
    """
    failures = np.flatnonzero(~train["label"].to_numpy())
    most = FAILURES_PER_SUCCESS * (len(train) - len(failures))
    if len(failures) <= most:
        return train, np.ones(len(train))
    kept = np.random.default_rng(seed).choice(failures, most, replace=False)
    weight = train["label"].to_numpy(np.float64)
    weight[kept] = len(failures) / most
    return train[weight > 0], weight[weight > 0]
