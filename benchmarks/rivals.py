"""What a data scientist would otherwise use: LightGBM as it comes, and a cross-validated ridge logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from models.propensity import PropensityModel

Floats = NDArray[np.float64]
Predict = Callable[[pd.DataFrame], Floats]
Fit = Callable[[pd.DataFrame, NDArray[np.bool_]], Predict]

PENALTIES = np.logspace(-5, 1, 7)


def base_rate(_rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Predict the same for everybody."""
    return lambda others: np.full(len(others), success.mean())


def default_lightgbm(rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Fit LightGBM's classifier with all that it has by default, names as its categories."""
    levels = {name: sorted(rows[name].dropna().unique()) for name in _names(rows)}

    def as_categories(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{name: pd.Categorical(frame[name], categories=known) for name, known in levels.items()})

    model = lgb.LGBMClassifier(verbosity=-1, random_state=0).fit(as_categories(rows), success)
    return lambda others: np.asarray(model.predict_proba(as_categories(others)))[:, 1]


def ridge(rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Fit a logistic regression on scaled numbers and one column per name, its penalty found by cross-validation."""
    names = _names(rows)
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


def glocal(rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Fit Glocal's estimator with all that it has by default."""
    model = PropensityModel(random_state=0, n_jobs=-1).fit(rows, success)
    return lambda others: model.predict_proba(others)[:, 1]


RIVALS: Mapping[str, Fit] = MappingProxyType(
    {"base rate": base_rate, "default LightGBM": default_lightgbm, "ridge": ridge, "Glocal": glocal}
)
"""What is compared, by name."""


def _names(rows: pd.DataFrame) -> list[str]:
    return [name for name, column in rows.items() if not pd.api.types.is_numeric_dtype(column)]


def _as_objects(rows: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return names as objects, with None where missing, which scikit-learn's imputer knows."""
    return rows.assign(**{name: rows[name].astype(object).where(rows[name].notna(), None) for name in names})
