"""Snapshots: one row of signals per account × BU at a cutoff."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime

import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.assembly import Spine, filled
from features.calendar import Calendar, calendars
from features.customers import customers
from features.group import Group
from features.known import ACCOUNT, UNIT, Known
from features.known_before import known_before
from features.signals.catalogue import FAMILIES, catalogue
from features.signals.joining import added
from features.signals.pipeline import open_opportunities
from features.tables import Tables

KEYS = ("account_id", "business_unit", "cutoff", "kind", "country", "region", "in_pipeline")
"""The columns of a snapshot that are no signals."""

ACCOUNTS_AT_ONCE = 2_000_000
"""Cutoffs are worked out together as long as accounts × cutoffs stay below this, which bounds the memory."""

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
    accounts = max(int(tables.own["accounts"].count().to_pandas()), 1)
    at_once = max(ACCOUNTS_AT_ONCE // accounts, 1)
    for calendar in calendars(cutoffs):
        for start in range(0, len(calendar.cutoffs), at_once):
            yield from _together(tables, group, Calendar(calendar.cutoffs[start : start + at_once]), progress)


def _together(
    tables: Tables, group: Group, calendar: Calendar, progress: Progress
) -> Iterator[tuple[datetime, pd.DataFrame]]:
    """Compute the snapshots of some cutoffs at once."""
    progress("reading what was known")
    with known_before(tables, calendar) as known:
        accounts = _accounts(known)
        spine = Spine(accounts["cutoff_no"], accounts["account_no"], tuple(sorted(group.business_units)))
        parts = [spine.place(rows.to_pyarrow()) for rows in _keys(known)]
        for family in FAMILIES:
            progress(f"signals of {family.name}")
            parts += [spine.place(rows.to_pyarrow()) for compute in family.computes for rows in compute(known, group)]
    columns = {name: part for part in parts for name in part.table.column_names}
    for number, cutoff in enumerate(calendar.cutoffs):
        values = {name: spine.values(part, number, name) for name, part in columns.items()}
        yield cutoff, _frame(values, spine, group, tables, cutoff)


def _accounts(known: Known) -> dict[str, NDArray[np.int64]]:
    """Return the numbers of the cutoffs and of the accounts that existed before them, in order."""
    rows = known.accounts.select(*ACCOUNT).order_by(*ACCOUNT).to_pyarrow()
    return {name: rows[name].to_numpy().astype(np.int64) for name in ACCOUNT}


def _keys(known: Known) -> tuple[ir.Table, ...]:
    """Return what tells what an account is to each BU."""
    accounts = known.accounts.select(*ACCOUNT, "account_id", "country")
    return (
        added(accounts, customers(known.accounts, known.owned, ACCOUNT).select(*ACCOUNT, is_customer=1), ACCOUNT),
        known.owned.select(*UNIT, is_owner=1),
        open_opportunities(known).select(*UNIT, is_open=1).distinct(),
    )


def _frame(
    values: Mapping[str, pd.Series], spine: Spine, group: Group, tables: Tables, cutoff: datetime
) -> pd.DataFrame:
    """Put the columns of one cutoff together."""
    country, rows = values["country"].astype("str"), len(values["country"])
    bought, ever = values["is_owner"].notna(), values["is_customer"].notna()
    keys = {
        "account_id": values["account_id"].astype("str"),
        "business_unit": pd.Series(np.tile(np.array(spine.units, dtype=object), rows // len(spine.units)), dtype="str"),
        "cutoff": pd.Series(pd.Timestamp(cutoff).as_unit("us"), index=range(rows)),
        "kind": pd.Series(np.select([bought, ever], ["upsell", "cross_sell"], "new_logo"), dtype="str"),
        "country": country,
        "region": country.map({name: group.region_of(name) for name in country.unique()}).astype("str"),
        "in_pipeline": values["is_open"].notna(),
    }
    signals = {signal.name: filled(values[signal.name], signal) for signal in catalogue(tables)}
    return pd.DataFrame({name: keys[name] for name in KEYS} | signals)
