"""Data quality: what is missing and how stale it is, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.signals.quality import SIGNALS, account_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)

ACCOUNTS: list[dict[str, Any]] = [
    {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY, "domain": domain}
    for name, domain in (("a", "a.de"), ("b", None), ("c", "c.de"))
]


def contact(name: str, *known: str | None, account_id: str = "a", **more: Any) -> dict[str, Any]:
    of = dict(zip(("function", "seniority", "buying_role"), known, strict=True))
    return {"contact_id": name, "account_id": account_id, "created_at": CUTOFF - 99 * DAY} | of | more


def event(days: float, contact_id: str | None, action: str = "visit", account_id: str = "a") -> dict[str, Any]:
    return {
        "event_id": f"{account_id} {days} {action}", "account_id": account_id, "occurred_at": CUTOFF - days * DAY,
        "channel": "email", "action": action, "contact_id": contact_id,
    }  # fmt: skip


def change(account_id: str, days: float, column: str, value: str) -> dict[str, Any]:
    return {"account_id": account_id, "changed_at": CUTOFF - days * DAY, "column": column, "value": value}


@pytest.fixture(scope="module")
def found(signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return signals_of(
        account_signals,
        accounts=ACCOUNTS,
        contacts=[
            contact("ann", "it", "vp", "champion"),
            contact("bob", "it", "vp", None),
            contact("cy", None, None, None),
            contact("dee", "hr", "c_level", "legal"),
            contact("gone", "it", "vp", "user", left_at=CUTOFF - DAY),
            contact("eve", None, "vp", "user", account_id="b"),
        ],
        events=[
            event(1, "ann"), event(30, None), event(90, "ann"), event(60, "ann"), event(91, None),
            event(2, None, "sent"), event(3, None, "open"), event(4, None, "machine_click"),
            event(5, None, account_id="b"), event(5, "eve", "sent", "b"),
            event(5, None, "opened", "c"), event(91, None, account_id="c"),
        ],
        account_history=[
            change("a", 500, "employees", "9"), change("a", 20.5, "industry", "retail"),
            change("a", 0, "industry", "x"), change("b", 3, "anything", "of the user's own"),
        ],
    )  # fmt: skip


def test_what_is_missing_of_an_account(found: pd.DataFrame) -> None:
    """Of a the revenue, of b everything, of c all but its domain."""
    assert found["quality_missing"].to_dict() == {"a": 1, "b": 4, "c": 3}


def test_contacts_of_whom_all_is_known(found: pd.DataFrame) -> None:
    """Ann and Dee, of four that are there."""
    assert found["quality_contacts_complete"].dropna().to_dict() == {"a": 0.5, "b": 0.0}


def test_events_of_which_it_is_known_whose_doing_they_were(found: pd.DataFrame) -> None:
    """Three of four; what we sent, what machines did and mail that was opened is nobody's doing."""
    assert found["quality_people_known"].dropna().to_dict() == {"a": 0.75, "b": 0.0}


def test_days_since_the_record_changed(found: pd.DataFrame) -> None:
    assert found["quality_days_since_change"].dropna().to_dict() == {"a": 20.5, "b": 3.0}


def test_all_that_is_declared_is_computed(found: pd.DataFrame) -> None:
    assert set(found) == {signal.name for signal in SIGNALS}
