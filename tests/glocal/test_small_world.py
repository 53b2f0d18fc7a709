"""The whole path on one small simulated group, whose true probabilities are known."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from models.champion import load_champion
from tiering.refresh import snapshot_path

KEYS = ["account_id", "business_unit", "cutoff"]
ACCOUNT_COLUMNS = {
    *("account_id", "region", "tier", "lead_business_unit", "kind", "probability", "expected_gross_profit"),
    *("priority_value", "in_pipeline", "reasons"),
}
DETAIL_COLUMNS = ACCOUNT_COLUMNS - {"region", "tier", "lead_business_unit"} | {"business_unit"}
METRICS = {"auc", "average_precision", "brier", "ece", "lift_at_10"}


@pytest.fixture(scope="module")
def truth(world: Any) -> pd.DataFrame:
    table = pd.read_parquet(world.exports / "truth" / "probabilities.parquet", columns=[*KEYS, "probability"])
    return table.astype({"account_id": "str", "business_unit": "str"}).rename(columns={"probability": "truth"})


@pytest.mark.parametrize("kind", ["conversion", "expansion"])
class TestEveryModel:
    def test_comes_near_the_truth(self, kind: str, world: Any, truth: pd.DataFrame) -> None:
        judged = world.judged[world.judged["model_kind"] == kind].merge(truth, on=KEYS)
        ours, best = (roc_auc_score(judged["label"], judged[name]) for name in ("probability", "truth"))
        assert ours - 0.5 >= 0.7 * (best - 0.5)

    def test_beats_what_people_use_today(self, kind: str, world: Any) -> None:
        model = next(model for model in world.training["models"] if model["kind"] == kind)
        assert set(model["baselines"]) == {"revenue", "engagement_points"}
        for baseline in model["baselines"].values():
            assert model["metrics"]["lift_at_10"] > baseline["lift_at_10"]
            assert model["metrics"]["auc"] > baseline["auc"]

    def test_reports_what_other_programs_read(self, kind: str, world: Any) -> None:
        model = next(model for model in world.training["models"] if model["kind"] == kind)
        assert model["refused"] is None
        assert model["run_id"]
        assert set(model["metrics"]) == METRICS
        for baseline in model["baselines"].values():
            assert set(baseline) == METRICS
            assert baseline["brier"] is None


@pytest.fixture(scope="module")
def accounts(world: Any, glocal: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("export") / "tiers.csv"
    assert glocal("export", "r0001", "--to", path, workspace=world.workspace.root).code == 0
    return pd.read_csv(path)


@pytest.fixture(scope="module")
def detail(world: Any, glocal: Callable[..., Any], tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    path = tmp_path_factory.mktemp("export") / "detail.parquet"
    assert glocal("export", "r0001", "--to", path, "--detail", workspace=world.workspace.root).code == 0
    return pd.read_parquet(path)


class TestExport:
    def test_has_one_row_per_account(self, accounts: pd.DataFrame) -> None:
        assert set(accounts) >= ACCOUNT_COLUMNS
        assert accounts["account_id"].is_unique

    def test_has_one_row_per_account_and_unit(self, accounts: pd.DataFrame, detail: pd.DataFrame) -> None:
        assert set(detail) >= DETAIL_COLUMNS
        assert len(detail) == 4 * len(accounts)
        assert not detail.duplicated(["account_id", "business_unit"]).any()

    def test_holds_the_capacities(self, world: Any, accounts: pd.DataFrame) -> None:
        for name, tier in world.workspace.group().tiers.items():
            if tier.capacity is not None:
                filled = accounts[accounts["tier"] == name].groupby("region").size()
                assert (filled <= pd.Series(tier.capacity).reindex(filled.index)).all()

    def test_tells_why_in_the_readers_language(self, world: Any, glocal: Callable[..., Any], tmp_path: Path) -> None:
        glocal("export", "r0001", "--to", tmp_path / "ja.csv", "--language", "ja", workspace=world.workspace.root)
        reasons = pd.read_csv(tmp_path / "ja.csv")["reasons"].dropna()
        assert reasons.str.contains("[ぁ-んァ-ン]", regex=True).mean() > 0.9

    def test_is_what_the_models_say_alone_and_together(self, world: Any, detail: pd.DataFrame) -> None:
        snapshot = pd.read_parquet(snapshot_path(world.workspace, "r0001"))
        bundle = load_champion(world.workspace)
        together = bundle.score(snapshot)[["account_id", "business_unit", "probability"]]
        stored = detail.merge(together, on=["account_id", "business_unit"], suffixes=("", "_now"))
        assert (stored["probability"] == stored["probability_now"]).all()
        for row in range(0, len(snapshot), len(snapshot) // 40):
            alone = bundle.score(snapshot.iloc[[row]])["probability"].iloc[0]
            assert alone == together["probability"].iloc[row]


def test_same_seed_same_release_byte_for_byte(world: Any, glocal: Callable[..., Any], tmp_path: Path) -> None:
    """Everything again from the exports on, in another folder."""
    workspace = tmp_path / "again"
    for command in (
        ("ingest", world.exports / "sources.yaml", "--group", world.exports / "group.yaml"),
        ("train",),
        ("promote",),
        ("refresh",),
    ):
        ran = glocal(*command, workspace=workspace)
        assert ran.code == 0, ran.err
    for name in ("tiers.csv", "detail.csv"):
        more = ["--detail"] if name == "detail.csv" else []
        for root, folder in ((world.workspace.root, tmp_path / "one"), (workspace, tmp_path / "two")):
            folder.mkdir(exist_ok=True)
            assert glocal("export", "r0001", "--to", folder / name, *more, workspace=root).code == 0
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_recommendations_are_in_the_language_asked_or_say_so(world: Any, glocal: Callable[..., Any]) -> None:
    account = pd.read_parquet(snapshot_path(world.workspace, "r0001"))["account_id"].iloc[0]
    for market, language in (("DE", "de"), ("JP", "ja"), ("SE", "sv")):
        ran = glocal(
            *("recommend", "--account", account, "--market", market, "--language", language, "-k", "3", "--json"),
            workspace=world.workspace.root,
        )
        assert ran.code == 0, ran.err
        answer = ran.document
        assert answer["account_known"]
        assert len(answer["items"]) == 3
        spoken = {item["language"] for item in answer["items"]}
        assert answer["fallback"]["used"] == any(not tag.startswith(language) for tag in spoken)
        for item in answer["items"]:
            assert {"asset_id", "family_id", "title", "layer", "language", "score", "reasons"} <= set(item)
            assert item["reasons"]
