"""Noisy counts of things that happen while a chain is in a state, the one way in which the hidden becomes visible."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.accounts import Population
from simulation.arrays import FloatArray, IntArray
from simulation.calendar import START, STEPS
from simulation.parameters import EXCITATIONS, STEP_DAYS
from simulation.process import unpack
from simulation.walk import Walk

CODES = 60
SEASON = np.array([0.95, 1.05, 1.12, 1.02, 1.0, 1.02, 0.9, 0.76, 1.1, 1.12, 1.1, 0.8])
"""Factor on what is observed by calendar month; the process itself knows no season."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """Things that happened, in order of steps; each array has shape (n,).

    Parameters
    ----------
    step, account : when and at which account.
    code : the packed state of the chain that they come from.
    """

    step: IntArray
    account: IntArray
    code: NDArray[np.uint8]


def rate_table(
    stages: tuple[float, ...],
    excitation: tuple[float, ...] = (1.0,) * EXCITATIONS,
    attention: float = 1.0,
    owned: float = 1.0,
) -> FloatArray:
    """Return the rate of a chain's state as a product of factors.

    Parameters
    ----------
    stages : rate per step by stage.
    excitation : factor by level.
    attention, owned : factor where sales attend, and where the unit is owned.

    Returns
    -------
    ndarray of shape (CODES,), by packed state.
    """
    state = unpack(np.arange(CODES, dtype=np.uint8))
    rate = np.asarray(stages)[state.stage] * np.asarray(excitation)[state.excitation]
    return np.asarray(rate * np.where(state.attention == 1, attention, 1.0) * np.where(state.owned == 1, owned, 1.0))


def season() -> FloatArray:
    """Return the factor of each step's month, shape (STEPS,)."""
    days = START.astype("datetime64[D]") + np.arange(STEPS) * STEP_DAYS
    return np.asarray(SEASON[days.astype("datetime64[M]").astype(np.int64) % 12])


def emit(
    rng: np.random.Generator,
    population: Population,
    walk: Walk,
    rates: FloatArray,
    factor: FloatArray,
    calendar: FloatArray | None = None,
    first_step: int = 0,
) -> Emitted:
    """Draw Poisson counts for each account and step from the chain's state at the step's start.

    Parameters
    ----------
    rng : its source of chance.
    population, walk : whose chains.
    rates : per step, by packed state, shape (CODES,).
    factor : per account, shape (n_accounts,).
    calendar : factor per step, shape (STEPS,); default 1.
    first_step : nothing happens before it.
    """
    parts = []
    for step in range(first_step, STEPS):
        codes = walk.packed[step, : population.active(step)]
        rate = rates[codes] * factor[: codes.size]
        counts = rng.poisson(rate if calendar is None else rate * calendar[step])
        rows = np.repeat(np.flatnonzero(counts), counts[counts > 0])
        parts.append((np.full(rows.size, step), rows, codes[rows]))
    steps, accounts, codes_of = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Emitted(steps, accounts, codes_of)


def draw_by_row(rng: np.random.Generator, chances: FloatArray, row: IntArray) -> IntArray:
    """Draw a category for each item from its row of a table of chances.

    Parameters
    ----------
    rng : its source of chance.
    chances : shape (n_rows, n_categories); rows need not sum to 1.
    row : shape (n,).
    """
    bounds = np.cumsum(chances, axis=1)
    bounds /= bounds[:, -1:]
    draw = rng.random(row.size)
    category = np.zeros(row.size, dtype=np.int64)
    for value in range(bounds.shape[0]):
        rows = np.flatnonzero(row == value)
        category[rows] = np.searchsorted(bounds[value], draw[rows], side="right")
    return np.asarray(np.minimum(category, chances.shape[1] - 1))
