"""Promotion: what serves is what was trained, to the bit, or what served before."""

from __future__ import annotations

import json

import pytest

from features.errors import InputError, NotFoundError
from models.bundle import MANIFEST_FILE, save
from models.champion import load_champion
from models.inputs import MODEL_KINDS
from training.promote import promote
from training.tracking import Tracker, registered_name


def files_of(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_what_serves_is_what_was_trained(log, make_bundle, make_rows, workspace, tmp_path):
    trained = make_bundle(0)
    training, ids = log(trained)
    promotion = promote(workspace)
    assert (promotion.version, promotion.training) == ("b0001", training)
    assert promotion.versions == dict.fromkeys(MODEL_KINDS, 1)
    champion = load_champion(workspace)
    for kind in MODEL_KINDS:
        rows = make_rows(kind, 1)
        assert champion.score(rows).equals(trained.score(rows))
    save(trained, tmp_path / "trained")
    promoted, original = files_of(workspace.bundles / "b0001"), files_of(tmp_path / "trained")
    assert {path for path in original if promoted[path] != original[path]} == {*original}.intersection(
        path for path in original if path.name == MANIFEST_FILE
    )
    manifest = json.loads((workspace.bundles / "b0001" / MANIFEST_FILE).read_text(encoding="utf-8"))["manifest"]
    assert manifest == {**trained.manifest.model_dump(mode="json"), "version": "b0001"}
    assert {run.run_id for run in Tracker.of(workspace).runs() if run.champion} == set(ids.values())


def test_each_promotion_is_a_version_and_changes_none_before(log, make_bundle, make_rows, workspace):
    log(make_bundle(0))
    promote(workspace)
    before = files_of(workspace.bundles / "b0001")
    second = make_bundle(1)
    log(second)
    assert promote(workspace).version == "b0002"
    assert files_of(workspace.bundles / "b0001") == before
    rows = make_rows("conversion", 2)
    assert load_champion(workspace).score(rows).equals(second.score(rows))


@pytest.mark.parametrize("named", ["training", "conversion"])
def test_an_earlier_training_can_be_named_by_any_of_its_runs(log, make_bundle, make_rows, workspace, named):
    first = make_bundle(0)
    training, ids = log(first)
    log(make_bundle(1))
    assert promote(workspace, {"training": training, **ids}[named]).training == training
    rows = make_rows("expansion", 2)
    assert load_champion(workspace).score(rows).equals(first.score(rows))


def test_a_refused_kind_is_told(log, make_bundle, workspace):
    log(make_bundle(0, kinds=("expansion",)))
    promotion = promote(workspace)
    assert promotion.refused == {"conversion": "too few"}
    assert promotion.versions == {"expansion": 1}
    assert load_champion(workspace).of("conversion").propensity is None


def test_nothing_was_trained(workspace):
    with pytest.raises(InputError, match="no trained model yet; run 'glocal train' first"):
        promote(workspace)
    assert list(workspace.root.iterdir()) == []


class TestAFailedPromotion:
    @pytest.fixture(autouse=True)
    def served_before(self, log, make_bundle, workspace):
        log(make_bundle(0))
        promote(workspace)
        log(make_bundle(1))
        before = files_of(workspace.bundles)
        yield
        assert files_of(workspace.bundles) == before
        assert load_champion(workspace).manifest.version == "b0001"

    def test_of_a_run_that_there_is_not(self, workspace):
        with pytest.raises(NotFoundError, match="training 'r7': there is no such run; trainings: "):
            promote(workspace, "r7")

    def test_of_a_model_that_the_registry_lost(self, workspace):
        import mlflow

        client = mlflow.MlflowClient(workspace.tracking_uri, workspace.tracking_uri)
        client.delete_model_version(registered_name("conversion"), "2")
        with pytest.raises(InputError, match="the registry has no version of its conversion model any more"):
            promote(workspace)

    def test_of_a_bundle_that_was_changed(self, workspace):
        latest = Tracker.of(workspace).runs()[0].training
        trees = workspace.artifacts / latest / "artifacts" / "bundle" / "expansion.trees.txt"
        trees.write_text(trees.read_text(encoding="utf-8").replace("leaf_value=", "leaf_value=9"), encoding="utf-8")
        with pytest.raises(InputError, match=r"expansion\.trees\.txt: this is not what was saved"):
            promote(workspace)
