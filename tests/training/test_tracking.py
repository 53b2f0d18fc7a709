"""Tracking: what a training logs is found again, and the registry's champion is whom promotion made it."""

from __future__ import annotations

import json
from contextlib import contextmanager
from pathlib import Path

import pytest
from mlflow.exceptions import MlflowException

from features.errors import InputError, NotFoundError
from features.workspace import Workspace
from models.bundle import load_bundle
from models.inputs import MODEL_KINDS
from training.tracking import CHAMPION, EXPERIMENT, Tracker, registered_name


@pytest.fixture
def tracker(workspace):
    return Tracker.of(workspace)


@pytest.fixture
def client(workspace):
    import mlflow

    return mlflow.MlflowClient(workspace.tracking_uri, workspace.tracking_uri)


@contextmanager
def mlflow_at(workspace):
    """Let MLflow look where the workspace's models are registered, as a data scientist would."""
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(workspace.tracking_uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


def champion_of(client, kind):
    """Return the run of a kind's champion, None where there is none."""
    aliases = client.get_registered_model(registered_name(kind)).aliases
    return client.get_model_version(registered_name(kind), aliases[CHAMPION]).run_id if CHAMPION in aliases else None


class TestALoggedTraining:
    def test_is_found_with_all_that_it_was_made_with(self, log, make_bundle, tracker, client):
        training, ids = log(make_bundle(0))
        assert set(ids) == set(MODEL_KINDS)
        for kind, run_id in ids.items():
            run = client.get_run(run_id)
            assert run.data.params == {"train_rows": "300", "seed": "7", "kind": kind}
            assert run.data.metrics == {"auc": 0.75, "revenue_auc": 0.5}
            assert {name: run.data.tags[name] for name in ("data_version", "code_version", "group_digest")} == {
                "data_version": "d1",
                "code_version": "c1",
                "group_digest": "g1",
            }
            assert run.data.tags["mlflow.parentRunId"] == training
            assert {file.path for file in client.list_artifacts(run_id)} == {"calibration.png", "backtest.json"}
            table = json.loads(Path(client.download_artifacts(run_id, "backtest.json")).read_text(encoding="utf-8"))
            assert table["columns"] == ["of", "value"]
            assert table["data"][0] == ["all", 0.75]
            (version,) = client.search_model_versions(f"name = '{registered_name(kind)}'")
            assert (version.run_id, int(version.version)) == (run_id, 1)
        listed = {run.kind: run for run in tracker.runs()}
        assert {kind: run.run_id for kind, run in listed.items()} == ids
        assert all(run.training == training and not run.champion for run in listed.values())
        assert listed["conversion"].metrics == {"auc": 0.75, "revenue_auc": 0.5}

    def test_keeps_no_pickle(self, log, make_bundle, workspace):
        log(make_bundle(0))
        kept = [path for path in workspace.artifacts.rglob("*") if path.is_file()]
        assert {path.suffix for path in kept} <= {".txt", ".json", ".py", ".yaml", ".yml", ".po", ".png", ".csv", ""}
        assert not [path for path in kept if path.suffix == "" and path.name not in ("MLmodel",)]

    @pytest.mark.parametrize("kind", MODEL_KINDS)
    def test_is_loaded_through_the_registry_and_scores_the_same(
        self, log, make_bundle, make_rows, tracker, workspace, kind
    ):
        import mlflow

        bundle = make_bundle(0)
        _, ids = log(bundle)
        tracker.crown(ids, {})
        rows = make_rows(kind, 3)
        with mlflow_at(workspace):
            model = mlflow.pyfunc.load_model(f"models:/{registered_name(kind)}@{CHAMPION}")
        expected = bundle.score(rows, [30])
        found = model.predict(rows)
        assert (found.index == rows.index).all()
        for name in ("probability", "log_odds"):
            assert (found[name] == expected[name]).all()
        assert (model.predict(rows, params={"days": 30})["probability"] == expected["probability_30d"]).all()
        other = next(one for one in MODEL_KINDS if one != kind)
        with pytest.raises(InputError, match=f"300 of 300 rows are of a kind or business unit that the {kind} model"):
            model.predict(make_rows(other, 3))

    def test_says_why_a_kind_was_refused(self, log, make_bundle, tracker):
        log(make_bundle(0, kinds=("expansion",)))
        listed = {run.kind: run for run in tracker.runs()}
        assert listed["conversion"].refused == "too few"
        assert listed["expansion"].refused is None

    def test_comes_before_those_before_it(self, log, make_bundle, tracker):
        first, _ = log(make_bundle(0))
        second, _ = log(make_bundle(1))
        assert [run.training for run in tracker.runs()] == [second, second, first, first]

    def test_that_broke_off_is_none(self, log, make_bundle, tracker, tmp_path):
        training, _ = log(make_bundle(0))
        with pytest.raises(MlflowException):
            log(make_bundle(1), expansion=tmp_path / "no bundle")
        assert {run.training for run in tracker.runs()} == {training}
        assert tracker.bundle_of(None, tmp_path / "fetched")[0] == training


def test_looking_where_nothing_was_logged_creates_nothing(tracker, workspace, tmp_path):
    assert tracker.runs() == []
    with pytest.raises(InputError, match="no trained model yet; run 'glocal train' first"):
        tracker.bundle_of(None, tmp_path)
    assert list(workspace.root.iterdir()) == []


def test_runs_and_registry_stay_in_the_workspace(log, make_bundle, workspace, client):
    log(make_bundle(0))
    assert {path.name for path in workspace.root.iterdir()} == {"mlflow.db", "mlartifacts"}
    assert client.get_experiment_by_name(EXPERIMENT).artifact_location == workspace.artifacts.as_uri()


class TestTheBundleOfATraining:
    def test_is_what_was_logged(self, log, make_bundle, make_rows, tracker, tmp_path):
        bundle = make_bundle(0)
        training, ids = log(bundle)
        for asked in (None, training, ids["expansion"]):
            found, folder = tracker.bundle_of(asked, tmp_path / f"fetched {asked}")
            assert found == training
            rows = make_rows("expansion", 1)
            assert load_bundle(folder).score(rows).equals(bundle.score(rows))

    def test_of_no_training(self, log, make_bundle, tracker, tmp_path):
        training, _ = log(make_bundle(0))
        with pytest.raises(NotFoundError, match=f"training 'x': there is no such run; trainings: {training}"):
            tracker.bundle_of("x", tmp_path)

    def test_that_is_gone(self, log, make_bundle, tracker, workspace, tmp_path):
        training, _ = log(make_bundle(0))
        (workspace.artifacts / training).rename(tmp_path / "lost")
        with pytest.raises(InputError, match=f"training '{training}': its bundle cannot be fetched .*; train anew"):
            tracker.bundle_of(None, tmp_path)


class TestCrowning:
    def test_moves_the_alias(self, log, make_bundle, tracker, client):
        _, first = log(make_bundle(0))
        _, second = log(make_bundle(1))
        assert tracker.crown(first, {}) == dict.fromkeys(MODEL_KINDS, 1)
        assert tracker.crown(second, {}) == dict.fromkeys(MODEL_KINDS, 2)
        assert {kind: champion_of(client, kind) for kind in MODEL_KINDS} == second
        assert {run.run_id for run in tracker.runs() if run.champion} == set(second.values())

    def test_takes_it_from_a_kind_that_has_no_model_now(self, log, make_bundle, tracker, client):
        _, first = log(make_bundle(0))
        _, second = log(make_bundle(1, kinds=("expansion",)))
        tracker.crown(first, {})
        assert tracker.crown({"expansion": second["expansion"]}, {}) == {"expansion": 2}
        assert champion_of(client, "conversion") is None
        assert champion_of(client, "expansion") == second["expansion"]

    def test_moves_none_where_a_version_is_gone(self, log, make_bundle, tracker, client):
        _, first = log(make_bundle(0))
        _, second = log(make_bundle(1))
        tracker.crown(first, {})
        client.delete_model_version(registered_name("expansion"), "2")
        with pytest.raises(InputError, match=f"run '{second['expansion']}': .* no version of its expansion model"):
            tracker.crown(second, {})
        assert {kind: champion_of(client, kind) for kind in MODEL_KINDS} == first


def test_workspaces_of_one_process_keep_apart(log, make_bundle, tracker, tmp_path, monkeypatch):
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    log(make_bundle(0))
    other = tmp_path / "other"
    other.mkdir()
    assert Tracker.of(Workspace(other)).runs() == []
    assert len(tracker.runs()) == len(MODEL_KINDS)
