"""The instant at which learning ends, cutoffs before it to learn from, and cutoffs from it on to judge by."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from features.group import BusinessUnit

STEP_DAYS = 30
"""Days from one cutoff to judge by to the next; to learn from, the smallest multiple that leaves MOST_CUTOFFS."""

MOST_CUTOFFS = 24
WARM_UP_DAYS = 90
"""History that the first cutoff looks back on."""

JUDGED_SHARE = 4
"""One step of the history in so many is for judging, and at least one."""

FOLLOWED_SHARE = 0.5
"""Part of a horizon over which accounts must have been followed, for hazards to be carried on to its end."""


@dataclass(frozen=True, slots=True)
class Split:
    """The cutoffs of one BU, oldest first.

    Parameters
    ----------
    train : to learn from, all of them before the instant at which learning ends.
    test : to judge by, none of them before that instant.
    refused : why there are none; None where there are.
    """

    train: tuple[datetime, ...] = ()
    test: tuple[datetime, ...] = ()
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Splits:
    """The cutoffs of all BUs.

    Parameters
    ----------
    until : when learning ends, the same for all: nothing that happened or was loaded from then on is learnt.
    units : by BU.
    """

    until: datetime
    units: Mapping[str, Split] = field(default_factory=dict)

    @property
    def left_out(self) -> dict[str, str]:
        """The BUs without cutoffs while others have some, and why they have none."""
        refused = {name: split.refused for name, split in self.units.items() if split.refused}
        return refused if len(refused) < len(self.units) else {}

    def cutoffs(self, part: str) -> tuple[datetime, ...]:
        """Return all cutoffs of 'train' or 'test', oldest first."""
        return tuple(sorted({cutoff for split in self.units.values() for cutoff in getattr(split, part)}))


def split_cutoffs(
    first: datetime,
    as_of: datetime,
    units: Mapping[str, BusinessUnit],
    whole: Collection[str] = (),
    since: Mapping[str, datetime] = MappingProxyType({}),
) -> Splits:
    """Choose cutoffs on one grid that goes back from the end of the data; those to judge by are monthly.

    Accounts are followed from each cutoff to learn from until learning ends, however much of the horizon that is. A BU
    is judged over its horizon, or from the end of learning to the end of the data where that is less.

    Parameters
    ----------
    first : when the first thing in the data happened.
    as_of : the end of the data; nothing at or after it is looked at.
    units : by name.
    whole : the BUs whose successes are of windows as a whole: these must have ended.
    since : when each BU first succeeded. Before that, successes were not recorded, or there was no such BU: accounts
        only seem to have failed then. A BU that is not named learns from the first cutoff on.
    """
    warm = first + timedelta(days=WARM_UP_DAYS)
    starts = {name: max(warm, since.get(name, warm)) for name in units}
    steps, step = _grid(min(starts.values()), as_of)
    horizons = {name: math.ceil(unit.horizon_days / step) for name, unit in units.items()}
    judged = _judged(steps, horizons, whole)
    split = {}
    for name, unit in units.items():
        own = max(0, (as_of - starts[name]).days) // step
        if _is_enough(own, judged, unit.horizon_days / step, whole=name in whole):
            split[name] = Split(
                train=_instants(as_of, step, range(judged + 1, own + 1)),
                test=_instants(as_of, STEP_DAYS, _judged_places(unit.horizon_days, step * judged)),
            )
        else:
            needed = STEP_DAYS * _steps_needed(unit, whole=name in whole)
            known = max(0, (as_of - starts[name]).days)
            split[name] = Split(
                refused=f"successes are known over {known:,} days, after {WARM_UP_DAYS} to look back on, "
                f"and learning and then judging over a horizon of {unit.horizon_days} days takes {needed:,}"
            )
    return Splits(as_of - timedelta(days=step * judged), split)


def _grid(start: datetime, as_of: datetime) -> tuple[int, int]:
    """Return how many steps the grid has, and the days of each."""
    history = max(0, (as_of - start).days)
    step = STEP_DAYS * max(1, math.ceil(history / STEP_DAYS / MOST_CUTOFFS))
    return history // step, step


def _judged(steps: int, horizons: Mapping[str, int], whole: Collection[str]) -> int:
    """Return how many steps before the end of the data learning ends.

    They hold the horizon of whom it must have ended, and of the fastest of the others, where as much is left to learn.
    """
    possible = {name: horizon for name, horizon in horizons.items() if 2 * horizon <= steps}
    fastest = min((horizon for name, horizon in possible.items() if name not in whole), default=0)
    longest = max((horizon for name, horizon in possible.items() if name in whole), default=0)
    return max(1, steps // JUDGED_SHARE, fastest, longest)


def _judged_places(horizon_days: int, judged_days: int) -> range:
    """Return how many times STEP_DAYS ago to judge: from a horizon ago back to the end of learning."""
    return range(math.ceil(min(horizon_days, judged_days) / STEP_DAYS), judged_days // STEP_DAYS + 1)


def _is_enough(steps: int, judged: int, horizon: float, *, whole: bool) -> bool:
    """Tell whether there is enough to learn from and to judge by; `horizon` is in steps."""
    learnt = steps - judged
    needed = max(1.0, horizon * (1 if whole else FOLLOWED_SHARE))
    return learnt >= needed and (not whole or judged >= horizon)


def _steps_needed(unit: BusinessUnit, *, whole: bool) -> int:
    """Return how many steps of STEP_DAYS a BU by itself needs."""
    horizon = unit.horizon_days / STEP_DAYS
    steps = 2
    while not _is_enough(steps, _judged(steps, {"": math.ceil(horizon)}, [""] if whole else []), horizon, whole=whole):
        steps += 1
    return steps


def _instants(as_of: datetime, step: int, places: Iterable[int]) -> tuple[datetime, ...]:
    return tuple(sorted(as_of - timedelta(days=step * place) for place in places))
