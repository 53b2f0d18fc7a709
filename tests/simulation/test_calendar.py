"""The grid of time."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import AS_OF, CUTOFF_STEPS, STEPS, any_moment, cutoff_steps, instant, step_of, working_moment
from simulation.parameters import CHAINS, STEP_DAYS


@given(seed=st.integers(0, 2**32 - 1), offset=st.integers(-11, 13))
def test_moments_lie_strictly_inside_their_step(seed: int, offset: int) -> None:
    rng = np.random.default_rng(seed)
    step = rng.integers(0, STEPS, 100)
    for moment in (any_moment(rng, step), working_moment(rng, step, np.full(100, offset))):
        assert (moment > instant(step)).all()
        assert (moment < instant(step + 1)).all()
        assert (step_of(moment) == step).all()


def test_the_grid_ends_with_the_data_and_every_horizon_is_on_it() -> None:
    assert instant(STEPS) == AS_OF
    steps = set(cutoff_steps(73).tolist())
    assert STEPS in steps
    assert all(STEPS - chain.horizon_days // STEP_DAYS in steps for chain in CHAINS.values())
    assert all(chain.horizon_days % (CUTOFF_STEPS * STEP_DAYS) == 0 for chain in CHAINS.values())
