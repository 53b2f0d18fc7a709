"""Who bought what before: kept orders, won opportunities, and the customers that they make."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

RETURN_DAYS = 90
"""An order that is fully returned within this many days makes nobody a customer."""


def exact(money: ir.Value) -> ir.Value:
    """Return money as a decimal, whose sums do not depend on the order of the rows."""
    return money.cast("decimal(38, 4)")


UNIT = ("account_id", "business_unit")
"""What names an account × BU."""


def kept_orders(orders: ir.Table, unit: Sequence[str] = UNIT) -> ir.Table:
    """Return the orders that were not fully returned within RETURN_DAYS, as far as the given rows tell.

    An order is kept where its account's orders in the BU, from it to RETURN_DAYS later, add up to more than nothing.

    Parameters
    ----------
    orders : of all accounts and BUs.
    unit : the columns that tell accounts × BUs apart.
    """
    returned = orders.filter(orders.amount < 0).select(*unit).distinct()
    same = [orders[name].identical_to(returned[name]) for name in unit]  # orders of no BU are a unit too
    doubtful, sure = orders.semi_join(returned, same), orders.anti_join(returned, same)
    following = ibis.window(
        group_by=[doubtful[name] for name in unit],
        order_by=doubtful.ordered_at,
        range=(ibis.interval(days=0), ibis.interval(days=RETURN_DAYS)),
    )
    net = doubtful.mutate(net=exact(doubtful.amount).sum().over(following))
    kept = net.filter((net.amount > 0) & (net.net > 0)).drop("net")
    return ibis.union(kept, sure.filter(sure.amount > 0))


def wins(opportunities: ir.Table) -> ir.Table:
    """Return the won opportunities."""
    return opportunities.filter(opportunities.outcome == "won")


def owned(opportunities: ir.Table, orders: ir.Table, unit: Sequence[str] = UNIT) -> ir.Table:
    """Return which account had bought from which BU, and since when: the columns of the unit, owned_since."""
    won, kept = wins(opportunities), kept_orders(orders, unit)
    bought = ibis.union(
        won.select(*unit, at=won.closed_at),
        kept.select(*unit, at=kept.ordered_at),
    )
    return bought.group_by(*unit).agg(owned_since=bought["at"].min())


def customers(accounts: ir.Table, bought: ir.Table, account: Sequence[str] = UNIT[:1]) -> ir.Table:
    """Return the accounts that had bought from any BU, or are said to be customers, and since when: customer_from."""
    declared = accounts.filter(accounts.customer_since.notnull())
    ever = ibis.union(
        bought.select(*account, at=bought.owned_since),
        declared.select(*account, at=declared.customer_since),
    )
    return ever.group_by(*account).agg(customer_from=ever["at"].min())
