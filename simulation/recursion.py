"""The exact probability of a first win within a number of steps, from every hidden state."""

import numpy as np

from simulation.arrays import FloatArray
from simulation.chain import FALL_BACK, LOST, N_STAGES, PROGRESS, ChainTables
from simulation.parameters import Stage


def win_probabilities(tables: ChainTables, steps: int) -> FloatArray:
    """Return the chance of at least one win in the next steps, by backward recursion.

    Parameters
    ----------
    tables : of one business unit.
    steps : >= 0.

    Returns
    -------
    ndarray of shape (fit, size, owned, stage, age, excitation, attention), in [0, 1].

    Notes
    -----
    With v_0 = 0: v_k(state) = P(win in the step) + sum over states reached without a win of P(state) v_{k-1}(state).
    """
    kernel = _kernel(tables)
    value = np.zeros((*tables.exits.shape[1:6], kernel.shape[-1]))
    exits = tables.exits.reshape(3, *value.shape)
    for _ in range(steps):
        value = _one_step_earlier(value, exits, kernel)
    return np.asarray(value.reshape(tables.exits.shape[1:]))


def _kernel(tables: ChainTables) -> FloatArray:
    """Chance of excitation and attention at the step's end, transposed, shape (size, stage, after, before)."""
    attends = tables.attention
    attention = np.stack([1 - attends, attends], axis=-1)
    joint = np.einsum("sef,zseab->zsfbea", tables.excitation, attention)
    levels = joint.shape[2] * joint.shape[3]
    return np.asarray(joint.reshape(*joint.shape[:2], levels, levels))


def _one_step_earlier(value: FloatArray, exits: FloatArray, kernel: FloatArray) -> FloatArray:
    """Values of shape (fit, size, owned, stage, age, excitation x attention), one step further from the end."""
    earlier = np.empty_like(value)
    for stage in range(N_STAGES):
        transition = kernel[None, :, None, stage]
        older = np.concatenate([value[:, :, :, stage, 1:], value[:, :, :, stage, -1:]], axis=3)
        stayed = older @ transition
        dormant = value[:, :, :, Stage.DORMANT, :1] @ transition
        onward = 1.0 if stage == Stage.DECISION else value[:, :, :, stage + 1, :1] @ transition
        here = exits[:, :, :, :, stage]
        left = here.sum(axis=0)
        earlier[:, :, :, stage] = (
            here[PROGRESS] * onward + (here[FALL_BACK] + here[LOST]) * dormant + (1 - left) * stayed
        )
    return earlier
