"""Signals of the portfolio: what the account bought, how lately, how often, for how much, and from whom."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from features.customers import customers, exact, wins
from features.group import Group
from features.known import ACCOUNT, UNIT, days_since, within
from features.known_before import Known
from features.signals.joining import added
from features.signals.signal import Parts, Signal

_orders = partial(Signal, source=("orders",))
_bought = partial(Signal, source=("opportunities", "orders"))
_unit = partial(Signal, scope="business_unit", source=("orders",))

SIGNALS = (
    _bought("portfolio_bus_owned", "business units that the account has bought from", "business units", (0, None)),
    _bought("portfolio_white_space", "share of the business units that it has not bought from yet", "share", (0, 1)),
    _bought(
        "portfolio_days_customer", "days since the account became a customer", "days", (0, None), "no customer",
        source=("accounts", "opportunities", "orders"),
    ),
    _orders("portfolio_orders_365d", "orders in the last 365 days", "orders", (0, None)),
    _orders("portfolio_amount_90d", "net amount ordered in the last 90 days", "group currency"),
    _orders("portfolio_amount_365d", "net amount ordered in the last 365 days", "group currency"),
    _orders(
        "portfolio_gross_profit_365d", "gross profit of the orders of the last 365 days", "group currency",
        missing="no order of known gross profit",
    ),
    _orders(
        "portfolio_growth",
        "share of two years' orders that fell into the last year",
        "share",
        (0, 1),
        "no order in two years",
    ),
    _orders("portfolio_products", "different products ever ordered", "products", (0, None)),
    _orders("portfolio_new_products_365d", "products first ordered in the last 365 days", "products", (0, None)),
    _orders("portfolio_mean_order", "mean amount of an order", "group currency", (0, None), "no order"),
    _bought(
        "portfolio_mean_win", "mean amount of a win", "group currency", (None, None), "no win with an amount",
        source=("opportunities",),
    ),
    _orders("portfolio_returned_365d", "amount returned in the last 365 days", "group currency", (0, None)),
    _orders("portfolio_days_since_order", "days since the last order", "days", (0, None), "no order"),
    _orders(
        "portfolio_interval_days",
        "mean days from one day with orders to the next",
        "days",
        (0, None),
        "fewer than two days with orders",
    ),
    _orders(
        "portfolio_silence",
        "days since the last order as a multiple of the account's usual interval",
        "ratio",
        (0, None),
        "fewer than two days with orders",
    ),
    _unit(
        "portfolio_bu_owned_days",
        "days since the account first bought from this business unit",
        "days",
        (0, None),
        "never bought from it",
        source=("opportunities", "orders"),
    ),
    _unit(
        "portfolio_bu_amount_horizon",
        "net amount ordered from this business unit in the last sales cycle",
        "group currency",
    ),
    _unit(
        "portfolio_bu_amount_before",
        "net amount ordered from this business unit in the sales cycle before the last",
        "group currency",
    ),
    _unit(
        "portfolio_bu_amount_season",
        "net amount ordered from this business unit a year before the sales cycle that comes now",
        "group currency",
    ),
    _unit(
        "portfolio_bu_orders_365d",
        "orders from this business unit in the last 365 days",
        "orders",
        (0, None),
    ),
    _unit(
        "portfolio_bu_days_since_order", "days since the last order from this business unit", "days", (0, None),
        "no order",
    ),
)  # fmt: skip


def account_signals(known: Known, group: Group) -> Parts:
    """Compute the signals of the account over all its BUs."""
    units = _units_owned(known, group)
    return _orders_of(known), _products(known), _mean_win(known), _days_customer(known), units


def business_unit_signals(known: Known, group: Group) -> Parts:
    """Compute the signals of account × BU."""
    orders, horizons = known.orders, {name: unit.horizon_days for name, unit in group.business_units.items()}
    horizon = ibis.cases(*((orders.business_unit == name, days) for name, days in horizons.items()))
    rows = orders.filter(orders.business_unit.isin(list(horizons))).mutate(horizon=horizon)
    age, amount, bought = rows.cutoff_day - rows.day, exact(rows.amount), rows.amount > 0
    season = (age <= 365) & (age > 365 - rows.horizon)
    ordered = rows.group_by(*UNIT).agg(
        portfolio_bu_amount_horizon=amount.sum(where=age <= rows.horizon).cast("float64"),
        portfolio_bu_amount_before=amount.sum(where=(age > rows.horizon) & (age <= 2 * rows.horizon)).cast("float64"),
        portfolio_bu_amount_season=amount.sum(where=season).cast("float64"),
        portfolio_bu_orders_365d=rows.count(where=bought & (age <= 365)),
        portfolio_bu_days_since_order=days_since(rows, rows.ordered_at).min(where=bought),
    )
    units = known.owned
    seconds = units.inner_join(known.cutoffs, "cutoff_no")
    since = seconds.select(*UNIT, portfolio_bu_owned_days=days_since(seconds, seconds.owned_since))
    return since, ordered


def _orders_of(known: Known) -> ir.Table:
    """Sum up recency, frequency and money of the orders."""
    orders = known.orders
    amount, bought = exact(orders.amount), orders.amount > 0
    last = {length: within(orders, length) for length in (90, 365, 730)}
    rows = orders.group_by(*ACCOUNT).agg(
        portfolio_orders_365d=orders.count(where=bought & last[365]),
        portfolio_amount_90d=amount.sum(where=last[90]).cast("float64"),
        portfolio_amount_365d=amount.sum(where=last[365]).cast("float64"),
        portfolio_gross_profit_365d=exact(orders.gross_profit).sum(where=last[365]).cast("float64"),
        portfolio_mean_order=amount.sum(where=bought).cast("float64") / orders.count(where=bought).nullif(0),
        portfolio_returned_365d=-amount.sum(where=~bought & last[365]).cast("float64"),
        portfolio_days_since_order=days_since(orders, orders.ordered_at).min(where=bought),
        span_days=orders.day.max(where=bought) - orders.day.min(where=bought),
        order_days=orders.day.nunique(where=bought),
        two_years=orders.count(where=bought & last[730]),
    )
    interval = ibis.ifelse(rows.order_days > 1, rows.span_days / (rows.order_days - 1), ibis.null("float64"))
    return rows.mutate(
        portfolio_growth=rows.portfolio_orders_365d / rows.two_years.nullif(0),
        portfolio_interval_days=interval,
        portfolio_silence=rows.portfolio_days_since_order / interval,
    ).drop("span_days", "order_days", "two_years")


def _products(known: Known) -> ir.Table:
    """Count the products ever ordered, and those that are new."""
    rows = known.orders.filter(known.orders.amount > 0, known.orders["product"].notnull())
    first = rows.group_by(*ACCOUNT, "product").agg(new=within(rows, 365).all())
    return first.group_by(*ACCOUNT).agg(
        portfolio_products=first.count(), portfolio_new_products_365d=first.count(where=first.new)
    )


def _units_owned(known: Known, group: Group) -> ir.Table:
    """Count the BUs bought from, and the share of the group file's that is left."""
    units, declared = known.owned, list(group.business_units)
    counts = units.group_by(*ACCOUNT).agg(
        portfolio_bus_owned=units.business_unit.count(),
        of_declared=units.count(where=units.business_unit.isin(declared)),
    )
    everybody = added(known.accounts.select(*ACCOUNT), counts, ACCOUNT)
    space = 1 - ibis.coalesce(everybody.of_declared, 0) / len(declared)
    return everybody.mutate(portfolio_white_space=space).drop("of_declared")


def _days_customer(known: Known) -> ir.Table:
    """Count the days as a customer."""
    rows = customers(known.accounts, known.owned, ACCOUNT).inner_join(known.cutoffs, "cutoff_no")
    return rows.select(*ACCOUNT, portfolio_days_customer=days_since(rows, rows.customer_from))


def _mean_win(known: Known) -> ir.Table:
    """Return the mean amount of an account's wins."""
    won = wins(known.opportunities)
    return won.group_by(*ACCOUNT).agg(
        portfolio_mean_win=exact(won.amount).sum().cast("float64") / won.amount.count().nullif(0)
    )
