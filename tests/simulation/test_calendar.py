"""The grid of time, and the noisy counts on it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simulation.calendar import AS_OF, CUTOFF_STEPS, STEPS, any_moment, cutoff_steps, instant, step_of, working_moment
from simulation.emission import CODES, draw_by_row, rate_table, season
from simulation.parameters import CHAINS, STEP_DAYS, Stage
from simulation.process import unpack


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


def test_rates_multiply_by_what_the_state_shows() -> None:
    rates = rate_table((1.0, 2.0, 3.0, 4.0, 5.0), (1.0, 10.0, 100.0), attention=7.0)
    state = unpack(np.arange(CODES, dtype=np.uint8))
    here = (state.stage == Stage.EVALUATION) & (state.excitation == 2) & (state.attention == 1)
    assert np.allclose(rates[here], 4.0 * 100.0 * 7.0)


def test_summers_are_quieter() -> None:
    assert season().shape == (STEPS,)
    assert season().min() < 0.85 < 1.05 < season().max()


def test_draws_follow_their_rows_chances() -> None:
    row = np.repeat([0, 1], 20_000)
    drawn = draw_by_row(np.random.default_rng(1), np.array([[1.0, 3.0, 0.0], [0.0, 1.0, 1.0]]), row)
    assert abs((drawn[row == 0] == 1).mean() - 0.75) < 0.015
    assert (drawn[row == 0] < 2).all()
    assert (drawn[row == 1] > 0).all()
