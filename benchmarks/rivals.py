"""What a data scientist would otherwise use: LightGBM as it comes, and a cross-validated ridge logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.propensity import PropensityModel
from training.logistic_regression import Predict, fit_logistic_regression

Fit = Callable[[pd.DataFrame, NDArray[np.bool_]], Predict]


def base_rate(_rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Predict the same for everybody."""
    return lambda others: np.full(len(others), success.mean())


def lightgbm(
    rows: pd.DataFrame, success: NDArray[np.bool_], settings: Mapping[str, float] = MappingProxyType({})
) -> Predict:
    """Fit LightGBM's classifier, names as its categories; what `settings` does not give is as it comes."""
    levels = {name: sorted(rows[name].dropna().unique()) for name in _names(rows)}

    def as_categories(frame: pd.DataFrame) -> pd.DataFrame:
        return frame.assign(**{name: pd.Categorical(frame[name], categories=known) for name, known in levels.items()})

    model = lgb.LGBMClassifier(verbosity=-1, random_state=0)
    model.set_params(**settings).fit(as_categories(rows), success)
    return lambda others: np.asarray(model.predict_proba(as_categories(others)))[:, 1]


def glocal(rows: pd.DataFrame, success: NDArray[np.bool_]) -> Predict:
    """Fit Glocal's estimator with all that it has by default."""
    model = PropensityModel(random_state=0, n_jobs=-1).fit(rows, success)
    return lambda others: model.predict_proba(others)[:, 1]


RIVALS: Mapping[str, Fit] = MappingProxyType(
    {"base rate": base_rate, "default LightGBM": lightgbm, "ridge": fit_logistic_regression, "Glocal": glocal}
)
"""What is compared, by name."""


def _names(rows: pd.DataFrame) -> list[str]:
    return [str(name) for name, column in rows.items() if not pd.api.types.is_numeric_dtype(column)]
