"""Snapshots: one row of signals per account × BU at a cutoff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.assembly import Part, Spine
from features.calendar import Calendar, calendars
from features.customers import customers
from features.engines import plain_queries
from features.given import Given
from features.group import Group
from features.keeper import Keeper
from features.known import ACCOUNT, UNIT
from features.known_before import Known
from features.plan import plan_for
from features.sessions import opened
from features.signals.catalogue import FAMILIES, catalogue
from features.signals.joining import added
from features.signals.pipeline import open_opportunities
from features.signals.signal import Signal
from features.tables import Tables

KEYS = ("account_id", "business_unit", "cutoff", "kind", "country", "region", "in_pipeline")
"""The columns of a snapshot that are no signals."""

KINDS = ("new_logo", "cross_sell", "upsell")
"""What an account is to a BU: it bought from none, from others, from this one."""

ACCOUNTS_AT_ONCE = 2_000_000
"""Cutoffs are worked out together as long as accounts × cutoffs stay below this, which bounds the memory."""

_PLACE = (*ACCOUNT, "unit_no")
"""Where the rows of a table belong in a snapshot."""

Progress = Callable[[str], None]


def build_snapshot(tables: Tables, group: Group, cutoff: datetime, progress: Progress = lambda _: None) -> pd.DataFrame:
    """Compute every signal of every account × BU as of a cutoff.

    Parameters
    ----------
    tables : the canonical tables.
    group : regions and business units.
    cutoff : UTC, without an offset; only what was known strictly before it is read.
    progress : told which signals are being computed.

    Returns
    -------
    DataFrame with KEYS, then the signals of ``catalogue(tables)`` in its order, numbers as float64 and names as str,
    sorted by account and BU. ``kind`` is 'new_logo' where the account bought from no BU before, 'cross_sell' where
    not from this one, else 'upsell'.
    """
    ((_, snapshot),) = build_snapshots(tables, group, [cutoff], progress)
    return snapshot


def build_snapshots(
    tables: Tables, group: Group, cutoffs: Iterable[datetime], progress: Progress = lambda _: None
) -> Iterator[tuple[datetime, pd.DataFrame]]:
    """Compute the snapshots of several cutoffs, what they share only once.

    Parameters
    ----------
    cutoffs : UTC, without offsets; they share most where they share the time of day.

    Yields
    ------
    Each cutoff and its snapshot, equal to what `build_snapshot` gives, by time of day and cutoff.
    """
    for calendar in worked_out_together(tables, cutoffs):
        yield from _together(tables, group, calendar, progress)


def worked_out_together(tables: Tables, cutoffs: Iterable[datetime]) -> Iterator[Calendar]:
    """Put cutoffs into calendars that are small enough for the memory.

    Parameters
    ----------
    tables : the canonical tables.
    cutoffs : UTC, without offsets.
    """
    accounts = max(int(tables.own["accounts"].count().to_pandas()), 1)
    at_once = max(ACCOUNTS_AT_ONCE // accounts, 1)
    for calendar in calendars(cutoffs):
        for start in range(0, len(calendar.cutoffs), at_once):
            yield Calendar(calendar.cutoffs[start : start + at_once])


def _together(
    tables: Tables, group: Group, calendar: Calendar, progress: Progress
) -> Iterator[tuple[datetime, pd.DataFrame]]:
    """Compute the snapshots of some cutoffs at once."""
    given = Given(tables, calendar)
    plan = plan_for(given, group, partial(_write, group=group))
    with opened(given) as session:
        fetched = plan.run(session, progress)
        accounts = next(fetched)
        cutoffs, numbers = (accounts[name].to_numpy() for name in ACCOUNT)
        spine = Spine(cutoffs, numbers, tuple(sorted(group.business_units)))
        parts = [spine.place(rows) for rows in fetched]
    for number, cutoff in enumerate(calendar.cutoffs):
        yield cutoff, _frame(_At(spine, parts, number), group, catalogue(tables), cutoff)


def _write(keeper: Keeper, group: Group) -> None:
    """Tell all steps: fetch the accounts that existed, then what is known of them, family by family."""
    with plain_queries():
        keeper.tell("reading what was known")
        known = Known(keeper)
        keeper.fetch(known.accounts.select(*ACCOUNT).order_by(*ACCOUNT), _PLACE)
        for rows in _keys(known):
            keeper.fetch(_with_unit_numbers(rows, group), _PLACE)
        for family in FAMILIES:
            keeper.tell(f"signals of {family.name}")
            for compute in family.computes:
                for rows in compute(known, group):
                    keeper.fetch(_with_unit_numbers(rows, group), _PLACE)


def _with_unit_numbers(rows: ir.Table, group: Group) -> ir.Table:
    """Put ``unit_no``, the place of a BU in the order of their names, -1 of any other, in place of its name."""
    if "business_unit" not in rows.columns:
        return rows
    places = ((rows.business_unit == name, number) for number, name in enumerate(sorted(group.business_units)))
    return rows.mutate(unit_no=ibis.cases(*places, else_=-1).cast("int32")).drop("business_unit")


@dataclass(frozen=True, slots=True)
class _At:
    """What was computed, at one cutoff.

    Parameters
    ----------
    spine : the rows that snapshots have.
    parts : that hold all columns.
    number : of the cutoff.
    """

    spine: Spine
    parts: Sequence[Part]
    number: int

    def names(self, name: str) -> pd.Series:
        """Return a column of names."""
        return self.values(name).astype("str")

    def values(self, name: str) -> pd.Series:
        """Return a column as it is."""
        part = next(part for part in self.parts if name in part.columns)
        return self.spine.values(part, self.number, name)

    def numbers(self, signals: Sequence[Signal], rows: int) -> pd.DataFrame:
        """Return signals that are numbers, 0 where no row means none, in one block of memory."""
        block = np.empty((len(signals), rows))
        wanted = {
            signal.name: (out, np.nan if signal.missing else 0.0) for signal, out in zip(signals, block, strict=True)
        }
        with ThreadPoolExecutor() as pool:
            list(pool.map(lambda part: self.spine.numbers(part, self.number, wanted), self.parts))
        return pd.DataFrame(block.T, columns=list(wanted), copy=False)


def _keys(known: Known) -> tuple[ir.Table, ...]:
    """Return what tells what an account is to each BU."""
    accounts = known.accounts.select(*ACCOUNT, "account_id", "country")
    return (
        added(accounts, customers(known.accounts, known.owned, ACCOUNT).select(*ACCOUNT, is_customer=1), ACCOUNT),
        known.owned.select(*UNIT, is_owner=1),
        open_opportunities(known).select(*UNIT, is_open=1).distinct(),
    )


def _frame(at: _At, group: Group, signals: Sequence[Signal], cutoff: datetime) -> pd.DataFrame:
    """Put the columns of one cutoff together."""
    country, units = at.names("country"), at.spine.units
    rows = len(country)
    bought, ever = at.values("is_owner").notna(), at.values("is_customer").notna()
    keys = {
        "account_id": at.names("account_id"),
        "business_unit": _coded(units, np.tile(np.arange(len(units)), rows // len(units))),
        "cutoff": pd.Series(pd.Timestamp(cutoff).as_unit("us"), index=range(rows)),
        "kind": _coded(KINDS, np.select([bought, ever], [2, 1], 0)),
        "country": country,
        "region": country.map({name: group.region_of(name) for name in country.unique()}).astype("str"),
        "in_pipeline": at.values("is_open").notna(),
    }
    names = {signal.name: at.names(signal.name) for signal in signals if signal.category}
    numbers = at.numbers([signal for signal in signals if not signal.category], rows)
    frame = pd.concat([pd.DataFrame(keys | names), numbers], axis="columns")
    return frame[[*KEYS, *(signal.name for signal in signals)]]


def _coded(names: Sequence[str], codes: NDArray[np.intp]) -> pd.Series:
    """Return a column of names from the place of each."""
    return pd.Series(pd.array(list(names), dtype="str")[codes])
