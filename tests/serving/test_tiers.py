"""Tiers, accounts and releases over HTTP: all of a release, page by page, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import InputError
from serving.schemas.tiers import TiersQuery
from serving.tiers import tiers
from tiering.store import Store


def get(served, path, **query):
    answer = served.client.get(f"/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


@settings(deadline=None, max_examples=6)
@given(limit=st.integers(1, 80))
def test_the_pages_together_are_the_release(served, limit):
    with Store(served.workspace.state_url) as store:
        stored = store.accounts("r0001")
    rows, offset = [], 0
    while offset is not None:
        page = get(served, "tiers", limit=limit, offset=offset)
        assert len(page["accounts"]) <= limit
        rows += page["accounts"]
        offset = page["next_offset"]
    assert [row["account_id"] for row in rows] == stored["account_id"].tolist()
    assert [row["probability"] for row in rows] == stored["probability"].tolist()


@pytest.mark.parametrize(
    ("field", "column", "value"),
    [
        ("region", "region", "AMER"),
        ("tier", "tier", "strategic"),
        ("country", "country", "CH"),
        ("business_unit", "lead_business_unit", "energy"),
    ],
)
def test_a_filter_keeps_exactly_what_it_names(served, field, column, value):
    everything = get(served, "tiers", limit=1000)["accounts"]
    kept = get(served, "tiers", limit=1000, **{field: value})["accounts"]
    assert kept == [row for row in everything if row[column] == value]
    assert kept


def test_an_account_by_any_of_its_ids(served):
    page = get(served, "accounts/Z000")
    assert (page["account_id"], page["aliases"]) == ("A000", ["A000", "Z000"])
    assert page == get(served, "accounts/A000")
    assert {unit["business_unit"] for unit in page["scores"]} == {"cloud", "energy"}


@pytest.mark.parametrize(
    ("path", "query", "status", "told"),
    [
        ("accounts/ghost", {}, 404, "'ghost'"),
        ("tiers", {"release": "r9999"}, 404, "'r9999'"),
        ("tiers", {"tier": "gold"}, 422, "strategic, programmatic, none"),
        ("tiers", {"region": "EMAE"}, 422, "EMEA"),
        ("tiers", {"country": "Germany"}, 422, "'Germany'"),
        ("tiers", {"limit": 0}, 422, "query.limit"),
        ("tiers", {"limit": "many"}, 422, "'many'"),
        ("tiers", {"offset": -1}, 422, "query.offset"),
        ("tiers", {"colour": "red"}, 422, "query.colour"),
        ("tiers", {"locale": "tlh"}, 422, "'tlh'"),
    ],
)
def test_what_there_is_not_is_named(served, path, query, status, told):
    answer = served.client.get(f"/v1/{path}", params=query)
    assert answer.status_code == status
    assert told in answer.json()["error"]["message"]


def test_releases_tell_what_they_were_made_from(served):
    (release,) = get(served, "releases")["releases"]
    assert (release["id"], release["status"], release["bundle_version"]) == ("r0001", "published", "b1")
    assert sum(release["counts"].values()) == 62


def test_an_account_is_found_by_the_crm_s_id(served):
    by_crm, by_id = (served.client.get(f"/v1/accounts/{name}").json() for name in ("CRM/5", "A005"))
    assert by_crm == by_id


def test_filters_are_those_of_the_release_whatever_was_ingested_since(served):
    with Store(served.workspace.state_url) as store:
        release = store.published()
        regions = store.accounts(release.id)["region"].value_counts()
        group = served.workspace.group().model_copy(update={"regions": {"ELSEWHERE": ("XK",)}})
        for region, count in regions.items():
            assert len(tiers(store, group, TiersQuery(region=region, limit=1000)).accounts) == count
        with pytest.raises(InputError, match=r"'EMAE' is unknown; .*ELSEWHERE.*EMEA"):
            tiers(store, group, TiersQuery(region="EMAE"))
