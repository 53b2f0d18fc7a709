"""Advocacy: how content travels inside the account, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.signals.advocacy import SIGNALS, account_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def contact(name: str, days: float, account_id: str = "a", **more: Any) -> dict[str, Any]:
    return {"contact_id": name, "account_id": account_id, "created_at": CUTOFF - days * DAY} | more


def event(days: float, action: str, contact_id: str | None, asset: str | None = None, at: str = "a") -> dict[str, Any]:
    return {
        "event_id": f"{days} {action} {contact_id} {at}", "account_id": at, "occurred_at": CUTOFF - days * DAY,
        "channel": "content", "action": action, "contact_id": contact_id, "asset_id": asset,
    }  # fmt: skip


@pytest.fixture(scope="module")
def found(signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return signals_of(
        account_signals,
        accounts=[
            {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} for name in "abcd"
        ],
        contacts=[
            contact("ann", 400), contact("bob", 300), contact("cy", 61), contact("dee", 59), contact("eve", 0.5),
            contact("later", 0), contact("bea", 30, "b"), contact("cat", 400, "c"), contact("col", 30, "c"),
        ],
        events=[
            event(60, "share", "ann", "guide"), event(50, "forward", "ann", "guide"),
            event(40, "share", "bob", "guide"), event(30, "forward", None, "guide"),
            event(91, "share", "cy", "guide"), event(0, "share", "dee", "guide"),
            event(10, "read", "dee", "guide"), event(10, "read", "bob", "case"), event(180, "read", "cy", "case"),
            event(181, "read", "dee", "case"), event(10, "sent", "dee", "case"), event(9, "read", "ann", "price"),
            event(9, "read", None, "price"), event(9, "read", "ann"), event(9, "read", "bob"),
            event(20, "read", "bea", "guide", "b"), event(20, "read", None, "case", "b"),
            event(91, "share", "cat", "guide", "c"),
        ],
    )  # fmt: skip


def test_shares_and_who_shared(found: pd.DataFrame) -> None:
    """Four shares of 90 days by Ann, Bob and somebody unknown; one longer ago and one at the cutoff do not count."""
    assert found.loc["a", "advocacy_shares_90d"] == 4
    assert found.loc["a", "advocacy_sharers_90d"] == 2
    assert found["advocacy_shares_90d"].fillna(0).drop("a").to_dict() == {"b": 0, "c": 0}
    assert found["advocacy_sharers_90d"].fillna(0).drop("a").to_dict() == {"b": 0, "c": 0}


def test_people_who_came_after_something_was_shared(found: pd.DataFrame) -> None:
    """Ann shared 60 days ago: Dee and Eve came after, Cy a day before; at b nobody shared, at c too long ago."""
    assert found["advocacy_new_people_90d"].fillna(0).to_dict() == {"a": 2, "b": 0, "c": 0}


def test_how_far_content_travelled(found: pd.DataFrame) -> None:
    """In 180 days Ann, Bob, Cy and Dee handled the guide, Bob and Cy the case, Ann and somebody unknown the price."""
    assert found.loc["a", ["advocacy_shared_assets_180d", "advocacy_widest_180d"]].tolist() == [2, 4]
    assert found.loc["b", ["advocacy_shared_assets_180d", "advocacy_widest_180d"]].tolist() == [0, 1]
    assert found.loc["c", ["advocacy_shared_assets_180d", "advocacy_widest_180d"]].tolist() == [0, 1]


def test_where_nothing_happened_there_is_nothing(found: pd.DataFrame) -> None:
    assert "d" not in found.index
    assert set(found) == {signal.name for signal in SIGNALS}


def test_a_contact_became_known_when_the_row_was_loaded(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Bob's row is 400 days old, but nobody knew of him before 5 days ago, after Ann had shared."""
    found = signals_of(
        account_signals,
        accounts=[{"account_id": "a", "name": "a", "country": "DE", "created_at": CUTOFF - 999 * DAY}],
        contacts=[contact("ann", 400), contact("bob", 400, loaded_at=CUTOFF - 5 * DAY)],
        events=[event(60, "share", "ann", "guide")],
    )
    assert found.loc["a", "advocacy_new_people_90d"] == 1
