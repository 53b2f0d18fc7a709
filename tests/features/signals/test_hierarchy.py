"""The hierarchy: what happens in the group account, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.group import Group
from features.known import Known
from features.signals.hierarchy import LEVELS, SIGNALS, account_signals, business_unit_signals, roots

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def account(name: str, parent: str | None = None, country: str = "DE", **more: Any) -> dict[str, Any]:
    return {
        "account_id": name, "name": name, "country": country, "parent_id": parent, "created_at": CUTOFF - 999 * DAY,
    } | more  # fmt: skip


def event(account_id: str, days: float, action: str = "visit") -> dict[str, Any]:
    return {
        "event_id": f"{account_id} {days}", "account_id": account_id, "occurred_at": CUTOFF - days * DAY,
        "channel": "web", "action": action,
    }  # fmt: skip


TREE = [account("top"), account("mid", "top", "FR"), account("leaf", "mid"), account("twin", "mid"), account("lone")]


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    events = [event("leaf", 1), event("leaf", 2), event("mid", 90), event("top", 91), event("twin", 1, "sent")]
    found = signals_of(account_signals, accounts=TREE, events=events)
    assert found["hierarchy_accounts"].to_dict() == {"top": 4, "mid": 4, "leaf": 4, "twin": 4, "lone": 1}
    assert found["hierarchy_countries"].to_dict() == {"top": 2, "mid": 2, "leaf": 2, "twin": 2, "lone": 1}
    assert found["hierarchy_is_parent"].to_dict() == {"top": 1, "mid": 0, "leaf": 0, "twin": 0, "lone": 0}
    assert found["hierarchy_events_90d"].to_dict() == {"top": 3, "mid": 2, "leaf": 1, "twin": 3, "lone": 0}
    assert found["hierarchy_active_90d"].to_dict() == {"top": 2, "mid": 1, "leaf": 1, "twin": 2, "lone": 0}
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "account"}


def test_a_business_unit(signals_of: Callable[..., pd.DataFrame]) -> None:
    def deal(name: str, account_id: str, outcome: str, **more: Any) -> dict[str, Any]:
        closed = None if outcome == "open" else CUTOFF - DAY
        return {
            "opportunity_id": name, "account_id": account_id, "created_at": CUTOFF - 9 * DAY, "closed_at": closed,
            "outcome": outcome, "business_unit": "cloud",
        } | more  # fmt: skip

    found = signals_of(
        business_unit_signals,
        accounts=TREE,
        opportunities=[
            deal("1", "leaf", "won"), deal("2", "leaf", "won"), deal("3", "mid", "won", business_unit="sec"),
            deal("4", "leaf", "open"), deal("5", "leaf", "open"), deal("6", "top", "open"),
            deal("7", "mid", "open", kind="renewal"), deal("8", "lone", "open"),
        ],
        orders=[{"order_id": "1", "account_id": "twin", "ordered_at": CUTOFF - DAY, "amount": 1.0,
                 "business_unit": "cloud"}],
    )  # fmt: skip
    owners, opened = found["hierarchy_bu_owners"], found["hierarchy_bu_open"]
    cloud = {"top": 2, "mid": 2, "leaf": 1, "twin": 1, "lone": 0}
    assert owners.xs("cloud", level="business_unit").to_dict() == cloud
    assert owners.xs("sec", level="business_unit").to_dict() == {"top": 1, "mid": 0, "leaf": 1, "twin": 1}
    cloud = {"top": 2, "mid": 3, "leaf": 1, "twin": 3, "lone": 0}
    assert opened.xs("cloud", level="business_unit").to_dict() == cloud
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}


def test_roots(signals_of: Callable[..., pd.DataFrame]) -> None:
    """A chain as deep as is followed; a parent outside the data and one that came later are none."""
    chain = [account("c0"), *(account(f"c{level}", f"c{level - 1}") for level in range(1, LEVELS + 2))]
    others = [
        account("orphan", "nobody"),
        account("early", "late"),
        account("late", created_at=CUTOFF),
        account("free", "c0", parent_since=CUTOFF),
    ]

    def found_roots(known: Known, _group: Group) -> Any:
        return roots(known)

    found = signals_of(found_roots, accounts=chain + others)["root_id"].to_dict()
    assert found.pop(f"c{LEVELS + 1}") == "c1"
    assert found == {f"c{level}": "c0" for level in range(LEVELS + 1)} | {
        "orphan": "orphan", "early": "early", "free": "free",
    }  # fmt: skip


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_an_alias_of_the_parent_is_the_parent(names: tuple[str, str], signals_of: Callable[..., pd.DataFrame]) -> None:
    one, other = names
    found = signals_of(
        account_signals,
        accounts=[account(one, lei="L"), account(other, lei="L", country="FR"), account("child", other)],
    )
    assert found["hierarchy_accounts"].to_dict() == {"a": 2, "child": 2}
    assert found["hierarchy_is_parent"].to_dict() == {"a": 1, "child": 0}
