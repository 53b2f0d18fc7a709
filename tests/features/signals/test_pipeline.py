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
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}
    found = found.drop(columns=["pipeline_region_win_rate", "pipeline_region_cycle_days"]).dropna(how="all")
    assert found.loc[("a", "cloud")].to_dict() == {
        "pipeline_open": 2,
        "pipeline_open_days": 20.0,
        "pipeline_pace": 100 / 200,
        "pipeline_open_amount": 15.75,
        "pipeline_stage": "demo",
        "pipeline_stage_days": 10.0,
        "pipeline_moves_90d": 2,
        "pipeline_people": 2,
        "pipeline_wins_730d": 1,
        "pipeline_losses_730d": 1,
        "pipeline_win_rate": pytest.approx(2 / 3),
        "pipeline_cycle_days": (200 + 1_269) / 2,
        "pipeline_days_since_win": 700.0,
        "pipeline_days_since_loss": 50.0,
    }
    elsewhere = found.loc[("a", "sec")].dropna().to_dict()
    assert elsewhere == {"pipeline_open": 1, "pipeline_open_days": 7.0}
    assert set(found.index) == {("a", "cloud"), ("a", "sec")}


def test_an_account(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(account_signals, **ROWS)
    assert found.loc["a"].to_dict() == {"pipeline_open_account": 3, "pipeline_wins_account": 2}


def test_the_newest_open_opportunity_gives_the_stage(signals_of: Callable[..., pd.DataFrame]) -> None:
    rows = ROWS | {"opportunities": [deal("open", 20), deal("silent", 3), deal("won", 2, 1, "won")]}
    found = signals_of(business_unit_signals, **rows)
    assert pd.isna(found.loc[("a", "cloud"), "pipeline_stage"])
    assert found.loc[("a", "cloud"), "pipeline_open_days"] == 3.0


@pytest.fixture(scope="module")
def regions(signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Accounts of EMEA, APAC and no region; opportunities name regions of their own, which say nothing of accounts."""
    countries = {"de": "DE", "fr": "FR", "quiet": "FR", "jp": "JP", "br": "BR", "cn": "CN"}
    return signals_of(
        business_unit_signals,
        accounts=[
            {"account_id": name, "name": name, "country": country, "created_at": CUTOFF - 3_000 * DAY}
            for name, country in countries.items()
        ],
        opportunities=[
            deal("1", 800, 700, "won", account_id="de", region="APAC"), deal("2", 60, 10, "won", account_id="fr"),
            deal("3", 60, 10, "lost", account_id="fr", region="EMEA"), deal("4", 60, 10, "lost", account_id="jp"),
            deal("5", 2_000, 731, "won", account_id="br"), deal("7", 80, 0, "won", account_id="de"),
            deal("6", 30, 20, "won", account_id="br", business_unit="sec"),
            deal("old", 150, account_id="de"), deal("new", 10, account_id="de"),
            deal("renewal", 300, account_id="de", kind="renewal"), deal("sec", 5, account_id="cn", business_unit="sec"),
        ],
        opportunity_history=[
            {"opportunity_id": name, "changed_at": CUTOFF - days * DAY, "stage": stage, "amount": amount}
            for name, days, stage, amount in (
                ("old", 91, "demo", None), ("old", 90, "pitch", 5.0), ("old", 3, None, 6.0), ("new", 0, "demo", 1.0),
                ("new", 2, "demo", None), ("renewal", 1, "demo", 1.0), ("2", 11, "demo", 1.0),
            )
        ],
    )  # fmt: skip


def test_pace_is_the_age_of_the_oldest_by_what_the_unit_needs_to_win(regions: pd.DataFrame) -> None:
    """Cloud took 100 and 50 days, 75 on average; sec took 10. A win of more than two years ago says nothing now."""
    assert regions["pipeline_pace"].dropna().to_dict() == {("de", "cloud"): 2.0, ("cn", "sec"): 0.5}


def test_moves_are_changes_to_what_is_open(regions: pd.DataFrame) -> None:
    assert regions.loc[("de", "cloud"), "pipeline_moves_90d"] == 3
    assert regions["pipeline_moves_90d"].sum() == 3


def test_how_long_wins_took(regions: pd.DataFrame) -> None:
    assert regions["pipeline_cycle_days"].dropna().to_dict() == {
        ("de", "cloud"): 100.0, ("fr", "cloud"): 50.0, ("br", "cloud"): 1_269.0, ("br", "sec"): 10.0,
    }  # fmt: skip


def test_how_a_unit_does_in_the_region_of_the_account(regions: pd.DataFrame) -> None:
    """Cloud won two of three in EMEA and none in APAC; sec won one where no region is; elsewhere nothing closed."""
    third = pytest.approx(2 / 3)
    assert regions["pipeline_region_win_rate"].dropna().to_dict() == {
        ("de", "cloud"): third, ("fr", "cloud"): third, ("quiet", "cloud"): third, ("jp", "cloud"): 0.0,
        ("br", "sec"): 1.0, ("cn", "sec"): 1.0,
    }  # fmt: skip
    assert regions["pipeline_region_cycle_days"].dropna().to_dict() == {
        ("de", "cloud"): 75.0, ("fr", "cloud"): 75.0, ("quiet", "cloud"): 75.0,
        ("br", "sec"): 10.0, ("cn", "sec"): 10.0,
    }  # fmt: skip
