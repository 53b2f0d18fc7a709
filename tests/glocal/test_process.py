"""The commands as processes of their own: one after another they give, to the byte, what they give in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from features.workspace import Workspace

pytestmark = pytest.mark.xdist_group("processes")

METRICS = {"auc", "average_precision", "brier", "ece", "lift_at_10"}
GLOCAL = Path(sys.executable).with_name("glocal")


@dataclass(frozen=True)
class Chain:
    """What the commands wrote, by command, and where they worked."""

    workspace: Workspace
    out: dict[str, str]
    err: dict[str, str]

    def document(self, command: str) -> Any:
        return json.loads(self.out[command], parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))


def process(*arguments: str | Path, hash_seed: str = "7") -> subprocess.CompletedProcess[str]:
    """Run the installed program, with more threads than this process has and other hashes."""
    settings = {**os.environ, "LOKY_MAX_CPU_COUNT": "2", "PYTHONHASHSEED": hash_seed}
    return subprocess.run(
        [GLOCAL, *map(str, arguments)], env=settings, capture_output=True, text=True, encoding="utf-8", check=False
    )


@pytest.fixture(scope="module")
def chain(world, tmp_path_factory) -> Chain:
    """Every step from the small world's exports to a published list again, each a process."""
    workspace = Workspace(tmp_path_factory.mktemp("chain of processes 一") / "workspace")
    exports = world.exports
    steps: dict[str, list[str | Path]] = {
        "ingest": ["ingest", exports / "sources.yaml", "--group", exports / "group.yaml", "--json"],
        "train": ["train", "--json"],
        "promote": ["promote", "--json"],
        "refresh": ["refresh", "--json"],
        "publish": ["publish", "r0001", "--json"],
        "tiers.csv": ["export", "r0001", "--to", workspace.root / "tiers.csv"],
        "detail.parquet": ["export", "r0001", "--to", workspace.root / "detail.parquet", "--detail"],
    }
    ran = {name: process("--workspace", workspace.root, *step) for name, step in steps.items()}
    assert {name: one.returncode for name, one in ran.items()} == dict.fromkeys(steps, 0), ran
    return Chain(
        workspace, {name: one.stdout for name, one in ran.items()}, {name: one.stderr for name, one in ran.items()}
    )


class TestTheSameSeed:
    @pytest.mark.parametrize(("name", "options"), [("tiers.csv", ()), ("detail.parquet", ("--detail",))])
    def test_gives_the_same_bytes(self, chain, world, glocal, tmp_path, name, options):
        assert glocal("export", "r0001", "--to", tmp_path / name, *options, workspace=world.workspace.root).code == 0
        assert (chain.workspace.root / name).read_bytes() == (tmp_path / name).read_bytes()

    def test_gives_the_same_models(self, chain, world):
        bundles = [
            {path.name: path.read_bytes() for path in (workspace.bundles / "b0001").iterdir()}
            for workspace in (chain.workspace, world.workspace)
        ]
        assert bundles[0] == bundles[1]


class TestStdout:
    def test_has_nothing_but_the_document_and_stderr_has_nothing(self, chain):
        for command in ("ingest", "train", "promote", "refresh", "publish"):
            assert isinstance(chain.document(command), dict)
        assert set(chain.err.values()) == {""}

    def test_of_ingest(self, chain):
        tables = chain.document("ingest")["tables"]
        assert {"accounts", "contacts", "events", "opportunities", "orders", "playbooks"} <= set(tables)
        for counts in tables.values():
            assert counts.keys() == {"read", "accepted", "rejected"}
            assert counts["read"] == counts["accepted"] + counts["rejected"]
        assert tables["events"]["accepted"] > 10_000

    def test_of_train(self, chain):
        models = chain.document("train")["models"]
        assert [model["kind"] for model in models] == ["conversion", "expansion"]
        for model in models:
            assert model.keys() == {"kind", "run_id", "metrics", "baselines", "refused"}
            assert model["refused"] is None
            assert model["metrics"].keys() == METRICS
            assert None not in model["metrics"].values()
            assert model["baselines"].keys() == {"revenue", "engagement_points"}
            for baseline in model["baselines"].values():
                assert baseline.keys() == METRICS
                assert baseline["brier"] is baseline["ece"] is None

    def test_of_promote_and_refresh(self, chain):
        assert chain.document("promote")["version"] == "b0001"
        release = chain.document("refresh")
        assert (release["release_id"], release["status"]) == ("r0001", "draft")
        assert chain.document("publish")["status"] == "published"


class TestAMistake:
    def test_ends_with_1_and_a_sentence(self, chain):
        ran = process("--workspace", chain.workspace.root, "publish", "r0099", "--json")
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.startswith("glocal: release 'r0099': ")
        assert ran.stderr.endswith("r0001\n")
        assert ran.stderr.count("\n") == 1

    def test_in_usage_ends_with_2(self, chain):
        ran = process("--workspace", chain.workspace.root, "publish")
        assert (ran.returncode, ran.stdout) == (2, "")
        assert "Usage: glocal publish" in ran.stderr
