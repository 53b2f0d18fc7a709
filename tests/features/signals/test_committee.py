"""The committee: who is known, and who is engaged, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from features.group import Group
from features.known_before import Known
from features.signals.committee import SIGNALS, account_signals, business_unit_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)
ACCOUNTS = [{"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in "abc"]


def contact(name: str, days: float, **more: Any) -> dict[str, Any]:
    return {"contact_id": name, "account_id": "a", "created_at": CUTOFF - days * DAY} | more


CONTACTS = [
    contact("1", 300, function="it", seniority="vp", buying_role="champion", country="DE"),
    contact("2", 90, function="it", seniority="c_level", buying_role="champion", country="FR"),
    contact("3", 91, function="hr", seniority="director", buying_role="legal", country="DE"),
    contact("4", 1, function=None, seniority=None, buying_role="somebody"),
    contact("5", 1, function="ops", seniority="vp", buying_role="user", left_at=CUTOFF - DAY, country="JP"),
    contact("6", 5, account_id="b", buying_role="legal"),
]


def event(number: int, days: float, contact_id: str, account_id: str = "a", action: str = "visit") -> dict[str, Any]:
    return {
        "event_id": str(number), "account_id": account_id, "occurred_at": CUTOFF - days * DAY, "channel": "web",
        "action": action, "contact_id": contact_id,
    }  # fmt: skip


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, accounts=ACCOUNTS, contacts=CONTACTS)
    assert found.loc["a"].dropna().to_dict() == {
        "committee_contacts": 4,
        "committee_functions": 2,
        "committee_levels": 3,
        "committee_countries": 2,
        "committee_executives": 2,
        "committee_new_90d": 2,
        "committee_days_since_new": 1.0,
    }
    assert found.loc["b", ["committee_contacts", "committee_levels", "committee_days_since_new"]].tolist() == [
        1,
        0,
        5.0,
    ]
    assert set(found.index) == {"a", "b"}
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "account"}


def test_contacts_who_came_along(signals_of: Callable[..., pd.DataFrame]) -> None:
    """A person who was known at another account before; with colleagues who moved within the company or moved on."""

    def job(person: str, account_id: str, days: float | None, **more: Any) -> dict[str, Any]:
        created = None if days is None else CUTOFF - days * DAY
        return {
            "contact_id": f"{person} {account_id} {days}", "person_id": person, "account_id": account_id,
            "created_at": created,
        } | more  # fmt: skip

    found = signals_of(
        account_signals,
        accounts=[*ACCOUNTS, ACCOUNTS[0] | {"account_id": "a2", "name": "a2", "lei": "L"},
                  ACCOUNTS[0] | {"account_id": "a3", "name": "a3", "lei": "L"}],
        contacts=[
            job("ann", "a", 50), job("ann", "b", 500, left_at=CUTOFF - 60 * DAY), job("ann", "c", 900),
            job("bob", "a", 50), job("bob", "a", 500),
            job("cy", "a", 50), job("cy", "b", 50),
            job("dee", "a", 50), job("dee", "b", None),
            job("flo", "a", 50, left_at=CUTOFF - DAY), job("flo", "b", 500),
            job("gil", "a2", 50), job("gil", "a3", 500),
            job("hal", "a2", 50), job("hal", "b", 0),
            {"contact_id": "x", "account_id": "a", "created_at": CUTOFF - DAY},
            {"contact_id": "y", "account_id": "b", "created_at": CUTOFF - 9 * DAY},
        ],
    )["committee_came_along"]  # fmt: skip
    assert found.fillna(0).to_dict() == {"a": 1, "b": 0, "c": 0, "a2": 0}


def test_careers_go_by_when_people_came_not_by_when_rows_were_loaded(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Ann was at b, then came to a; a CRM that was filled on one day tells so, and so does one that was filled late."""
    at = {"person_id": "ann", "created_at": CUTOFF - 50 * DAY}
    for loaded in (30, 20):
        found = signals_of(
            account_signals,
            accounts=ACCOUNTS,
            contacts=[
                at | {"contact_id": "1", "account_id": "a", "loaded_at": CUTOFF - 30 * DAY},
                at | {"contact_id": "2", "account_id": "b", "loaded_at": CUTOFF - loaded * DAY}
                | {"created_at": CUTOFF - 500 * DAY},
            ],
        )["committee_came_along"]  # fmt: skip
        assert found.fillna(0).to_dict() == {"a": 1, "b": 0}


def test_a_contact_became_known_when_the_row_was_loaded(signals_of: Callable[..., pd.DataFrame]) -> None:
    late = contact("late", 400, loaded_at=CUTOFF - 5 * DAY)
    found = signals_of(account_signals, accounts=ACCOUNTS, contacts=[late, contact("old", 300)]).loc["a"]
    assert (found["committee_new_90d"], found["committee_days_since_new"]) == (1, 5.0)


def test_a_business_unit_that_names_its_committee(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Cloud needs a champion and legal; sec names nobody."""

    found = signals_of(
        business_unit_signals,
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        events=[event(1, 90, "2"), event(2, 91, "3"), event(3, 1, "3", action="sent"), event(4, 1, "5")],
    )
    assert found["committee_known_share"].to_dict() == {("a", "cloud"): 1.0, ("b", "cloud"): 0.5, ("c", "cloud"): 0.0}
    assert found["committee_engaged_share"].to_dict() == {
        ("a", "cloud"): 0.5, ("b", "cloud"): 0.0, ("c", "cloud"): 0.0,
    }  # fmt: skip
    assert found["committee_missing"].to_dict() == {
        ("a", "cloud"): "", ("b", "cloud"): "champion", ("c", "cloud"): "champion, legal",
    }  # fmt: skip
    assert set(found["committee_ready"]) == {0}
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}


ROLES = ("champion", "economic_buyer", "legal", "technical_evaluator", "user")


def test_a_committee_of_five(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Two known of five roles are 40 %; it takes three active ones, and a chief, to be ready."""
    group = Group.model_validate(
        {
            "regions": {"EMEA": ["DE"]},
            "business_units": {
                "five": {"horizon_days": 90, "committee": [*reversed(ROLES), "user"]},
                "one": {"horizon_days": 90, "committee": ["champion"]},
                "none": {"horizon_days": 90},
            },
            "tiers": {"strategic": {"cost": 1, "effect": 0.5}},
        }
    )
    people = {
        "few": {"champion": "director", "legal": "manager"},
        "ready": {"champion": "c_level", "legal": "vp", "user": "manager"},
        "no_chief": {"champion": "vp", "legal": "vp", "user": "vp", "economic_buyer": "vp"},
        "too_few": {"champion": "c_level", "legal": "vp"},
        "asleep": dict.fromkeys(ROLES, "vp") | {"economic_buyer": "c_level", "technical_evaluator": "c_level"},
    }
    asleep = ("economic_buyer", "technical_evaluator")
    contacts = [
        contact(f"{name} {role}", 99, account_id=name, buying_role=role, seniority=seniority)
        for name, roles in people.items()
        for role, seniority in roles.items()
    ]
    active = [row for row in contacts if row["account_id"] != "asleep" or row["buying_role"] not in asleep]
    found = signals_of(
        lambda known, _group: business_unit_signals(known, group),
        accounts=[ACCOUNTS[0] | {"account_id": name, "name": name} for name in (*people, "nobody")],
        contacts=[*contacts, contact("few again", 9, account_id="few", buying_role="legal", seniority="vp")],
        events=[event(number, 90, row["contact_id"], row["account_id"]) for number, row in enumerate(active)],
    )
    five, one = (found.xs(unit, level="business_unit") for unit in ("five", "one"))
    assert five["committee_known_share"].to_dict() == {
        "few": 0.4, "ready": 0.6, "no_chief": 0.8, "too_few": 0.4, "asleep": 1.0, "nobody": 0.0,
    }  # fmt: skip
    assert five["committee_engaged_share"].to_dict() == {
        "few": 0.4, "ready": 0.6, "no_chief": 0.8, "too_few": 0.4, "asleep": 0.6, "nobody": 0.0,
    }  # fmt: skip
    assert five["committee_ready"].to_dict() == {
        "few": 0, "ready": 1, "no_chief": 0, "too_few": 0, "asleep": 0, "nobody": 0,
    }  # fmt: skip
    assert five["committee_missing"].to_dict() == {
        "few": "economic_buyer, technical_evaluator, user", "ready": "economic_buyer, technical_evaluator",
        "no_chief": "technical_evaluator", "too_few": "economic_buyer, technical_evaluator, user", "asleep": "",
        "nobody": "champion, economic_buyer, legal, technical_evaluator, user",
    }  # fmt: skip
    assert one["committee_missing"].to_dict() == dict.fromkeys(people, "") | {"nobody": "champion"}
    assert one["committee_ready"].to_dict() == dict.fromkeys([*people, "nobody"], 0) | {"ready": 1, "too_few": 1}
    assert set(found.index.get_level_values("business_unit")) == {"five", "one"}


def test_no_unit_names_roles(signals_of: Callable[..., pd.DataFrame]) -> None:
    def without_roles(known: Known, group: Group) -> Any:
        units = {name: unit.model_copy(update={"committee": ()}) for name, unit in group.business_units.items()}
        return business_unit_signals(known, group.model_copy(update={"business_units": units}))

    assert signals_of(without_roles, accounts=ACCOUNTS, contacts=CONTACTS).empty
