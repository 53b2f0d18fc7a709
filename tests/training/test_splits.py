"""The cutoffs to learn from and to judge by."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.group import BusinessUnit
from training.splits import MOST_CUTOFFS, STEP_DAYS, WARM_UP_DAYS, split_cutoffs

AS_OF = datetime(2026, 7, 1)  # noqa: DTZ001
DAY = timedelta(days=1)

histories = st.integers(0, 4000).map(lambda days: AS_OF - timedelta(days=days))
groups = st.dictionaries(
    st.sampled_from(["cloud", "energy", "security"]),
    st.integers(1, 800).map(lambda days: BusinessUnit(horizon_days=days)),
    min_size=1,
)
wholes = st.sets(st.sampled_from(["cloud", "energy"]))


@given(first=histories, units=groups, whole=wholes)
def test_nothing_that_is_judged_was_there_when_learning_ended(
    first: datetime, units: dict[str, BusinessUnit], whole: set[str]
) -> None:
    splits = split_cutoffs(first, AS_OF, units, whole)
    for name, split in splits.units.items():
        if split.refused:
            assert split.train == split.test == ()
            continue
        assert max(split.train) < splits.until <= min(split.test)
        assert min(split.train) >= first + timedelta(days=WARM_UP_DAYS)
        horizon = timedelta(days=units[name].horizon_days)
        assert max(split.test) + min(horizon, AS_OF - splits.until) <= AS_OF


@given(first=histories, units=groups, whole=wholes)
def test_enough_is_followed(first: datetime, units: dict[str, BusinessUnit], whole: set[str]) -> None:
    splits = split_cutoffs(first, AS_OF, units, whole)
    for name, split in splits.units.items():
        horizon = timedelta(days=units[name].horizon_days)
        if not split.refused and name in whole:
            assert min(split.train) + horizon <= splits.until
            assert max(split.test) + horizon <= AS_OF
        elif not split.refused:
            assert min(split.train) + horizon / 2 <= splits.until


@given(first=histories, units=groups, whole=wholes)
def test_cutoffs_are_oldest_first_on_one_grid_and_monthly_to_judge_by(
    first: datetime, units: dict[str, BusinessUnit], whole: set[str]
) -> None:
    splits = split_cutoffs(first, AS_OF, units, whole)
    learnt_from, judged_by = splits.cutoffs("train"), splits.cutoffs("test")
    assert len(learnt_from) <= MOST_CUTOFFS
    assert all((AS_OF - cutoff).days % STEP_DAYS == 0 for cutoff in (*learnt_from, *judged_by))
    assert {later - earlier for earlier, later in pairwise(judged_by)} <= {STEP_DAYS * DAY}
    for split in splits.units.values():
        cutoffs = (*split.train, *split.test)
        assert list(cutoffs) == sorted(set(cutoffs))
    learnt = {split.train for split in splits.units.values() if not split.refused}
    assert len(learnt) <= 1


@given(first=histories, units=groups, late=st.integers(0, 1500))
def test_nothing_is_learnt_of_a_time_before_the_first_success(
    first: datetime, units: dict[str, BusinessUnit], late: int
) -> None:
    since = {name: first + late * DAY for name in units if name != "security"}
    splits = split_cutoffs(first, AS_OF, units, since=since)
    assert all(min(split.train) >= since[name] for name, split in splits.units.items() if split.train and name in since)


def test_a_fast_unit_learns_up_to_the_end_and_a_slow_one_is_judged_as_far_as_one_can_see() -> None:
    units = {"cloud": BusinessUnit(horizon_days=90), "industrial": BusinessUnit(horizon_days=540)}
    splits = split_cutoffs(AS_OF - timedelta(days=WARM_UP_DAYS + 720), AS_OF, units)
    assert splits.until == AS_OF - 180 * DAY
    assert len(splits.units["cloud"].train) == len(splits.units["industrial"].train) == 18
    assert splits.units["cloud"].train[-1] == splits.until - 30 * DAY
    assert splits.units["cloud"].test[-1] == AS_OF - 90 * DAY
    assert splits.units["industrial"].test == (splits.until,)


def test_a_long_history_is_learnt_from_in_larger_steps_and_judged_monthly() -> None:
    units = {"cloud": BusinessUnit(horizon_days=90), "industrial": BusinessUnit(horizon_days=540)}
    splits = split_cutoffs(AS_OF - timedelta(days=WARM_UP_DAYS + 1440), AS_OF, units)
    assert splits.until == AS_OF - 360 * DAY
    cloud, industrial = splits.units["cloud"], splits.units["industrial"]
    assert len(cloud.train) == len(industrial.train) == 18
    assert cloud.train[-1] == splits.until - 60 * DAY
    assert cloud.test == tuple(splits.until + days * DAY for days in range(0, 271, 30))
    assert industrial.test == (splits.until,)


@pytest.mark.parametrize(("horizon", "whole"), [(180, False), (180, True), (20, False), (800, False), (310, True)])
def test_too_short_a_history_says_how_long_it_must_be(horizon: int, whole: bool) -> None:
    units, named = {"cloud": BusinessUnit(horizon_days=horizon)}, ["cloud"] if whole else []
    refused = split_cutoffs(AS_OF - 100 * DAY, AS_OF, units, named).units["cloud"].refused
    found = re.fullmatch(
        rf"successes are known over 10 days after 90 to look back on and learning and then judging over a horizon of "
        rf"{horizon} days takes (\d+)",
        (refused or "").replace(",", ""),
    )
    assert found is not None
    needed = WARM_UP_DAYS + int(found[1])
    assert split_cutoffs(AS_OF - (needed - 1) * DAY, AS_OF, units, named).units["cloud"].refused is not None
    assert split_cutoffs(AS_OF - needed * DAY, AS_OF, units, named).units["cloud"].refused is None
