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
        return (time - self._interval).date().epoch_days()

    def bucket(self, rows: ir.Table, windows: tuple[int, ...] | None = None) -> ir.Table:
        """Add ``bucket``, the first day of the bucket that ``day`` lies in; rows of days after all cutoffs go.

        Parameters
        ----------
        rows : with ``day``.
        windows : days that readers look back, ascending: no bucket is cut by one of these windows, and rows of days
            that are in none of them go, too. None: any of WINDOWS, and all rows stay.
        """
        starts = self._starts(windows or WINDOWS)
        span = range(starts[0], self._days[-1])
        wanted = [day for day in span if windows is None or day >= self._next(day) - windows[-1]]
        table = _table({"of_day": wanted, "bucket": [starts[bisect_right(starts, day) - 1] for day in wanted]})
        joined = rows.inner_join(table, ibis.greatest(rows.day, ibis.literal(span[0], "int32")) == table.of_day)
        return joined.select(*(rows[name] for name in rows.columns), table.bucket)

    @cached_property
    def table(self) -> ir.Table:
        """``cutoff_no`` (from 0), ``cutoff_day`` and ``cutoff_second`` (from 1970) of each cutoff."""
        return _table(self._columns(range(len(self.cutoffs))))

    def ahead(self, windows: tuple[int, ...] | None = None) -> ir.Table:
        """Return for each ``bucket`` the cutoffs after it that look back on it, with the columns of `table`.

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
        return _table({"bucket": [bucket for bucket, _ in pairs]} | self._columns(no for _, no in pairs))

    def _columns(self, numbers: Iterable[int]) -> dict[str, list[int]]:
        listed = list(numbers)
        seconds = [int((cutoff - _EPOCH) // timedelta(seconds=1)) for cutoff in self.cutoffs]
        return {
            "cutoff_no": listed,
            "cutoff_day": [self._days[no] for no in listed],
            "cutoff_second": [seconds[no] for no in listed],
        }

    @cached_property
    def _offset(self) -> timedelta:
        return self.first - datetime.combine(self.first.date(), datetime.min.time())

    @property
    def _interval(self) -> Any:
        return ibis.interval(seconds=self._offset.seconds) + ibis.interval(microseconds=self._offset.microseconds)

    @cached_property
    def _days(self) -> tuple[int, ...]:
        return tuple((cutoff - self._offset - _EPOCH).days for cutoff in self.cutoffs)

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


def _table(columns: dict[str, list[int]]) -> ir.Table:
    types = {name: "int64" if name == "cutoff_second" else "int32" for name in columns}
    return ibis.memtable(pd.DataFrame(columns), schema=ibis.schema(types))
