"""`glocal tune`: what it writes is what `glocal train --config` takes, and it says whether that is worth a change."""

from __future__ import annotations

import json

import pytest

from training.config import EstimatorConfig, read_config

CONFIG = """
seed: 5
conversion: {n_estimators: 20, n_folds: 2, learning_rate: 0.3}
expansion: {n_estimators: 20, n_folds: 2, learning_rate: 0.3}
space: {num_leaves: {low: 2, high: 8}}
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tuning 調整")
    (folder / "start.yaml").write_text(CONFIG, encoding="utf-8")
    return folder


def test_writes_a_configuration_and_prints_the_trials_the_best_first(glocal, ingested, folder):
    out = folder / "training.yaml"
    given = ["--config", str(folder / "start.yaml"), "--out", str(out), "--trials", "2"]
    ran = glocal("tune", *given, workspace=ingested.root)
    assert ran.code == 0, ran.err
    for words in ("Trials learnt from what was known on", "as configured", "num_leaves", f"--config {out}"):
        assert words in ran.out.replace("\n", "")
    assert ran.out.count("beyond chance") == 2
    found = read_config(out)
    assert found.seed == 5
    for one in (found.conversion, found.expansion):
        assert one.model_copy(update={"num_leaves": 12}) == EstimatorConfig(
            n_estimators=20, n_folds=2, learning_rate=0.3
        )

    once_more = glocal("tune", *given, "--json", workspace=ingested.root)
    told = json.loads(once_more.out)
    assert told["config"] == found.model_dump(mode="json")
    assert [len(one["trials"]) for one in told["kinds"]] == [3, 3]
