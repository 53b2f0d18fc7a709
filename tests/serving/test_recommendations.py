"""Recommendations: the account is found, what is known of it counts, and the answer is never empty without need."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import InputError
from serving.recommendations import answer_once
from serving.schemas.recommendations import RecommendationQuery
from tiering.store import Store

MARKETS = {"en": None, "de": {"DE", "CH"}, "fr": {"FR", "CH"}, "ja": {"JP"}}


def families(answer):
    return [item["family_id"] for item in answer["items"]]


@pytest.mark.parametrize(("account", "topic"), [("A001", "turbines"), ("A002", "security"), ("A003", "batteries")])
def test_what_the_account_reads_about_comes_first(served, account, topic):
    answer = served.recommend(account_id=account)
    assert answer["account_known"]
    assert families(answer)[0] == topic
    assert f"about {topic}" in answer["items"][0]["reasons"][0]


@pytest.mark.parametrize(
    "named",
    [
        {"account_id": "Z000"},
        {"account_id": "CRM/0"},
        {"source_id": "CRM/0"},
        {"source_id": "OTHER-0"},
        {"domain": "https://WWW.Firma0.example/über-uns"},
        {"name": "FIRMA NR. 0"},
        {"account_id": "nobody", "domain": "firma0.example"},
    ],
    ids=str,
)
def test_an_account_goes_by_many_names(served, named):
    expected, answer = served.recommend(account_id="A000"), served.recommend(**named)
    del expected["request_id"], answer["request_id"]
    assert answer == expected
    assert answer["account_id"] == "A000"


def test_of_those_who_share_a_domain_the_one_in_the_market_is_meant(served):
    assert served.recommend(domain="shared.example", market="US")["account_id"] == "SUS"
    assert served.recommend(domain="shared.example", market="FR")["account_id"] == "SFR"
    assert not served.recommend(domain="shared.example", market="JP")["account_known"]


def test_what_was_used_before_comes_last_of_equals(served):
    answer = served.recommend(account_id="A004")
    used = next(item for item in answer["items"] if item["family_id"] == "migration")
    assert used["reasons"][-1] == "already used with this account"


def test_an_account_that_is_not_known_is_what_the_request_says_of_it(served):
    answer = served.recommend(account_id="nobody", topics=["security"])
    assert not answer["account_known"]
    assert answer["account_id"] is None
    assert families(answer)[0] == "security"


@pytest.mark.parametrize("topic", ["{0} security", "{topic} security", "%s security", "security ♥ 水素 зелёный"])
def test_topics_of_any_script_and_punctuation_are_just_words(served, topic):
    first = served.recommend(topics=[topic])["items"][0]
    assert first["family_id"] == "security"
    assert topic in first["reasons"][0]


@settings(deadline=None, max_examples=60)
@given(
    account=st.one_of(st.none(), st.sampled_from(["A000", "A007"]), st.text(min_size=1, max_size=20)),
    market=st.sampled_from(["DE", "CH", "FR", "US", "JP", "BR", "de", "ch"]),
    language=st.sampled_from(["de", "de-CH", "fr", "fr-CA", "ja", "en-GB", "sv", "pt-BR"]),
    k=st.integers(1, 6),
    stage=st.sampled_from([None, "awareness", "decision"]),
    persona=st.sampled_from([None, "user", "economic_buyer"]),
)
def test_every_account_gets_something_that_its_market_may_see(served, account, market, language, k, stage, persona):
    if account and ("\x00" in account or not account.isprintable()):
        account = None
    answer = served.recommend(account_id=account, market=market, language=language, k=k, stage=stage, persona=persona)
    assert len(answer["items"]) == min(k, 4)
    assert len(set(families(answer))) == len(answer["items"])
    for item in answer["items"]:
        markets = MARKETS[item["language"]]
        assert markets is None or market.upper() in markets
    assert answer["account_known"] == (account in ("A000", "A007"))


def test_the_same_question_gets_the_same_answer_here_and_without_a_service(served, bag_of_words):
    query = {"account_id": "A005", "market": "CH", "language": "fr-CH", "k": 4, "stage": "awareness"}
    over_http = served.recommend(**query)
    at_once = answer_once(
        served.workspace, RecommendationQuery(**query), load_encoder=lambda _workspace: bag_of_words
    ).model_dump(mode="json")
    assert over_http.pop("request_id") != at_once.pop("request_id")
    assert over_http == at_once


def test_what_cannot_be_answered_is_refused_before_an_encoder_is_loaded(served):
    query = RecommendationQuery(account_id="A005", market="CH", language="fr", persona="wizard")
    with pytest.raises(InputError, match="'wizard'"):
        answer_once(served.workspace, query, load_encoder=lambda _workspace: pytest.fail("loaded"))


def test_everything_shown_is_logged(served):
    answer = served.recommend(account_id="Z000", k=3, stage="awareness")
    with Store(served.workspace.state_url) as store:
        logged = store.impressions()
    logged = logged[logged["request_id"] == answer["request_id"]].sort_values("position")
    assert logged["asset_id"].tolist() == [item["asset_id"] for item in answer["items"]]
    assert logged["position"].tolist() == [1, 2, 3]
    assert set(logged["account_id"]) == {"A000"}
    assert set(logged["probability"]) == {1.0}
    assert set(logged["policy_version"]) == {answer["policy_version"]}


@pytest.mark.parametrize(
    ("wrong", "value"),
    [
        ({"market": "Germany"}, "'Germany'"),
        ({"language": "klingon"}, "'klingon'"),
        ({"persona": "emperor"}, "'emperor'"),
        ({"business_unit": "toys"}, "'toys'"),
        ({"locale": "xx"}, "'xx'"),
        ({"k": 0}, "0"),
        ({"k": 101}, "101"),
        ({"colour": "red"}, "body.colour"),
        ({"market": None}, "body.market"),
    ],
    ids=str,
)
def test_a_wrong_value_is_named(served, wrong, value):
    body = {"market": "DE", "language": "de", **wrong}
    answer = served.client.post("/v1/recommendations", json=body)
    assert answer.status_code == 422
    assert value in answer.json()["error"]["message"]
