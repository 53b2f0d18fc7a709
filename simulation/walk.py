"""The hidden history of the whole world: every chain's state at every instant of the grid, and every move."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.accounts import Population
from simulation.arrays import BoolArray, IntArray
from simulation.calendar import STEPS
from simulation.chain import ChainTables, fit_values
from simulation.parameters import ChainParameters, Stage
from simulation.process import ABSENT, ChainState, Stepper

OWNED_PULL = 0.5
EARLY_STAGES = (0.90, 0.06, 0.04)
NEW_STAGES = (0.60, 0.32, 0.08)


@dataclass(frozen=True, slots=True)
class Walk:
    """One business unit's hidden history.

    Parameters
    ----------
    packed : states at each instant as `process.unpack` reads them, ``ABSENT`` before an account exists,
        shape (STEPS + 1, n_accounts).
    age : steps in the stage, same shape.
    step, account, stage, exit : of every exit taken: in which step, whose, from which stage, which one; sorted by step.
    owned_at_start : who owned the unit on the first day, shape (n_accounts,).
    """

    packed: NDArray[np.uint8]
    age: NDArray[np.uint8]
    step: IntArray
    account: IntArray
    stage: IntArray
    exit: IntArray
    owned_at_start: BoolArray


def walk(
    population: Population, unit: int, parameters: ChainParameters, tables: ChainTables, rng: np.random.Generator
) -> Walk:
    """Walk one business unit's chains from the first day to the end.

    Parameters
    ----------
    population : the accounts.
    unit : position of the business unit.
    parameters, tables : of the unit.
    rng : its source of chance.
    """
    state = _initial(population, unit, parameters, tables, rng)
    owned_at_start = state.owned == 1
    stepper = Stepper(tables, rng)
    packed = np.full((STEPS + 1, population.n), ABSENT, dtype=np.uint8)
    age = np.zeros((STEPS + 1, population.n), dtype=np.uint8)
    moves = []
    for step in range(STEPS + 1):
        active = population.active(step)
        present = _first(state, active)
        packed[step, :active], age[step, :active] = present.packed(), present.age
        if step < STEPS:
            moves.append(_move(stepper, state, present, step))
    steps, accounts, stages, exits = np.concatenate(moves, axis=1)
    return Walk(packed, age, steps, accounts, stages, exits, owned_at_start)


def _initial(
    population: Population, unit: int, parameters: ChainParameters, tables: ChainTables, rng: np.random.Generator
) -> ChainState:
    """Draw each chain's state at the instant from which on its account exists."""
    n, early = population.n, population.start == 0
    fit = population.fit[unit]
    owned = early & (rng.random(n) < parameters.owned_at_start * np.exp(OWNED_PULL * fit_values()[fit]))
    chances = np.where(early[:, None], np.cumsum(EARLY_STAGES)[:-1], np.cumsum(NEW_STAGES)[:-1])
    stage = (rng.random(n)[:, None] >= chances).sum(axis=1)
    age = np.where(early & (stage == Stage.DORMANT), rng.integers(0, tables.ages, n), 0)
    nothing = np.zeros(n, dtype=np.int64)
    return ChainState(fit, population.size, owned.astype(np.int64), stage, age, nothing, nothing.copy())


def _first(state: ChainState, active: int) -> ChainState:
    return ChainState(
        state.fit[:active],
        state.size[:active],
        state.owned[:active],
        state.stage[:active],
        state.age[:active],
        state.excitation[:active],
        state.attention[:active],
    )


def _move(stepper: Stepper, state: ChainState, present: ChainState, step: int) -> IntArray:
    """Take one step and return step, account, stage and exit of those who left their stage, shape (4, n)."""
    before = present.stage.copy()
    taken = stepper.step(present)
    active = before.size
    state.owned[:active], state.stage[:active], state.age[:active] = present.owned, present.stage, present.age
    state.excitation[:active], state.attention[:active] = present.excitation, present.attention
    moved = np.flatnonzero(taken >= 0)
    return np.stack([np.full(moved.size, step), moved, before[moved], taken[moved].astype(np.int64)])
