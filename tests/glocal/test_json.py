"""--json: one document on stdout with the keys that other programs read, and nothing else anywhere."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd
import pytest

from features.workspace import Workspace
from tiering.store import Store

RELEASE = {"release_id", "status", "as_of", "counts"}
ANSWER = {"request_id", "account_known", "items", "fallback"}
ITEM = {"asset_id", "family_id", "title", "layer", "language", "score", "reasons"}


@pytest.fixture(scope="module")
def document(glocal, published) -> Callable[..., Any]:
    """Return what runs a command with --json on a workspace and gives its document."""

    def run(*arguments: str, workspace: Workspace = published) -> Any:
        ran = glocal(*arguments, "--json", workspace=workspace.root)
        assert (ran.code, ran.err) == (0, "")
        return json.loads(ran.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    return run


@pytest.fixture(scope="module")
def second(document, published) -> Any:
    """A second release, made of the day before."""
    return document("refresh", "--as-of", "2026-07-01")


def test_refresh(second, published):
    assert second.keys() >= RELEASE
    assert (second["release_id"], second["status"]) == ("r0002", "draft")
    assert datetime.fromisoformat(second["as_of"]) == datetime.fromisoformat("2026-07-01")
    assert list(second["counts"]) == [*published.group().tiers, "none"]
    with Store(published.state_url) as store:
        assert sum(second["counts"].values()) == len(store.accounts("r0002"))


def test_releases(document, second):
    latest, first = document("releases")["releases"]
    assert latest == second
    assert (first["release_id"], first["status"]) == ("r0001", "published")


def test_diff(document, second, published):
    changes = document("diff", "r0001", "r0002")
    assert (changes["before"], changes["after"]) == ("r0001", "r0002")
    with Store(published.state_url) as store:
        before, after = (store.accounts(name).set_index("account_id")["tier"] for name in ("r0001", "r0002"))
    moved = {
        account
        for account in before.index.union(after.index)
        if before.get(account, "none") != after.get(account, "none")
    }
    assert moved
    assert {change["account_id"] for change in changes["changes"]} == moved


def test_hindsight_tells_what_the_models_had_seen(document, second):
    seen = document("hindsight", second["release_id"])
    assert (seen["since"], seen["until"]) == ("2026-07-01T00:00:00", "2026-07-02T00:00:00")
    assert [note for note in seen["notes"] if "learnt from data up to 2026-07-02" in note]


def test_hindsight_stands_against_rankings_from_elsewhere(document, published, second, tmp_path):
    with Store(published.state_url) as store:
        accounts = store.accounts(second["release_id"])["account_id"]
    for name, score in (("vendor", range(len(accounts))), ("intuition", [1.0] * len(accounts))):
        pd.DataFrame({"account_id": accounts, "score": score}).to_csv(tmp_path / f"{name}.csv", index=False)
    files = [part for name in ("vendor", "intuition") for part in ("--against", str(tmp_path / f"{name}.csv"))]
    rankings = document("hindsight", second["release_id"], *files)["rankings"]
    assert [ranking["ranking"] for ranking in rankings][-2:] == ["vendor", "intuition"]
    assert rankings[-1]["amount"] == pytest.approx(0.1)


def test_publish_and_rollback(document, world, copy_workspace, tmp_path):
    own = copy_workspace(world.workspace, tmp_path / "workspace")
    document("refresh", "--as-of", "2026-07-01", workspace=own)
    published = document("publish", "r0002", workspace=own)
    assert (published["release_id"], published["status"]) == ("r0002", "published")
    assert [release["status"] for release in document("releases", workspace=own)["releases"]] == [
        "published",
        "superseded",
    ]
    back = document("rollback", workspace=own)
    assert (back["release_id"], back["status"]) == ("r0001", "published")
    assert [release["status"] for release in document("releases", workspace=own)["releases"]] == [
        "rolled_back",
        "published",
    ]


def test_compare_and_promote(document, world, copy_workspace, tmp_path):
    own = copy_workspace(world.workspace, tmp_path / "workspace")
    runs = document("compare", workspace=own)["runs"]
    assert {run["run_id"] for run in runs} == {model["run_id"] for model in world.training["models"]}
    assert all(run["champion"] and run["metrics"]["auc"] > 0.5 for run in runs)
    promotion = document("promote", workspace=own)
    assert (promotion["version"], promotion["training"]) == ("b0002", world.training["training"])
    assert promotion["versions"] == {"conversion": 1, "expansion": 1}


@pytest.fixture(scope="module")
def account(published) -> pd.Series:
    """The Swiss account for which a tier adds most."""
    with Store(published.state_url) as store:
        return store.accounts("r0001", country="CH").nlargest(1, "priority_value").iloc[0]


class TestRecommend:
    def asked(self, document, name: str, **more: str) -> Any:
        options = {"account": name, "market": "CH", "language": "de-CH", "k": "4", **more}
        return document("recommend", *(word for key, value in options.items() for word in (f"--{key}", value)))

    def test_for_an_account(self, document, account):
        answer = self.asked(document, account["account_id"])
        assert answer.keys() >= ANSWER
        assert answer["account_known"] is True
        assert len(answer["items"]) == 4
        assert all(item.keys() >= ITEM for item in answer["items"])
        assert len({item["family_id"] for item in answer["items"]}) == 4
        assert {item["language"] for item in answer["items"]} <= {"de-CH", "de", "en"}
        assert answer["fallback"]["asked"] == "de-CH"
        assert all(item["reasons"] for item in answer["items"])
        scores = [item["score"] for item in answer["items"]]
        assert scores == sorted(scores, reverse=True)

    def test_by_the_crm_s_own_id_is_the_same(self, document, account):
        by_id, by_source = (self.asked(document, account[name]) for name in ("account_id", "source_id"))
        assert by_source["account_known"] is True
        assert by_source["items"] == by_id["items"]

    def test_for_one_that_is_not_known(self, document):
        answer = self.asked(document, "nobody 無")
        assert answer["account_known"] is False
        assert len(answer["items"]) == 4

    def test_says_in_which_language_it_had_to_answer(self, document):
        answer = self.asked(document, "nobody", language="sv", k="20")
        served = {item["language"] for item in answer["items"]}
        assert "en" in served
        assert answer["fallback"]["used"] is True
        assert set(answer["fallback"]["served"]) == served

    @pytest.mark.parametrize(("market", "language"), [("DE", "de"), ("JP", "ja"), ("BR", "pt-BR"), ("SE", "sv")])
    def test_is_in_the_language_asked_or_says_so(self, document, account, market, language):
        answer = self.asked(document, account["account_id"], market=market, language=language)
        assert answer["items"]
        spoken = {item["language"] for item in answer["items"]}
        asked = language.split("-")[0]
        assert answer["fallback"]["used"] == any(tag.split("-")[0] != asked for tag in spoken)
