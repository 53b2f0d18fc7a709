"""Customers: who bought what, and what a return takes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import ibis
import pandas as pd
import pytest

from features.customers import RETURN_DAYS, customers, exact, kept_orders, owned

START = datetime.fromisoformat("2024-01-01")
DAY = timedelta(days=1)
SCHEMA = {
    "order_id": "string", "account_id": "string", "business_unit": "string", "ordered_at": "timestamp(6)",
    "amount": "float64",
}  # fmt: skip


@pytest.fixture(scope="module")
def orders_of() -> Callable[..., ibis.Table]:
    """Return a maker of one account's orders with one BU from days and amounts."""

    def make(*orders: tuple[float, float], unit: str = "cloud") -> ibis.Table:
        rows = [(str(n), "a", unit, START + days * DAY, amount) for n, (days, amount) in enumerate(orders)]
        return ibis.memtable(pd.DataFrame(rows, columns=list(SCHEMA)), schema=SCHEMA)

    return make


@pytest.mark.parametrize(
    ("orders", "kept"),
    [
        ([(0, 10.0)], [0]),
        ([(0, 10.0), (RETURN_DAYS, -10.0)], []),
        ([(0, 10.0), (RETURN_DAYS + 0.001, -10.0)], [0]),
        ([(0, 10.0), (0, -10.0)], []),
        ([(0, 10.0), (1, -9.99)], [0]),
        ([(0, 10.0), (5, 10.0), (6, -10.0)], [0]),
        ([(0, 10.0), (1, -10.0), (200, 5.0)], [200]),
        ([(0, -10.0), (1, 10.0)], [1]),
        ([(0, 0.0)], []),
        ([(0, 0.1), (0, 0.2), (1, -0.3)], []),
    ],
)
def test_kept_orders(
    orders: list[tuple[float, float]], kept: list[float], orders_of: Callable[..., ibis.Table]
) -> None:
    found = kept_orders(orders_of(*orders)).order_by("ordered_at").to_pandas()
    assert ((found["ordered_at"] - START) / DAY).tolist() == kept


def test_a_return_at_another_unit_takes_nothing_back(orders_of: Callable[..., ibis.Table]) -> None:
    orders = ibis.union(orders_of((0, 10.0)), orders_of((1, -10.0), unit="sec"))
    assert kept_orders(orders).count().to_pandas() == 1


def test_orders_of_no_unit_are_returned_like_any(orders_of: Callable[..., ibis.Table]) -> None:
    orders = orders_of((0, 10.0), (1, -10.0), (200, 5.0)).mutate(business_unit=ibis.null("string"))
    assert kept_orders(orders).amount.to_pandas().tolist() == [5.0]


def test_owned_since_the_first_win_or_kept_order(orders_of: Callable[..., ibis.Table]) -> None:
    won = ibis.memtable(
        [
            {"account_id": "a", "business_unit": "cloud", "outcome": "won", "closed_at": START + 3 * DAY},
            {"account_id": "a", "business_unit": "cloud", "outcome": "lost", "closed_at": START},
            {"account_id": "b", "business_unit": "sec", "outcome": "won", "closed_at": START + DAY},
        ],
        schema={"account_id": "string", "business_unit": "string", "outcome": "string", "closed_at": "timestamp(6)"},
    )
    bought = owned(won, orders_of((5, 10.0)))
    assert bought.order_by("account_id").to_pandas()["owned_since"].tolist() == [START + 3 * DAY, START + DAY]
    accounts = ibis.memtable(
        [{"account_id": "b", "customer_since": START}, {"account_id": "c", "customer_since": START + 9 * DAY},
         {"account_id": "d", "customer_since": None}],
        schema={"account_id": "string", "customer_since": "timestamp(6)"},
    )  # fmt: skip
    found = customers(accounts, bought).to_pandas().set_index("account_id")["customer_from"].to_dict()
    assert found == {"a": START + 3 * DAY, "b": START, "c": START + 9 * DAY}


def test_exact_sums_do_not_depend_on_the_order() -> None:
    amounts = pd.DataFrame({"amount": [1e15, 0.1, -1e15, 0.2]})
    sums = {
        float(exact(table.amount).sum().to_pandas())
        for table in (ibis.memtable(amounts), ibis.memtable(amounts.iloc[::-1].reset_index(drop=True)))
    }
    assert sums == {0.3}
