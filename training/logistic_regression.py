"""Logistic regression: what a data scientist would try first, and every model is compared with."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Floats]

PENALTIES = np.logspace(-5, 1, 7)


def fit_logistic_regression(rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Fit a ridge logistic regression on scaled numbers and one column per name, its penalty by cross-validation.

    Parameters
    ----------
    rows : DataFrame of n rows: numbers, flags and names; missing ones are the median, with a column that says so.
    success : ndarray of shape (n,), both outcomes present.

    Returns
    -------
    What gives the probability of each of some rows.
    """
    names = [str(name) for name, column in rows.items() if not pd.api.types.is_numeric_dtype(column)]
    numbers = make_pipeline(
        SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True), StandardScaler()
    )
    words = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="?"), OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    )
    regression = LogisticRegressionCV(
        Cs=PENALTIES,
        cv=min(5, int(success.sum())),
        scoring="neg_log_loss",
        solver="newton-cholesky",
        l1_ratios=(0,),
        use_legacy_attributes=False,
    )
    columns = make_column_transformer((numbers, make_column_selector(dtype_include=[np.number, bool])), (words, names))
    model = make_pipeline(columns, regression).fit(_as_objects(rows, names), success)
    return lambda others: np.asarray(model.predict_proba(_as_objects(others, names)))[:, 1]


def _as_objects(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return names as objects, with None where missing, which scikit-learn's imputer knows."""
    return rows.assign(**{name: rows[name].astype(object).where(rows[name].notna(), None) for name in names})
