"""A training made again from what MLflow keeps of it: the same models to the byte, a refusal, or which files differ."""

from __future__ import annotations

import pytest

from features.errors import InputError, NotFoundError
from models.bundle import save
from training import remake as remake_module
from training.config import CONFIG_FILE, EstimatorConfig, TrainingConfig, as_yaml
from training.remake import remake
from training.tracking import ModelRun, Tracker
from training.train import train

pytestmark = pytest.mark.xdist_group("remake")
"""One worker trains once for all of them."""

SMALL = EstimatorConfig(n_estimators=15, n_folds=2, learning_rate=0.3)
CONFIG = TrainingConfig(seed=5, trusted=("engagement_points",), conversion=SMALL, expansion=SMALL)


@pytest.fixture(scope="module")
def workspace(world, copy_workspace, tmp_path_factory):
    return copy_workspace(world.workspace, tmp_path_factory.mktemp("remake") / "workspace")


@pytest.fixture(scope="module")
def trained(workspace):
    return train(workspace, config=CONFIG)


def test_gives_the_same_models_to_the_byte(workspace, trained):
    remade = remake(workspace, trained.run_ids["expansion"])
    assert remade.of == trained.training != remade.report.training
    assert remade.differing == ()
    kept = Tracker.of(workspace).file_of(remade.report.training, CONFIG_FILE, workspace.root)
    assert kept is not None
    assert kept.read_text(encoding="utf-8") == as_yaml(CONFIG)


def test_tells_which_files_differ(workspace, trained, monkeypatch):
    def train_otherwise(workspace, as_of, config, progress):
        return train(workspace, as_of, config.model_copy(update={"seed": 6}), progress)

    monkeypatch.setattr(remake_module, "train", train_otherwise)
    differing = remake(workspace, trained.training).differing
    assert {"conversion.trees.txt", "expansion.trees.txt"} <= set(differing)


def test_other_code_is_refused(workspace, trained, monkeypatch):
    monkeypatch.setattr(remake_module, "code_version", lambda: "9.9.9+other")
    with pytest.raises(InputError, match=r"it had code \S+, and here is code 9\.9\.9\+other; install that version"):
        remake(workspace, trained.training)


@pytest.mark.parametrize("kept", [True, False])
def test_other_data_or_no_configuration_is_refused(workspace, make_bundle, tmp_path, kept):
    save(make_bundle(0), tmp_path / "bundle")
    config = tmp_path / CONFIG_FILE
    config.write_text(as_yaml(CONFIG), encoding="utf-8")
    tracker = Tracker.of(workspace)
    runs = tracker.runs()
    (files := tmp_path / "files").mkdir()
    refused = [ModelRun("conversion", {}, {}, files, refused="too few")]
    training, _ = tracker.log_training({}, refused, tmp_path / "bundle", *([config] if kept else []))
    told = r"it had data d1, and here is data \S+; ingest" if kept else f"does not hold its {CONFIG_FILE}; train anew"
    with pytest.raises(InputError, match=told):
        remake(workspace, training)
    assert len(tracker.runs()) == len(runs) + 1


def test_an_unknown_run_is_refused(workspace, trained):
    with pytest.raises(NotFoundError, match=f"'nobody'.*{trained.training}"):
        remake(workspace, "nobody")
