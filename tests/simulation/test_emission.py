"""Noisy counts: rates by state, seasons, and draws by row."""

import numpy as np

from simulation.calendar import STEPS
from simulation.emission import CODES, draw_by_row, rate_table, season
from simulation.parameters import Stage
from simulation.process import unpack


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
