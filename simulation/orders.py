"""Orders: what won deals brought, repeat deliveries and returns, and the purchases from before the first day."""

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.calendar import AS_OF, START
from simulation.deals import AMOUNT_SD, LOG_AMOUNT, MARGINS, SIZE_ELASTICITY
from simulation.streams import stream
from simulation.usage import PRODUCT_NAMES
from simulation.walk import Walk

LEGACY_YEAR_DAYS = 360
DELIVERED_TWICE, RETURNED = 0.3, 0.05


def legacy_owners(population: Population, walks: list[Walk], seed: int) -> pd.DataFrame:
    """Return who owned what on the first day and when they had bought it.

    Returns
    -------
    DataFrame with ``account``, ``unit``, ``bought_at``.
    """
    rng = stream(seed, "legacy")
    parts = []
    for unit, walk in enumerate(walks):
        account = np.flatnonzero(walk.owned_at_start[: population.n])
        before = rng.integers(86_400, LEGACY_YEAR_DAYS * 86_400, account.size).astype("timedelta64[s]")
        parts.append(pd.DataFrame({"account": account, "unit": unit, "bought_at": START - before}))
    return pd.concat(parts, ignore_index=True)


def build_orders(population: Population, opportunities: pd.DataFrame, owners: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return all orders in order of time.

    Parameters
    ----------
    population : the accounts.
    opportunities : of `deals.Deals`.
    owners : of `legacy_owners`.
    seed : of the world.

    Returns
    -------
    DataFrame with ``account``, ``unit``, ``ordered_at``, ``amount`` and ``profit`` (group currency), ``product``.
    """
    rng = stream(seed, "orders")
    won = opportunities[opportunities["outcome"] == "won"]
    delay = rng.integers(600, 6 * 86_400, len(won)).astype("timedelta64[s]")
    orders = won[["account", "unit", "amount"]].assign(ordered_at=won["closed_at"].to_numpy() + delay)
    again = orders[rng.random(len(orders)) < DELIVERED_TWICE]
    again = again.assign(amount=again["amount"] * 0.2, ordered_at=_later(rng, again["ordered_at"], 20, 150))
    back = orders[rng.random(len(orders)) < RETURNED]
    back = back.assign(
        amount=-back["amount"] * rng.uniform(0.05, 0.4, len(back)), ordered_at=_later(rng, back["ordered_at"], 5, 80)
    )
    orders = pd.concat([_legacy(rng, population, owners), orders, again, back], ignore_index=True)
    orders = orders[orders["ordered_at"] < pd.Timestamp(AS_OF)]
    unit = orders["unit"].to_numpy()
    margin = np.array([MARGINS[name] for name in BUSINESS_UNITS])[unit]
    known = rng.random(len(orders)) < 0.8
    orders = orders.assign(
        amount=orders["amount"].round(2),
        profit=np.where(known, (orders["amount"] * margin).round(2), np.nan),
        product=np.array(PRODUCT_NAMES, dtype=object)[unit],
    )
    return orders.sort_values(["ordered_at", "account", "unit"], kind="stable", ignore_index=True)


def _later(rng: np.random.Generator, times: pd.Series, least: int, most: int) -> np.ndarray:
    return np.asarray(
        times.to_numpy() + rng.integers(least * 86_400, most * 86_400, len(times)).astype("timedelta64[s]")
    )


def _legacy(rng: np.random.Generator, population: Population, owners: pd.DataFrame) -> pd.DataFrame:
    """Price the purchases from before the first day like deals."""
    middle = np.array([LOG_AMOUNT[name] for name in BUSINESS_UNITS])[owners["unit"]]
    size = SIZE_ELASTICITY * np.log(population.employees[owners["account"]] / 180)
    amount = np.exp(middle + size + AMOUNT_SD * rng.normal(size=len(owners)))
    return owners.rename(columns={"bought_at": "ordered_at"}).assign(amount=amount)
