"""One step of many chains: what may follow what, and how states are packed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulation.chain import PROGRESS, build_tables
from simulation.parameters import CHAINS, EXCITATIONS, FIT_CLASSES, SIZE_CLASSES, Stage
from simulation.process import ChainState, Stepper, unpack


def random_state(rng: np.random.Generator, n: int, ages: int) -> ChainState:
    sizes = (FIT_CLASSES, SIZE_CLASSES, 2, len(Stage), ages, EXCITATIONS, 2)
    return ChainState(*(rng.integers(0, size, n) for size in sizes))


@given(seed=st.integers(0, 2**32 - 1))
def test_packing_loses_nothing(seed: int) -> None:
    state = random_state(np.random.default_rng(seed), 50, 10)
    seen = unpack(state.packed())
    for name in ("stage", "excitation", "attention", "owned"):
        assert (getattr(seen, name) == getattr(state, name)).all()


def test_a_step_moves_as_the_model_says() -> None:
    tables = build_tables(CHAINS["cloud"])
    rng = np.random.default_rng(3)
    state = random_state(rng, 50_000, tables.ages)
    before = ChainState(*(getattr(state, name).copy() for name in ChainState.__slots__))
    taken = Stepper(tables, rng).step(state)
    stayed, onward = taken == -1, taken == PROGRESS
    won = onward & (before.stage == Stage.DECISION)
    assert (state.stage[stayed] == before.stage[stayed]).all()
    assert (state.age[stayed] == np.minimum(before.age[stayed] + 1, tables.ages - 1)).all()
    assert (state.age[~stayed] == 0).all()
    assert (state.stage[onward & ~won] == before.stage[onward & ~won] + 1).all()
    assert (state.stage[~stayed & ~onward] == Stage.DORMANT).all()
    assert (state.stage[won] == Stage.DORMANT).all()
    assert (state.owned == np.maximum(before.owned, won)).all()
    assert (np.abs(state.excitation - before.excitation) <= 1).all()
    assert (state.fit == before.fit).all()
