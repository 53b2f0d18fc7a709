"""Proposed parents: the group above an account that names none."""

from __future__ import annotations

from typing import Any

import pandas as pd
from pandas.testing import assert_frame_equal

from features.identity import find_parents


def accounts(*rows: dict[str, Any]) -> pd.DataFrame:
    columns = ["account_id", "name", "country", "domain", "parent_id", "known_since"]
    made = pd.DataFrame([{"account_id": f"a{n}", "country": "DE"} | row for n, row in enumerate(rows)], columns=columns)
    return made.assign(known_since=pd.Timestamp("2024-01-01") + pd.to_timedelta(range(len(made)), unit="D"))


def proposed(*rows: dict[str, Any]) -> dict[str, tuple[str, str]]:
    found = find_parents(accounts(*rows)).drop_duplicates("account_id")
    return {row.account_id: (row.parent_id, row.evidence) for row in found.itertuples()}


def test_the_same_domain_and_name_in_another_country() -> None:
    head = {"name": "Hansen AG", "domain": "hansen.com"}
    site = {"name": "Hansen France SAS", "country": "FR", "domain": "hansen.com"}
    assert proposed(head, site) == {"a1": ("a0", "domain+name_within")}


def test_the_group_s_name_within_a_longer_one() -> None:
    assert proposed({"name": "Hansen Group"}, {"name": "Hansen Logistics Ltd", "country": "GB"}) == {
        "a1": ("a0", "name_within")
    }


def test_another_branch_is_no_parent() -> None:
    assert proposed({"name": "Hansen Software"}, {"name": "Hansen Logistics", "country": "GB"}) == {}


def test_a_mail_provider_makes_no_group() -> None:
    rows = ({"name": "Alba", "domain": "gmail.com"}, {"name": "Brix", "country": "FR", "domain": "gmail.com"})
    assert proposed(*rows) == {}


def test_who_names_a_parent_gets_no_other() -> None:
    rows = (
        {"name": "Hansen", "domain": "h.com"},
        {"name": "Hansen", "country": "FR", "domain": "h.com", "parent_id": "x"},
    )
    assert proposed(*rows) == {}


def test_later_accounts_change_no_proposal() -> None:
    rows = [{"name": "Hansen", "domain": "h.com", "country": country} for country in ("DE", "FR", "IT", "ES", "PT")]
    whole = find_parents(accounts(*rows))
    for known in range(len(rows)):
        ids = [f"a{n}" for n in range(known)]
        then = whole[whole["account_id"].isin(ids) & whole["parent_id"].isin(ids)].reset_index(drop=True)
        assert_frame_equal(then, find_parents(accounts(*rows).head(known)))
