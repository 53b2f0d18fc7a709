"""Known: rows that were there before the cutoff, with the values that were there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import ibis
import pandas as pd
import pytest

from features.contracts import TABLES
from features.known import Known, known_before
from features.tables import Tables

MakeTables = Callable[..., Tables]

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)
STATIC = frozenset({("accounts", "attribute_segment"), ("opportunities", "attribute_product")})
ACCOUNT = {"account_id": "a", "name": "A", "country": "DE", "created_at": CUTOFF - 999 * DAY}


@pytest.fixture(scope="module")
def known_of(make_tables: MakeTables) -> Callable[..., Known]:
    def compute(**rows: list[dict[str, Any]]) -> Known:
        return known_before(make_tables({"accounts": [ACCOUNT]} | rows, AS_OF, STATIC), CUTOFF)

    return compute


def frame(table: ibis.Table, *order: str) -> pd.DataFrame:
    found: pd.DataFrame = table.order_by(*order).to_pandas()
    return found.set_index(list(order))


def test_every_dated_table_is_cut_alike(known_of: Callable[..., Known]) -> None:
    """Of rows before, loaded late, at and after the cutoff only the first is known."""
    texts = {"account_id": "a", "outcome": "open", "contact_id": "0"}
    rows = {}
    for name, table in TABLES.items():
        if table.time is None or name == "accounts":
            continue
        filler = {
            column: 1.0 if spec.dtype == "float64" else texts.get(column, "x")
            for column, spec in table.columns.items()
            if spec.required and spec.dtype != "timestamp"
        }
        times = [(CUTOFF - DAY, None), (CUTOFF - DAY, CUTOFF), (CUTOFF, None), (CUTOFF + DAY, None)]
        rows[name] = [
            filler | {table.time: happened, "loaded_at": loaded} | ({table.key: str(number)} if table.key else {})
            for number, (happened, loaded) in enumerate(times)
        ]
    known = known_of(**rows)
    tables = [name for name in rows if name != "account_history"]
    assert {name: getattr(known, name).count().to_pandas() for name in tables} == dict.fromkeys(tables, 1)


def test_who_comes_later_did_nothing_before(known_of: Callable[..., Known]) -> None:
    """Whether the row of a later contact is there, or not yet, changes nothing."""
    people = {"there": CUTOFF - DAY, "later": CUTOFF, "undated": None}
    known = known_of(
        contacts=[{"contact_id": name, "account_id": "a", "created_at": at} for name, at in people.items()]
        + [{"contact_id": "loaded later", "account_id": "a", "created_at": CUTOFF - DAY, "loaded_at": CUTOFF}],
        events=[
            {"event_id": who, "account_id": "a", "occurred_at": CUTOFF - DAY, "channel": "web", "contact_id": who}
            for who in (*people, "loaded later", "nobody")
        ],
        opportunity_contacts=[
            {"opportunity_id": "o", "contact_id": who, "added_at": CUTOFF - DAY}
            for who in (*people, "loaded later", "nobody")
        ],
    )
    who = frame(known.events, "event_id")["contact_id"]
    assert who.dropna().to_dict() == {"there": "there", "undated": "undated"}
    assert len(who) == 5
    assert sorted(known.opportunity_contacts.contact_id.to_pandas()) == ["there", "undated"]


class TestAccounts:
    def value(self, known: Known, column: str) -> Any:
        return known.accounts[column].to_pandas().iloc[0]

    def change(self, column: str, value: str, days: float, **more: Any) -> dict[str, Any]:
        return {"account_id": "a", "column": column, "value": value, "changed_at": CUTOFF + days * DAY} | more

    def test_a_parent_that_comes_later_is_none_yet(self, known_of: Callable[..., Known]) -> None:
        family = [
            {**ACCOUNT, "account_id": "a", "parent_id": "p"},
            {**ACCOUNT, "account_id": "b", "name": "B", "parent_id": "q"},
            {**ACCOUNT, "account_id": "p", "name": "P", "created_at": CUTOFF},
            {**ACCOUNT, "account_id": "q", "name": "Q"},
        ]
        parents = frame(known_of(accounts=family).accounts, "account_id")["parent_id"]
        assert parents.dropna().to_dict() == {"b": "q"}

    def test_the_last_value_before_the_cutoff_counts(self, known_of: Callable[..., Known]) -> None:
        known = known_of(
            account_history=[
                self.change("employees", "5", -9),
                self.change("employees", "6", -1),
                self.change("employees", "7", 0),
                self.change("employees", "8", -0.5, loaded_at=CUTOFF),
                self.change("industry", "energy", -1),
            ]
        )
        assert self.value(known, "employees") == 6.0
        assert self.value(known, "industry") == "energy"
        assert pd.isna(self.value(known, "annual_revenue"))

    def test_a_value_that_breaks_its_rule_is_none(self, known_of: Callable[..., Known]) -> None:
        wrong = ("many", "-1", "nan", "inf")
        known = known_of(
            accounts=[ACCOUNT | {"account_id": value, "name": value} for value in wrong],
            account_history=[
                self.change("employees", value, days, account_id=name)
                for name in wrong
                for value, days in (("5", -9), (name, -1))
            ],
        )
        assert known.accounts.employees.to_pandas().tolist() == [5.0] * 4

    def test_a_value_of_today_is_not_used_unless_static(self, known_of: Callable[..., Known]) -> None:
        known = known_of(
            accounts=[ACCOUNT | {"employees": 5.0, "attribute_segment": "x", "attribute_colour": "red"}],
        )
        assert pd.isna(self.value(known, "employees"))
        assert pd.isna(self.value(known, "attribute_colour"))
        assert self.value(known, "attribute_segment") == "x"

    def test_history_goes_before_static(self, known_of: Callable[..., Known]) -> None:
        known = known_of(
            accounts=[ACCOUNT | {"account_id": name, "name": name, "attribute_segment": "x"} for name in "ab"],
            account_history=[self.change("attribute_segment", "y", -1, account_id="b")],
        )
        assert frame(known.accounts, "account_id")["attribute_segment"].to_dict() == {"a": "x", "b": "y"}

    def test_a_company_has_the_first_value_that_an_alias_has(self, known_of: Callable[..., Known]) -> None:
        known = known_of(
            accounts=[
                ACCOUNT | {"lei": "L", "attribute_segment": None},
                ACCOUNT | {"account_id": "b", "lei": "L", "attribute_segment": "y", "domain": "b.de", "parent_id": "p"},
                ACCOUNT | {"account_id": "p", "name": "P", "attribute_segment": "z"},
            ]
        )
        rows = frame(known.accounts, "account_id")
        assert rows.loc["a", ["attribute_segment", "domain", "parent_id", "aliases"]].tolist() == ["y", "b.de", "p", 2]
        assert rows.index.tolist() == ["a", "p"]

    def test_a_parent_counts_from_parent_since_and_from_when_it_exists(self, known_of: Callable[..., Known]) -> None:
        children = {
            "always": {"parent_id": "p"},
            "before": {"parent_id": "p", "parent_since": CUTOFF - DAY},
            "from_the_cutoff": {"parent_id": "p", "parent_since": CUTOFF},
            "of_a_later_one": {"parent_id": "later"},
            "of_itself": {"parent_id": "of_itself"},
            "of_nobody": {"parent_id": "nobody"},
        }
        parents = {"later": {"created_at": CUTOFF}, "p": {}}
        known = known_of(
            accounts=[ACCOUNT | {"account_id": i, "name": i} | row for i, row in (children | parents).items()]
        )
        found = frame(known.accounts, "account_id")["parent_id"].dropna().to_dict()
        assert found == {"always": "p", "before": "p"}


class TestContacts:
    def test_contacts_count_from_creation_until_they_leave(self, known_of: Callable[..., Known]) -> None:
        contact = {"account_id": "a", "created_at": CUTOFF - 9 * DAY}
        known = known_of(
            contacts=[
                contact | {"contact_id": "here"},
                contact | {"contact_id": "gone", "left_at": CUTOFF - DAY},
                contact | {"contact_id": "leaving", "left_at": CUTOFF},
                contact | {"contact_id": "coming", "created_at": CUTOFF},
                contact | {"contact_id": "undated", "created_at": None},
            ]
        )
        assert frame(known.contacts, "contact_id").index.tolist() == ["here", "leaving"]


class TestOpportunities:
    def opportunity(self, name: str, days: float | None, **more: Any) -> dict[str, Any]:
        closed = None if days is None else CUTOFF + days * DAY
        return {
            "opportunity_id": name,
            "account_id": "a",
            "created_at": CUTOFF - 99 * DAY,
            "closed_at": closed,
            "outcome": "won" if closed else "open",
            "amount": 100.0,
            "gross_profit": 10.0,
            "stage": "last",
            "attribute_product": "p",
            "attribute_mood": "good",
        } | more

    def test_how_it_ends_is_known_from_its_end_on(self, known_of: Callable[..., Known]) -> None:
        rows = frame(
            known_of(
                opportunities=[
                    self.opportunity("closed", -1),
                    self.opportunity("closing", 0),
                    self.opportunity("open", None),
                ]
            ).opportunities,
            "opportunity_id",
        )
        assert rows["outcome"].to_dict() == {"closed": "won", "closing": "open", "open": "open"}
        assert rows["closed_at"].notna().tolist() == [True, False, False]
        assert rows["gross_profit"].notna().tolist() == [True, False, False]
        assert rows["amount"].notna().tolist() == [True, False, False]
        assert rows["stage"].isna().all()
        assert rows["attribute_product"].tolist() == ["p", "p", "p"]
        assert rows["attribute_mood"].isna().all()

    def test_stage_and_amount_come_from_history(self, known_of: Callable[..., Known]) -> None:
        changes = [
            {"opportunity_id": name, "changed_at": CUTOFF + days * DAY, "stage": stage, "amount": amount}
            for name in ("closed", "open")
            for days, stage, amount in ((-9, "first", 5.0), (-8, "second", None), (-7, None, 6.0), (0, "third", 7.0))
        ]
        rows = frame(
            known_of(
                opportunities=[self.opportunity("closed", -1), self.opportunity("open", None)],
                opportunity_history=changes,
            ).opportunities,
            "opportunity_id",
        )
        assert rows["stage"].tolist() == ["second", "second"]
        assert rows["amount"].tolist() == [6.0, 6.0]
        assert rows["stage_since"].tolist() == [CUTOFF - 7 * DAY] * 2


def test_what_came_of_an_impression_is_known_once_it_came(known_of: Callable[..., Known]) -> None:
    shown = {"account_id": "a", "asset_id": "x", "shown_at": CUTOFF - 9 * DAY, "outcome": "used"}
    times = {"came": CUTOFF - DAY, "coming": CUTOFF, "undated": None}
    rows = frame(
        known_of(
            impressions=[
                shown | {"impression_id": name, "outcome_at": at, "viewed_at": at} for name, at in times.items()
            ]
        ).impressions,
        "impression_id",
    )
    assert rows["outcome"].notna().to_dict() == {"came": True, "coming": False, "undated": False}
    assert rows["viewed_at"].notna().to_dict() == {"came": True, "coming": False, "undated": False}


def test_what_was_kept_is_let_go(make_tables: MakeTables) -> None:
    tables = make_tables({"accounts": [ACCOUNT]}, AS_OF)
    temporary = "SELECT count(*) FROM duckdb_tables() WHERE temporary"
    with known_before(tables, CUTOFF) as known:
        assert known.accounts.count().to_pandas() == 1
        assert tables.connection.raw_sql(temporary).fetchone() == (3,)
    assert tables.connection.raw_sql(temporary).fetchone() == (0,)


def test_days_and_windows_end_at_the_cutoff(known_of: Callable[..., Known]) -> None:
    times = {"a": CUTOFF - 90 * DAY, "b": CUTOFF - 90 * DAY - timedelta(seconds=1), "c": CUTOFF - 0.5 * DAY}
    known = known_of(
        events=[{"event_id": e, "account_id": "a", "occurred_at": at, "channel": "web"} for e, at in times.items()]
    )
    events = known.events
    rows = frame(
        events.select(
            "event_id", days=known.days_since(events.occurred_at), within=known.within(events.occurred_at, 90)
        ),
        "event_id",
    )
    assert rows["days"].tolist() == pytest.approx([90, 90 + 1 / 86_400, 0.5])
    assert rows["within"].tolist() == [True, False, True]
