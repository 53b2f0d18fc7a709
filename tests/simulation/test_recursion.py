"""The exact chance of a win, against walking many chains on from the same state."""

from dataclasses import replace

import numpy as np
import pytest

from simulation.chain import PROGRESS, ChainTables, build_tables
from simulation.parameters import CHAINS, Stage
from simulation.process import ChainState, Stepper
from simulation.recursion import win_probabilities

CHAINS_PER_STATE = 4_000


@pytest.fixture(scope="module")
def tables() -> ChainTables:
    return build_tables(CHAINS["security"])


def test_without_time_nobody_wins(tables: ChainTables) -> None:
    assert (win_probabilities(tables, 0) == 0).all()


def test_one_step_wins_only_from_decision(tables: ChainTables) -> None:
    chance = win_probabilities(tables, 1)
    assert np.allclose(chance[:, :, :, Stage.DECISION], tables.exits[PROGRESS, :, :, :, Stage.DECISION])
    assert (chance[:, :, :, : Stage.DECISION] == 0).all()


def test_more_time_never_hurts(tables: ChainTables) -> None:
    shorter, longer = win_probabilities(tables, 10), win_probabilities(tables, 11)
    assert (longer >= shorter).all()
    assert (longer <= 1).all()


@pytest.mark.parametrize("unit", ["cloud", "energy"])
def test_agrees_with_walking_on(unit: str) -> None:
    """From a few dozen states at random, the share of chains that win must be the recursion's within chance."""
    tables = build_tables(CHAINS[unit])
    exact = win_probabilities(tables, tables.horizon_steps)
    rng = np.random.default_rng(11)
    states = [rng.integers(0, size, 24) for size in exact.shape]
    expected = exact[tuple(states)]
    won = _walk_on(tables, states, rng)
    z = (won - expected) / np.sqrt(expected * (1 - expected) / CHAINS_PER_STATE)
    assert np.abs(z).max() < 4
    assert np.square(z).mean() < 2.2


def _walk_on(tables: ChainTables, states: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Return the share of first wins within the horizon from each state, shape (n_states,)."""
    state = ChainState(*(np.repeat(column, CHAINS_PER_STATE) for column in states))
    stepper = Stepper(tables, rng)
    won = np.zeros(state.stage.size, dtype=bool)
    for _ in range(tables.horizon_steps):
        deciding = state.stage == Stage.DECISION
        won |= (stepper.step(state) == PROGRESS) & deciding
    return won.reshape(-1, CHAINS_PER_STATE).mean(axis=1)


def test_no_exit_to_progress_means_no_win(tables: ChainTables) -> None:
    exits = tables.exits.copy()
    exits[PROGRESS, :, :, :, Stage.EVALUATION] = 0
    blocked = win_probabilities(replace(tables, exits=exits), 30)
    assert (blocked[:, :, :, : Stage.DECISION] == 0).all()
