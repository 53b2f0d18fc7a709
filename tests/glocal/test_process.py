"""The commands as processes of their own: one after another they give, to the byte, what the demo gives in one go."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from features.workspace import Workspace

pytestmark = pytest.mark.xdist_group("processes")

ACCOUNTS, SEED = "500", "3"
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
def chain(tmp_path_factory) -> Chain:
    """Every step from exports to a published list, each a process."""
    folder = tmp_path_factory.mktemp("chain of processes 一")
    workspace = Workspace(folder / "workspace")
    steps: dict[str, list[str | Path]] = {
        "simulate": ["simulate", "--accounts", ACCOUNTS, "--seed", SEED, "--out", folder / "exports"],
        "ingest": ["ingest", folder / "exports/sources.yaml", "--group", folder / "exports/group.yaml", "--json"],
        "train": ["train", "--seed", SEED, "--json"],
        "promote": ["promote", "--json"],
        "refresh": ["refresh", "--json"],
        "publish": ["publish", "r0001", "--json"],
    }
    ran = {name: process("--workspace", workspace.root, *step) for name, step in steps.items()}
    assert {name: one.returncode for name, one in ran.items()} == dict.fromkeys(steps, 0), ran
    return Chain(
        workspace, {name: one.stdout for name, one in ran.items()}, {name: one.stderr for name, one in ran.items()}
    )


@pytest.fixture(scope="module")
def demo(glocal, encoder_dir, tmp_path_factory) -> tuple[Workspace, str]:
    """The demo on the same group: its workspace, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    workspace = Workspace(folder / "workspace")
    workspace.root.mkdir()
    encoder_dir.mkdir(exist_ok=True)
    workspace.encoders.symlink_to(encoder_dir, target_is_directory=True)
    ran = glocal(
        *("demo", "--out", folder / "exports", "--accounts", ACCOUNTS, "--seed", SEED), workspace=workspace.root
    )
    assert ran.code == 0, ran.err
    return workspace, ran.out


@pytest.fixture
def exported(glocal, tmp_path) -> Callable[..., bytes]:
    """Return what exports r0001 of a workspace."""

    def export(workspace: Workspace, name: str, *options: str) -> bytes:
        path = tmp_path / workspace.root.parent.name / name
        path.parent.mkdir(exist_ok=True)
        assert glocal("export", "r0001", "--to", path, *options, workspace=workspace.root).code == 0
        return path.read_bytes()

    return export


@pytest.mark.parametrize("name", ["tiers.csv", "tiers.parquet"])
@pytest.mark.parametrize("options", [(), ("--detail",)], ids=["accounts", "detail"])
def test_the_same_seed_gives_the_same_bytes(chain, demo, exported, name, options):
    assert exported(chain.workspace, name, *options) == exported(demo[0], name, *options)


def test_the_same_seed_gives_the_same_models(chain, demo):
    bundles = [
        {path.name: path.read_bytes() for path in (workspace.bundles / "b0001").iterdir()}
        for workspace in (chain.workspace, demo[0])
    ]
    assert bundles[0] == bundles[1]


class TestStdout:
    def test_has_nothing_but_the_document_and_stderr_has_nothing(self, chain):
        for command in set(chain.out) - {"simulate"}:
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


class TestTheDemo:
    def test_prints_what_it_took_in_and_how_good_the_models_are(self, demo):
        out = demo[1]
        for words in ("Ingested", "events", "Backtest", "LightGBM", "revenue", "engagement points", "lift at 10 %"):
            assert words in out

    def test_prints_a_tier_list_with_reasons(self, demo):
        out = demo[1]
        for words in ("Tiers", "strategic", "scale", "programmatic", "priority value", "↑ "):
            assert words in out

    def test_prints_playbooks_in_four_languages_for_accounts_in_different_markets(self, demo):
        tables = demo[1].split("Playbooks for ")[1:]
        markets = {table.split("(")[1].split(",")[0] for table in tables}
        assert len(markets) >= 4
        languages = {
            cells[1].strip()
            for table in tables
            for line in table.splitlines()
            if len(cells := line.strip("│┃ ").split("│")) == 6 and cells[0].strip()
        }
        assert len({language for language in languages if language}) >= 4
