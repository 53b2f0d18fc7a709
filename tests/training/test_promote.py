"""Promotion: what serves is what was trained, to the bit, or what served before."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from features.errors import InputError, NotFoundError
from models.bundle import MANIFEST_FILE, save
from models.champion import load_champion
from models.inputs import MODEL_KINDS
from training.gates import GATES
from training.promote import BUNDLE_TAG, FORCED_TAG, go_back, promote
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
    assert promotion.gates["conversion, skill"] == "all is well"
    assert promotion.overruled == ()
    assert {run.run_id for run in Tracker.of(workspace).runs() if run.champion} == set(ids.values())


def test_each_promotion_is_a_version_and_changes_none_before(log, make_bundle, make_rows, workspace):
    log(make_bundle(0))
    promote(workspace)
    before = files_of(workspace.bundles / "b0001")
    second = make_bundle(1)
    log(second, champion="b0001")
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
        log(make_bundle(1), champion="b0001")
        before = files_of(workspace.bundles)
        yield
        assert files_of(workspace.bundles) == before
        assert load_champion(workspace).manifest.version == "b0001"

    def test_of_a_run_that_there_is_not(self, workspace):
        with pytest.raises(NotFoundError, match="training 'r7': there is no such run; trainings: "):
            promote(workspace, "r7")

    def test_of_a_model_that_the_registry_lost(self, workspace):
        client_of(workspace).delete_model_version(registered_name("conversion"), "2")
        with pytest.raises(InputError, match="the registry has no version of its conversion model any more"):
            promote(workspace)

    def test_of_a_bundle_that_was_changed(self, workspace):
        latest = Tracker.of(workspace).runs()[0].training
        trees = workspace.artifacts / latest / "artifacts" / "bundle" / "expansion.trees.txt"
        trees.write_text(trees.read_text(encoding="utf-8").replace("leaf_value=", "leaf_value=9"), encoding="utf-8")
        with pytest.raises(InputError, match=r"expansion\.trees\.txt: this is not what was saved"):
            promote(workspace)

    @pytest.mark.parametrize("gate", GATES)
    def test_at_a_closed_gate(self, log, make_bundle, workspace, gate):
        log(make_bundle(2), champion="b0001", closed={gate: "9 of 10"})
        with pytest.raises(InputError, match=rf"(?s)2 of its gates are closed.*conversion, {gate}: 9 of 10.*--force"):
            promote(workspace)

    def test_of_what_was_compared_with_another_champion(self, log, make_bundle, workspace):
        other = make_bundle(2)
        log(replace(other, manifest=other.manifest.model_copy(update={"data_version": "d2"})))
        with pytest.raises(InputError, match="champion: it was compared with none, and by now b0001 serves"):
            promote(workspace)

    def test_of_a_kind_that_no_gate_was_asked_about(self, log, make_bundle, workspace):
        training, _ = log(make_bundle(2), champion="b0001")
        told = workspace.artifacts / training / "artifacts" / "gates.json"
        report = json.loads(told.read_text(encoding="utf-8"))
        del report["verdicts"]["expansion"]
        told.write_text(json.dumps(report), encoding="utf-8")
        with pytest.raises(InputError, match="expansion, all: no gate was asked"):
            promote(workspace)

    def test_without_what_the_gates_said(self, log, make_bundle, workspace):
        training, _ = log(make_bundle(2), champion="b0001")
        (workspace.artifacts / training / "artifacts" / "gates.json").unlink()
        with pytest.raises(InputError, match="what the gates said of it cannot be fetched"):
            promote(workspace, force="because")

    def test_by_force_without_a_reason(self, log, make_bundle, workspace):
        log(make_bundle(2), champion="b0001", closed={"skill": "none"})
        with pytest.raises(InputError, match="--force: the reason is empty"):
            promote(workspace, force=" ")

    def test_back_to_what_never_served(self, workspace):
        with pytest.raises(InputError, match="--to b0007: there is no such bundle; promoted so far: b0001"):
            go_back(workspace, "b0007")


def client_of(workspace):
    import mlflow

    return mlflow.MlflowClient(workspace.tracking_uri, workspace.tracking_uri)


def champion_tags(workspace, kind):
    return client_of(workspace).get_model_version_by_alias(registered_name(kind), "champion").tags


def test_a_closed_gate_is_overruled_with_a_reason_that_is_kept(log, make_bundle, workspace):
    log(make_bundle(0), closed={"skill": "none"})
    promotion = promote(workspace, force=" the pilot needs a list ")
    assert promotion.overruled == ("conversion, skill", "expansion, skill")
    assert load_champion(workspace).manifest.forced == "the pilot needs a list"
    for kind in MODEL_KINDS:
        tags = champion_tags(workspace, kind)
        assert (tags[BUNDLE_TAG], tags[FORCED_TAG]) == ("b0001", "the pilot needs a list")


def test_force_overrules_nothing_where_all_gates_are_open(log, make_bundle, workspace):
    log(make_bundle(0))
    promote(workspace, force="in any case")
    assert load_champion(workspace).manifest.forced is None
    assert FORCED_TAG not in champion_tags(workspace, "conversion")


def test_the_way_back_is_one_step(log, make_bundle, make_rows, workspace):
    first = make_bundle(0)
    log(first)
    promote(workspace)
    log(make_bundle(1, kinds=("expansion",)), champion="b0001")
    assert promote(workspace).version == "b0002"
    back = go_back(workspace, "b0001")
    assert (back.version, back.versions) == ("b0001", {"conversion": 1, "expansion": 1})
    rows = make_rows("conversion", 1)
    assert load_champion(workspace).score(rows).equals(first.score(rows))
    assert {kind: champion_tags(workspace, kind)[BUNDLE_TAG] for kind in MODEL_KINDS} == dict.fromkeys(
        MODEL_KINDS, "b0001"
    )
    there_again = go_back(workspace, "b0002")
    assert there_again.versions == {"expansion": 2}
    assert {run.kind for run in Tracker.of(workspace).runs() if run.champion} == {"expansion"}


def test_a_champion_that_cannot_be_read_keeps_nobody_out(log, make_bundle, workspace):
    log(make_bundle(0))
    promote(workspace)
    (workspace.bundles / "b0001" / MANIFEST_FILE).write_text("{}", encoding="utf-8")
    log(make_bundle(1))
    assert promote(workspace).version == "b0002"
    assert load_champion(workspace).manifest.version == "b0002"
