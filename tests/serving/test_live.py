"""What is published, rolled back or ingested while the service runs is picked up; what is missing is said."""

from __future__ import annotations

import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest

from features.workspace import Workspace
from tiering.refresh import refresh
from tiering.store import Store


@pytest.fixture
def own(drafted, tmp_path):
    workspace = Workspace(tmp_path / "workspace")
    shutil.copytree(drafted.root, workspace.root)
    return workspace


def score(client):
    return client.post("/v1/scores", json={"account_ids": ["A001"]})


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_service_without_data_lives_and_says_what_it_lacks(serve, tmp_path):
    with serve(Workspace(tmp_path)) as client:
        assert client.get("/healthz").status_code == 200
        wait_for(lambda: "glocal ingest" in client.get("/readyz").text)
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")
        answer = client.post("/v1/recommendations", json={"market": "DE", "language": "de"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "not_ready")


def test_publishing_and_rolling_back_are_seen_by_the_next_request(serve, own):
    with serve(own) as client, Store(own.state_url) as store:
        wait_for(lambda: "glocal publish" in client.get("/readyz").text)
        assert score(client).status_code == 409
        assert client.get("/v1/tiers").status_code == 409
        assert client.post("/v1/recommendations", json={"market": "DE", "language": "de"}).json()["items"]
        store.publish("r0001")
        assert client.get("/readyz").status_code == 200
        assert score(client).json()["versions"]["release"] == "r0001"
        assert refresh(own).id == "r0002"
        assert score(client).json()["versions"]["release"] == "r0001"
        store.publish("r0002")
        assert score(client).json()["versions"]["release"] == "r0002"
        assert client.get("/v1/tiers").json()["release"]["id"] == "r0002"
        store.rollback()
        assert score(client).json()["versions"]["release"] == "r0001"


def test_the_data_can_be_replaced_while_the_service_runs(serve, own, tmp_path):
    with Store(own.state_url) as store:
        store.publish("r0001")
    with serve(own) as client:
        wait_for(lambda: client.get("/readyz").status_code == 200)
        fresh = tmp_path / "fresh.duckdb"
        shutil.copy(own.warehouse, fresh)
        _rename_account(fresh, "A001", "NEW1")
        fresh.replace(own.warehouse)

        def known():
            query = {"account_id": "NEW1", "market": "CH", "language": "de"}
            return client.post("/v1/recommendations", json=query).json()["account_known"]

        wait_for(known)


def test_a_missing_snapshot_is_told(serve, own):
    with Store(own.state_url) as store:
        store.publish("r0001")
    (own.snapshots / "r0001.parquet").unlink()
    with serve(own) as client:
        wait_for(lambda: "snapshot" in client.get("/readyz").text)
        assert score(client).status_code == 503


def test_many_at_once_while_the_library_changes(served):
    def ask(number):
        if number % 5:
            return served.client.post("/v1/recommendations", json={"market": "DE", "language": "de", "k": 100})
        body = {"family_id": f"f{number}", "layer": "global", "language": "en", "title": "T", "body": f"B{number}"}
        return served.client.put(f"/v1/playbooks/new-{number}", json=body)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(ask, range(40)))
    assert {answer.status_code for answer in answers} == {200}
    items = served.recommend(k=100)["items"]
    assert {f"new-{number}" for number in range(0, 40, 5)} <= {item["asset_id"] for item in items}


def _rename_account(warehouse, old, new):
    with duckdb.connect(str(warehouse)) as connection:
        for table in ("accounts", "entities", "intent", "opportunities"):
            connection.execute(f"UPDATE {table} SET account_id = ? WHERE account_id = ?", [new, old])
        connection.execute("UPDATE entities SET entity_id = ? WHERE entity_id = ?", [new, old])


def test_a_workspace_without_playbooks_is_served_too(serve, own):
    with duckdb.connect(str(own.warehouse)) as connection:
        connection.execute("DELETE FROM playbooks")
    with Store(own.state_url) as store:
        store.publish("r0001")
    with serve(own) as client:
        wait_for(lambda: client.get("/readyz").status_code == 200)
        query = {"account_id": "A001", "market": "CH", "language": "de", "stage": "decision"}
        assert client.post("/v1/recommendations", json=query).json()["items"] == []
        body = {"family_id": "first", "layer": "global", "language": "en", "title": "First", "body": "one"}
        assert client.put("/v1/playbooks/first-en", json=body).status_code == 200
        (item,) = client.post("/v1/recommendations", json=query).json()["items"]
        assert item["asset_id"] == "first-en"
