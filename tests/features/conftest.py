"""A small group, random worlds around its cutoffs, and signals computed from a few rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest

from features.activity import CHANNELS
from features.calendar import Calendar
from features.group import Group
from features.known_before import known_before
from features.tables import Tables

World = dict[str, list[dict[str, Any]]]

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
STATIC = frozenset({("accounts", "attribute_segment"), ("opportunities", "attribute_product")})

UNITS = ("cloud", "sec", "mystery", None)
_DAYS = (0, 1, 6, 20, 60, 89, 100, 200, 364, 400, 700, 900)
_ACTIONS = ("visit", "click", "sent", "meeting", "demo", "share", "open", "machine_click", None)
_CHANNELS = (*CHANNELS, "email", "email", "web", "meeting", "fax")
_ROLES = ("champion", "legal", "user", None)


@pytest.fixture(scope="session")
def group() -> Group:
    """Two BUs, one of which names its committee; the data name a third that nobody declared."""
    return Group.model_validate(
        {
            "regions": {"EMEA": ["DE", "FR"], "APAC": ["JP"]},
            "business_units": {
                "cloud": {"horizon_days": 90, "margin": 0.5, "committee": ["champion", "legal"]},
                "sec": {"horizon_days": 180},
            },
            "tiers": {"strategic": {"cost": 1, "effect": 0.5}},
        }
    )


@pytest.fixture(scope="session")
def signals_of(make_tables: Callable[..., Tables], group: Group) -> Callable[..., pd.DataFrame]:
    """Return what computes one family's signals from a few rows, a row per account or account × BU."""

    def compute(function: Callable[..., Any], static: frozenset[tuple[str, str]] = STATIC, **rows: Any) -> pd.DataFrame:
        with known_before(make_tables(rows, AS_OF, static), Calendar((CUTOFF,))) as known:
            ids = known.accounts.select("account_no", "account_id").to_pandas()
            parts = [part.to_pandas() for part in function(known, group)]
        return pd.concat([_under_ids(part, ids) for part in parts], axis=1)

    return compute


def _under_ids(part: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    """Put a part under the ids of accounts instead of their numbers."""
    named = part.drop(columns="cutoff_no").merge(ids, on="account_no").drop(columns="account_no")
    return named.set_index([key for key in ("account_id", "business_unit") if key in named])


@pytest.fixture(scope="session")
def random_world() -> Callable[..., World]:
    """Return a maker of worlds: every table filled, times before, at and after a cutoff, some rows loaded late."""
    return make_world


class Chance(Random):
    """Draws times around a cutoff, and whatever else.

    Parameters
    ----------
    seed : the same seed draws the same.
    cutoff : the instant that times are drawn before, at and after.
    """

    def __init__(self, seed: int, cutoff: datetime) -> None:
        super().__init__(seed)
        self.cutoff = cutoff

    def moment(self, later: bool | None = None) -> datetime:
        """Return a time before the cutoff, at or after it, or any."""
        later = self.random() < 0.3 if later is None else later
        days = timedelta(days=self.choice(_DAYS), seconds=self.choice((0, 0, 1, 4_000)))
        return self.cutoff + days if later else self.cutoff - max(days, timedelta(microseconds=1))

    def loaded(self, happened: datetime | None) -> datetime | None:
        """Return when a row was loaded, if later than it happened."""
        return None if happened is None or self.random() < 0.7 else max(happened, self.moment())


def make_world(seed: int, cutoff: datetime = CUTOFF, scale: int = 1) -> World:
    """Make one world, with so many times as much in it."""
    r = Chance(seed, cutoff)
    accounts = [_account(r, f"a{number}") for number in range(scale * r.randint(4, 9))]
    ids = [account["account_id"] for account in accounts]
    for account in accounts:
        account["parent_id"] = r.choice([None, None, *(i for i in ids if i < account["account_id"]), "nobody"])
    contacts = [_contact(r, f"c{number}", ids) for number in range(scale * r.randint(4, 10))]
    people = [contact["contact_id"] for contact in contacts]
    opportunities = [_opportunity(r, f"o{number}", ids) for number in range(scale * r.randint(6, 16))]
    deals = [opportunity["opportunity_id"] for opportunity in opportunities]
    return {
        "accounts": accounts,
        "contacts": contacts,
        "opportunities": opportunities,
        "account_history": [_change(r, ids) for _ in range(scale * r.randint(4, 14))],
        "events": [_event(r, f"e{number}", ids, people) for number in range(scale * r.randint(10, 50))],
        "intent": [_intent(r, ids) for _ in range(scale * r.randint(5, 20))],
        "opportunity_history": [_stage(r, deals) for _ in range(scale * r.randint(5, 20))],
        "opportunity_contacts": [_named(r, deals, people) for _ in range(scale * r.randint(3, 12))],
        "usage": [_usage(r, ids) for _ in range(scale * r.randint(5, 20))],
        "orders": [_order(r, f"r{number}", ids) for number in range(scale * r.randint(8, 30))],
        "impressions": [_impression(r, f"i{number}", ids) for number in range(scale * r.randint(4, 15))],
    }


def _account(r: Chance, account_id: str) -> dict[str, Any]:
    created = r.choice([None, r.moment(), r.moment(later=False)])
    return {
        "account_id": account_id,
        "name": r.choice(("Ä GmbH", "ビー株式会社", "C", "D SA")),
        "country": r.choice(("DE", "FR", "JP", "BR")),
        "domain": r.choice((None, None, f"{account_id}.de", "one.de")),
        "lei": r.choice((None, None, "L1", "L2", "L3")),
        "industry": r.choice(("retail", None)),
        "employees": r.choice((None, 5.0)),
        "created_at": created,
        "customer_since": r.choice([None, None, None, r.moment()]),
        "parent_since": r.choice([None, r.moment()]),
        "loaded_at": r.loaded(created),
        "attribute_segment": r.choice(("x", "y", None)),
        "attribute_score": r.choice((1.5, 2.5)),
    }


def _change(r: Chance, ids: Sequence[str]) -> dict[str, Any]:
    changed = r.moment()
    column, value = r.choice(
        (("employees", str(r.randint(1, 99))), ("employees", "-3"), ("employees", "many"), ("annual_revenue", "1e6"),
         ("industry", r.choice(("retail", "energy"))), ("parent_id", r.choice([*ids, "nobody"])),
         ("attribute_segment", "z"), ("attribute_score", "7.25"))
    )  # fmt: skip
    return {
        "account_id": r.choice(ids),
        "changed_at": changed,
        "column": column,
        "value": value,
        "loaded_at": r.loaded(changed),
    }


def _contact(r: Chance, contact_id: str, ids: list[str]) -> dict[str, Any]:
    created = r.choice([None, r.moment(), r.moment(later=False)])
    return {
        "contact_id": contact_id,
        "account_id": r.choice(ids),
        "created_at": created,
        "left_at": r.choice([None, None, r.moment()]),
        "person_id": r.choice((None, "p1", "p2", "p3")),
        "country": r.choice(("DE", "US", None)),
        "function": r.choice(("it", "hr", None)),
        "seniority": r.choice(("c_level", "vp", "manager", None)),
        "buying_role": r.choice(_ROLES),
        "loaded_at": r.loaded(created),
    }


def _event(r: Chance, event_id: str, ids: list[str], people: list[str]) -> dict[str, Any]:
    happened = r.moment()
    return {
        "event_id": event_id,
        "account_id": r.choice(ids),
        "occurred_at": happened,
        "channel": r.choice(_CHANNELS),
        "action": r.choice(_ACTIONS),
        "contact_id": r.choice([None, "nobody", *people]),
        "asset_id": r.choice((None, "x", "y")),
        "business_unit": r.choice(UNITS),
        "loaded_at": r.loaded(happened),
    }


def _intent(r: Chance, ids: list[str]) -> dict[str, Any]:
    observed = r.moment()
    return {
        "account_id": r.choice(ids),
        "observed_at": observed,
        "topic": r.choice(("t1", "t2", "t3")),
        "strength": r.choice((0.0, 0.3, 7.0)),
        "loaded_at": r.loaded(observed),
    }


def _opportunity(r: Chance, opportunity_id: str, ids: list[str]) -> dict[str, Any]:
    created = r.moment()
    closed = r.choice([None, max(created, r.moment())])
    return {
        "opportunity_id": opportunity_id,
        "account_id": r.choice(ids),
        "created_at": created,
        "kind": r.choice(("new", "expansion", "renewal", None)),
        "business_unit": r.choice(UNITS),
        "amount": r.choice((None, 100.0, -5.0, 0.1)),
        "loaded_at": r.loaded(created),
        "attribute_product": r.choice(("p", "q", None)),
        "attribute_rank": r.choice((1.0, 2.0)),
        "closed_at": closed,
        "outcome": "open" if closed is None else r.choice(("won", "won", "lost")),
        "gross_profit": r.choice((None, 10.0)),
        "stage": r.choice(("s1", "s2", None)),
    }


def _stage(r: Chance, deals: list[str]) -> dict[str, Any]:
    changed = r.moment()
    return {
        "opportunity_id": r.choice(deals),
        "changed_at": changed,
        "stage": r.choice(("s1", "s2", None)),
        "amount": r.choice((None, 50.0, 60.5)),
        "loaded_at": r.loaded(changed),
    }


def _named(r: Chance, deals: list[str], people: list[str]) -> dict[str, Any]:
    added = r.choice([None, r.moment(), r.moment()])
    return {
        "opportunity_id": r.choice(deals),
        "contact_id": r.choice(people),
        "added_at": added,
        "loaded_at": r.loaded(added),
    }


def _usage(r: Chance, ids: list[str]) -> dict[str, Any]:
    observed = r.moment()
    return {
        "account_id": r.choice(ids),
        "observed_at": observed,
        "product": r.choice(("p", "q")),
        "metric": "logins",
        "value": r.choice((0.0, 3.5, -1.25)),
        "loaded_at": r.loaded(observed),
    }


def _order(r: Chance, order_id: str, ids: list[str]) -> dict[str, Any]:
    ordered = r.moment()
    return {
        "order_id": order_id,
        "account_id": r.choice(ids),
        "ordered_at": ordered,
        "amount": r.choice((100.0, 33.33, 250.0, -100.0, 0.0)),
        "gross_profit": r.choice((None, 10.0, 3.33)),
        "business_unit": r.choice(UNITS),
        "product": r.choice(("p", "q", None)),
        "loaded_at": r.loaded(ordered),
    }


def _impression(r: Chance, impression_id: str, ids: list[str]) -> dict[str, Any]:
    shown = r.moment()
    came = r.choice([None, max(shown, r.moment())])
    return {
        "impression_id": impression_id,
        "account_id": r.choice(ids),
        "asset_id": "x",
        "shown_at": shown,
        "loaded_at": r.loaded(shown),
        "viewed_at": came,
        "outcome": None if came is None else r.choice((None, "used")),
        "outcome_at": came,
    }
