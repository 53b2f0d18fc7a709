"""Product usage of what accounts own, month by month; it tends to rise before an owner buys again."""

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.arrays import FloatArray
from simulation.calendar import CUTOFF_STEPS, STEPS, any_moment
from simulation.parameters import Stage
from simulation.process import ABSENT, unpack
from simulation.streams import stream
from simulation.walk import Walk

PRODUCTS = {
    "cloud": "Meridian Stratus",
    "security": "Meridian Bastion",
    "automation": "Meridian Cadence",
    "energy": "Meridian Lumen",
}
METRICS = {
    "cloud": "active_users",
    "security": "protected_devices",
    "automation": "machine_hours",
    "energy": "metered_mwh",
}
RISE_BY_STAGE = (0.0, 0.30, 0.42, 0.46, 0.42)
NOISE_SD = 0.16
REPORTED = 0.85


def build_usage(population: Population, walks: list[Walk], seed: int) -> pd.DataFrame:
    """Return monthly readings in order of time.

    Parameters
    ----------
    population, walks : the world so far.
    seed : of the world.

    Returns
    -------
    DataFrame with ``account``, ``observed_at``, ``unit`` (a code: product and metric follow from it) and ``value``.
    """
    rng = stream(seed, "usage")
    parts = [_readings(rng, population, walk, unit) for unit, walk in enumerate(walks)]
    return pd.concat(parts).sort_values(["observed_at", "account", "unit"], kind="stable", ignore_index=True)


def _readings(rng: np.random.Generator, population: Population, walk: Walk, unit: int) -> pd.DataFrame:
    steps = np.arange(STEPS % CUTOFF_STEPS, STEPS, CUTOFF_STEPS)
    codes = walk.packed[steps]
    state = unpack(codes)
    owned = (codes != ABSENT) & (state.owned == 1)
    reported = owned & (rng.random(population.n) < REPORTED)
    months = np.cumsum(owned, axis=0)
    row, account = np.nonzero(reported)
    level = 0.75 * np.log(population.employees) + rng.normal(0, 0.6, population.n)
    growth = rng.normal(0.004, 0.008, population.n)
    trend = level[account] + growth[account] * months[row, account]
    hidden = _memory(np.array(RISE_BY_STAGE)[np.minimum(state.stage, Stage.DECISION)])[row, account]
    value = np.exp(trend + hidden + rng.normal(0, NOISE_SD, row.size))
    return pd.DataFrame(
        {
            "account": account,
            "observed_at": any_moment(rng, steps[row]),
            "unit": np.full(row.size, unit),
            "value": value.round(2),
        }
    )


def _memory(rise: FloatArray) -> FloatArray:
    """Let usage follow the stage with some delay, months in rows."""
    followed = np.zeros_like(rise)
    for month in range(rise.shape[0]):
        before = followed[month - 1] if month else 0.0
        followed[month] = before + 0.6 * (rise[month] - before)
    return followed


PRODUCT_NAMES = tuple(PRODUCTS[unit] for unit in BUSINESS_UNITS)
METRIC_NAMES = tuple(METRICS[unit] for unit in BUSINESS_UNITS)
