"""Known before: rows that were there before each cutoff, with the values that were there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cached_property
from numbers import Number
from typing import Any

import ibis
import ibis.expr.types as ir
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from features.calendar import WINDOWS, Calendar
from features.contracts import TABLES
from features.known_before import Known, known_before
from features.lookbacks import EVER, HALF_YEAR, INTENT_YEAR, UNIT_YEAR, USAGE_YEAR, YEAR
from features.tables import Tables

MakeTables = Callable[..., Tables]

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
STATIC = frozenset({("accounts", "attribute_segment"), ("opportunities", "attribute_product")})
ACCOUNT = {"account_id": "a", "name": "A", "country": "DE", "created_at": CUTOFF - 999 * DAY}


@pytest.fixture(scope="module")
def known_of(make_tables: MakeTables) -> Iterator[Callable[..., Known]]:
    """Return what reads the tables of one account and some rows, as of some cutoffs."""

    def compute(cutoffs: tuple[datetime, ...] = (CUTOFF,), **rows: list[dict[str, Any]]) -> Known:
        tables = make_tables({"accounts": [ACCOUNT]} | rows, AS_OF, STATIC)
        return opening.enter_context(known_before(tables, Calendar(cutoffs)))

    with ExitStack() as opening:
        yield compute


def frame(table: ibis.Table, *order: str) -> pd.DataFrame:
    found: pd.DataFrame = table.order_by(*order).to_pandas()
    return found.set_index(list(order))


def event(name: str, days: float, **more: Any) -> dict[str, Any]:
    at = CUTOFF - days * DAY
    return {"event_id": name, "account_id": "a", "occurred_at": at, "channel": "web", "action": "visit"} | more


def rows_known(known: Known, name: str) -> int:
    """Count the rows of a canonical table that are known; some are only summed up."""
    counts = {"events": known.activity.n, "intent": known.intent.n, "usage": known.usage.n}
    if name in counts:
        return int(counts[name].sum().to_pandas())
    table: ir.Table = known.changes if name == "account_history" else getattr(known, name)
    return int(table.count().to_pandas())


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
        times = [(CUTOFF - TICK, None), (CUTOFF - DAY, CUTOFF), (CUTOFF, None), (CUTOFF + DAY, None)]
        rows[name] = [
            filler | {table.time: happened, "loaded_at": loaded} | ({table.key: str(number)} if table.key else {})
            for number, (happened, loaded) in enumerate(times)
        ]
    known = known_of(**rows)
    assert {name: rows_known(known, name) for name in rows} == dict.fromkeys(rows, 1)


def test_who_comes_later_did_nothing_before(known_of: Callable[..., Known]) -> None:
    """Whether the row of a later contact is there, or not yet, changes nothing."""
    people = {"there": CUTOFF - DAY, "later": CUTOFF, "undated": None}
    everybody = (*people, "loaded later", "nobody")
    named = {"opportunity_id": "o", "added_at": CUTOFF - DAY}
    shown = {"account_id": "a", "asset_id": "x", "shown_at": CUTOFF - DAY}
    known = known_of(
        contacts=[{"contact_id": name, "account_id": "a", "created_at": at} for name, at in people.items()]
        + [{"contact_id": "loaded later", "account_id": "a", "created_at": CUTOFF - DAY, "loaded_at": CUTOFF}],
        events=[event(who, 1, contact_id=who, asset_id=who, business_unit="cloud") for who in everybody],
        opportunity_contacts=[named | {"contact_id": who} for who in everybody],
        impressions=[shown | {"impression_id": who, "contact_id": who} for who in everybody],
    )
    number = {name: no for no, name in enumerate(sorted(everybody[:-1]))}
    there = sorted(number[name] for name in ("there", "undated"))
    assert sorted(known.people.contact_no.to_pandas()) == sorted(known.unit_people.contact_no.to_pandas()) == there
    assert rows_known(known, "events") == 5
    assets = frame(known.assets, "asset_id")["contact_no"]
    assert assets.dropna().to_dict() == {name: number[name] for name in ("there", "undated")}
    assert len(assets) == 5
    assert sorted(known.opportunity_contacts.contact_id.to_pandas()) == ["there", "undated"]
    impressions = frame(known.impressions, "impression_id")["contact_id"]
    assert impressions.drop("nobody").dropna().to_dict() == {"there": "there", "undated": "undated"}
    assert len(impressions) == 5


def change(account_id: str, column: str, value: str, days: float, **more: Any) -> dict[str, Any]:
    return {"account_id": account_id, "column": column, "value": value, "changed_at": CUTOFF + days * DAY} | more


WRONG = ("many", "-1", "nan", "inf")


class TestAccounts:
    @classmethod
    @pytest.fixture(scope="class")
    def known(cls, known_of: Callable[..., Known]) -> Known:
        accounts: dict[str, dict[str, Any]] = {
            "dated": {},
            **{value: {} for value in WRONG},
            "today": {"employees": 5.0, "attribute_segment": "x", "attribute_colour": "red"},
            "static": {"attribute_segment": "x"},
            "since": {"attribute_segment": "x"},
            "original": {"lei": "L"},
            "other": {"lei": "L", "attribute_segment": "y", "domain": "b.de", "parent_id": "p"},
            "always": {"parent_id": "p"},
            "before": {"parent_id": "p", "parent_since": CUTOFF - DAY},
            "from_the_cutoff": {"parent_id": "p", "parent_since": CUTOFF},
            "of_a_later_one": {"parent_id": "later"},
            "of_itself": {"parent_id": "of_itself"},
            "of_nobody": {"parent_id": "nobody"},
            "later": {"created_at": CUTOFF},
            "p": {"attribute_segment": "z"},
        }
        return known_of(
            accounts=[ACCOUNT | {"account_id": name, "name": name} | row for name, row in accounts.items()],
            account_history=[
                change("dated", "employees", "5", -9),
                change("dated", "employees", "6", -1),
                change("dated", "employees", "7", 0),
                change("dated", "employees", "8", -0.5, loaded_at=CUTOFF),
                change("dated", "industry", "energy", -1),
                change("since", "attribute_segment", "y", -1),
                *(change(name, "employees", value, days) for name in WRONG for value, days in (("5", -9), (name, -1))),
            ],
        )

    @classmethod
    @pytest.fixture(scope="class")
    def rows(cls, known: Known) -> pd.DataFrame:
        return frame(known.accounts, "account_id")

    def test_the_last_value_before_the_cutoff_counts(self, rows: pd.DataFrame) -> None:
        assert rows.loc["dated", ["employees", "industry"]].tolist() == [6.0, "energy"]
        assert pd.isna(rows.loc["dated", "annual_revenue"])

    def test_a_value_that_breaks_its_rule_is_none(self, rows: pd.DataFrame) -> None:
        assert rows.loc[list(WRONG), "employees"].tolist() == [5.0] * 4

    def test_a_value_of_today_is_not_used_unless_static(self, rows: pd.DataFrame) -> None:
        assert rows.loc["today", ["employees", "attribute_colour"]].isna().all()
        assert rows.loc["today", "attribute_segment"] == "x"

    def test_history_goes_before_static(self, rows: pd.DataFrame) -> None:
        assert rows.loc[["static", "since"], "attribute_segment"].tolist() == ["x", "y"]

    def test_a_company_has_the_first_value_that_an_alias_has(self, rows: pd.DataFrame) -> None:
        assert rows.loc["original", ["attribute_segment", "domain", "aliases"]].tolist() == ["y", "b.de", 2]
        assert "other" not in rows.index

    def test_a_parent_counts_from_parent_since_and_from_when_it_exists(self, rows: pd.DataFrame) -> None:
        names = {number: name for name, number in rows["account_no"].items()}
        parents = rows["parent_no"].dropna().map(names).to_dict()
        assert parents == {"original": "p", "always": "p", "before": "p"}

    def test_the_ultimate_parent_is_itself_where_there_is_none(self, known: Known, rows: pd.DataFrame) -> None:
        own, top = rows["account_no"], rows.loc["p", "account_no"]
        expected = own.to_dict() | dict.fromkeys(("original", "always", "before"), top)
        roots = frame(known.tree, "account_no")["root_no"]
        assert {name: roots[number] for name, number in own.items()} == expected

    def test_a_row_stands_under_the_company_that_was_known_then(self, known_of: Callable[..., Known]) -> None:
        """Once an account with a smaller id is known to be the same company, the event is that one's."""
        early = CUTOFF - 10 * DAY
        known = known_of(
            (early, CUTOFF),
            accounts=[ACCOUNT | {"account_id": "b", "lei": "L"}, ACCOUNT | {"lei": "L", "created_at": early}],
            events=[event("1", 20, account_id="b")],
        )
        ids = known.accounts.select("cutoff_no", "account_no", "account_id")
        rows = known.activity.inner_join(ids, ["cutoff_no", "account_no"])
        assert frame(rows, "cutoff_no")["account_id"].to_dict() == {0: "b", 1: "a"}
        assert frame(known.accounts, "cutoff_no")["aliases"].to_dict() == {0: 1, 1: 2}

    def test_the_last_change_at_any_account_of_a_company_counts(self, known_of: Callable[..., Known]) -> None:
        told = {"column": "employees", "account_id": "a"}
        known = known_of(
            accounts=[ACCOUNT | {"lei": "L"}, ACCOUNT | {"account_id": "b", "lei": "L"}],
            account_history=[
                *(told | {"value": str(ago), "changed_at": CUTOFF - ago * DAY} for ago in (99, 98, 97)),
                told | {"account_id": "b", "value": "5", "changed_at": CUTOFF - 5 * DAY},
            ],
        )
        assert frame(known.accounts, "account_id")["employees"].to_dict() == {"a": 5.0}

    def test_what_is_told_of_an_account_before_it_existed_waits_for_it(self, known_of: Callable[..., Known]) -> None:
        known = known_of(
            (CUTOFF - 10 * DAY, CUTOFF),
            accounts=[ACCOUNT | {"created_at": CUTOFF - 5 * DAY}],
            events=[event("1", 20)],
            orders=[{"order_id": "1", "account_id": "a", "ordered_at": CUTOFF - 20 * DAY, "amount": 1.0}],
        )
        for table in (known.accounts, known.activity, known.orders):
            assert table.cutoff_no.to_pandas().tolist() == [1]


class TestContacts:
    @classmethod
    @pytest.fixture(scope="class")
    def known(cls, known_of: Callable[..., Known]) -> Known:
        since = CUTOFF - 9 * DAY
        times: dict[str, dict[str, Any]] = {
            "coming": {"created_at": CUTOFF},
            "gone": {"created_at": since, "left_at": CUTOFF - DAY},
            "here": {"created_at": since},
            "leaving": {"created_at": since, "left_at": CUTOFF},
            "often": {},
            "undated": {},
        }
        contact = {"account_id": "a", "seniority": "vp", "function": "it", "buying_role": "champion"}
        often = {"contact_id": "often"}
        return known_of(
            contacts=[contact | {"contact_id": name} | more for name, more in times.items()],
            events=[
                *(event(name, 2, contact_id=name) for name in ("gone", "here", "leaving", "undated")),
                *(event(str(ago), ago, business_unit="cloud", **often) for ago in (7, 8, 30, 31, 90, 91)),
                event("sec", 1, business_unit="sec", action="share", **often),
                event("sent", 1, channel="email", action="sent", **often),
                event("opened", 1, channel="email", action="open", **often),
            ],
        )

    def test_contacts_count_from_creation_until_they_leave(self, known: Known) -> None:
        here, leaving = 2, 3  # by the order of their ids
        assert sorted(known.contacts.contact_no.to_pandas()) == [here, leaving]

    def test_what_people_are_is_known_where_they_are_known_to_be(self, known: Known) -> None:
        """Those without a date, and those who left, did something all the same."""
        rows = frame(known.people, "contact_no")[["seniority", "function", "buying_role"]].notna()
        assert {number: set(columns) for number, *columns in rows.itertuples()} == {
            1: {False}, 2: {True}, 3: {True}, 4: {False}, 5: {False},
        }  # fmt: skip

    def test_how_often_people_did_something_lately(self, known: Known) -> None:
        """Whole days before the cutoff, by BU too; what we sent them and mail that they opened is nothing."""
        counts = ["n_30d", "n_90d", "shares"]
        assert frame(known.people, "contact_no").loc[4, counts].tolist() == [4, 6, 1]
        by_unit = frame(known.unit_people, "business_unit")[counts]
        assert by_unit.loc["cloud"].tolist() == [3, 5, 0]
        assert by_unit.loc["sec"].tolist() == [1, 1, 1]

    def test_at_several_cutoffs_contacts_come_and_go(self, known_of: Callable[..., Known]) -> None:
        """Ann was there from 200 to 50 days before the last cutoff; Bob's row was loaded 80 days before it."""
        known = known_of(
            tuple(CUTOFF - days * DAY for days in (250, 100, 60, 0)),
            contacts=[
                {"contact_id": "ann", "account_id": "a", "created_at": CUTOFF - 200 * DAY,
                 "left_at": CUTOFF - 50 * DAY, "seniority": "vp"},
                {"contact_id": "bob", "account_id": "a", "created_at": CUTOFF - 300 * DAY,
                 "loaded_at": CUTOFF - 80 * DAY, "seniority": "c_level"},
            ],
            events=[event("1", 70, contact_id="ann"), event("2", 120, contact_id="bob")],
        )  # fmt: skip
        here = known.contacts.order_by("cutoff_no", "contact_no").to_pandas()
        assert list(zip(here["cutoff_no"], here["contact_no"], strict=True)) == [(1, 0), (2, 0), (2, 1), (3, 1)]
        people = frame(known.people, "cutoff_no", "contact_no")["seniority"]
        assert people.fillna("?").to_dict() == {(2, 0): "vp", (2, 1): "c_level", (3, 0): "?"}

    def test_a_career_goes_on_elsewhere(self, known_of: Callable[..., Known]) -> None:
        """Where somebody was stays known after they left; those with one job have no career, nor those undated."""
        ann = {"person_id": "ann", "created_at": CUTOFF - 200 * DAY}
        known = known_of(
            (CUTOFF - 100 * DAY, CUTOFF),
            accounts=[ACCOUNT, ACCOUNT | {"account_id": "b", "name": "B"}],
            contacts=[
                ann | {"contact_id": "1", "account_id": "a", "left_at": CUTOFF - 150 * DAY},
                ann | {"contact_id": "2", "account_id": "b", "created_at": CUTOFF - 50 * DAY},
                {"contact_id": "3", "account_id": "b", "person_id": "bob", "created_at": CUTOFF - 50 * DAY},
                {"contact_id": "4", "account_id": "a", "person_id": "cy"},
                {"contact_id": "5", "account_id": "b", "person_id": "cy", "created_at": CUTOFF},
            ],
        )
        rows = known.careers.order_by("cutoff_no", "account_no").to_pandas()
        found = list(
            zip(rows["cutoff_no"], rows["account_no"], rows["person_id"], rows["cutoff_day"] - rows["day"], strict=True)
        )
        assert found == [(0, 0, "ann", 100), (1, 0, "ann", 200), (1, 1, "ann", 50)]


class TestOpportunities:
    @classmethod
    def opportunity(cls, name: str, days: float | None, **more: Any) -> dict[str, Any]:
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

    @classmethod
    @pytest.fixture(scope="class")
    def rows(cls, known_of: Callable[..., Known]) -> pd.DataFrame:
        days = {"closed": -1, "closing": 0, "open": None, "dated_closed": -1, "dated_open": None}
        known = known_of(
            opportunities=[cls.opportunity(name, closed) for name, closed in days.items()],
            opportunity_history=[
                {"opportunity_id": name, "changed_at": CUTOFF + ago * DAY, "stage": stage, "amount": amount}
                for name in ("dated_closed", "dated_open")
                for ago, stage, amount in ((-9, "first", 5.0), (-8, "second", None), (-7, None, 6.0), (0, "third", 7.0))
            ],
        )
        return frame(known.opportunities, "opportunity_id")

    def test_how_it_ends_is_known_from_its_end_on(self, rows: pd.DataFrame) -> None:
        rows = rows.loc[["closed", "closing", "open"]]
        assert rows["outcome"].to_dict() == {"closed": "won", "closing": "open", "open": "open"}
        assert rows["closed_at"].notna().tolist() == [True, False, False]
        assert rows["gross_profit"].notna().tolist() == [True, False, False]
        assert rows["amount"].notna().tolist() == [True, False, False]
        assert rows["stage"].isna().all()
        assert rows["attribute_product"].tolist() == ["p", "p", "p"]
        assert rows["attribute_mood"].isna().all()

    def test_stage_and_amount_come_from_history(self, rows: pd.DataFrame) -> None:
        rows = rows.loc[["dated_closed", "dated_open"]]
        assert rows["stage"].tolist() == ["second", "second"]
        assert rows["amount"].tolist() == [6.0, 6.0]
        assert rows["stage_since"].tolist() == [CUTOFF - 7 * DAY] * 2

    def test_at_several_cutoffs_each_has_the_values_of_its_time(self, known_of: Callable[..., Known]) -> None:
        change = {"opportunity_id": "closed", "changed_at": CUTOFF - 15 * DAY}
        known = known_of(
            tuple(CUTOFF - days * DAY for days in (110, 20, 10, 0)),
            opportunities=[self.opportunity("closed", -5)],
            opportunity_history=[
                change | {"stage": "pitch", "amount": 7.0},
                change | {"stage": "late", "changed_at": CUTOFF - 18 * DAY, "loaded_at": CUTOFF - DAY, "amount": 6.0},
            ],
        )
        rows = frame(known.opportunities, "cutoff_no")
        assert rows["outcome"].to_dict() == {1: "open", 2: "open", 3: "won"}
        assert rows["amount"].fillna(-1).to_dict() == {1: -1, 2: 7.0, 3: 7.0}
        assert rows["stage"].fillna("?").to_dict() == {1: "?", 2: "pitch", 3: "pitch"}
        assert frame(known.owned, "cutoff_no")["owned_since"].to_dict() == {3: CUTOFF - 5 * DAY}
        assert known.opportunity_history.group_by("cutoff_no").count().order_by(
            "cutoff_no"
        ).to_pandas().to_numpy().tolist() == [[2, 1], [3, 2]]


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


class TestRowsThatWereLoadedLate:
    """They stand on the day on which things happened, at cutoffs after they were loaded."""

    def test_a_late_row_is_counted_where_it_happened_once_it_is_there(self, known_of: Callable[..., Known]) -> None:
        """Of two events 50 days before the last cutoff one was loaded 20 days before it, one at once."""
        known = known_of(
            tuple(CUTOFF - days * DAY for days in (30, 20, 19, 0)),
            events=[event("at once", 50), event("late", 50.5, loaded_at=CUTOFF - 20 * DAY)],
        )
        rows = known.activity.group_by("cutoff_no").agg(n=known.activity.n.sum(), day=known.activity.day.min())
        found = frame(rows, "cutoff_no")["n"].to_dict()
        assert found == {0: 1, 1: 1, 2: 2, 3: 2}
        lately = known.activity.filter(known.activity.day >= known.activity.cutoff_day - 30)
        assert lately.filter(lately.cutoff_no == 3).count().to_pandas() == 0

    def test_on_the_day_of_the_cutoff_the_time_counts(self, known_of: Callable[..., Known]) -> None:
        """What was loaded a moment before 13:37 is known, at it is not; what was planned counts when it happened."""
        odd = CUTOFF + timedelta(hours=13, minutes=37)
        loaded = {"before": odd - TICK, "at": odd, "at once": None}
        events = [event(name, 3, loaded_at=at) for name, at in loaded.items()]
        planned = [event("planned", 5, loaded_at=odd - 9 * DAY), event("to come", -1, loaded_at=odd - DAY)]
        assert rows_known(known_of((odd,), events=events + planned), "events") == 3


class TestSummedUp:
    @classmethod
    @pytest.fixture(scope="class")
    def known(cls, known_of: Callable[..., Known]) -> Known:
        at, long_ago = ({"account_id": "a", "observed_at": CUTOFF - ago * DAY} for ago in (365, 365 + 1e-6))
        actions = {"read": "visit", "opened": "open", "sent": "sent", "scanned": "machine_open"}
        return known_of(
            intent=[
                row | {"topic": "t", "strength": strength}
                for row, strength in ((at, 0.1), (at, 0.2), (at, 0.3), (long_ago, 9.0))
            ],
            usage=[
                row | {"product": "p", "metric": "m", "value": value}
                for row, value in ((at, 1e15), (at, 0.1), (at, -1e15), (long_ago, 9.0))
            ],
            events=[
                *(event(name, 9, asset_id=name, channel="email", action=action) for name, action in actions.items()),
                event("old", 180, asset_id="old"), event("older", 181, asset_id="older"), event("none", 9),
                event("a year", 365), event("more than a year", 365 + 1e-6),
            ],
            account_history=[change("a", "employees", "1", -days) for days in (800, 20, 0)],
        )  # fmt: skip

    def test_intent_and_usage_of_a_year_add_up_exactly(self, known: Known) -> None:
        intent, usage = known.intent.to_pandas(), known.usage.to_pandas()
        assert (float(intent["strength"].sum()), intent["strongest"].max(), intent["n"].sum()) == (0.6, 0.3, 3)
        assert (float(usage["value"].sum()), usage["n"].sum()) == (0.1, 3)

    def test_events_of_a_year_are_counted(self, known: Known) -> None:
        """One that was read, two that are older, one of no asset, and one of a year ago; a moment more is too long."""
        assert known.activity.n.sum().to_pandas() == 5

    def test_events_of_90_days_are_counted_in_detail(self, known: Known) -> None:
        (found,) = known.quarter.to_pandas().to_dict("records")
        counts = {name: found[name] for name in ("n", "n_email", "n_web", "sent", "opened", "points_sent")}
        assert counts == {"n": 2, "n_email": 1, "n_web": 1, "sent": 1, "opened": 1, "points_sent": 2}

    def test_assets_are_handled_by_those_who_read_or_opened_them(self, known: Known) -> None:
        assert sorted(known.assets.asset_id.to_pandas()) == ["old", "opened", "read"]

    def test_when_the_record_last_changed(self, known: Known) -> None:
        last = known.changes.last_second.max().to_pandas()
        assert known.changes.cutoff_second.max().to_pandas() - last == 20 * 86_400


def test_what_was_kept_is_let_go(make_tables: MakeTables) -> None:
    tables = make_tables({"accounts": [ACCOUNT]}, AS_OF)

    def kept() -> int:
        counted = tables.connection.raw_sql("SELECT count(*) FROM duckdb_tables() WHERE temporary")
        return int(counted.fetchone()[0])

    with known_before(tables, Calendar((CUTOFF,))) as known:
        assert known.accounts.count().to_pandas() == 1
        assert kept() > 0
    assert kept() == 0


SUMMED = {
    "activity": YEAR, "unit_activity": UNIT_YEAR, "assets": HALF_YEAR, "intent": INTENT_YEAR, "usage": USAGE_YEAR,
    "changes": EVER,
}  # fmt: skip
"""Tables of Known that have a row per bucket, and the windows that cut them; several cutoffs cut more of them."""

KEYS = ("account_no", "business_unit", "contact_no", "asset_id", "topic", "product")


@given(
    seed=st.integers(0, 100_000),
    odd=st.sampled_from((timedelta(0), timedelta(hours=13, microseconds=654_321))),
    number=st.integers(0, 4),
)
@settings(max_examples=3, deadline=None, derandomize=True, phases=[Phase.generate])
def test_several_cutoffs_as_each_alone(
    seed: int, odd: timedelta, number: int, make_tables: MakeTables, random_world: Callable[..., Any]
) -> None:
    """Every table of Known, in worlds with rows at the edges, late ones, and accounts that come and unite."""
    tables = make_tables(random_world(seed, CUTOFF + odd), AS_OF, STATIC)
    cutoffs = tuple(CUTOFF + odd - days * DAY for days in (400, 97, 90, 20, 0))
    kept = ("everybody", "_events")  # what reading itself goes by
    names = [name for name, of in vars(Known).items() if isinstance(of, cached_property) and name not in kept]
    assert {"accounts", "activity", "people", "owned"} < set(names)
    with known_before(tables, Calendar(cutoffs)) as known:
        together = {name: getattr(known, name).to_pandas() for name in names}
    with known_before(tables, Calendar(cutoffs[number : number + 1])) as known:
        for name in names:
            alone, rows = getattr(known, name).to_pandas(), together[name]
            assert as_rows(rows[rows["cutoff_no"] == number], name) == as_rows(alone, name), name


def as_rows(table: pd.DataFrame, name: str) -> list[str]:
    """Return the rows of a table at one cutoff, in an order of their own; by window where they are summed up."""
    rows = by_window(table, SUMMED[name].windows or WINDOWS) if name in SUMMED else table
    rows = rows.drop(columns="cutoff_no", errors="ignore").astype(object)
    return sorted(map(repr, rows.where(rows.notna(), None).map(plain).to_dict("records")))


def plain(value: Any) -> Any:
    """Return a number of whatever type as a float."""
    return float(value) if isinstance(value, Number) else value


def by_window(table: pd.DataFrame, windows: tuple[int, ...]) -> pd.DataFrame:
    """Sum up the rows of the buckets between two edges of windows."""
    ago = table["cutoff_day"] - table["day"]
    window = ago.map(lambda days: next((edge for edge in windows if days <= edge), None))
    keys = [key for key in KEYS if key in table]
    how = {"strongest": "max"}
    how |= {column: "max" for column in table if column.startswith("last_") and column.endswith("second")}
    counted = [column for column in table if column not in (*keys, "cutoff_no", "cutoff_day", "cutoff_second", "day")]
    grouped = table.assign(window=window).groupby(["window", *keys], dropna=False)
    return grouped.agg({column: how.get(column, "sum") for column in counted}).reset_index()
