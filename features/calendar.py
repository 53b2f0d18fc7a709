"""The cutoffs as whole days, so that what every cutoff needs of a row is worked out once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

WINDOWS = (7, 30, 90, 180, 365)
"""Days before a cutoff over which signals look back."""

CUTOFF = ("cutoff_no", "cutoff_day", "cutoff_second")
"""What tells of a cutoff: its number from 0, and its day and second from 1970."""

Whole = NDArray[np.int64]

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
        """Return the day of a time, as int32."""
        return (time - self._interval if self.offset else time).date().epoch_days().cast("int32")

    def buckets(self, windows: tuple[int, ...] | None = None) -> pa.Table:
        """Return of every day that is looked back on, ``of_day``, the first day of its ``bucket``, as int32.

        Parameters
        ----------
        windows : days that readers look back, ascending: no bucket is cut by one of these windows, and days that are in
            none of them are left out. None: any of WINDOWS, and days long ago are in the bucket of `long_ago`.
        """
        starts = self._starts(windows or WINDOWS)
        days = np.arange(starts[0], self._days[-1])
        if windows is not None:
            following = self._days[np.searchsorted(self._days, days, side="right")]
            days = days[days >= following - windows[-1]]
        return _table({"of_day": days, "bucket": starts[np.searchsorted(starts, days, side="right") - 1]})

    @property
    def long_ago(self) -> int:
        """The day that stands for all that no window of any cutoff reaches."""
        return int(self._starts(WINDOWS)[0])

    @property
    def rows(self) -> pa.Table:
        """CUTOFF: ``cutoff_no`` (from 0), ``cutoff_day`` and ``cutoff_second`` (from 1970) of each cutoff."""
        return _table(self._columns(np.arange(len(self.cutoffs))))

    def ahead(self, windows: tuple[int, ...] | None = None) -> pa.Table:
        """Return for each ``bucket`` the cutoffs after it that look back on it, with the columns of `rows`.

        Parameters
        ----------
        windows : those that the buckets were made with.
        """
        starts, days = self._starts(windows or WINDOWS), self._days[:, np.newaxis]
        seen = starts < days if windows is None else (starts < days) & (starts >= days - windows[-1])
        numbers, buckets = np.nonzero(seen)
        return _table({"bucket": starts[buckets]} | self._columns(numbers))

    def _columns(self, numbers: Whole) -> dict[str, Whole]:
        seconds = np.array([(cutoff - _EPOCH) // timedelta(seconds=1) for cutoff in self.cutoffs])
        return {"cutoff_no": numbers, "cutoff_day": self._days[numbers], "cutoff_second": seconds[numbers]}

    @cached_property
    def offset(self) -> timedelta:
        """How long after midnight a day begins."""
        return self.first - datetime.combine(self.first.date(), datetime.min.time())

    @property
    def _interval(self) -> Any:
        return ibis.interval(seconds=self.offset.seconds) + ibis.interval(microseconds=self.offset.microseconds)

    @cached_property
    def _days(self) -> Whole:
        return np.array([(cutoff - self.offset - _EPOCH).days for cutoff in self.cutoffs])

    def _starts(self, windows: tuple[int, ...]) -> Whole:
        """Return the first days of the buckets: wherever a window begins or ends, and the one long ago."""
        edges = np.unique(self._days[:, np.newaxis] - np.array([0, *windows]))
        return np.append(edges[0] - 1, edges)


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


def _table(columns: dict[str, Whole]) -> pa.Table:
    types = {name: np.int64 if name == "cutoff_second" else np.int32 for name in columns}
    return pa.table({name: column.astype(types[name]) for name, column in columns.items()})
