"""Priority value: what a tier adds to an account over the planning window, in group currency."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.group import Group

Floats = NDArray[np.float64]


def lift(probability: Floats, effect: float) -> Floats:
    """Return what treatment adds to probabilities: sigmoid(logit p + effect) - p.

    Parameters
    ----------
    probability : ndarray of shape (n,), in [0, 1]; NaN stays NaN.
    effect : in log-odds, >= 0.

    Returns
    -------
    ndarray of shape (n,), >= 0; exactly 0 where p is 0 or 1, or the effect is.

    Notes
    -----
    Written as p (1 - p) k / (1 + p k) with k = exp(effect) - 1, which subtracts no nearly equal numbers. It is largest
    for probabilities around the middle: the nearly certain and the nearly hopeless gain little.
    """
    k = np.expm1(effect)
    return np.asarray(probability * (1 - probability) * k / (1 + probability * k))


def expected_gross_profit(scores: pd.DataFrame, group: Group) -> pd.Series:
    """Return the gross profit of each success: the predicted one, else predicted amount × the BU's margin.

    Parameters
    ----------
    scores : ``business_unit``, ``gross_profit`` and ``amount``, one row per account × BU.
    group : the business units.

    Returns
    -------
    Series of float64 under the index of `scores`; NaN where neither gross profit nor a margin is known.
    """
    margins = {name: unit.margin for name, unit in group.business_units.items()}
    margin = scores["business_unit"].map(margins).astype("float64")
    return scores["gross_profit"].fillna(scores["amount"] * margin)


def money_at_stake(scores: pd.DataFrame, group: Group) -> pd.Series:
    """Return what a success is worth: its gross profit, and where that is not known its amount in its place.

    Parameters
    ----------
    scores : as `expected_gross_profit` wants them.
    group : the business units.

    Returns
    -------
    Series of float64 under the index of `scores`; NaN where not even an amount is known.
    """
    return expected_gross_profit(scores, group).fillna(scores["amount"])


def priority_values(scores: pd.DataFrame, group: Group) -> Floats:
    """Return what each tier would add to each account if each business unit led it.

    Parameters
    ----------
    scores : ``business_unit``, ``window_probability`` of a success within the planning window, ``gross_profit`` and
        ``amount`` of a success, one row per account × BU.
    group : business units, tiers with effect and cost.

    Returns
    -------
    ndarray of shape (n_rows, n_tiers), tiers as the group orders them, in group currency: lift × money at stake - cost.
    NaN where probability or money is not known.
    """
    probability = scores["window_probability"].to_numpy(np.float64)
    money = money_at_stake(scores, group).to_numpy(np.float64)
    return np.column_stack([lift(probability, tier.effect) * money - tier.cost for tier in group.tiers.values()])
