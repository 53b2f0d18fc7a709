"""The types of arrays that the world is made of, and how cells of text are blanked."""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
ObjectArray = NDArray[np.object_]
Times = NDArray[np.datetime64]

NEVER = np.datetime64("NaT", "s")


def texts(*words: str) -> ObjectArray:
    """Return words as an array from which codes can pick."""
    return np.array(words, dtype=object)


def kept(values: ObjectArray, keep: BoolArray) -> ObjectArray:
    """Return a copy of text cells in which those not kept are None."""
    cells = np.asarray(values, dtype=object).copy()
    cells[~keep] = None
    return cells
