"""Labels: which accounts succeeded in the BU within its horizon. The only code that looks after the cutoff."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.customers import exact, kept_orders
from features.group import BusinessUnit, Group
from features.tables import Tables

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


def judged_by_opportunities(tables: Tables, business_unit: str) -> bool:
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
    none or they are not known (gross profit then is amount × margin where the BU declares one).
    """
    parts = []
    for name, unit in group.business_units.items():
        if not horizon_has_ended(tables, unit, cutoff):
            continue
        rows = snapshot.loc[snapshot["business_unit"] == name, ["account_id", "business_unit", "kind"]]
        window = _Window(cutoff, unit.horizon_days)
        successes = _success_rule(tables, name, unit)(tables, name, window).to_pandas()
        parts.append(_labelled(rows, successes, unit))
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    return pd.concat(parts).sort_index()


_SuccessRule = Callable[[Tables, str, _Window], ir.Table]


def _success_rule(tables: Tables, name: str, unit: BusinessUnit) -> _SuccessRule:
    if unit.target == "opportunity":
        return _opened
    return _won if judged_by_opportunities(tables, name) else _ordered


def _of_unit(tables: Tables, table: str, business_unit: str) -> ir.Table:
    rows = tables[table]
    return rows.filter(rows.business_unit == business_unit)


def _won(tables: Tables, business_unit: str, window: _Window) -> ir.Table:
    """Return the accounts with a won opportunity, no renewal, in the window."""
    rows = _of_unit(tables, "opportunities", business_unit)
    rows = rows.filter(
        rows.outcome == "won", ibis.coalesce(rows.kind, "new") != "renewal", window.holds(rows.closed_at)
    )
    return _summed(rows, rows.closed_at)


def _opened(tables: Tables, business_unit: str, window: _Window) -> ir.Table:
    """Return the accounts for which an opportunity, no renewal, was opened in the window."""
    rows = _of_unit(tables, "opportunities", business_unit)
    rows = rows.filter(ibis.coalesce(rows.kind, "new") != "renewal", window.holds(rows.created_at))
    return _summed(rows, rows.created_at)


def _summed(rows: ir.Table, time: ir.TimestampValue) -> ir.Table:
    return rows.group_by("account_id").agg(
        gross_profit=exact(rows.gross_profit).sum().cast("float64"),
        amount=exact(rows.amount).sum().cast("float64"),
        succeeded_at=time.min(),
        new=ibis.literal(True),
        grown=ibis.literal(True),
    )


def _ordered(tables: Tables, business_unit: str, window: _Window) -> ir.Table:
    """Return the accounts that ordered in the window, or did in the equal one before.

    A first order that was kept is a new success; more net amount than in the equal window before is growth.
    """
    orders = _of_unit(tables, "orders", business_unit)
    before = _Window(window.start - timedelta(days=window.days), window.days)
    within = window.holds(orders.ordered_at)
    net = exact(orders.amount)
    totals = orders.group_by("account_id").agg(
        amount=net.sum(where=within).cast("float64"),
        gross_profit=exact(orders.gross_profit).sum(where=within).cast("float64"),
        earlier=net.sum(where=before.holds(orders.ordered_at)).cast("float64").fill_null(0.0),
    )
    kept = kept_orders(orders).filter(lambda row: window.holds(row.ordered_at))
    first = kept.group_by("account_id").agg(succeeded_at=kept.ordered_at.min())
    joined = totals.left_join(first, "account_id").drop("account_id_right")
    return joined.select(
        "account_id",
        "gross_profit",
        "amount",
        "succeeded_at",
        new=joined.succeeded_at.notnull() & (joined.amount > 0),
        grown=joined.amount.fill_null(0.0) > joined.earlier,
    )


def _labelled(rows: pd.DataFrame, successes: pd.DataFrame, unit: BusinessUnit) -> pd.DataFrame:
    """Join successes to rows: growth for who had bought from the BU, a first success for the others."""
    joined = rows.reset_index().merge(successes, on="account_id", how="left").set_index("index")
    owned = joined["kind"] == "upsell"
    label = joined["grown"].where(owned, joined["new"]).fillna(value=False).astype(bool)
    margin = float("nan") if unit.margin is None else unit.margin
    profit = joined["gross_profit"].astype("float64").fillna(joined["amount"].astype("float64") * margin)
    return pd.DataFrame(
        {
            "account_id": joined["account_id"],
            "business_unit": joined["business_unit"],
            "label": label,
            "gross_profit": profit.where(label),
            "amount": joined["amount"].astype("float64").where(label),
            "succeeded_at": joined["succeeded_at"].where(label),
        }
    )
