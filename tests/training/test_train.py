"""Training on the small world: it finds most of what can be found, beats what people use today, and logs it all."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from benchmarks.worth import expected_auc
from features.tables import open_tables
from models.baselines import BASELINES
from models.champion import load_champion
from models.inputs import MODEL_KINDS
from models.scoring import by_day
from simulation.chain import build_tables
from simulation.parameters import CHAINS, STEP_DAYS, Stage
from simulation.recursion import win_probabilities
from simulation.truth import EXCITATION_NAMES
from training.evaluate import measure
from training.tracking import CHAMPION, Tracker, registered_name

METRICS = {"auc", "average_precision", "brier", "ece", "lift_at_10"}
KEYS = ["account_id", "business_unit", "cutoff"]


@pytest.fixture(scope="module")
def judged(world) -> dict[str, pd.DataFrame]:
    """The rows that each kind was judged by, with the true probability of each."""
    truth = pd.read_parquet(world.exports / "truth" / "probabilities.parquet")
    truth = truth[[*KEYS, "probability"]].rename(columns={"probability": "true_probability"})
    rows = world.judged.merge(truth, on=KEYS, how="left", validate="one_to_one")
    return {str(kind): of_kind for kind, of_kind in rows.groupby("model_kind")}


@pytest.fixture(scope="module")
def client(world):
    import mlflow

    uri = world.workspace.tracking_uri
    return mlflow.MlflowClient(uri, uri)


def reported(world, kind):
    (model,) = (model for model in world.training["models"] if model["kind"] == kind)
    return model


@pytest.mark.parametrize("kind", MODEL_KINDS)
class TestEachKind:
    def test_comes_near_the_true_probabilities(self, judged, kind):
        rows = judged[kind]
        known = rows[rows["true_probability"].notna()]
        assert len(known) > 0.99 * len(rows)
        true = known["true_probability"].to_numpy(float)
        learnt, best = (
            expected_auc(known[column].to_numpy(float), true) - 0.5 for column in ("probability", "true_probability")
        )
        assert learnt >= 0.7 * best, f"AUC {learnt + 0.5:.3f} of {best + 0.5:.3f}"

    def test_beats_both_baselines(self, world, kind):
        model = reported(world, kind)
        assert set(model["baselines"]) == {"revenue", "engagement_points"} == set(BASELINES)
        for baseline in model["baselines"].values():
            for name in ("auc", "average_precision", "lift_at_10"):
                assert model["metrics"][name] > baseline[name]

    def test_reports_what_its_rows_say(self, world, judged, kind):
        rows = judged[kind]
        own = measure(rows["label"].to_numpy(bool), rows["probability"].to_numpy(), is_probability=True)
        assert reported(world, kind)["metrics"] == pytest.approx(own.as_dict())
        assert own.ece is not None
        assert own.ece < 0.25 * rows["label"].mean()

    def test_its_run_holds_parameters_figures_and_pictures(self, world, client, kind):
        model = reported(world, kind)
        run = client.get_run(model["run_id"])
        with open_tables(world.workspace) as tables:
            assert run.data.tags["data_version"] == tables.data_version
        assert {name: run.data.metrics[name] for name in METRICS} == model["metrics"]
        for name, baseline in model["baselines"].items():
            assert run.data.metrics[f"{name}_lift_at_10"] == baseline["lift_at_10"]
        assert {"learning_rate", "num_leaves", "seed", "n_trees", "train_rows", "test_successes"} <= set(
            run.data.params
        )
        files = {file.path: file.file_size for file in client.list_artifacts(model["run_id"])}
        assert set(files) == {
            *("calibration.png", "gains.png", "importance.png", "backtest.png", "cutoffs.png"),
            *("metrics.csv", "quarantined.csv", "backtest.json"),
        }
        assert min(files.values()) > 0

    def test_its_champion_is_what_serves(self, world, client, kind):
        version = client.get_model_version_by_alias(registered_name(kind), CHAMPION)
        assert version.run_id == reported(world, kind)["run_id"]
        folder = f"models/{version.source.split('/')[-1]}/artifacts/artifacts/bundle"
        logged = next(world.workspace.artifacts.glob(f"{folder}/{kind}.trees.txt"))
        served = load_champion(world.workspace).of(kind).propensity
        assert served is not None
        trees = served.to_state().propensity.booster
        assert logged.read_text(encoding="utf-8").partition("end of trees")[0] == trees.partition("end of trees")[0]


def test_what_serves_scores_what_was_judged_to_the_bit(world, tmp_path):
    training = world.training["training"]
    _, folder = Tracker.of(world.workspace).bundle_of(training, tmp_path)
    served = world.workspace.bundles / "b0001"
    names = {path.name for path in served.iterdir()}
    assert names == {path.name for path in folder.iterdir()}
    for name in names - {"manifest.json"}:
        assert (served / name).read_bytes() == (folder / name).read_bytes()


def test_judged_later_than_learnt(world, judged):
    manifest = load_champion(world.workspace).manifest
    rows = pd.concat(judged.values())
    told = world.training["cutoffs"]
    assert set(told) == set(world.workspace.group().business_units)
    assert {f"{cutoff:%Y-%m-%d}" for cutoff in manifest.cutoffs} == {
        day for unit in told.values() for day in unit["train"]
    }
    for name, unit in world.workspace.group().business_units.items():
        days = rows.loc[rows["business_unit"] == name, "cutoff"]
        assert sorted({f"{day:%Y-%m-%d}" for day in days}) == told[name]["test"]
        until = manifest.learnt_until
        horizon = min(pd.Timedelta(days=unit.horizon_days), manifest.trained_as_of - until)
        assert pd.Timestamp(max(told[name]["train"])) < until <= days.min()
        assert days.max() + horizon <= manifest.trained_as_of


def test_successes_are_rare_and_what_they_bring_is_known(world):
    champion = load_champion(world.workspace)
    for kind in MODEL_KINDS:
        counts = world.training["counts"][kind]
        assert 0.02 < counts["test_successes"] / counts["test_rows"] < 0.06
        for money in (champion.of(kind).gross_profit, champion.of(kind).amount):
            assert money is not None
            assert math.isfinite(money.predict(pd.read_parquet(world.workspace.snapshots / "r0001.parquet")).sum())


@pytest.mark.parametrize("days", [30, 90, 180, 360])
def test_the_probability_by_any_day_is_near_the_truth(world, days):
    snapshot = pd.read_parquet(world.workspace.snapshots / "r0001.parquet")
    scored = snapshot[KEYS].assign(said=load_champion(world.workspace).score(snapshot, [days])[by_day(days)])
    states = pd.read_parquet(world.exports / "truth" / "probabilities.parquet").drop(columns="probability")
    rows = scored.merge(states, on=KEYS, validate="one_to_one")
    assert len(rows) > 0.99 * len(scored)
    rows["truth"] = np.nan
    for unit, own in rows.groupby("business_unit"):
        chances = win_probabilities(build_tables(CHAINS[unit]), days // STEP_DAYS)
        rows.loc[own.index, "truth"] = chances[
            own["fit"],
            own["size"],
            (own["kind"] == "upsell").astype(int),
            own["stage"].map({stage.name.lower(): int(stage) for stage in Stage}),
            own["age"],
            own["excitation"].map({name: place for place, name in enumerate(EXCITATION_NAMES)}),
            own["attention"].astype(int),
        ]
    # Prospects get worse in this world as the best convert, and the models learnt more than a year before.
    assert rows["said"].mean() == pytest.approx(rows["truth"].mean(), rel=0.25)
    # Within an interval the hazard is taken to be constant, where deals take their time: too much by 30 days.
    by_unit = rows.groupby("business_unit")[["said", "truth"]].mean()
    np.testing.assert_allclose(by_unit["said"], by_unit["truth"], rtol=0.5 if days < 90 else 0.35)
