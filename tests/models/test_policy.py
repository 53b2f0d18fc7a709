"""Tests of policy: what is forbidden never appears, and what is not does."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy import eligible
from models.request import RecommendationRequest

NOW = datetime.fromisoformat("2026-07-01")
OPEN: dict[str, Any] = dict.fromkeys(
    ("status", "valid_from", "expires_at", "markets", "business_units", "audience", "channel")
)

instants = st.none() | st.sampled_from([NOW + timedelta(microseconds=n) for n in (-86_400_000_000, -1, 0, 1)])


def lists(*values: str) -> st.SearchStrategy[list[str] | None]:
    return st.none() | st.lists(st.sampled_from(values), max_size=2)


rows = st.fixed_dictionaries(
    {
        "status": st.sampled_from([None, "approved", "draft", "withdrawn"]),
        "valid_from": instants,
        "expires_at": instants,
        "markets": lists("DE", "de", "JP", " ch "),
        "business_units": lists("cloud", "能源"),
        "audience": st.sampled_from([None, "internal", "customer"]),
        "channel": st.sampled_from([None, "email", "call"]),
    }
)
requests = st.builds(
    RecommendationRequest,
    market=st.sampled_from(["DE", "JP", "CH", "de"]),
    language=st.just("de"),
    business_unit=st.sampled_from([None, "cloud", "能源"]),
    audience=st.sampled_from([None, "internal", "customer"]),
    channel=st.sampled_from([None, "email", "call"]),
)


def library(variants: list[dict[str, Any]]) -> pd.DataFrame:
    frame = pd.DataFrame(variants, columns=list(OPEN))
    times = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in ("valid_from", "expires_at")}
    texts = {name: frame[name].astype("str") for name in ("status", "audience", "channel")}
    return frame.assign(**times, **texts, asset_id=[f"v{number}" for number in range(len(frame))])


def may_be_shown(row: dict[str, Any], request: RecommendationRequest) -> bool:
    """Say the rules once more, one by one, as a lawyer would read them."""
    markets = None if row["markets"] is None else {market.strip().lower() for market in row["markets"]}
    units = row["business_units"]
    if row["status"] in ("draft", "withdrawn"):
        return False
    if row["expires_at"] is not None and row["expires_at"] <= NOW:
        return False
    if row["valid_from"] is not None and row["valid_from"] > NOW:
        return False
    if markets is not None and request.market.lower() not in markets:
        return False
    if request.business_unit and units is not None and request.business_unit not in units:
        return False
    if request.audience and row["audience"] and row["audience"] != request.audience:
        return False
    return not (request.channel and row["channel"] and row["channel"] != request.channel)


@given(st.lists(rows, max_size=8), requests)
def test_exactly_what_may_be_shown_is_left(variants: list[dict[str, Any]], request: RecommendationRequest) -> None:
    found = eligible(library(variants), request, NOW)
    assert list(found.variants["asset_id"]) == [
        f"v{number}" for number, row in enumerate(variants) if may_be_shown(row, request)
    ]


@given(st.lists(rows, max_size=8), requests)
def test_counts_and_what_is_left_add_up(variants: list[dict[str, Any]], request: RecommendationRequest) -> None:
    found = eligible(library(variants), request, NOW)
    assert sum(found.filtered.values()) + len(found.variants) == len(variants)
    assert all(count > 0 for count in found.filtered.values())


@pytest.mark.parametrize(
    ("rule", "broken"),
    [
        ("not_approved", {"status": "withdrawn"}),
        ("expired", {"expires_at": NOW}),
        ("not_yet_valid", {"valid_from": NOW + timedelta(microseconds=1)}),
        ("market", {"markets": ["AT"]}),
        ("market", {"markets": []}),
        ("business_unit", {"business_units": ["energy"]}),
        ("audience", {"audience": "internal"}),
        ("channel", {"channel": "call"}),
    ],
)
def test_each_rule_is_counted_under_its_name(rule: str, broken: dict[str, Any]) -> None:
    request = RecommendationRequest("DE", "de", business_unit="cloud", audience="customer", channel="email")
    found = eligible(library([OPEN, {**OPEN, **broken}]), request, NOW)
    assert dict(found.filtered) == {rule: 1}
    assert list(found.variants["asset_id"]) == ["v0"]
