"""Signals of the portfolio: what the account bought, how lately, how often, for how much, and from whom."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.customers import customers, exact, wins
from features.group import Group
from features.known import Known
from features.signals.signal import Signal

SIGNALS = (
    Signal("portfolio_bus_owned", "business units that the account has bought from", "business units", (0, None)),
    Signal("portfolio_days_customer", "days since the account became a customer", "days", (0, None), "no customer"),
    Signal("portfolio_orders_365d", "orders in the last 365 days", "orders", (0, None)),
    Signal("portfolio_amount_90d", "net amount ordered in the last 90 days", "group currency"),
    Signal("portfolio_amount_365d", "net amount ordered in the last 365 days", "group currency"),
    Signal(
        "portfolio_growth",
        "share of two years' orders that fell into the last year",
        "share",
        (0, 1),
        "no order in two years",
    ),
    Signal("portfolio_products", "different products ever ordered", "products", (0, None)),
    Signal("portfolio_mean_order", "mean amount of an order", "group currency", (0, None), "no order"),
    Signal("portfolio_mean_win", "mean amount of a win", "group currency", (None, None), "no win with an amount"),
    Signal("portfolio_returned_365d", "amount returned in the last 365 days", "group currency", (0, None)),
    Signal("portfolio_days_since_order", "days since the last order", "days", (0, None), "no order"),
    Signal(
        "portfolio_interval_days",
        "mean days from one day with orders to the next",
        "days",
        (0, None),
        "fewer than two days with orders",
    ),
    Signal(
        "portfolio_silence",
        "days since the last order as a multiple of the account's usual interval",
        "ratio",
        (0, None),
        "fewer than two days with orders",
    ),
    Signal(
        "portfolio_bu_owned_days",
        "days since the account first bought from this business unit",
        "days",
        (0, None),
        "never bought from it",
        "business_unit",
    ),
    Signal(
        "portfolio_bu_amount_horizon",
        "net amount ordered from this business unit in the last sales cycle",
        "group currency",
        scope="business_unit",
    ),
    Signal(
        "portfolio_bu_amount_before",
        "net amount ordered from this business unit in the sales cycle before the last",
        "group currency",
        scope="business_unit",
    ),
    Signal(
        "portfolio_bu_orders_365d",
        "orders from this business unit in the last 365 days",
        "orders",
        (0, None),
        scope="business_unit",
    ),
)


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account over all its BUs."""
    parts = (_orders(known), _owned_units(known), _mean_win(known))
    ids = ibis.union(*(part.select("account_id") for part in parts), distinct=True)
    for part in parts:
        ids = ids.left_join(part, "account_id").drop("account_id_right")
    return ids


def business_unit_signals(known: Known, group: Group) -> ir.Table:
    """Compute the signals of account × BU."""
    horizons = ibis.memtable(
        [{"business_unit": name, "horizon": unit.horizon_days} for name, unit in group.business_units.items()]
    )
    orders = known.orders.inner_join(horizons, "business_unit")
    age, amount = known.days_since(orders.ordered_at), exact(orders.amount)
    ordered = orders.group_by("account_id", "business_unit").agg(
        portfolio_bu_amount_horizon=amount.sum(where=age <= orders.horizon).cast("float64"),
        portfolio_bu_amount_before=amount.sum(where=(age > orders.horizon) & (age <= 2 * orders.horizon)).cast(
            "float64"
        ),
        portfolio_bu_orders_365d=((orders.amount > 0) & (age <= 365)).sum(),
    )
    units = known.owned
    since = units.select("account_id", "business_unit", portfolio_bu_owned_days=known.days_since(units.owned_since))
    joined = since.outer_join(ordered, ["account_id", "business_unit"])
    return joined.select(
        *(name for name in (*since.columns[2:], *ordered.columns[2:])),
        account_id=ibis.coalesce(joined.account_id, joined.account_id_right),
        business_unit=ibis.coalesce(joined.business_unit, joined.business_unit_right),
    )


def _orders(known: Known) -> ir.Table:
    """Sum up recency, frequency and money of the orders."""
    orders = known.orders
    amount, bought = exact(orders.amount), orders.amount > 0
    days = orders.ordered_at.truncate("D")
    last = {length: known.within(orders.ordered_at, length) for length in (90, 365, 730)}
    rows = orders.group_by("account_id").agg(
        portfolio_orders_365d=(bought & last[365]).sum(),
        portfolio_amount_90d=amount.sum(where=last[90]).cast("float64"),
        portfolio_amount_365d=amount.sum(where=last[365]).cast("float64"),
        portfolio_products=orders["product"].nunique(where=bought),
        portfolio_mean_order=amount.sum(where=bought).cast("float64") / bought.sum().nullif(0),
        portfolio_returned_365d=-amount.sum(where=~bought & last[365]).cast("float64"),
        portfolio_days_since_order=known.days_since(orders.ordered_at.max(where=bought)),
        span_days=(days.max(where=bought).epoch_seconds() - days.min(where=bought).epoch_seconds()) / 86_400,
        order_days=days.nunique(where=bought),
        two_years=(bought & last[730]).sum(),
    )
    interval = ibis.ifelse(rows.order_days > 1, rows.span_days / (rows.order_days - 1), ibis.null("float64"))
    return rows.mutate(
        portfolio_growth=rows.portfolio_orders_365d / rows.two_years.nullif(0),
        portfolio_interval_days=interval,
        portfolio_silence=rows.portfolio_days_since_order / interval,
    ).drop("span_days", "order_days", "two_years")


def _owned_units(known: Known) -> ir.Table:
    """Count the BUs bought from, and the days as a customer."""
    units, customer = known.owned, customers(known.accounts, known.owned)
    counts = units.group_by("account_id").agg(portfolio_bus_owned=units.business_unit.nunique())
    days = customer.select("account_id", portfolio_days_customer=known.days_since(customer.customer_from))
    return days.left_join(counts, "account_id").drop("account_id_right")


def _mean_win(known: Known) -> ir.Table:
    """Return the mean amount of an account's wins."""
    won = wins(known.opportunities)
    return won.group_by("account_id").agg(
        portfolio_mean_win=exact(won.amount).sum().cast("float64") / won.amount.count().nullif(0)
    )
