"""The rankings that people use today, to be compared with: revenue, engagement points, recency-frequency-monetary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ranking = Callable[[pd.DataFrame], Floats]


def revenue(snapshot: pd.DataFrame) -> Floats:
    """Rank by annual revenue; an account of unknown revenue comes last."""
    return _known(snapshot["attributes_annual_revenue"])


def engagement_points(snapshot: pd.DataFrame) -> Floats:
    """Rank by the points of the last 90 days' engagement."""
    return _known(snapshot["engagement_points"])


def recency_frequency_monetary(snapshot: pd.DataFrame) -> Floats:
    """Rank by the sum of three fifths: how lately, how often and for how much the account ordered.

    Returns
    -------
    ndarray of shape (n,), from 3 to 15; an account that never ordered is in the lowest fifth of each.

    Notes
    -----
    Hughes, Strategic Database Marketing, 1994; here the fifths are of accounts that ordered in the last year.
    """
    parts = (
        -snapshot["portfolio_days_since_order"],
        snapshot["portfolio_orders_365d"],
        snapshot["portfolio_amount_365d"],
    )
    recency, frequency, monetary = (_fifth(part) for part in parts)
    return recency + frequency + monetary


BASELINES: Mapping[str, Ranking] = MappingProxyType({"revenue": revenue, "engagement_points": engagement_points})
"""What every model is compared with, by name."""


def _known(values: pd.Series) -> Floats:
    return np.asarray(values.astype("float64").fillna(-np.inf), dtype=np.float64)


def _fifth(values: pd.Series) -> Floats:
    """Return the fifth, 1 to 5, that each value lies in; ties share the middle of their places."""
    share = values.astype("float64").rank(pct=True, na_option="top")
    return np.clip(np.ceil(share.to_numpy(np.float64) * 5), 1.0, 5.0)
