"""Tuning on the small world: trials are logged, the cutoffs to judge by are not looked at, and only a gain is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from features.errors import InputError
from features.tables import open_tables
from models.champion import load_champion
from models.inputs import MODEL_KINDS
from training import tune as tuning_module
from training.clustered import Estimate
from training.config import EstimatorConfig, Range, TrainingConfig, read_config
from training.examples import first_happening
from training.tracking import Tracker
from training.tune import AS_CONFIGURED, Trial, TunedKind, tune

SMALL = EstimatorConfig(n_estimators=40, n_folds=2, learning_rate=0.3)
SPACE = {"num_leaves": Range(low=2, high=8), "l2": Range(low=1, high=1000, log=True)}
CONFIG = TrainingConfig(seed=3, conversion=SMALL, expansion=SMALL, space=SPACE)
TRIALS = 2

pytestmark = pytest.mark.xdist_group("tune")


@pytest.fixture(scope="module")
def workspace(world, copy_workspace, tmp_path_factory):
    return copy_workspace(world.workspace, tmp_path_factory.mktemp("tuning") / "workspace")


@pytest.fixture(scope="module")
def opened():
    """At which ends of the data tables were opened."""
    return []


@pytest.fixture(scope="module")
def tuning(workspace, opened):
    with pytest.MonkeyPatch.context() as patch:
        gather = tuning_module.gather
        patch.setattr(
            tuning_module, "gather", lambda tables, *rest: opened.append(tables.as_of) or gather(tables, *rest)
        )
        return tune(workspace, TRIALS, config=CONFIG)


def test_only_what_was_known_when_learning_ends_is_looked_at(tuning, opened, world):
    learnt_until = load_champion(world.workspace).manifest.learnt_until
    assert tuning.judged_until == learnt_until == opened[0]
    assert len(opened) == 1
    assert tuning.learnt_until < tuning.judged_until


def test_the_first_trial_is_what_was_configured_and_the_others_are_within_the_space(tuning):
    for one in tuning.kinds:
        first, *others = one.trials
        assert (first.number, first.config) == (AS_CONFIGURED, SMALL)
        assert len(others) == TRIALS
        for trial in others:
            assert 2 <= trial.config.num_leaves <= 8
            assert 1 <= trial.config.l2 <= 1000
            assert trial.config == SMALL.model_copy(update=dict(trial.searched))
        assert one.best.log_loss == min(trial.log_loss for trial in one.trials)
        assert one.ahead is not None
        assert one.ahead.value == pytest.approx(first.log_loss - one.best.log_loss)


def test_what_is_kept_is_what_is_better_beyond_chance(tuning):
    for one in tuning.kinds:
        assert tuning.config.of(one.kind) == (one.best.config if one.is_better else SMALL)
    assert (tuning.config.seed, tuning.config.space) == (CONFIG.seed, CONFIG.space)


@pytest.mark.parametrize(("low", "better"), [(-0.001, False), (0.0, False), (0.001, True)])
def test_is_better_only_where_the_interval_says_so(low, better):
    trial = Trial("conversion", 0, SMALL, {}, 0.1, 0.7, 3)
    assert TunedKind("conversion", (trial,), Estimate(0.002, low, 0.004)).is_better is better


def test_every_trial_is_a_run_below_the_tuning_and_the_configuration_is_kept(tuning, workspace, tmp_path):
    import mlflow

    client = mlflow.MlflowClient(Tracker.of(workspace).uri)
    experiment = client.get_experiment_by_name("glocal-tuning")
    runs = {run.info.run_id: run for run in client.search_runs([experiment.experiment_id])}
    parent = runs.pop(tuning.run_id)
    trials = {(trial.kind, str(trial.number)): trial for one in tuning.kinds for trial in one.trials}
    assert {(run.data.tags["glocal.kind"], run.data.tags["glocal.trial"]) for run in runs.values()} == set(trials)
    for run in runs.values():
        trial = trials[run.data.tags["glocal.kind"], run.data.tags["glocal.trial"]]
        assert run.data.tags["mlflow.parentRunId"] == tuning.run_id
        assert float(run.data.params["l2"]) == trial.searched["l2"]
        assert run.data.metrics["log_loss"] == trial.log_loss
    with open_tables(workspace) as tables:
        assert parent.data.tags["data_version"] == tables.data_version
    kept = Tracker.of(workspace).file_of(tuning.run_id, "training.yaml", tmp_path)
    assert kept is not None
    assert read_config(kept) == tuning.config


def test_trainings_are_not_mixed_up_with_trials(tuning, workspace):
    assert {run.kind for run in Tracker.of(workspace).runs()} == set(MODEL_KINDS)
    assert tuning.run_id not in {run.training for run in Tracker.of(workspace).runs()}


def test_says_where_there_is_too_little_to_hold_out_twice(workspace):
    with open_tables(workspace) as tables:
        early = first_happening(tables) + timedelta(days=170)
    with pytest.raises(InputError, match="too little to hold anything out"):
        tune(workspace, 1, as_of=early)
