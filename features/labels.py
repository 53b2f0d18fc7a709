"""Labels: which accounts succeeded in the BU within its horizon. The only code that looks after the cutoff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.companies import companies_later, rows_before
from features.customers import exact, kept_orders
from features.group import BusinessUnit, Group
from features.tables import Tables, under_companies

COLUMNS = ("account_id", "business_unit", "label", "gross_profit", "amount", "succeeded_at")


@dataclass(frozen=True, slots=True)
class _Window:
    """[start, end): what a label looks at."""

    start: datetime
    days: int

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=self.days)

    def holds(self, time: ir.TimestampValue) -> ir.BooleanValue:
        """Tell whether a time lies in the window; what happens exactly at the cutoff does."""
        return (time >= self.start) & (time < self.end)


def horizon_has_ended(tables: Tables, unit: BusinessUnit, cutoff: datetime) -> bool:
    """Tell whether all that a label of this BU at this cutoff looks at lies before the end of the data."""
    return cutoff + timedelta(days=unit.horizon_days) <= tables.as_of


def judged_by_opportunities(tables: Tables | Mapping[str, ir.Table], business_unit: str) -> bool:
    """Tell whether a BU's successes are opportunities; a BU that has none is judged by its orders."""
    opportunities = tables["opportunities"]
    return bool(opportunities.filter(opportunities.business_unit == business_unit).count().to_pandas() > 0)


def build_labels(tables: Tables, group: Group, snapshot: pd.DataFrame, cutoff: datetime) -> pd.DataFrame:
    """Label the rows of a snapshot.

    Parameters
    ----------
    tables : the canonical tables.
    group : business units with their horizons and targets.
    snapshot : rows with ``account_id``, ``business_unit`` and ``kind``, as `build_snapshot` gave them at the cutoff.
    cutoff : the start of the window.

    Returns
    -------
    DataFrame with COLUMNS, one row per row of the snapshot whose BU's horizon had ended by the end of the data, under
    the snapshot's index: ``label`` tells whether there was a success in [cutoff, cutoff + horizon);
    ``gross_profit`` and ``amount`` are those of all successes in the window, in group currency, NaN where there was
    none or they are not known (a gross profit that is not is amount × margin where the BU declares one).
    """
    ended = [name for name, unit in group.business_units.items() if horizon_has_ended(tables, unit, cutoff)]
    if not ended:
        return _labelled(snapshot.iloc[:0], _NOTHING)
    happened = _happened(tables, cutoff)
    parts = []
    for name in ended:
        successes: pd.DataFrame = _successes(happened, name, group.business_units[name], cutoff).to_pandas()
        parts.append(_labelled(snapshot[snapshot["business_unit"] == name], successes))
    return pd.concat(parts).sort_index()


def _happened(tables: Tables, cutoff: datetime) -> dict[str, ir.Table]:
    """Return the opportunities and orders up to the end of the data, each under the company known at the cutoff."""
    companies = ibis.memtable(companies_later(tables, cutoff))
    known = {
        "opportunities": rows_before(tables.own["opportunities"], "created_at", tables.as_of),
        "orders": rows_before(tables.own["orders"], "ordered_at", tables.as_of),
    }
    return {name: under_companies(rows, companies) for name, rows in known.items()}


def _successes(happened: Mapping[str, ir.Table], name: str, unit: BusinessUnit, cutoff: datetime) -> ir.Table:
    """Return who succeeded in a BU's window, by the rule of the BU."""
    window = _Window(cutoff, unit.horizon_days)
    opportunities, orders = (_of_unit(happened[table], name, unit) for table in ("opportunities", "orders"))
    if unit.target == "opportunity":
        return _summed(opportunities, opportunities.created_at, window)
    if judged_by_opportunities(happened, name):
        won = opportunities.filter(opportunities.outcome == "won")
        return _summed(won, won.closed_at, window)
    return _ordered(orders, window)


def _of_unit(rows: ir.Table, business_unit: str, unit: BusinessUnit) -> ir.Table:
    """Keep the rows of a BU; gross profit follows from the amount where it is not known and the margin is."""
    rows = rows.filter(rows.business_unit == business_unit)
    if unit.margin is None:
        return rows
    return rows.mutate(gross_profit=ibis.coalesce(rows.gross_profit, rows.amount * unit.margin))


def _summed(opportunities: ir.Table, time: ir.TimestampValue, window: _Window) -> ir.Table:
    """Return the accounts for which this happened to an opportunity, no renewal, in the window."""
    rows = opportunities.filter(ibis.coalesce(opportunities.kind, "new") != "renewal", window.holds(time))
    return rows.group_by("account_id").agg(
        gross_profit=exact(rows.gross_profit).sum().cast("float64"),
        amount=exact(rows.amount).sum().cast("float64"),
        succeeded_at=time.min(),
        new=ibis.literal(True),
        grown=ibis.literal(True),
    )


def _ordered(orders: ir.Table, window: _Window) -> ir.Table:
    """Return the accounts that ordered in the window.

    A first order that was kept is a new success; a net amount above nothing and above that of the equal window before
    is growth.
    """
    before = _Window(window.start - timedelta(days=window.days), window.days)
    kept = kept_orders(orders).select("order_id", kept=True)
    rows = orders.left_join(kept, "order_id").drop("order_id_right")
    within, net = window.holds(rows.ordered_at), exact(rows.amount)
    totals = rows.group_by("account_id").agg(
        amount=net.sum(where=within).cast("float64"),
        gross_profit=exact(rows.gross_profit).sum(where=within).cast("float64"),
        succeeded_at=rows.ordered_at.min(where=within & (rows.amount > 0)),
        new=(within & rows.kept.notnull()).any(),
        earlier=net.sum(where=before.holds(rows.ordered_at)).cast("float64"),
    )
    grown = totals.amount > ibis.greatest(totals.earlier, 0.0)
    return totals.mutate(grown=ibis.coalesce(grown, False)).drop("earlier")


_NOTHING = pd.DataFrame(
    {
        "account_id": pd.Series(dtype="str"),
        "gross_profit": pd.Series(dtype="float64"),
        "amount": pd.Series(dtype="float64"),
        "succeeded_at": pd.Series(dtype="datetime64[us]"),
        "new": pd.Series(dtype="bool"),
        "grown": pd.Series(dtype="bool"),
    }
)
"""What there is where nobody succeeded."""


def _labelled(rows: pd.DataFrame, successes: pd.DataFrame) -> pd.DataFrame:
    """Join successes to rows: growth for who had bought from the BU, a first success for the others."""
    joined = rows[["account_id", "business_unit", "kind"]].join(successes.set_index("account_id"), on="account_id")
    success = joined["grown"].where(joined["kind"] == "upsell", joined["new"])
    label = success.eq(other=True)
    money = joined[["gross_profit", "amount"]].astype("float64").where(label)
    labelled = joined.assign(label=label, **money, succeeded_at=joined["succeeded_at"].where(label))
    return labelled[list(COLUMNS)]
