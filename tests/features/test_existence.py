"""Existence: which accounts there were at each of several cutoffs, with the parents and beginnings known then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest

from features.calendar import Calendar
from features.existence import existing, numbered, only_if
from features.tables import Tables

MakeTables = Callable[..., Tables]

CUTOFF = datetime.fromisoformat("2024-06-01T13:37:00")
AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
EARLY, LATE = CUTOFF - 100 * DAY, CUTOFF


def account(account_id: str, **more: Any) -> dict[str, Any]:
    return {"account_id": account_id, "name": f"Company {account_id}", "country": "DE"} | more


def everybody(tables: Tables, cutoffs: tuple[datetime, ...]) -> pd.DataFrame:
    calendar = Calendar(cutoffs)
    history, cutoffs = tables.own["account_history"], ibis.memtable(calendar.rows)
    found: pd.DataFrame = existing(numbers(tables, calendar), history, calendar, cutoffs).to_pandas()
    return found


def numbers(tables: Tables, calendar: Calendar) -> ibis.Table:
    return numbered(tables.own, ibis.literal(tables.data_end), calendar)


@pytest.fixture(scope="module")
def there(make_tables: MakeTables) -> Callable[..., pd.DataFrame]:
    """Return what tells, by cutoff and account, who was there at an early and at a late cutoff."""

    def compute(accounts: list[dict[str, Any]], cutoffs: tuple[datetime, ...] = (EARLY, LATE), **rows: Any) -> Any:
        tables = make_tables({"accounts": accounts} | rows, AS_OF)
        return everybody(tables, cutoffs).set_index(["cutoff_no", "account_id"])

    return compute


def test_accounts_are_numbered_by_id(make_tables: MakeTables) -> None:
    tables = make_tables({"accounts": [account("c"), account("a"), account("b")]}, AS_OF)
    rows = numbers(tables, Calendar((LATE,))).to_pandas()
    assert dict(zip(rows["account_id"], rows["account_no"], strict=True)) == {"a": 0, "b": 1, "c": 2}


def test_an_account_is_there_at_the_cutoffs_after_its_beginning(there: Callable[..., pd.DataFrame]) -> None:
    """To the microsecond, at a cutoff that is not at midnight."""
    found = there(
        [
            account("always", created_at=EARLY - TICK),
            account("at_early", created_at=EARLY),
            account("between", created_at=LATE - TICK),
            account("at_late", created_at=LATE),
            account("loaded", created_at=EARLY - 9 * DAY, loaded_at=EARLY),
            account("customer", created_at=LATE, customer_since=EARLY - DAY),
            account("seen"),
            account("seen_late"),
            account("undated"),
        ],
        events=[
            {"event_id": name, "account_id": name, "occurred_at": at, "loaded_at": loaded, "channel": "web"}
            for name, at, loaded in (("seen", EARLY - TICK, None), ("seen_late", EARLY - DAY, LATE - TICK))
        ],
    )
    assert sorted(found.loc[0].index) == ["always", "customer", "seen"]
    assert sorted(found.loc[1].index) == [
        "always", "at_early", "between", "customer", "loaded", "seen", "seen_late",
    ]  # fmt: skip
    since = found.loc[1, "existing_since"]
    assert since["seen_late"] == LATE - TICK
    assert since["customer"] == EARLY - DAY


def test_since_when_it_is_a_customer_is_told_once_it_is_one(there: Callable[..., pd.DataFrame]) -> None:
    rows = there([account("a", created_at=EARLY - DAY, customer_since=EARLY)])["customer_since"]
    assert rows.isna().tolist() == [True, False]


def test_a_parent_is_one_from_when_it_is_and_exists(there: Callable[..., pd.DataFrame]) -> None:
    old = {"created_at": EARLY - DAY}
    found = there(
        [
            account("p", **old),
            account("q", created_at=EARLY),
            account("always", parent_id="p", **old),
            account("since", parent_id="p", parent_since=EARLY, **old),
            account("of_later", parent_id="q", **old),
            account("of_nobody", parent_id="nobody", **old),
        ]
    )
    parents = found["parent_id"].dropna().to_dict()
    assert parents == {(0, "always"): "p", (1, "always"): "p", (1, "since"): "p", (1, "of_later"): "q"}
    number = found["account_no"].droplevel("cutoff_no").to_dict()
    of = found["parent_no"].dropna()
    assert of.to_dict() == {key: number[parent] for key, parent in parents.items()}


def test_the_parent_that_history_last_told_of_goes_before_the_row_s_own(there: Callable[..., pd.DataFrame]) -> None:
    """Moved from p to q, loaded late or not; parted from its parent; and told of again only after the last cutoff."""
    old = {"created_at": EARLY - 9 * DAY, "parent_id": "q"}
    told = [
        ("moved", "p", EARLY - DAY, None), ("moved", "q", EARLY, None),
        ("late", "p", EARLY - 2 * DAY, None), ("late", "q", EARLY - DAY, LATE - TICK),
        ("alone", "none", EARLY, None),
        ("later", "p", LATE, None),
    ]  # fmt: skip
    found = there(
        [*(account(name, created_at=EARLY - 9 * DAY) for name in "pq")]
        + [account(name, **old) for name in ("alone", "late", "later", "moved")],
        account_history=[
            {"account_id": name, "column": "parent_id", "value": parent, "changed_at": at, "loaded_at": loaded}
            for name, parent, at, loaded in told
        ],
    )
    parents = found["parent_id"].unstack("cutoff_no")  # noqa: PD010
    assert parents.loc["moved"].tolist() == ["p", "q"]
    assert parents.loc["late"].tolist() == ["p", "q"]
    assert parents.loc["alone"].fillna("-").tolist() == ["q", "-"]
    assert parents.loc["later"].tolist() == ["q", "q"]


def test_an_account_that_nothing_dates_is_there_at_the_end_of_the_data_only(
    there: Callable[..., pd.DataFrame],
) -> None:
    found = there([account("a")], (AS_OF - DAY, AS_OF))
    assert found.index.tolist() == [(1, "a")]
    assert found["existing_since"].isna().all()


def test_several_cutoffs_as_each_alone(make_tables: MakeTables, random_world: Callable[..., Any]) -> None:
    cutoffs = tuple(CUTOFF - days * DAY for days in (400, 90, 60, 20, 0))
    for seed in range(3):
        tables = make_tables(random_world(seed, CUTOFF), AS_OF)
        together = everybody(tables, cutoffs)
        assert together["cutoff_no"].nunique() > 2
        for number, cutoff in enumerate(cutoffs):
            alone = everybody(tables, (cutoff,))
            own = together[together["cutoff_no"] == number]
            assert as_rows(own) == as_rows(alone)


def as_rows(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows by account, what is missing as None."""
    rows = table.drop(columns="cutoff_no").sort_values("account_no").astype(object)
    return rows.where(rows.notna(), None).to_dict("records")


def test_only_if() -> None:
    rows = ibis.memtable({"known": [True, False, None], "value": [1, 2, 3]})
    found = rows.select(seen=only_if(rows.known, rows.value)).to_pandas()["seen"]
    assert found.fillna(-1).tolist() == [1, -1, -1]
