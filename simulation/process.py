"""Walking the chains of one business unit through time, one step for all accounts at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simulation.arrays import IntArray
from simulation.chain import FALL_BACK, LOST, PROGRESS, ChainTables
from simulation.parameters import EXCITATIONS, Stage

ABSENT = 255


@dataclass(slots=True)
class ChainState:
    """Hidden states of many chains at one instant of the grid; each array has shape (n_chains,).

    ``fit``, ``size`` are classes, ``owned`` and ``attention`` 0 or 1, ``age`` steps in the stage (capped).
    """

    fit: IntArray
    size: IntArray
    owned: IntArray
    stage: IntArray
    age: IntArray
    excitation: IntArray
    attention: IntArray

    def packed(self) -> NDArray[np.uint8]:
        """Stage, excitation, attention and ownership in one number below 60, as `unpack` takes it apart."""
        code = ((self.stage * EXCITATIONS + self.excitation) * 2 + self.attention) * 2 + self.owned
        return code.astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Visible:
    """What of a state shapes observations; arrays of one shape."""

    stage: NDArray[np.uint8]
    excitation: NDArray[np.uint8]
    attention: NDArray[np.uint8]
    owned: NDArray[np.uint8]


def unpack(code: NDArray[np.uint8]) -> Visible:
    """Take apart what `ChainState.packed` put together."""
    rest, owned = np.divmod(code, 2)
    rest, attention = np.divmod(rest, 2)
    stage, excitation = np.divmod(rest, EXCITATIONS)
    return Visible(stage, excitation, attention, owned)


class Stepper:
    """Moves chains by one step with a seeded generator."""

    def __init__(self, tables: ChainTables, rng: np.random.Generator) -> None:
        self._tables = tables
        self._rng = rng
        self._exits = np.cumsum(tables.exits, axis=0).reshape(3, -1)
        self._shape = tables.exits.shape[1:]
        self._levels = np.cumsum(tables.excitation, axis=2)

    def step(self, state: ChainState) -> NDArray[np.int8]:
        """Move all chains one step on, in place.

        Everything is drawn given the state at the step's start, as the exact recursion assumes.

        Parameters
        ----------
        state : changed to the state at the step's end.

        Returns
        -------
        ndarray of shape (n_chains,)
            The exit each chain took in the step, or -1 if it stayed.
        """
        n = state.stage.size
        index = np.ravel_multi_index(
            (state.fit, state.size, state.owned, state.stage, state.age, state.excitation, state.attention),
            self._shape,
        )
        draw = self._rng.random((3, n))
        left = draw[0] < self._exits[LOST, index]
        taken = np.full(n, -1, dtype=np.int8)
        leaving = np.flatnonzero(left)
        chances = self._exits[:LOST, index[leaving]]
        taken[leaving] = (draw[0, leaving] >= chances).sum(axis=0)
        attends = draw[1] < self._tables.attention[state.size, state.stage, state.excitation, state.attention]
        levels = self._levels[state.stage, state.excitation]
        state.excitation = (draw[2][:, None] >= levels[:, :-1]).sum(axis=1)
        state.attention = attends.astype(np.int64)
        self._move(state, taken, leaving)
        return taken

    def _move(self, state: ChainState, taken: NDArray[np.int8], leaving: IntArray) -> None:
        state.age = np.minimum(state.age + 1, self._tables.ages - 1)
        state.age[leaving] = 0
        onward = leaving[taken[leaving] == PROGRESS]
        back = leaving[taken[leaving] >= FALL_BACK]
        won = onward[state.stage[onward] == Stage.DECISION]
        state.stage[onward] += 1
        state.stage[won] = Stage.DORMANT
        state.owned[won] = 1
        state.stage[back] = Stage.DORMANT
