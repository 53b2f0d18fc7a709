"""Cutoffs to learn from and, later and at least one horizon apart, cutoffs to judge by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from features.group import BusinessUnit

STEP_DAYS = 30
"""Days from one cutoff to the next, or the smallest multiple that leaves MOST_CUTOFFS in the history."""

MOST_CUTOFFS = 24
WARM_UP_DAYS = 90
"""History that the first cutoff looks back on."""

TEST_SHARE = 4
"""One usable cutoff in so many is for judging, and at least one."""


@dataclass(frozen=True, slots=True)
class Split:
    """The cutoffs of one BU, oldest first.

    Parameters
    ----------
    train : to learn from: each of their horizons has ended when the first of `test` comes.
    test : to judge by: each of their horizons has ended at the end of the data.
    refused : why there are none; None where there are.
    """

    train: tuple[datetime, ...] = ()
    test: tuple[datetime, ...] = ()
    refused: str | None = None


def split_cutoffs(first: datetime, as_of: datetime, unit: BusinessUnit) -> Split:
    """Choose a BU's cutoffs on a grid that goes back from the end of the data, the same for all BUs.

    Parameters
    ----------
    first : when the first thing in the data happened.
    as_of : the end of the data; nothing at or after it is looked at.
    unit : its horizon is how far a label looks ahead, and the gap between learning and judging.
    """
    history = (as_of - first).days - WARM_UP_DAYS
    step = STEP_DAYS * max(1, math.ceil(history / STEP_DAYS / MOST_CUTOFFS))
    gap = math.ceil(unit.horizon_days / step)
    usable = history // step - gap + 1
    trainable = usable - gap
    if trainable < 1:
        needed = WARM_UP_DAYS + 2 * gap * step
        return Split(
            refused=f"the data reach back {(as_of - first).days:,} days, and learning and then judging over "
            f"a horizon of {unit.horizon_days} days takes {needed:,}"
        )
    tests = max(1, trainable // TEST_SHARE)
    nearest = range(gap, gap + tests)
    further = range(gap + tests - 1 + gap, history // step + 1)
    return Split(
        train=tuple(as_of - timedelta(days=step * steps) for steps in reversed(further)),
        test=tuple(as_of - timedelta(days=step * steps) for steps in reversed(nearest)),
    )
