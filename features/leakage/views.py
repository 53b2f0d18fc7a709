"""All views of a column: its value, whether there is one, and the parts in which an outcome may be written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.leakage.column import Column, Floats
from features.leakage.number_views import of_numbers
from features.leakage.sample import Flags
from features.leakage.text_views import of_texts
from features.leakage.view import View


def views(column: Column, success: Flags, time: Floats | None) -> Iterator[View]:
    """Return all views of a column that tell rows apart.

    Parameters
    ----------
    success : ndarray of shape (n,): where the two outcomes lie decides how finely numbers are cut.
    time : ndarray of shape (n,), seconds since 1970 of each row's instant of prediction.
    """
    filled = column.filled
    if not filled.any():
        return
    if not filled.all():
        yield View("whether it is filled", "presence", filled.astype(np.intp)[:, None], exact=True)
    if column.numbers is not None:
        yield from of_numbers(column.numbers, success, dated=column.dated, time=time)
    else:
        yield from of_texts(column.texts, success)
