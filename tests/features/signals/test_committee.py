"""The committee: who is known, and who is engaged, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from features.signals.committee import account_signals, business_unit_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)
ACCOUNTS = [{"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in "abc"]


def contact(name: str, days: float, **more: Any) -> dict[str, Any]:
    return {"contact_id": name, "account_id": "a", "created_at": CUTOFF - days * DAY} | more


CONTACTS = [
    contact("1", 300, function="it", seniority="vp", buying_role="champion"),
    contact("2", 90, function="it", seniority="c_level", buying_role="champion"),
    contact("3", 91, function="hr", seniority="director", buying_role="legal"),
    contact("4", 1, function=None, seniority=None, buying_role="somebody"),
    contact("5", 1, function="ops", seniority="vp", buying_role="user", left_at=CUTOFF - DAY),
    contact("6", 5, account_id="b", buying_role="legal"),
]


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, accounts=ACCOUNTS, contacts=CONTACTS)
    assert found.loc["a"].to_dict() == {
        "committee_contacts": 4,
        "committee_functions": 2,
        "committee_executives": 2,
        "committee_new_90d": 2,
    }
    assert set(found.index) == {"a", "b"}


def test_a_business_unit_that_names_its_committee(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Cloud needs a champion and legal; sec names nobody."""

    def event(number: int, days: float, contact_id: str, action: str = "visit") -> dict[str, Any]:
        at = CUTOFF - days * DAY
        return {
            "event_id": str(number), "account_id": "a", "occurred_at": at, "channel": "web", "action": action,
            "contact_id": contact_id,
        }  # fmt: skip

    found = signals_of(
        business_unit_signals,
        accounts=ACCOUNTS,
        contacts=CONTACTS,
        events=[event(1, 90, "2"), event(2, 91, "3"), event(3, 1, "3", "sent"), event(4, 1, "5")],
    )
    assert found["committee_known_share"].to_dict() == {("a", "cloud"): 1.0, ("b", "cloud"): 0.5, ("c", "cloud"): 0.0}
    assert found["committee_engaged_share"].to_dict() == {
        ("a", "cloud"): 0.5, ("b", "cloud"): 0.0, ("c", "cloud"): 0.0,
    }  # fmt: skip
