"""Timelines: their intervals, and who was followed through which, against a plain reading."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.timeline import WITHIN_HORIZON, AtRisk, Timeline, part_of_horizon

PROPERTY = settings(deadline=None)
days = st.floats(0.5, 1000)


@st.composite
def timelines(draw: st.DrawFn) -> Timeline:
    horizon, planning = draw(days), draw(days)
    return Timeline.of_whole(horizon) if draw(st.booleans()) else Timeline.over(horizon, planning)


@PROPERTY
@given(horizon=days, planning=days)
def test_intervals_reach_over_the_horizon_and_as_far_as_is_planned(horizon: float, planning: float) -> None:
    line = Timeline.over(horizon, planning)
    assert line.ends[WITHIN_HORIZON - 1] == pytest.approx(horizon)
    assert list(line.ends) == sorted(set(line.ends))
    assert line.ends[-1] * 1.05 >= planning
    assert len(line.names) == len(line.ends) == len(line.starts)
    within = [end <= horizon * 1.001 for end in line.ends]
    assert [part_of_horizon(name) == "within" for name in line.names] == within


@PROPERTY
@given(line=timelines(), reached=st.lists(st.one_of(st.just(0.0), st.floats(0.01, 3000)), min_size=1))
def test_exposures_add_up_to_the_days(line: Timeline, reached: list[float]) -> None:
    exposure = line.exposure(np.array(reached))
    lengths = np.array(line.ends) - np.array(line.starts)
    np.testing.assert_allclose((exposure * lengths).sum(axis=1), reached)
    assert (exposure[:, :-1] <= 1).all()


@PROPERTY
@given(line=timelines(), followed=st.floats(0, 3000))
def test_what_nobody_was_followed_through_is_not_there(line: Timeline, followed: float) -> None:
    cut = line.as_followed(followed)
    if cut is None:
        assert followed < line.ends[0]
    else:
        assert cut.ends == tuple(end for end in line.ends if end <= followed)


@PROPERTY
@given(
    line=timelines(),
    rows=st.lists(st.tuples(st.one_of(st.none(), st.floats(0, 3000)), st.floats(0, 3000)), max_size=6),
)
def test_who_is_at_risk(line: Timeline, rows: list[tuple[float | None, float]]) -> None:
    success = np.array([np.nan if day is None else day for day, _ in rows])
    followed = np.array([until for _, until in rows], dtype=float)
    expected = [
        (row, place, day is not None and day < end)
        for row, (day, until) in enumerate(rows)
        for place, (start, end) in enumerate(zip(line.starts, line.ends, strict=True))
        if until >= end and (day is None or day >= start)
    ]
    found = AtRisk.of(line, np.arange(len(rows)), success, followed)
    assert list(zip(found.rows, found.intervals, found.success, strict=True)) == expected


class TestThinning:
    def pairs(self, successes: int, failures: int) -> AtRisk:
        n = successes + failures
        return AtRisk(np.arange(n), np.zeros(n, dtype=np.intp), np.arange(n) < successes)

    def test_keeps_every_success_and_weighs_the_failures_up(self) -> None:
        kept, weight = self.pairs(20, 1000).thinned(8, seed=0)
        assert kept.success.sum() == 20
        assert len(kept.rows) == 180
        assert weight[kept.success].tolist() == [1.0] * 20
        assert weight[~kept.success].sum() == pytest.approx(1000)

    def test_draws_by_the_seed(self) -> None:
        first, again, other = (self.pairs(5, 1000).thinned(8, seed)[0].rows.tolist() for seed in (0, 0, 1))
        assert first == again != other

    def test_leaves_alone_what_is_few_enough(self) -> None:
        pairs = self.pairs(20, 160)
        kept, weight = pairs.thinned(8, seed=0)
        assert kept is pairs
        assert (weight == 1).all()
