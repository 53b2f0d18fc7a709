"""The grid of time: five-day steps in UTC, and moments inside them when people work."""

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import FloatArray, IntArray, Times
from simulation.parameters import STEP_DAYS

START = np.datetime64("2021-01-04T00:00:00", "s")
STEPS = 401
STEP_SECONDS = STEP_DAYS * 86_400
AS_OF = START + np.timedelta64(STEPS * STEP_SECONDS, "s")
CUTOFF_STEPS = 30 // STEP_DAYS
WEEKDAY_WEIGHTS = np.array([1.0, 1.15, 1.15, 1.1, 0.85, 0.08, 0.07])


def instant(step: NDArray[np.integer] | int) -> Times:
    """Return the grid's instant at a step, the start of that step."""
    return np.asarray(START + np.asarray(step).astype("int64") * np.timedelta64(STEP_SECONDS, "s"))


def any_moment(rng: np.random.Generator, step: IntArray) -> Times:
    """Return moments at any time of day, strictly inside the steps."""
    return _after(step, rng.integers(1, STEP_SECONDS, step.size))


def working_moment(rng: np.random.Generator, step: IntArray, utc_offset: IntArray) -> Times:
    """Return moments strictly inside the steps, mostly in local working hours on working days.

    Parameters
    ----------
    rng : its source of chance.
    step : shape (n,).
    utc_offset : hours that local time is ahead of UTC, shape (n,).
    """
    days = np.arange(STEPS * STEP_DAYS).reshape(STEPS, STEP_DAYS) % 7
    chances = np.cumsum(WEEKDAY_WEIGHTS[days], axis=1)
    chances /= chances[:, -1:]
    day = (rng.random(step.size)[:, None] >= chances[step]).sum(axis=1)
    local = np.clip(rng.normal(13.0, 3.0, step.size), 6.0, 21.0) * 3600
    seconds = (day * 86_400 + local - utc_offset * 3600).astype(np.int64) % STEP_SECONDS
    return _after(step, np.maximum(seconds, 1))


def within_step(step: IntArray, share: FloatArray) -> Times:
    """Return the moment at a share of each step, strictly inside it."""
    seconds = np.clip((share * STEP_SECONDS).astype(np.int64), 1, STEP_SECONDS - 1)
    return _after(step, seconds)


def _after(step: IntArray, seconds: IntArray) -> Times:
    return np.asarray(instant(step) + seconds.astype("timedelta64[s]"))


def step_of(times: Times) -> IntArray:
    """Return the step that each time lies in."""
    return (times.astype("datetime64[s]") - START).astype(np.int64) // STEP_SECONDS


def cutoff_steps(first: int) -> IntArray:
    """Return the grid steps every 30 days back from the end, ascending, none before the first."""
    return np.arange(STEPS, first - 1, -CUTOFF_STEPS)[::-1]
