"""A business unit's process as tables: what each state can become in one step."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from simulation.arrays import FloatArray
from simulation.parameters import (
    EXCITATIONS,
    FIT_CLASSES,
    SIZE_CLASSES,
    ChainParameters,
    Clock,
    Exits,
    Pull,
    Stage,
)

N_STAGES = len(Stage)
PROGRESS, FALL_BACK, LOST = range(3)


@dataclass(frozen=True, slots=True)
class ChainTables:
    """Chances of one step, by the state at its start.

    Parameters
    ----------
    exits : ndarray of shape (3, fit, size, owned, stage, age, excitation, attention)
        Chance of each exit (progress, fall back, lost).
    excitation : ndarray of shape (stage, excitation, excitation)
        Chance of the level at the step's end.
    attention : ndarray of shape (size, stage, excitation, attention)
        Chance that sales attend at the step's end.
    horizon_steps : the unit's horizon.
    """

    exits: FloatArray
    excitation: FloatArray
    attention: FloatArray
    horizon_steps: int

    @property
    def ages(self) -> int:
        """Number of ages told apart."""
        return int(self.exits.shape[5])


def fit_values() -> FloatArray:
    """Return the fit trait of each class: the median of its part of a standard normal, shape (FIT_CLASSES,)."""
    return np.asarray(norm.ppf((np.arange(FIT_CLASSES) + 0.5) / FIT_CLASSES), dtype=np.float64)


def build_tables(parameters: ChainParameters) -> ChainTables:
    """Tabulate a process.

    Parameters
    ----------
    parameters : of one business unit.

    Returns
    -------
    ChainTables
    """
    horizon = parameters.horizon_steps
    ages = round(parameters.age_cap * horizon)
    hazards = np.stack(
        [
            np.stack([_stage_hazards(exits[s], parameters.pulls[s], ages, horizon) for s in range(N_STAGES)])
            for exits in (parameters.prospects, parameters.owners)
        ]
    )  # (owned, stage, exit, age, fit, size, excitation, attention)
    hazards = hazards.transpose(2, 4, 5, 0, 1, 3, 6, 7)
    total = hazards.sum(axis=0)
    leave = -np.expm1(-total)
    exits = hazards * np.divide(leave, total, out=np.zeros_like(total), where=total > 0)
    return ChainTables(exits, _excitation(parameters), _attention(parameters), horizon)


def _stage_hazards(exits: Exits, pull: Pull, ages: int, horizon: int) -> FloatArray:
    """Hazard of each exit over one step, shape (3, age, fit, size, excitation, attention)."""
    fit = pull.fit * fit_values()[:, None, None, None]
    size = pull.size * (np.arange(SIZE_CLASSES) - 1.0)[:, None, None]
    excitation = pull.excitation * np.arange(EXCITATIONS)[:, None]
    lift = fit + size + excitation + pull.attention * np.arange(2)
    clocks = [_increments(clock, ages, horizon) for clock in (exits.progress, exits.fall_back, exits.lost)]
    factors = (np.exp(lift), np.exp(-pull.resist * lift), np.exp(-pull.resist * lift))
    return np.stack([np.multiply.outer(clock, factor) for clock, factor in zip(clocks, factors, strict=True)])


def _increments(clock: Clock | None, ages: int, horizon: int) -> FloatArray:
    """Hazard between each age and the next, the last age standing for all later ones, shape (ages,)."""
    if clock is None:
        return np.zeros(ages)
    power = (np.arange(ages + 1) / (clock.scale * horizon)) ** clock.shape
    cumulative = power if clock.family == "weibull" else np.log1p(power)
    return np.diff(cumulative)


def _excitation(parameters: ChainParameters) -> FloatArray:
    chances = parameters.excitation
    rise = np.asarray(chances.stage_factor)
    table = np.zeros((N_STAGES, EXCITATIONS, EXCITATIONS))
    table[:, 0, 1] = np.minimum(chances.quiet_to_warm * rise, 0.5)
    table[:, 1, 2] = np.minimum(chances.warm_to_hot * rise, 0.5)
    table[:, 1, 0] = chances.warm_to_quiet
    table[:, 2, 1] = chances.hot_to_warm
    diagonal = np.arange(EXCITATIONS)
    table[:, diagonal, diagonal] = 1 - table.sum(axis=2)
    return table


def _attention(parameters: ChainParameters) -> FloatArray:
    odds = parameters.attention
    size = odds.size * (np.arange(SIZE_CLASSES) - 1.0)[:, None, None, None]
    opportunity = odds.opportunity * (np.arange(N_STAGES) >= Stage.EVALUATION)[:, None, None]
    excitation = odds.excitation * np.arange(EXCITATIONS)[:, None]
    base = np.array([odds.on, odds.stay])
    return np.asarray(expit(size + opportunity + excitation + base), dtype=np.float64)
