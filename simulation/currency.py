"""Exchange rates of the world: a random walk by month for each currency, into the group's."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.arrays import FloatArray, IntArray, Times
from simulation.calendar import AS_OF
from simulation.geography import MARKETS
from simulation.streams import stream

FIRST_MONTH = np.datetime64("2019-01", "M")
MONTHLY_SD = 0.012
MONTHLY_DRIFT = {"TRY": -0.025, "ARS": -0.03, "BRL": -0.001}
GROUP_CURRENCY = "EUR"
CURRENCIES = tuple(dict.fromkeys(m.currency for m in MARKETS))


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates by currency.

    Parameters
    ----------
    months : first instants of the months, shape (n_months,).
    rate : group currency per unit, shape (n_currencies, n_months).
    """

    months: Times
    rate: FloatArray

    def at(self, currency: IntArray, when: Times) -> FloatArray:
        """Return the rate of each currency code at each time, shape (n,)."""
        month = np.clip((when.astype("datetime64[M]") - FIRST_MONTH).astype(np.int64), 0, self.months.size - 1)
        return self.rate[currency, month]

    def table(self) -> pd.DataFrame:
        """Return the rows of the contract's rates."""
        codes = np.repeat(np.array(CURRENCIES, dtype=object), self.months.size)
        dates = np.tile(self.months.astype("datetime64[D]").astype(str), len(CURRENCIES))
        return pd.DataFrame({"currency": codes, "valid_from": dates, "rate": self.rate.ravel()})


def build_rates(seed: int) -> Rates:
    """Walk the rates month by month.

    Parameters
    ----------
    seed : of the world.
    """
    rng = stream(seed, "rates")
    months = np.arange(FIRST_MONTH, AS_OF.astype("datetime64[M]") + 1)
    start = {m.currency: m.rate for m in MARKETS}
    rows = []
    for currency in CURRENCIES:
        walk = np.cumsum(rng.normal(MONTHLY_DRIFT.get(currency, 0.0), MONTHLY_SD, months.size))
        rows.append(start[currency] * np.exp(0.0 if currency == GROUP_CURRENCY else walk) * np.ones(months.size))
    return Rates(months.astype("datetime64[s]"), np.array(rows).round(6))
