"""Entrants: classifiers of anybody's are judged over the same rows, and their probabilities are of all rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

from features.errors import InputError
from models.timeline import Timeline
from training.backtest import RANKINGS
from training.entrants import judged_by_entrant, require_names
from training.examples import Examples
from training.splits import Split, Splits

CUTOFFS = [datetime.fromisoformat("2024-01-01") + timedelta(days=90 * number) for number in range(3)]
SIGNALS = ("tells", "noise")
RATE = 0.03
"""So few succeed that most failures are left out when hazards are learnt."""


def rows_at(cutoff: datetime, n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    label = rng.random(n) < RATE
    days = np.where(label, rng.integers(0, 89, n), np.nan)
    return pd.DataFrame(
        {
            "account_id": [f"a{number}" for number in range(n)],
            "business_unit": "cloud",
            "cutoff": pd.Timestamp(cutoff),
            "kind": "new_logo",
            "region": "EMEA",
            "tells": label + rng.normal(0, 0.5, n),
            "noise": np.where(rng.random(n) < 0.1, np.nan, rng.normal(size=n)),
            "label": label,
            "succeeded_at": pd.Timestamp(cutoff) + pd.to_timedelta(days, "D"),
            "followed_days": 90.0,
        }
    )


@pytest.fixture(scope="module")
def examples() -> Examples:
    splits = Splits(CUTOFFS[1], {"cloud": Split(train=(CUTOFFS[0],), test=(CUTOFFS[1],))})
    lines = {"cloud × new_logo": Timeline.over(90, 90)}
    return Examples(rows_at(CUTOFFS[0], 6000, 0), rows_at(CUTOFFS[1], 3000, 1), splits, lines)


class OnlyNumbers(BaseEstimator):
    """No class of scikit-learn's, but `fit` and `predict_proba`: whoever tells most comes first."""

    def fit(self, X, y):
        self.least_ = X["tells"].min()
        return self

    def predict_proba(self, X):
        positive = np.clip((X["tells"].to_numpy() - self.least_) / 10, 0.001, 0.999)
        return np.column_stack([1 - positive, positive])


def judged(classifier, examples: Examples) -> np.ndarray:
    return judged_by_entrant(classifier, examples, examples.train, examples.test, SIGNALS, seed=0)


def test_who_knows_nothing_says_the_rate_of_all_rows_though_most_failures_were_left_out(examples):
    probability = judged(DummyClassifier(strategy="prior"), examples)
    assert probability == pytest.approx(examples.train["label"].mean(), rel=0.02)


def test_a_pipeline_of_scikit_learn_finds_what_there_is(examples):
    drop_names = FunctionTransformer(lambda X: X.select_dtypes("number"))
    probability = judged(make_pipeline(drop_names, SimpleImputer(), LogisticRegression()), examples)
    label = examples.test["label"].to_numpy()
    assert roc_auc_score(label, probability) > 0.8
    assert probability.mean() == pytest.approx(label.mean(), rel=0.25)


def test_a_signal_that_no_row_learnt_from_knows_is_left_out_for_not_every_classifier_could_bear_it(examples):
    unknown = replace(examples, train=examples.train.assign(empty=np.nan), test=examples.test.assign(empty=1.0))
    trees = make_pipeline(FunctionTransformer(lambda X: X.select_dtypes("number")), HistGradientBoostingClassifier())
    probability = judged_by_entrant(trees, unknown, unknown.train, unknown.test, (*SIGNALS, "empty"), seed=0)
    assert (probability == judged(trees, examples)).all()


def test_anything_with_fit_and_predict_proba_may_enter_and_is_left_as_it_is(examples):
    own = OnlyNumbers()
    probability = judged(own, examples)
    order = examples.test["tells"].rank()
    assert (pd.Series(probability).rank(method="min").diff()[order.diff() > 0].fillna(0) >= 0).all()
    assert not hasattr(own, "least_")


def test_sees_names_and_signals_and_nothing_that_levels_are_learnt_from(examples):
    seen: list[list[str]] = []

    class Looks(OnlyNumbers):
        def fit(self, X, y):
            seen.append(list(X.columns))
            return super().fit(X, y)

    judged(Looks(), examples)
    assert seen == [["segment_business_unit", "segment_kind", "segment", *SIGNALS, "interval"]]


@pytest.mark.parametrize("name", RANKINGS)
def test_no_entrant_takes_the_name_of_another_ranking(name):
    with pytest.raises(InputError, match=f"entrant '{name}': the backtest calls another ranking so"):
        require_names({name: DummyClassifier()}, RANKINGS)
