"""The cutoffs to learn from and to judge by."""

from __future__ import annotations

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from features.group import BusinessUnit
from training.splits import MOST_CUTOFFS, STEP_DAYS, WARM_UP_DAYS, split_cutoffs

AS_OF = datetime(2026, 7, 1)  # noqa: DTZ001

histories = st.integers(0, 4000).map(lambda days: AS_OF - timedelta(days=days))
units = st.integers(1, 800).map(lambda days: BusinessUnit(horizon_days=days))


@given(first=histories, unit=units)
def test_judged_only_after_what_was_learnt_has_ended(first: datetime, unit: BusinessUnit) -> None:
    split = split_cutoffs(first, AS_OF, unit)
    horizon = timedelta(days=unit.horizon_days)
    if split.refused:
        assert split.train == split.test == ()
        return
    assert max(split.train) + horizon <= min(split.test)
    assert max(split.test) + horizon <= AS_OF
    assert min(split.train) >= first + timedelta(days=WARM_UP_DAYS)


@given(first=histories, unit=units)
def test_cutoffs_are_oldest_first_on_one_grid_and_few(first: datetime, unit: BusinessUnit) -> None:
    split = split_cutoffs(first, AS_OF, unit)
    cutoffs = (*split.train, *split.test)
    assert list(cutoffs) == sorted(set(cutoffs))
    assert len(cutoffs) <= MOST_CUTOFFS
    assert all((AS_OF - cutoff).days % STEP_DAYS == 0 for cutoff in cutoffs)


@given(first=histories, one=units, other=units)
def test_bus_share_one_grid(first: datetime, one: BusinessUnit, other: BusinessUnit) -> None:
    splits = [split_cutoffs(first, AS_OF, unit) for unit in (one, other)]
    steps = [
        {(b - a).days for a, b in zip(split.train, split.train[1:], strict=False)} for split in splits if split.train
    ]
    assert len(set().union(*steps)) <= 1


def test_too_short_a_history_says_how_long_it_must_be() -> None:
    split = split_cutoffs(AS_OF - timedelta(days=300), AS_OF, BusinessUnit(horizon_days=180))
    assert split.refused == (
        "the data reach back 300 days, and learning and then judging over a horizon of 180 days takes 450"
    )
    enough = split_cutoffs(AS_OF - timedelta(days=450), AS_OF, BusinessUnit(horizon_days=180))
    assert enough.refused is None
