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

_LABELLED = (
    "account_id",
    "business_unit",
    "label",
    "gross_profit",
    "amount",
    "succeeded_at",
    "followed_days",
    "whole_window",
)
COLUMNS = (*_LABELLED, "opened_at", "opened_followed_days")


DAY = timedelta(days=1)

_EVER = datetime.fromisoformat("0001-01-01")


@dataclass(frozen=True, slots=True)
class _Window:
    """[start, end): the window of a label, as far as it has been seen; accounts are followed until `seen`."""

    start: datetime
    days: int
    seen: datetime

    @property
    def end(self) -> datetime:
        return min(self.start + timedelta(days=self.days), self.seen)

    def holds(self, time: ir.TimestampValue) -> ir.BooleanValue:
        """Tell whether a time lies in the window; what happens exactly at the cutoff does."""
        return (time >= self.start) & (time < self.end)

    def follows(self, time: ir.TimestampValue) -> ir.BooleanValue:
        """Tell whether a time lies between the cutoff and the end of what was seen."""
        return (time >= self.start) & (time < self.seen)


def judged_by_opportunities(tables: Tables | Mapping[str, ir.Table], business_unit: str) -> bool:
    """Tell whether a BU's successes are opportunities; a BU that has none is judged by its orders."""
    opportunities = tables["opportunities"]
    return bool(opportunities.filter(opportunities.business_unit == business_unit).count().to_pandas() > 0)


def judged_by_growth(tables: Tables | Mapping[str, ir.Table], business_unit: str, unit: BusinessUnit) -> bool:
    """Tell whether the growth of a BU's customers is judged by the net amount of the orders of a whole window."""
    return unit.target == "win" and not judged_by_opportunities(tables, business_unit)


def first_success(tables: Tables, business_unit: str, unit: BusinessUnit) -> datetime | None:
    """Return when a BU first succeeded with anybody: what came before it tells nothing of failures. None: never."""
    happened = _until(tables, tables.as_of)
    window = _Window(_EVER, 0, tables.as_of)
    by_orders = judged_by_growth(happened, business_unit, unit)
    successes = _successes(happened, business_unit, unit, window, by_orders=by_orders)
    first = successes.new_at.min().to_pandas()
    return None if pd.isna(first) else first.to_pydatetime()


def build_labels(tables: Tables, group: Group, snapshot: pd.DataFrame, cutoff: datetime) -> pd.DataFrame:
    """Label the rows of a snapshot.

    Parameters
    ----------
    tables : the canonical tables; their end is the instant from which one looks back.
    group : business units with their horizons and targets.
    snapshot : rows with ``account_id``, ``business_unit`` and ``kind``, as `build_snapshot` gave them at the cutoff.
    cutoff : the start of the window.

    Returns
    -------
    DataFrame with COLUMNS, one row per row of the snapshot, under its index; no row where the tables end at
    the cutoff.

    - ``label``: whether there was a success in [cutoff, cutoff + horizon), as far as the tables go.
    - ``gross_profit``, ``amount``: of all successes in there, in group currency; NaN where there was none or they are
      not known (a gross profit that is not is amount × margin where the BU declares one).
    - ``succeeded_at``: the first success from the cutoff to the end of the tables, after the horizon as well.
    - ``followed_days``: from the cutoff to the end of the tables.
    - ``whole_window``: whether the success is of the window as a whole, so that there is no telling before its end.
    - ``opened_at``: the first opportunity, no renewal, opened from the cutoff to the end of the tables.
    - ``opened_followed_days``: over which opportunities were followed; 0 where they do not lead to successes, in a BU
      that is judged by orders, or are the successes.
    """
    if tables.as_of <= cutoff:
        return _opened(_labelled(snapshot.iloc[:0], _NOTHING, 0.0, whole_window=False), None)
    happened = _happened(tables, cutoff)
    parts = []
    for name, unit in group.business_units.items():
        window = _Window(cutoff, unit.horizon_days, tables.as_of)
        by_orders = judged_by_growth(happened, name, unit)
        successes: pd.DataFrame = _successes(happened, name, unit, window, by_orders=by_orders).to_pandas()
        rows = snapshot[snapshot["business_unit"] == name]
        labelled = _labelled(rows, successes, (tables.as_of - cutoff) / DAY, whole_window=by_orders)
        leads = unit.target == "win" and not by_orders
        parts.append(_opened(labelled, _openings(happened, name, window) if leads else None))
    return pd.concat(parts).sort_index()


def _openings(happened: Mapping[str, ir.Table], name: str, window: _Window) -> pd.Series:
    """Return when a BU first opened an opportunity, no renewal, with each account after the cutoff."""
    rows = happened["opportunities"]
    rows = rows.filter(
        rows.business_unit == name, ibis.coalesce(rows.kind, "new") != "renewal", window.follows(rows.created_at)
    )
    first: pd.DataFrame = rows.group_by("account_id").agg(opened_at=rows.created_at.min()).to_pandas()
    return first.set_index("account_id")["opened_at"]


def _opened(labelled: pd.DataFrame, openings: pd.Series | None) -> pd.DataFrame:
    """Put openings beside labels; None: they lead to nothing."""
    if openings is None:
        return labelled.assign(opened_at=pd.Series(pd.NaT, labelled.index, "datetime64[us]"), opened_followed_days=0.0)
    opened_at = openings.astype("datetime64[us]").reindex(labelled["account_id"]).to_numpy()
    return labelled.assign(opened_at=opened_at, opened_followed_days=labelled["followed_days"])


def _happened(tables: Tables, cutoff: datetime) -> dict[str, ir.Table]:
    """Return the opportunities and orders up to the end of the tables, each under the company known at the cutoff."""
    companies = ibis.memtable(companies_later(tables, cutoff))
    return {name: under_companies(rows, companies) for name, rows in _until(tables.own, tables.as_of).items()}


def _until(tables: Tables | Mapping[str, ir.Table], end: datetime) -> dict[str, ir.Table]:
    """Return the opportunities and orders that were known before an end."""
    return {
        "opportunities": rows_before(tables["opportunities"], "created_at", end),
        "orders": rows_before(tables["orders"], "ordered_at", end),
    }


def _successes(
    happened: Mapping[str, ir.Table], name: str, unit: BusinessUnit, window: _Window, *, by_orders: bool
) -> ir.Table:
    """Return who succeeded in a BU, by the rule of the BU."""
    opportunities, orders = (_of_unit(happened[table], name, unit) for table in ("opportunities", "orders"))
    if unit.target == "opportunity":
        return _summed(opportunities, opportunities.created_at, window)
    if by_orders:
        return _ordered(orders, window)
    won = opportunities.filter(opportunities.outcome == "won")
    return _summed(won, won.closed_at, window)


def _of_unit(rows: ir.Table, business_unit: str, unit: BusinessUnit) -> ir.Table:
    """Keep the rows of a BU; gross profit follows from the amount where it is not known and the margin is."""
    rows = rows.filter(rows.business_unit == business_unit)
    if unit.margin is None:
        return rows
    return rows.mutate(gross_profit=ibis.coalesce(rows.gross_profit, rows.amount * unit.margin))


def _summed(opportunities: ir.Table, time: ir.TimestampValue, window: _Window) -> ir.Table:
    """Return the accounts for which this happened to an opportunity, no renewal, while they were followed."""
    rows = opportunities.filter(ibis.coalesce(opportunities.kind, "new") != "renewal", window.follows(time))
    within = window.holds(time)
    totals = rows.group_by("account_id").agg(
        gross_profit=exact(rows.gross_profit).sum(where=within).cast("float64"),
        amount=exact(rows.amount).sum(where=within).cast("float64"),
        new_at=time.min(),
        grown_at=time.min(),
        new=within.any(),
    )
    return totals.mutate(grown=totals.new)


def _ordered(orders: ir.Table, window: _Window) -> ir.Table:
    """Return the accounts that ordered while they were followed.

    A first order that was kept is a new success; a net amount above nothing and above that of the equal window before
    is growth.
    """
    before = _Window(window.start - timedelta(days=window.days), window.days, window.start)
    kept = kept_orders(orders).select("order_id", kept=True)
    rows = orders.left_join(kept, "order_id").drop("order_id_right")
    within, net = window.holds(rows.ordered_at), exact(rows.amount)
    totals = rows.group_by("account_id").agg(
        amount=net.sum(where=within).cast("float64"),
        gross_profit=exact(rows.gross_profit).sum(where=within).cast("float64"),
        new_at=rows.ordered_at.min(where=window.follows(rows.ordered_at) & rows.kept.notnull()),
        grown_at=rows.ordered_at.min(where=within & (rows.amount > 0)),
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
        "new_at": pd.Series(dtype="datetime64[us]"),
        "grown_at": pd.Series(dtype="datetime64[us]"),
        "new": pd.Series(dtype="bool"),
        "grown": pd.Series(dtype="bool"),
    }
)
"""What there is where nobody succeeded."""


def _labelled(rows: pd.DataFrame, successes: pd.DataFrame, followed_days: float, *, whole_window: bool) -> pd.DataFrame:
    """Join successes to rows: growth for who had bought from the BU, a first success for the others.

    Parameters
    ----------
    whole_window : whether growth is of the window as a whole.
    """
    joined = rows[["account_id", "business_unit", "kind"]].join(successes.set_index("account_id"), on="account_id")
    grows = joined["kind"] == "upsell"
    label = joined["grown"].where(grows, joined["new"]).eq(other=True)
    whole = grows & whole_window
    succeeded_at = joined["grown_at"].where(grows, joined["new_at"])
    money = joined[["gross_profit", "amount"]].astype("float64").where(label)
    labelled = joined.assign(
        label=label,
        **money,
        succeeded_at=succeeded_at.where(label | ~whole),
        followed_days=followed_days,
        whole_window=whole,
    )
    return labelled[list(_LABELLED)]
