"""Companies: which accounts existed before a cutoff, and which were one company as far as was known then."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from features.calendar import Calendar
from features.companies import accounts_before, companies_before, companies_later
from features.tables import Tables

MakeTables = Callable[..., Tables]

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)


def account(account_id: str, **more: Any) -> dict[str, Any]:
    return {"account_id": account_id, "name": f"Company {account_id}", "country": "DE"} | more


def event(account_id: str, at: datetime, **more: Any) -> dict[str, Any]:
    return {"event_id": f"{account_id}{at}", "account_id": account_id, "occurred_at": at, "channel": "web"} | more


SINCE: tuple[tuple[dict[str, Any], list[datetime], datetime | None], ...] = (
    ({"created_at": CUTOFF - DAY}, [], CUTOFF - DAY),
    ({"created_at": CUTOFF}, [], None),
    ({"created_at": CUTOFF - DAY}, [CUTOFF - 9 * DAY], CUTOFF - DAY),
    ({"created_at": CUTOFF}, [CUTOFF - 9 * DAY], None),
    ({"created_at": CUTOFF - DAY, "loaded_at": CUTOFF}, [], None),
    ({"created_at": CUTOFF, "loaded_at": CUTOFF - DAY}, [], None),
    ({}, [CUTOFF - 9 * DAY, CUTOFF - 99 * DAY, CUTOFF], CUTOFF - 99 * DAY),
    ({}, [CUTOFF], None),
    ({}, [], None),
    ({"customer_since": CUTOFF - DAY}, [], CUTOFF - DAY),
    ({"customer_since": CUTOFF - 9 * DAY, "created_at": CUTOFF - DAY}, [], CUTOFF - 9 * DAY),
    ({"customer_since": CUTOFF - 9 * DAY, "created_at": CUTOFF + DAY}, [], CUTOFF - 9 * DAY),
    ({"customer_since": CUTOFF}, [], None),
    ({"customer_since": CUTOFF + DAY}, [CUTOFF - DAY], CUTOFF - DAY),
)
"""What an account's row and its events say, and since when it exists; None: not before the cutoff."""


def test_since_when_accounts_exist(make_tables: MakeTables) -> None:
    cases = {f"a{number:02}": case for number, case in enumerate(SINCE)}
    rows = {
        "accounts": [account(name, **row) for name, (row, _, _) in cases.items()],
        "events": [event(name, at) for name, (_, events, _) in cases.items() for at in events],
    }
    found = accounts_before(make_tables(rows, AS_OF), CUTOFF).order_by("account_id").to_pandas()
    expected = {name: since for name, (_, _, since) in cases.items() if since}
    assert dict(zip(found["account_id"], found["existing_since"], strict=True)) == expected


def test_a_row_loaded_late_dates_an_account_from_when_it_was_loaded(make_tables: MakeTables) -> None:
    rows = {
        "accounts": [account("a"), account("b")],
        "events": [event("a", CUTOFF - 9 * DAY, loaded_at=CUTOFF - DAY), event("b", CUTOFF - DAY, loaded_at=CUTOFF)],
    }
    found = accounts_before(make_tables(rows, AS_OF), CUTOFF).to_pandas()
    assert dict(zip(found["account_id"], found["existing_since"], strict=True)) == {"a": CUTOFF - DAY}


def test_an_account_that_nothing_dates_is_there_at_the_end_of_the_data_only(make_tables: MakeTables) -> None:
    tables = make_tables({"accounts": [account("a")]}, AS_OF)
    assert accounts_before(tables, AS_OF - DAY).count().to_pandas() == 0
    assert accounts_before(tables, AS_OF)["account_id"].to_pandas().tolist() == ["a"]


def test_what_comes_later_unites_and_parts_nobody_earlier(make_tables: MakeTables) -> None:
    """A later account bridges b and c, another takes a's domain, and later ones make the domain of d and e common."""
    earlier = [
        account("a", domain="a.de"), account("b", lei="1"), account("c", domain="c.de"),
        account("d", domain="de.de"), account("e", domain="de.de"),
    ]  # fmt: skip
    later = [account("0", lei="1", domain="c.de"), account("1", domain="a.de")]
    later += [account(f"more{number}", domain="de.de") for number in range(4)]
    rows = [row | {"created_at": CUTOFF - DAY} for row in earlier] + [row | {"created_at": CUTOFF} for row in later]
    tables = make_tables({"accounts": rows}, AS_OF)
    then = companies_before(accounts_before(tables, CUTOFF)).set_index("account_id")["entity_id"].to_dict()
    assert then == {"a": "a", "b": "b", "c": "c", "d": "d", "e": "d"}
    today = tables.companies.to_pandas().set_index("account_id")["entity_id"].to_dict()
    assert today | {"a": "1", "b": "0", "c": "0", "d": "d", "e": "e"} == today
    placed = companies_later(tables, Calendar((CUTOFF - 9 * DAY, CUTOFF, AS_OF))).groupby("cutoff_no")
    at = {number: rows.set_index("account_id")["entity_id"].to_dict() for number, rows in placed}
    assert at == {1: {"0": "b", "1": "a", "a": "a", "b": "b", "c": "c", "d": "d", "e": "d"}, 2: today}
