"""Snapshots: one row of signals per account × BU at a cutoff."""

from __future__ import annotations

from datetime import datetime

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.customers import customers
from features.group import Group
from features.known import Known, known_before
from features.signals.catalogue import FAMILIES, Compute, catalogue
from features.signals.pipeline import open_opportunities
from features.signals.signal import Signal
from features.tables import Tables

KEYS = ("account_id", "business_unit", "cutoff", "kind", "country", "region", "in_pipeline")
"""The columns of a snapshot that are no signals."""


def build_snapshot(tables: Tables, group: Group, cutoff: datetime) -> pd.DataFrame:
    """Compute every signal of every account × BU as of a cutoff.

    Parameters
    ----------
    tables : the canonical tables.
    group : regions and business units.
    cutoff : UTC, without an offset; only what was known strictly before it is read.

    Returns
    -------
    DataFrame with KEYS, then the signals of ``catalogue(tables)`` in its order, numbers as float64 and names as str,
    sorted by account and BU. ``kind`` is 'new_logo' where the account bought from no BU before, 'cross_sell' where
    not from this one, else 'upsell'.
    """
    with known_before(tables, cutoff) as known:
        keys = _keys(known, group)
        pairs = pd.MultiIndex.from_frame(keys[["account_id", "business_unit"]])
        found = [_found(compute, known, group, pairs) for family in FAMILIES for compute in family.computes]
    frame = pd.concat([keys, *(part.set_axis(keys.index) for part in found)], axis=1)
    signals = {signal.name: _filled(frame[signal.name], signal) for signal in catalogue(tables)}
    return pd.DataFrame({name: frame[name] for name in KEYS} | signals)


def _keys(known: Known, group: Group) -> pd.DataFrame:
    """Return one row per account × BU, with what the account is to the BU, sorted."""
    units = ibis.memtable({"business_unit": list(group.business_units)})
    pairs = known.accounts.select("account_id", "country").cross_join(units)
    bought = known.owned.select("account_id", "business_unit", bought=True)
    ever = customers(known.accounts, known.owned).select("account_id", customer=True)
    opened = open_opportunities(known).select("account_id", "business_unit", opened=True).distinct()
    pairs = _join(pairs, bought, ["account_id", "business_unit"])
    pairs = _join(pairs, ever, ["account_id"])
    pairs = _join(pairs, opened, ["account_id", "business_unit"])
    kind = ibis.cases((pairs.bought.notnull(), "upsell"), (pairs.customer.notnull(), "cross_sell"), else_="new_logo")
    rows = pairs.select("account_id", "business_unit", "country", kind=kind, in_pipeline=pairs.opened.notnull())
    keys: pd.DataFrame = rows.order_by("account_id", "business_unit").to_pandas()
    return keys.assign(cutoff=pd.Timestamp(known.cutoff).as_unit("us"), region=keys["country"].map(group.region_of))


def _join(rows: ir.Table, more: ir.Table, on: list[str]) -> ir.Table:
    """Add columns where there are any for the row."""
    return rows.left_join(more, on).drop(*(f"{name}_right" for name in on))


def _found(compute: Compute, known: Known, group: Group, pairs: pd.MultiIndex) -> pd.DataFrame:
    """Compute a family's signals of the account, or of account × BU, and put them in the order of the pairs."""
    rows: pd.DataFrame = compute(known, group).to_pandas()
    if "business_unit" not in rows:
        return rows.set_index("account_id").reindex(pairs.get_level_values("account_id"))
    declared = rows[rows["business_unit"].isin(pairs.unique("business_unit"))]
    return declared.set_index(["account_id", "business_unit"]).reindex(pairs)


def _filled(values: pd.Series, signal: Signal) -> pd.Series:
    """Give a signal its type, and 0 where no row means none."""
    if signal.category:
        return values.astype("str")
    numbers = values.astype("float64")
    return numbers if signal.missing else numbers.fillna(0.0)
