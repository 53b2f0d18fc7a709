"""A buy-till-you-die model: BG/NBD says how often a customer will buy, Gamma-Gamma for how much each time."""

from __future__ import annotations

import logging
import warnings
from datetime import datetime

import numpy as np
import pandas as pd

from features.tables import Tables


def expected_spend(orders: pd.DataFrame, cutoff: datetime, days: int) -> pd.Series:
    """Return what each customer is expected to spend.

    Parameters
    ----------
    orders : DataFrame of one row per order: ``account_id``, ``ordered_at`` and ``amount``, in one currency; returns,
        whose amount is not above 0, are no purchases.
    cutoff : what is known then is learnt from.
    days : over how many after that.

    Returns
    -------
    Float64, by account id, of all that ever bought before the cutoff.

    Notes
    -----
    Fader, Hardie and Lee, Counting Your Customers the Easy Way, Marketing Science 24(2), 2005; Fader and Hardie, The
    Gamma-Gamma Model of Monetary Value, 2013. As PyMC-Marketing has them, at the most probable parameters.
    """
    logging.getLogger("pymc_marketing").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its libraries, about what they will change and which BLAS they miss
        from pymc_marketing.clv import BetaGeoModel, GammaGammaModel
        from pymc_marketing.clv.utils import rfm_summary

        bought = orders[(orders["amount"] > 0) & (orders["ordered_at"] < cutoff)]
        summary = rfm_summary(bought, "account_id", "ordered_at", "amount", observation_period_end=cutoff)
        frequency = BetaGeoModel(summary)
        frequency.fit(method="map", progressbar=False)
        money = GammaGammaModel(summary[summary["frequency"] > 0])
        money.fit(method="map", progressbar=False)
        purchases = np.asarray(frequency.expected_purchases(future_t=days)).ravel()
        spend = np.asarray(money.expected_customer_spend(summary)).ravel()
    return pd.Series(purchases * spend, index=pd.Index(summary["customer_id"].astype("str"), name="account_id"))


def orders_of(tables: Tables) -> pd.DataFrame:
    """Return the orders of all accounts as `expected_spend` takes them."""
    orders: pd.DataFrame = tables.own["orders"].select("account_id", "ordered_at", "amount").to_pandas()
    return orders
