"""The cutoffs as whole days, so that what every cutoff needs of a row is worked out once."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd

WINDOWS = (7, 30, 90, 180, 365)
"""Days before a cutoff over which signals look back."""

CUTOFF = ("cutoff_no", "cutoff_day", "cutoff_second")
"""What tells of a cutoff: its number from 0, and its day and second from 1970."""

_EPOCH = datetime.fromisoformat("1970-01-01")


@dataclass(frozen=True)
class Calendar:
    """Cutoffs at one time of day, and the days before them in buckets that no window cuts through.

    A day begins at the cutoffs' time of day and is counted from 1970. So whether something happened before a cutoff,
    or within so many days before it, is a comparison of whole numbers, and rows of one bucket are alike to all of it.

    Parameters
    ----------
    cutoffs : the instants of prediction, UTC, ascending, all at the same time of day.
    """

    cutoffs: tuple[datetime, ...]

    def __post_init__(self) -> None:
        times = {cutoff.time() for cutoff in self.cutoffs}
        if len(times) != 1 or list(self.cutoffs) != sorted(set(self.cutoffs)):
            raise ValueError(f"cutoffs must ascend and share one time of day; got {self.cutoffs}")

    @property
    def first(self) -> datetime:
        """The earliest cutoff."""
        return self.cutoffs[0]

    @property
    def last(self) -> datetime:
        """The latest cutoff."""
        return self.cutoffs[-1]

    def day(self, time: ir.TimestampValue) -> ir.IntegerValue:
        """Return the day of a time."""
        return (time - self._interval if self.offset else time).date().epoch_days()

    def buckets(self, windows: tuple[int, ...] | None = None) -> pd.DataFrame:
        """Return of every day that is looked back on, ``of_day``, the first day of its ``bucket``, as int32.

        Parameters
        ----------
        windows : days that readers look back, ascending: no bucket is cut by one of these windows, and days that are in
            none of them are left out. None: any of WINDOWS, and days long ago are in the bucket of `long_ago`.
        """
        starts = self._starts(windows or WINDOWS)
        span = range(starts[0], self._days[-1])
        wanted = [day for day in span if windows is None or day >= self._next(day) - windows[-1]]
        return _frame({"of_day": wanted, "bucket": [starts[bisect_right(starts, day) - 1] for day in wanted]})

    @property
    def long_ago(self) -> int:
        """The day that stands for all that no window of any cutoff reaches."""
        return self._starts(WINDOWS)[0]

    @property
    def rows(self) -> pd.DataFrame:
        """CUTOFF: ``cutoff_no`` (from 0), ``cutoff_day`` and ``cutoff_second`` (from 1970) of each cutoff."""
        return _frame(self._columns(range(len(self.cutoffs))))

    def ahead(self, windows: tuple[int, ...] | None = None) -> pd.DataFrame:
        """Return for each ``bucket`` the cutoffs after it that look back on it, with the columns of `rows`.

        Parameters
        ----------
        windows : those that the buckets were made with.
        """
        pairs = [
            (bucket, no)
            for no, day in enumerate(self._days)
            for bucket in self._starts(windows or WINDOWS)
            if bucket < day and (windows is None or bucket >= day - windows[-1])
        ]
        return _frame({"bucket": [bucket for bucket, _ in pairs]} | self._columns(no for _, no in pairs))

    def _columns(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        listed = list(numbers)
        seconds = [int((cutoff - _EPOCH) // timedelta(seconds=1)) for cutoff in self.cutoffs]
        return {
            "cutoff_no": listed,
            "cutoff_day": [self._days[no] for no in listed],
            "cutoff_second": [seconds[no] for no in listed],
        }

    @cached_property
    def offset(self) -> timedelta:
        """How long after midnight a day begins."""
        return self.first - datetime.combine(self.first.date(), datetime.min.time())

    @property
    def _interval(self) -> Any:
        return ibis.interval(seconds=self.offset.seconds) + ibis.interval(microseconds=self.offset.microseconds)

    @cached_property
    def _days(self) -> tuple[int, ...]:
        return tuple((cutoff - self.offset - _EPOCH).days for cutoff in self.cutoffs)

    def _next(self, day: int) -> int:
        """Return the day of the first cutoff after a day."""
        return self._days[bisect_right(self._days, day)]

    def _starts(self, windows: tuple[int, ...]) -> list[int]:
        """Return the first days of the buckets: wherever a window begins or ends, and the one long ago."""
        edges = {day - window for day in self._days for window in (0, *windows)}
        return [min(edges) - 1, *sorted(edges)]


def calendars(cutoffs: Iterable[datetime]) -> list[Calendar]:
    """Put cutoffs that share a time of day into one calendar each."""
    by_time: dict[Any, list[datetime]] = {}
    for cutoff in sorted(set(cutoffs)):
        by_time.setdefault(cutoff.time(), []).append(cutoff)
    return [Calendar(tuple(each)) for each in by_time.values()]


def bucketed(rows: ir.Table, buckets: ir.Table, long_ago: ir.IntegerValue) -> ir.Table:
    """Add ``bucket``, the first day of the bucket that ``day`` lies in; rows of days that are in none go.

    Parameters
    ----------
    rows : with ``day``.
    buckets, long_ago : as `Calendar` gives them.
    """
    joined = rows.inner_join(buckets, ibis.greatest(rows.day, long_ago) == buckets.of_day)
    return joined.select(*(rows[name] for name in rows.columns), buckets.bucket)


def _frame(columns: dict[str, list[int]]) -> pd.DataFrame:
    types = {name: "int64" if name == "cutoff_second" else "int32" for name in columns}
    return pd.DataFrame(columns).astype(types)
