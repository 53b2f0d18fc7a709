"""A view of a column: one way to look at it, as places among which rows are spread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.intp]
Aspect = Literal["value", "presence", "form", "later"]


@dataclass(frozen=True, slots=True)
class View:
    """One way to look at a column.

    Parameters
    ----------
    called : what is looked at, in words.
    aspect : 'value', 'presence', 'form' (how the value is written), or 'later' (a date after the row's time).
    codes : ndarray of shape (n, k), one place among the view's values per word, k = 1 but for words; -1 for none.
    exact : per place, whether it stands for one value rather than a range.
    """

    called: str
    aspect: Aspect
    codes: Codes
    exact: bool = False
