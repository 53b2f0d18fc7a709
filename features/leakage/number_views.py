"""Views of numbers and dates: their value, and how they are written."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from features.leakage.bins import binned, coded
from features.leakage.column import Floats
from features.leakage.sample import Flags
from features.leakage.view import Codes, View

DAY = 86_400


def of_numbers(numbers: Floats, success: Flags, *, dated: bool, time: Floats | None) -> Iterator[View]:
    """Return the views of numbers, or of times in seconds."""
    yield View("its value", "value", binned(numbers, success)[:, None])
    if dated:
        yield View("its time of day", "form", binned(numbers % DAY, success)[:, None])
        if time is not None:
            yield View("whether it lies after the row's time", "later", coded(numbers >= time, numbers)[:, None])
            yield View("how long before the row's time it lies", "value", binned(time - numbers, success)[:, None])
        return
    yield View("how many digits it is written with", "form", coded(_precision(numbers), numbers)[:, None])
    if _names_single_things(numbers):
        for divisor in (2, 10):
            called = "whether it is even" if divisor == 2 else "its last digit"
            yield View(called, "form", coded(np.mod(np.abs(numbers), divisor), numbers)[:, None])


def _precision(numbers: Floats) -> Codes:
    """Return how many decimals a number has, up to 4, or as a negative number how many zeros it ends in, up to 3."""
    known = np.where(np.isfinite(numbers), numbers, 0.0)
    precision = np.full(len(known), 4)
    for decimals in (3, 2, 1, 0, -1, -2, -3):
        scaled = known * 10.0**decimals
        precision[np.abs(scaled - np.round(scaled)) < 1e-6 * np.maximum(1.0, np.abs(scaled))] = decimals
    return precision.astype(np.intp)


def _names_single_things(numbers: Floats) -> bool:
    """Tell whether these are whole numbers of which nearly each occurs once, as those that name things are."""
    there = numbers[np.isfinite(numbers)]
    return len(there) > 0 and bool((there == np.round(there)).all()) and len(np.unique(there)) > 0.5 * len(there)
