"""The calendar: days and buckets say of any time what plain comparisons of times say."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest
from hypothesis import Phase, example, given, settings
from hypothesis import strategies as st

from features.calendar import WINDOWS, Calendar, bucketed, calendars
from features.known import days_since, second, within

CUTOFF = datetime.fromisoformat("2024-06-01")
ODD = datetime.fromisoformat("2024-06-01T13:37:00.654321")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)


def times_of(*times: datetime) -> ibis.Table:
    frame = pd.DataFrame({"no": range(len(times)), "time": pd.Series(times, dtype="datetime64[us]")})
    return ibis.memtable(frame, schema={"no": "int64", "time": "timestamp(6)"})


def days_of(calendar: Calendar, *times: datetime) -> list[int]:
    rows = times_of(*times)
    found = rows.mutate(day=calendar.day(rows.time)).order_by("no").to_pandas()["day"]
    return [int(day) for day in found]


def in_buckets(calendar: Calendar, rows: ibis.Table) -> ibis.Table:
    dated = rows.mutate(day=calendar.day(rows.time))
    return bucketed(dated, ibis.memtable(calendar.buckets()), ibis.literal(calendar.long_ago, "int32"))


def buckets_of(calendar: Calendar, *times: datetime) -> dict[datetime, int]:
    rows = times_of(*times)
    found = in_buckets(calendar, rows).to_pandas()
    return {time.to_pydatetime(): int(bucket) for time, bucket in zip(found["time"], found["bucket"], strict=True)}


class TestDays:
    def test_a_day_begins_at_midnight_where_cutoffs_do(self) -> None:
        """2024-06-01 is day 19,875 from 1970: 54 years of 365 days, 13 leap days and 152 days of 2024."""
        assert 54 * 365 + 13 + 152 == 19_875
        times = (CUTOFF - TICK, CUTOFF, CUTOFF + DAY - TICK, CUTOFF + DAY)
        assert days_of(Calendar((CUTOFF,)), *times) == [19_874, 19_875, 19_875, 19_876]

    def test_a_day_begins_at_the_cutoffs_time_of_day(self) -> None:
        times = (ODD - TICK, ODD, CUTOFF, CUTOFF + DAY, ODD + DAY - TICK)
        assert days_of(Calendar((ODD,)), *times) == [19_874, 19_875, 19_874, 19_875, 19_875]

    def test_days_before_1970_are_negative(self) -> None:
        epoch = datetime.fromisoformat("1970-01-01")
        times = (epoch, epoch - TICK, epoch - DAY, epoch - DAY - TICK)
        assert days_of(Calendar((CUTOFF,)), *times) == [0, -1, -1, -2]
        assert days_of(Calendar((ODD,)), *times) == [-1, -1, -2, -2]

    def test_cutoffs_are_numbered_from_0(self) -> None:
        table = Calendar((ODD - 9 * DAY, ODD)).rows.to_pandas()
        assert table["cutoff_no"].tolist() == [0, 1]
        assert table["cutoff_day"].tolist() == [19_866, 19_875]
        noon = 13 * 3_600 + 37 * 60
        assert table["cutoff_second"].tolist() == [19_866 * 86_400 + noon, 19_875 * 86_400 + noon]

    def test_seconds_and_days_since(self) -> None:
        """Both ends count in whole seconds, so what happened in the cutoff's own second was 0 days before."""
        rows = times_of(ODD - TICK, ODD - 1.5 * DAY, datetime.fromisoformat("1969-12-31T23:59:59.5"))
        rows = rows.mutate(cutoff_second=ibis.literal(19_875 * 86_400 + 13 * 3_600 + 37 * 60))
        found = rows.mutate(second=second(rows.time), days=days_since(rows, rows.time)).order_by("no").to_pandas()
        assert found["second"].tolist()[1:] == [19_875 * 86_400 + 13 * 3_600 + 37 * 60 - 129_600, -1]
        assert found["days"].tolist()[:2] == [0.0, 1.5]


class TestBuckets:
    def test_a_bucket_begins_where_a_window_or_the_cutoff_does(self) -> None:
        """Windows of 7, 30, 90, 180 and 365 days cut the time before the cutoff into six."""
        day = 19_875
        calendar = Calendar((CUTOFF,))
        ago = (1, 7, 8, 30, 31, 90, 91, 180, 181, 365, 366, 9_999)
        found = buckets_of(calendar, *(CUTOFF - days * DAY for days in ago))
        starts = (7, 7, 30, 30, 90, 90, 180, 180, 365, 365, 366, 366)
        assert found == {
            CUTOFF - days * DAY: day - start for days, start in zip(ago, starts, strict=True)
        }  # fmt: skip

    def test_what_happens_from_the_last_cutoff_on_is_in_no_bucket(self) -> None:
        assert set(buckets_of(Calendar((CUTOFF,)), CUTOFF - TICK, CUTOFF, CUTOFF + 400 * DAY)) == {CUTOFF - TICK}

    def test_every_bucket_lies_ahead_of_the_cutoffs_after_it(self) -> None:
        """Of two cutoffs 100 days apart the later sees what the earlier does, and more."""
        ahead = Calendar((CUTOFF - 100 * DAY, CUTOFF)).ahead().to_pandas()
        seen = {no: set(rows["bucket"]) for no, rows in ahead.groupby("cutoff_no")}
        assert seen[0] < seen[1]
        assert max(seen[0]) < 19_775 <= min(seen[1] - seen[0])
        assert not ahead.duplicated(["bucket", "cutoff_no"]).any()


class TestSeveralTimesOfDay:
    def test_cutoffs_are_put_together_by_time_of_day(self) -> None:
        found = calendars([ODD, CUTOFF, CUTOFF - DAY, ODD, ODD - 9 * DAY, CUTOFF])
        assert {calendar.cutoffs for calendar in found} == {(CUTOFF - DAY, CUTOFF), (ODD - 9 * DAY, ODD)}
        assert [(calendar.first, calendar.last) for calendar in found if calendar.last == ODD] == [(ODD - 9 * DAY, ODD)]
        assert calendars([]) == []

    @pytest.mark.parametrize("cutoffs", [(CUTOFF, ODD), (CUTOFF, CUTOFF - DAY), (CUTOFF, CUTOFF), ()])
    def test_cutoffs_that_do_not_ascend_or_share_no_time_of_day_are_refused(self, cutoffs: Sequence[datetime]) -> None:
        with pytest.raises(ValueError, match=r"must ascend and share one time of day"):
            Calendar(tuple(cutoffs))


NEAR = (timedelta(0), TICK, -TICK, timedelta(seconds=1), timedelta(hours=11), -timedelta(hours=13), DAY, -DAY)


@st.composite
def cutoffs_and_times(draw: st.DrawFn) -> tuple[list[datetime], list[datetime]]:
    """Draw cutoffs at one time of day, and times: any, and such as lie at the edges of windows."""
    first = draw(st.datetimes(datetime.fromisoformat("1971-01-01"), datetime.fromisoformat("2090-01-01")))
    gaps = draw(st.lists(st.integers(1, 400), max_size=3))
    cutoffs = [first + sum(gaps[:number]) * DAY for number in range(len(gaps) + 1)]
    edges = st.builds(
        lambda cutoff, window, near: cutoff - window * DAY + near,
        st.sampled_from(cutoffs), st.sampled_from((0, *WINDOWS)), st.sampled_from(NEAR),
    )  # fmt: skip
    around = st.datetimes(first - 900 * DAY, first + 900 * DAY)
    return cutoffs, draw(st.lists(edges | around, min_size=5, max_size=60))


@given(drawn=cutoffs_and_times())
@example(drawn=([ODD], [ODD - window * DAY + near for window in (0, *WINDOWS) for near in NEAR]))
@settings(max_examples=15, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate])
def test_whole_days_agree_with_plain_comparisons_of_times(drawn: tuple[list[datetime], list[datetime]]) -> None:
    """Before a cutoff, and within so many days before it: by the day of a row as by the first day of its bucket."""
    cutoffs, times = drawn
    calendar, rows = Calendar(tuple(cutoffs)), times_of(*times)
    seen = in_buckets(calendar, rows).inner_join(ibis.memtable(calendar.ahead()), "bucket")
    seen = seen.mutate(**{f"day_{days}": within(seen, days) for days in (*WINDOWS, 730)}, day=seen.bucket)
    found = seen.mutate(**{f"bucket_{days}": within(seen, days) for days in WINDOWS}).to_pandas()
    pairs = [(no, number) for no, time in enumerate(times) for number, cutoff in enumerate(cutoffs) if time < cutoff]
    assert sorted(zip(found["no"], found["cutoff_no"], strict=True)) == pairs
    for row in found.to_dict("records"):
        ago = cutoffs[row["cutoff_no"]] - times[row["no"]]
        expected = {f"day_{days}": ago <= days * DAY for days in (*WINDOWS, 730)}
        expected |= {f"bucket_{days}": ago <= days * DAY for days in WINDOWS}
        assert {name: row[name] for name in expected} == expected
