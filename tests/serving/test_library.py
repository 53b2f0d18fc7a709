"""Changes to the library: the next request sees them, wherever they were made."""

from __future__ import annotations

import pytest

from tiering.store import Store

VARIANT = {
    "family_id": "hydrogen",
    "layer": "local",
    "language": "de-CH",
    "title": "Wasserstoff für Öfen",
    "body": "Was ein Schweizer Werk über Wasserstoff wissen will",
    "markets": ["CH"],
    "kind": "asset",
    "status": "approved",
}


def put(served, name, **changes):
    return served.client.put(f"/v1/playbooks/{name}", json=VARIANT | changes)


def delete(served, asset_id):
    return served.client.delete(f"/v1/playbooks/{asset_id}")


def shown(served, market="CH", language="de-CH", topics=("Wasserstoff",)):
    answer = served.recommend(market=market, language=language, topics=topics, k=100)
    return [item["asset_id"] for item in answer["items"]]


@pytest.fixture
def hydrogen(served):
    assert put(served, "h/水素").json() == {"asset_id": "h/水素", "change": "put"}
    yield "h/水素"
    delete(served, "h/水素")


def test_what_is_put_is_recommended_at_once_and_only_where_it_may_be(served, hydrogen):
    assert shown(served)[0] == hydrogen
    assert hydrogen not in shown(served, market="DE", language="de")


@pytest.mark.parametrize(
    "hiding",
    [
        {"status": "draft"},
        {"status": "withdrawn"},
        {"expires_at": "2026-07-01T00:00:00Z"},
        {"valid_from": "2999-01-01T00:00:00Z"},
        {"markets": ["JP"]},
    ],
    ids=str,
)
def test_what_is_put_anew_is_what_counts(served, hydrogen, hiding):
    assert put(served, hydrogen, **hiding).status_code == 200
    assert hydrogen not in shown(served)
    put(served, hydrogen)
    assert hydrogen in shown(served)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        *(({name: []}, f"body.{name}: this list is empty") for name in ("markets", "personas", "business_units")),
        ({"markets": ["Germany"]}, "'Germany'"),
        ({"expires_at": "9999-12-31T23:59:59-05:00"}, "beyond the calendar"),
        ({"valid_from": "0001-01-01T00:00:00+01:00"}, "beyond the calendar"),
        ({"personas": "king"}, "body.personas: this must be a list; the value is 'king'"),
        ({"title": "a\x00b"}, "body.title: it holds a NUL character"),
    ],
    ids=str,
)
def test_what_nobody_would_see_or_is_no_value_is_refused(served, hydrogen, wrong, told):
    answer = put(served, hydrogen, **wrong)
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]


def test_a_new_text_is_found_by_its_new_words(served, hydrogen):
    put(served, hydrogen, title="Fernwärme", body="Rohre")
    answer = served.recommend(market="CH", language="de-CH", topics=["Fernwärme"], k=1)
    assert answer["items"][0]["title"] == "Fernwärme"


def test_what_is_deleted_is_never_seen_again(served):
    put(served, "gone")
    assert "gone" in shown(served)
    assert delete(served, "gone").json() == {"asset_id": "gone", "change": "deleted"}
    assert "gone" not in shown(served)
    answer = delete(served, "gone")
    assert answer.status_code == 404
    assert "'gone'" in answer.json()["error"]["message"]


def test_what_was_ingested_can_be_replaced_and_deleted(served):
    assert "batteries-ja" in shown(served, "JP", "ja", ["batteries"])
    delete(served, "batteries-ja")
    assert "batteries-en" in shown(served, "JP", "ja", ["batteries"])
    put(served, "batteries-ja", family_id="batteries", language="ja", markets=["JP"])
    assert "batteries-ja" in shown(served, "JP", "ja", ["batteries"])


def test_a_change_made_by_another_process_is_seen(served):
    with Store(served.workspace.state_url) as store:
        store.put_playbook("from-elsewhere", VARIANT)
    assert "from-elsewhere" in shown(served)
    with Store(served.workspace.state_url) as store:
        store.delete_playbook("from-elsewhere")
    assert "from-elsewhere" not in shown(served)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"layer": "galactic"}, "global, regional, local"),
        ({"status": "live"}, "draft, approved, withdrawn"),
        ({"language": "klingon"}, "'klingon'"),
        ({"markets": ["CH", "ZZ"]}, "'ZZ'"),
        ({"business_units": ["toys"]}, "'toys'"),
        ({"valid_from": "2026-01-02T00:00:00Z", "expires_at": "2026-01-01T00:00:00Z"}, "valid_from"),
        ({"expires_at": "tomorrow"}, "'tomorrow'"),
        ({"title": ""}, "body.title"),
        ({"asset_id": "x"}, "body.asset_id"),
    ],
    ids=str,
)
def test_a_variant_that_breaks_the_contract_is_refused_and_changes_nothing(served, wrong, told):
    before = shown(served)
    answer = put(served, "wrong", **wrong)
    assert answer.status_code == 422
    assert told in answer.json()["error"]["message"]
    assert shown(served) == before
