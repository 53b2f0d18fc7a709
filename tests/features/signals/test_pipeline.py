"""The pipeline: what is open, and how earlier ones ended, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from features.signals.pipeline import SIGNALS, account_signals, business_unit_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def deal(name: str, opened: float, closed: float | None = None, outcome: str = "open", **more: Any) -> dict[str, Any]:
    return {
        "opportunity_id": name,
        "account_id": "a",
        "created_at": CUTOFF - opened * DAY,
        "closed_at": None if closed is None else CUTOFF - closed * DAY,
        "outcome": outcome,
        "business_unit": "cloud",
        "amount": 1_000.0,
    } | more


ROWS: dict[str, list[dict[str, Any]]] = {
    "accounts": [
        {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 3_000 * DAY} for name in "ab"
    ],
    "contacts": [
        {"contact_id": name, "account_id": "a", "created_at": CUTOFF - 99 * DAY} for name in ("ann", "bob", "cy")
    ],
    "opportunities": [
        deal("won", 900, 700, "won"),
        deal("won_long_ago", 2_000, 731, "won"),
        deal("lost", 100, 50, "lost"),
        deal("lost_later", 100, 0, "lost"),
        deal("open", 20),
        deal("renewal", 5, kind="renewal"),
        deal("elsewhere", 7, business_unit="sec"),
    ],
    "opportunity_history": [
        {"opportunity_id": "lost_later", "changed_at": CUTOFF - 60 * DAY, "stage": "pitch", "amount": 5.5},
        {"opportunity_id": "open", "changed_at": CUTOFF - 10 * DAY, "stage": "demo", "amount": 10.25},
        {"opportunity_id": "open", "changed_at": CUTOFF, "stage": "offer", "amount": 99.0},
    ],
    "opportunity_contacts": [
        {"opportunity_id": opportunity, "contact_id": person, "added_at": CUTOFF - days * DAY}
        for opportunity, person, days in (
            ("open", "ann", 9), ("open", "bob", 9), ("lost_later", "ann", 9), ("open", "cy", 0), ("won", "cy", 9),
        )
    ],
}  # fmt: skip


def test_a_business_unit(signals_of: Callable[..., pd.DataFrame]) -> None:
    """Lost at the very cutoff is still open; ann stands on both open ones and is one person."""
    found = signals_of(business_unit_signals, **ROWS)
    assert found.loc[("a", "cloud")].to_dict() == {
        "pipeline_open": 2,
        "pipeline_open_days": 20.0,
        "pipeline_open_amount": 15.75,
        "pipeline_stage": "demo",
        "pipeline_stage_days": 10.0,
        "pipeline_people": 2,
        "pipeline_wins_730d": 1,
        "pipeline_losses_730d": 1,
        "pipeline_win_rate": pytest.approx(2 / 3),
        "pipeline_days_since_win": 700.0,
        "pipeline_days_since_loss": 50.0,
    }
    elsewhere = found.loc[("a", "sec")].dropna().to_dict()
    assert elsewhere == {"pipeline_open": 1, "pipeline_open_days": 7.0}
    assert set(found.index) == {("a", "cloud"), ("a", "sec")}
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, **ROWS)
    assert found.loc["a"].to_dict() == {"pipeline_open_account": 3, "pipeline_wins_account": 2}


def test_the_newest_open_opportunity_gives_the_stage(signals_of: Callable[..., pd.DataFrame]) -> None:
    rows = ROWS | {"opportunities": [deal("open", 20), deal("silent", 3), deal("won", 2, 1, "won")]}
    found = signals_of(business_unit_signals, **rows)
    assert pd.isna(found.loc[("a", "cloud"), "pipeline_stage"])
    assert found.loc[("a", "cloud"), "pipeline_open_days"] == 3.0
