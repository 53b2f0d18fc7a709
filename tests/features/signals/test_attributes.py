"""Attributes: what an account is, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pandas as pd
import pytest

from features.signals.attributes import account_signals, business_unit_signals, own_signals
from features.tables import Tables

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def test_firmographics_and_age(signals_of: Callable[..., pd.DataFrame]) -> None:
    row = {"name": "A", "country": "JP", "industry": "retail", "employees": 9.0}
    found = signals_of(
        account_signals,
        accounts=[
            row | {"account_id": "a", "created_at": CUTOFF - 10.5 * DAY, "domain": "a.jp", "lei": "L"},
            row | {"account_id": "b", "created_at": CUTOFF - 12 * DAY, "name": "Another", "lei": "L"},
            row | {"account_id": "c", "created_at": CUTOFF - DAY, "name": "C", "country": "DE"},
        ],
        account_history=[
            {"account_id": "b", "changed_at": CUTOFF - DAY, "column": "employees", "value": "12"},
            {"account_id": "a", "changed_at": CUTOFF - DAY, "column": "annual_revenue", "value": "2.5e6"},
        ],
    )
    known = found.loc["a", ["attributes_country", "attributes_employees", "attributes_annual_revenue"]]
    assert known.tolist() == ["JP", 12.0, 2_500_000.0]
    assert found["attributes_age_days"].to_dict() == {"a": 12.0, "c": 1.0}
    assert found["attributes_aliases"].to_dict() == {"a": 2, "c": 1}
    assert found["attributes_industry"].isna().all()


def test_attributes_of_the_newest_opportunity_that_was_known(signals_of: Callable[..., pd.DataFrame]) -> None:
    deal = {"account_id": "a", "outcome": "open", "business_unit": "cloud", "attribute_mood": "good"}
    found = signals_of(
        business_unit_signals,
        accounts=[{"account_id": "a", "name": "A", "country": "DE", "created_at": CUTOFF - DAY}],
        opportunities=[
            deal | {"opportunity_id": "1", "created_at": CUTOFF - 9 * DAY, "attribute_product": "old"},
            deal | {"opportunity_id": "2", "created_at": CUTOFF - DAY, "attribute_product": "new"},
            deal | {"opportunity_id": "3", "created_at": CUTOFF, "attribute_product": "later"},
            deal
            | {"opportunity_id": "4", "created_at": CUTOFF - DAY, "attribute_product": "sec", "business_unit": "sec"},
        ],
    )
    assert found["opportunity_attribute_product"].to_dict() == {("a", "cloud"): "new", ("a", "sec"): "sec"}
    assert found["opportunity_attribute_mood"].isna().all()


@pytest.mark.parametrize(
    ("name", "meaning", "scope", "category"),
    [
        ("attribute_lead_score", "lead score", "account", False),
        ("attribute_segment", "segment", "account", True),
        ("opportunity_attribute_product", "product of the newest opportunity", "business_unit", True),
    ],
)
def test_each_attribute_of_the_users_own_is_a_signal(
    name: str, meaning: str, scope: str, category: bool, own_tables: Tables
) -> None:
    signal = next(signal for signal in own_signals(own_tables) if signal.name == name)
    assert (signal.meaning, signal.scope, signal.category) == (meaning, scope, category)
    assert signal.missing


@pytest.fixture(scope="module")
def own_tables(make_tables: Callable[..., Tables]) -> Tables:
    account = {"account_id": "a", "name": "A", "country": "DE", "attribute_segment": "x", "attribute_lead_score": 0.5}
    deal = {"opportunity_id": "1", "account_id": "a", "created_at": CUTOFF, "outcome": "open", "attribute_product": "p"}
    return make_tables({"accounts": [account], "opportunities": [deal]}, CUTOFF)
