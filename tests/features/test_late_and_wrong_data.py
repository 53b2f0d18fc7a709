"""Late and wrong data: what whole snapshots and labels make of it, in one world at two cutoffs a month apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.group import Group
from features.labels import build_labels
from features.snapshots import build_snapshots
from features.tables import Tables

Row = dict[str, Any]
MakeTables = Callable[..., Tables]

CUTOFF = datetime.fromisoformat("2024-06-01")
LATER = CUTOFF + timedelta(days=30)
AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)


def at(days: float) -> datetime:
    """Return a time in days after the first cutoff; those before it are negative, the second comes after 30."""
    return CUTOFF + days * DAY


def account(account_id: str, **more: Any) -> Row:
    return {"account_id": account_id, "name": account_id, "country": "DE", "created_at": at(-999)} | more


def event(account_id: str, days: float, **more: Any) -> Row:
    key = f"{account_id} {days}"
    return {"event_id": key, "account_id": account_id, "occurred_at": at(days), "channel": "web"} | more


def win(account_id: str, days: float, **more: Any) -> Row:
    """Won from 'cloud', which is judged by opportunities."""
    return {
        "opportunity_id": f"{account_id} {days}",
        "account_id": account_id,
        "created_at": at(days - 99),
        "closed_at": at(days),
        "outcome": "won",
        "business_unit": "cloud",
    } | more


def order(account_id: str, days: float, amount: float, **more: Any) -> Row:
    """Ordered from 'sec', or returned to it, which is judged by orders."""
    return {
        "order_id": f"{account_id} {days}",
        "account_id": account_id,
        "ordered_at": at(days),
        "amount": amount,
        "business_unit": "sec",
    } | more


def contact(contact_id: str, account_id: str, days: float, **more: Any) -> Row:
    row = {"contact_id": contact_id, "account_id": account_id, "created_at": at(days), "seniority": "vp"}
    return row | more


NAMES = (
    *("event_told_late", "win_told_late", "win_told_very_late", "order_told_late", "alters"),
    *("clock_ahead", "win_of_a_clock_ahead", "return_beyond_the_end"),
    *("returned", "returned_in_part", "returned_after_100_days", "returned_later", "return_told_late"),
    *("return_told_after_the_window", "buys"),
    *("head_office", "former_employer", "next_employer"),
)

WORLD: dict[str, list[Row]] = {
    "accounts": [
        *map(account, NAMES),
        account("account_told_late", loaded_at=at(5)),
        account("twin_1", lei="L"),
        account("twin_2", lei="L"),
        account("moves", parent_id="head_office", parent_since=at(5)),
        account("early_child", parent_id="comes_later", parent_since=at(-500)),
        account("comes_later", created_at=at(5)),
    ],
    "account_history": [
        {"account_id": "alters", "changed_at": at(-9), "column": "industry", "value": "retail"},
        {"account_id": "alters", "changed_at": at(-3), "column": "industry", "value": "energy", "loaded_at": at(5)},
    ],
    "contacts": [
        contact("ann_then", "former_employer", -500, person_id="ann", left_at=at(5)),
        contact("ann_now", "next_employer", 5, person_id="ann"),
        contact("bob_then", "former_employer", -500, left_at=at(5)),
        contact("bob_now", "next_employer", 5),
    ],
    "events": [
        event("event_told_late", -20, loaded_at=at(5)),
        event("account_told_late", -20),
        event("clock_ahead", -2, loaded_at=at(-3)),
        event("clock_ahead", 1, loaded_at=at(-1)),
        event("twin_1", -20),
        event("twin_2", -20),
        event("head_office", -10),
        event("former_employer", -20, contact_id="ann_then"),
        event("next_employer", 10, contact_id="ann_now"),
    ],
    "opportunities": [
        win("win_told_late", -10, loaded_at=at(5)),
        win("win_told_very_late", 10, loaded_at=at(400)),
        win("win_of_a_clock_ahead", 2, loaded_at=at(-1)),
    ],
    "orders": [
        order("order_told_late", -5, 10.0, loaded_at=at(5)),
        *(order("returned", -50, 10.0), order("returned", -40, -10.0)),
        *(order("returned_in_part", -50, 10.0), order("returned_in_part", -40, -4.0)),
        *(order("returned_after_100_days", -120, 10.0), order("returned_after_100_days", -20, -10.0)),
        *(order("returned_later", -50, 10.0), order("returned_later", 5, -10.0)),
        *(order("return_told_late", -50, 10.0), order("return_told_late", -40, -10.0, loaded_at=at(5))),
        *(order("twin_1", -50, 10.0), order("twin_2", -40, -10.0)),
        order("buys", 5, 10.0),
        *(order("return_beyond_the_end", 170, 10.0), order("return_beyond_the_end", 200, -10.0)),
        order("return_told_after_the_window", 5, 10.0),
        order("return_told_after_the_window", 50, -10.0, loaded_at=at(400)),
    ],
}


@dataclass(frozen=True)
class Told:
    """What the two cutoffs make of the world.

    Parameters
    ----------
    tables : the world.
    group : its business units.
    snapshots : by cutoff.
    """

    tables: Tables
    group: Group
    snapshots: dict[datetime, pd.DataFrame]

    def both(self, account_id: str, signal: str, unit: str = "sec") -> list[Any]:
        """Return a signal at both cutoffs, None where it is missing."""
        frames = (self.snapshots[cutoff].set_index(["account_id", "business_unit"]) for cutoff in (CUTOFF, LATER))
        values = [frame.loc[(account_id, unit), signal] for frame in frames]
        return [None if pd.isna(value) else value for value in values]

    def labelled(self, cutoff: datetime, unit: str, end: datetime = AS_OF) -> set[str]:
        """Return the accounts that succeed in a BU after a cutoff, as the data tell up to an end."""
        tables = replace(self.tables, as_of=end)
        labels = build_labels(tables, self.group, self.snapshots[cutoff], cutoff)
        return set(labels.loc[labels["label"] & (labels["business_unit"] == unit), "account_id"])


@pytest.fixture(scope="module")
def told(make_tables: MakeTables, group: Group) -> Told:
    tables = make_tables(WORLD, AS_OF)
    return Told(tables, group, dict(build_snapshots(tables, group, [CUTOFF, LATER])))


class TestToldLate:
    """What happened before a cutoff, and was loaded after it."""

    def test_an_event_counts_once_it_is_loaded_on_the_day_on_which_it_happened(self, told: Told) -> None:
        assert told.both("event_told_late", "engagement_events_90d") == [0, 1]
        assert told.both("event_told_late", "engagement_days_since_last") == [None, 50]
        assert told.both("event_told_late", "engagement_events_30d") == [0, 0]

    def test_an_account_is_there_once_it_is_loaded_with_what_happened_before(self, told: Told) -> None:
        before, after = (set(told.snapshots[cutoff]["account_id"]) for cutoff in (CUTOFF, LATER))
        assert after - before == {"account_told_late", "comes_later"}
        frame = told.snapshots[LATER].set_index("account_id")
        assert frame.loc["account_told_late", "engagement_events_90d"].tolist() == [1, 1]

    def test_a_change_of_the_account_is_known_once_it_is_loaded(self, told: Told) -> None:
        assert told.both("alters", "attributes_industry") == ["retail", "energy"]

    def test_a_success_makes_a_customer_once_it_is_loaded(self, told: Told) -> None:
        assert told.both("win_told_late", "kind", "cloud") == ["new_logo", "upsell"]
        assert told.both("win_told_late", "pipeline_days_since_win", "cloud") == [None, 40]
        assert told.both("win_told_very_late", "kind", "cloud") == ["new_logo", "new_logo"]
        assert told.both("order_told_late", "kind") == ["new_logo", "upsell"]

    def test_a_success_labels_by_when_it_happened(self, told: Told) -> None:
        """One before the cutoff labels nothing, though the account was no customer as far as was known."""
        assert {"win_told_late", "win_told_very_late"} & told.labelled(CUTOFF, "cloud") == {"win_told_very_late"}
        assert "win_told_very_late" not in told.labelled(LATER, "cloud")
        assert "order_told_late" not in told.labelled(CUTOFF, "sec")


class TestClocksThatRunAhead:
    """Rows that are dated later than they were loaded, or later than the data end."""

    def test_an_event_counts_from_its_own_date_on(self, told: Told) -> None:
        assert told.both("clock_ahead", "engagement_events_365d") == [1, 2]
        assert told.both("clock_ahead", "engagement_days_since_last") == [2, 29]

    def test_a_win_is_open_until_its_own_date_and_labels_by_it(self, told: Told) -> None:
        assert told.both("win_of_a_clock_ahead", "in_pipeline", "cloud") == [True, False]
        assert told.both("win_of_a_clock_ahead", "kind", "cloud") == ["new_logo", "upsell"]
        assert "win_of_a_clock_ahead" in told.labelled(CUTOFF, "cloud")
        assert "win_of_a_clock_ahead" not in told.labelled(LATER, "cloud")

    def test_what_is_dated_beyond_the_end_of_the_data_is_not_looked_at(self, told: Told) -> None:
        assert "return_beyond_the_end" in told.labelled(CUTOFF, "sec", at(180))
        assert "return_beyond_the_end" not in told.labelled(CUTOFF, "sec", at(201))
        assert told.labelled(CUTOFF, "sec", CUTOFF) == set()


class TestReturns:
    """Orders that came back, in full or in part, in time or late."""

    @pytest.mark.parametrize(
        ("account_id", "kinds", "amounts"),
        [
            ("returned", ["new_logo", "new_logo"], [0, 0]),
            ("returned_in_part", ["upsell", "upsell"], [6, 6]),
            ("returned_after_100_days", ["upsell", "upsell"], [0, 0]),
            ("returned_later", ["upsell", "new_logo"], [10, 0]),
            ("return_told_late", ["upsell", "new_logo"], [10, 0]),
        ],
    )
    def test_only_a_known_return_in_full_within_90_days_takes_the_customer_back(
        self, account_id: str, kinds: list[str], amounts: list[float], told: Told
    ) -> None:
        assert told.both(account_id, "kind") == kinds
        assert told.both(account_id, "portfolio_amount_365d") == amounts

    def test_a_return_takes_the_label_back_however_late_it_was_loaded(self, told: Told) -> None:
        both = {"buys", "return_told_after_the_window"}
        assert both & told.labelled(CUTOFF, "sec", at(180)) == both
        assert both & told.labelled(CUTOFF, "sec") == {"buys"}


def test_a_company_that_is_there_twice_is_one(told: Told) -> None:
    """What one record bought and the other returned is nothing; what happened at either counts."""
    assert "twin_2" not in set(told.snapshots[CUTOFF]["account_id"])
    assert told.both("twin_1", "attributes_aliases") == [2, 2]
    assert told.both("twin_1", "engagement_events_90d") == [2, 2]
    assert told.both("twin_1", "kind") == ["new_logo", "new_logo"]


class TestOtherParents:
    """Accounts that come under another parent."""

    def test_a_parent_counts_from_parent_since_on_with_all_its_past(self, told: Told) -> None:
        assert told.both("moves", "hierarchy_accounts") == [1, 2]
        assert told.both("moves", "hierarchy_head_office_90d") == [None, 1]
        assert told.both("head_office", "hierarchy_is_parent") == [0, 1]

    def test_a_parent_that_came_later_is_none_before(self, told: Told) -> None:
        assert told.both("early_child", "hierarchy_accounts") == [1, 2]


class TestContactsWhoChangeCompany:
    """Ann and Bob went from one account to another; only of Ann is it known that she is one person."""

    def test_what_they_did_stays_where_they_did_it(self, told: Told) -> None:
        assert told.both("former_employer", "engagement_events_90d") == [1, 1]
        assert told.both("former_employer", "engagement_people_90d") == [1, 1]
        assert told.both("next_employer", "engagement_events_90d") == [0, 1]

    def test_they_count_at_the_new_account_from_created_at_on(self, told: Told) -> None:
        assert told.both("former_employer", "committee_contacts") == [2, 0]
        assert told.both("next_employer", "committee_contacts") == [0, 2]

    def test_the_level_of_who_left_is_no_longer_known(self, told: Told) -> None:
        assert told.both("former_employer", "engagement_executives_90d") == [1, 0]

    def test_who_has_a_person_id_came_along(self, told: Told) -> None:
        assert told.both("next_employer", "committee_came_along") == [0, 1]
