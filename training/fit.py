"""Fitting one kind of model and judging it on later cutoffs, or saying why there can be none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.base import clone

from models.baselines import BASELINES
from models.hazards import HazardModel
from models.inputs import ModelKind, model_inputs, model_kinds
from models.landmarks import Followed, Hazards
from models.propensity import PropensityModel, to_probability
from models.value import ValueModel
from training.config import EstimatorConfig
from training.evaluate import Metrics, measure
from training.examples import Examples

FEWEST_ACCOUNTS = 30
"""Accounts that succeeded, and that did not, which a model needs to learn from; a third of them to be judged by."""

FOLDS_AGAIN = 2
"""Of the second model, which only tells whether scores stay: the fewer, the sooner it is there."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A model with what it was worth.

    Parameters
    ----------
    model : predicts success by any day.
    gross_profit, amount : predict the money of a success.
    test : the rows that it was judged by, with the ``probability`` of what their labels look at, and ``again``, what a
        second model says that learnt from the same data with another seed.
    metrics : on those rows.
    baselines : the same for the rankings in use today.
    by_unit : the model's metrics for each BU where both outcomes occur.
    """

    model: HazardModel
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
    model : what to fit, left as it is but for its seed; the one that Glocal trains by default.
    """
    train, test = (rows[model_kinds(rows) == kind] for rows in (examples.train, examples.test))
    counts = {
        "train_rows": len(train),
        "train_successes": int(train["label"].sum()),
        "test_rows": len(test),
        "test_successes": int(test["label"].sum()),
    }
    refused = refusal(examples, train, test)
    if refused:
        return Outcome(kind, counts, refused=refused)
    estimator = model or EstimatorConfig().estimator()
    hazards = learn(clone(estimator).set_params(random_state=seed), examples, train, signals)
    second = clone(estimator).set_params(random_state=seed + 1, n_folds=FOLDS_AGAIN)
    again = learn(second, examples, train, signals)
    test = test.assign(
        probability=probability_judged(hazards, test, signals), again=probability_judged(again, test, signals)
    )
    return Outcome(kind, counts, fitted=_judge(hazards, train, test))


def learn(estimator: PropensityModel, examples: Examples, train: pd.DataFrame, signals: tuple[str, ...]) -> HazardModel:
    """Learn who succeeds when from labelled snapshots of one kind.

    Parameters
    ----------
    estimator : what learns a propensity; left as it is.
    examples : with the timelines.
    train : those of its rows that are to be learnt from.
    signals : the columns that are signals.
    """
    return HazardModel.learn(
        estimator,
        model_inputs(train, signals),
        followed(train),
        examples.timelines,
        groups=train["account_id"],
        times=train["cutoff"],
        seed=estimator.random_state,
        leading=opened(train),
    )


def followed(rows: pd.DataFrame) -> Followed:
    """Return what came of labelled snapshots, and over how long they were followed."""
    return Followed(_days(rows["succeeded_at"] - rows["cutoff"]), rows["followed_days"].to_numpy(np.float64))


def opened(rows: pd.DataFrame) -> Followed:
    """Return when opportunities were opened after labelled snapshots, and over how long these were followed for it."""
    days = rows["opened_followed_days"].to_numpy(np.float64)
    return Followed(_days(rows["opened_at"] - rows["cutoff"]), days)


def _judge(model: HazardModel, train: pd.DataFrame, test: pd.DataFrame) -> Fitted:
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


def probability_judged(model: Hazards[Any], test: pd.DataFrame, signals: tuple[str, ...]) -> Floats:
    """Return the probability of a success within the horizon, or by the end of the data where that comes first.

    Parameters
    ----------
    model : that knows the BU and kind of every row.
    test : snapshots with their labels.
    signals : the columns that are signals.
    """
    inputs = model_inputs(test, signals)
    judged = np.minimum(model.horizons(inputs), test["followed_days"].to_numpy(np.float64))
    return to_probability(model.log_odds(inputs, judged)[:, 0])


def _days(spans: pd.Series) -> Floats:
    return np.asarray(spans.dt.total_seconds() / 86_400, dtype=np.float64)


def _metrics(rows: pd.DataFrame) -> Metrics:
    return measure(rows["label"].to_numpy(), rows["probability"].to_numpy(), is_probability=True)


def refusal(examples: Examples, train: pd.DataFrame, test: pd.DataFrame) -> str | None:
    """Say why there can be no model; None where there can.

    Parameters
    ----------
    examples : with the cutoffs.
    train, test : its rows of one kind.
    """
    splits = examples.splits
    if not splits.cutoffs("train"):
        return "; ".join(f"{name}: {split.refused}" for name, split in splits.units.items())
    for rows, purpose, cutoffs, fewest in (
        (train, "to learn from", len(splits.cutoffs("train")), FEWEST_ACCOUNTS),
        (test, "to judge by", len(splits.cutoffs("test")), FEWEST_ACCOUNTS // 3),
    ):
        won = rows.loc[rows["label"], "account_id"].nunique()
        lost = rows.loc[~rows["label"], "account_id"].nunique()
        if min(won, lost) < fewest:
            return (
                f"{won:,} accounts with a success and {lost:,} without are there {purpose} "
                f"({len(rows):,} rows at {cutoffs} cutoffs), and {fewest} of each are needed"
            )
    return None
