"""Live scores: what is served is what was stored, to the bit, alone or among others."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from serving.schemas.scores import MOST_ACCOUNTS
from tiering.store import Store

NUMBERS = ("probability", "expected_gross_profit", "expected_amount")
ids = st.integers(0, 59).map(lambda number: f"A{number:03d}")


def scores(served, account_ids, **query):
    answer = served.client.post("/v1/scores", json={"account_ids": account_ids, **query})
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_served_is_what_was_stored(served):
    with Store(served.workspace.state_url) as store:
        stored = store.scores("r0001").set_index(["account_id", "business_unit"])
    answered = scores(served, sorted(set(stored.index.get_level_values(0))))
    pairs = 0
    for account in answered["accounts"]:
        for unit in account["scores"]:
            row = stored.loc[account["account_id"], unit["business_unit"]]
            for name in NUMBERS:
                assert unit[name] == (None if row[name] != row[name] else row[name])
            assert (unit["kind"], unit["in_pipeline"]) == (row["kind"], row["in_pipeline"])
            pairs += 1
    assert pairs == len(stored)


def test_the_account_s_page_tells_the_same(served):
    alone = scores(served, ["A003"])["accounts"][0]
    page = served.client.get("/v1/accounts/A003").json()
    assert page["scores"] == alone["scores"]


@settings(deadline=None, max_examples=10)
@given(asked=st.lists(ids, min_size=1, max_size=12))
def test_batch_is_single_to_the_bit(served, asked):
    together = scores(served, asked)["accounts"]
    assert [account["asked"] for account in together] == asked
    for account in together[:3]:
        assert scores(served, [account["asked"]])["accounts"] == [account]


def test_an_alias_is_its_company(served):
    alias, company = scores(served, ["Z000", "A000"])["accounts"]
    assert alias["asked"] == "Z000"
    assert (alias["account_id"], alias["scores"]) == (company["account_id"], company["scores"])


def test_one_business_unit_only(served):
    (account,) = scores(served, ["A001"], business_unit="energy")["accounts"]
    assert [unit["business_unit"] for unit in account["scores"]] == ["energy"]


def test_all_that_it_takes_to_replay_travels_along(served):
    versions = scores(served, ["A001"])["versions"]
    with Store(served.workspace.state_url) as store:
        origin = store.get("r0001").origin
    assert versions == {
        "release": "r0001",
        "model_version": origin.bundle_version,
        "as_of": origin.as_of.isoformat(),
        "data_version": origin.data_version,
        "code_version": origin.code_version,
    }


def test_unknown_accounts_are_named(served):
    answer = served.client.post("/v1/scores", json={"account_ids": ["A001", "ghost", "幽霊"]})
    assert answer.status_code == 404
    assert "'ghost', '幽霊'" in answer.json()["error"]["message"]


@pytest.mark.parametrize("count", [0, MOST_ACCOUNTS + 1])
def test_none_and_too_many_are_refused(served, count):
    answer = served.client.post("/v1/scores", json={"account_ids": ["A001"] * count})
    assert answer.status_code == 422
    assert answer.json()["error"]["where"] == "body.account_ids"


def test_accounts_go_by_the_crm_s_id_too(served):
    answers = [
        served.client.post("/v1/scores", json={"account_ids": [name]}).json()["accounts"][0]
        for name in ("CRM/5", "A005")
    ]
    assert [answer.pop("asked") for answer in answers] == ["CRM/5", "A005"]
    assert answers[0] == answers[1]


def test_all_that_are_unknown_are_named(served):
    unknown = [f"ghost {number}" for number in range(60)]
    answer = served.client.post("/v1/scores", json={"account_ids": ["A005", *unknown]})
    assert answer.status_code == 404
    assert all(repr(name) in answer.json()["error"]["message"] for name in unknown)
