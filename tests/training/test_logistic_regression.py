"""Logistic regression: it finds what a line can tell, and takes whatever a snapshot holds."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from training.logistic_regression import fit_logistic_regression


def rows(n: int, seed: int) -> tuple[pd.DataFrame, np.ndarray]:
    random = np.random.default_rng(seed)
    visits, region = random.normal(size=n), random.integers(0, 3, n)
    success = random.random(n) < expit(visits + region - 2)
    frame = pd.DataFrame({"visits": visits, "region": pd.Series(np.array(["a", "b", "c"])[region], dtype="str")})
    frame.loc[random.random(n) < 0.1, "visits"] = np.nan
    frame.loc[random.random(n) < 0.1, "region"] = None
    return frame.assign(flag=random.random(n) < 0.5, never=np.nan), success


def test_it_tells_successes_from_failures_and_by_how_much() -> None:
    predict = fit_logistic_regression(*rows(3_000, 0))
    others, success = rows(3_000, 1)
    said = predict(others)
    assert roc_auc_score(success, said) > 0.75
    assert abs(said.mean() - success.mean()) < 0.03


def test_a_name_never_seen_is_nothing_special() -> None:
    frame, success = rows(500, 2)
    predict = fit_logistic_regression(frame, success)
    said = predict(frame.head(5).assign(region="new"))
    assert ((said > 0) & (said < 1)).all()
