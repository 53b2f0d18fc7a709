"""The examples on real data from elsewhere, through the same commands as any other data."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"


def require(folder: str) -> None:
    """Skip where the data are not there, but fail in CI, where they must be."""
    if not (DATA / folder).is_dir():
        message = f"{DATA / folder}: this data set is not here"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)


def do(glocal: Callable[..., Any], workspace: Path, *command: str | Path) -> Any:
    ran = glocal(*command, "--json", workspace=workspace)
    assert ran.code == 0, ran.err
    return ran.document


@pytest.fixture(scope="module")
def workspace(glocal: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Maven's CRM export, ingested."""
    require("maven_crm")
    folder = tmp_path_factory.mktemp("maven") / "workspace"
    example = ROOT / "examples" / "maven_crm"
    report = do(glocal, folder, "ingest", example / "sources.yaml", "--group", example / "group.yaml")
    assert report["tables"]["accounts"] == {"read": 85, "accepted": 85, "rejected": 0}
    return folder


@pytest.fixture(scope="module")
def ingested(glocal: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any]:
    """Online Retail, ingested, and what the ingest reported."""
    require("online_retail")
    folder = tmp_path_factory.mktemp("retail") / "workspace"
    example = ROOT / "examples" / "online_retail"
    return folder, do(glocal, folder, "ingest", example / "sources.yaml", "--group", example / "group.yaml")


@pytest.mark.xdist_group("maven")
class TestMavenCrm:
    def test_both_models_are_refused_with_the_counts(self, workspace: Path, glocal: Callable[..., Any]) -> None:
        models = do(glocal, workspace, "train")["models"]
        assert [model["kind"] for model in models] == ["conversion", "expansion"]
        for model in models:
            assert model["metrics"] is None
            assert "85 accounts with a success" in model["refused"]

    def test_the_rest_still_works(self, workspace: Path, glocal: Callable[..., Any], tmp_path: Path) -> None:
        do(glocal, workspace, "train")
        assert set(do(glocal, workspace, "promote")["refused"]) == {"conversion", "expansion"}
        release = do(glocal, workspace, "refresh")
        assert release["counts"]["none"] == 85
        do(glocal, workspace, "publish", release["release_id"])
        assert glocal("export", release["release_id"], "--to", tmp_path / "t.csv", workspace=workspace).code == 0
        exported = pd.read_csv(tmp_path / "t.csv")
        assert len(exported) == 85
        assert set(exported["country"]) >= {"PH", "US", "KR"}
        assert exported["in_pipeline"].sum() > 50


@pytest.mark.xdist_group("retail")
class TestOnlineRetail:
    def test_what_is_no_country_is_rejected_and_nothing_else(self, ingested: tuple[Path, Any]) -> None:
        workspace, report = ingested
        assert report["rejects"]["accounts"] == {"unknown country": report["tables"]["accounts"]["rejected"]}
        rejects = pd.read_parquet(workspace / "rejects" / "accounts.parquet")
        assert set(rejects["value"]) <= {"Channel Islands", "West Indies", "European Community", "Unspecified"}
        assert report["rejects"]["orders"].keys() == {"orphan"}

    def test_year_one_ranks_year_two_better_than_rfm(
        self, ingested: tuple[Path, Any], glocal: Callable[..., Any]
    ) -> None:
        workspace, _ = ingested
        do(glocal, workspace, "train", "--as-of", "2010-12-10")
        do(glocal, workspace, "promote")
        release = do(glocal, workspace, "refresh", "--as-of", "2010-12-10")["release_id"]
        seen = {row["ranking"]: row for row in do(glocal, workspace, "hindsight", release)["rankings"]}
        ours, theirs = seen["glocal"], seen["recency_frequency_monetary"]
        assert ours["amount_lift"] > theirs["amount_lift"] > 1
        assert ours["growth_lift"] > theirs["growth_lift"] > 1
