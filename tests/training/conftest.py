"""What tests of training share: small bundles, and trainings of them logged to a workspace's MLflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest

from features.workspace import Workspace
from models.bundle import Bundle, BundleManifest, KindModels, save
from models.hazards import HazardModel
from models.inputs import MODEL_KINDS, ModelKind, model_inputs
from models.landmarks import Followed, timeline_keys
from models.propensity import PropensityModel
from models.timeline import Timeline
from models.value import ValueModel
from training.gates import GATES, GATES_FILE, GateReport, Verdict
from training.tracking import ModelRun, Tracker

AS_OF = datetime.fromisoformat("2026-07-01")
SIGNALS = ("engagement_points", "attributes_annual_revenue")
TAGS = {"data_version": "d1", "code_version": "c1", "group_digest": "g1", "as_of": AS_OF.isoformat()}


def rows_of(kind: ModelKind, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    n = 300
    return pd.DataFrame(
        {
            "account_id": [f"会社{number:03d}" for number in range(n)],
            "business_unit": rng.choice(["cloud", "energy"], n),
            "cutoff": pd.Timestamp(AS_OF),
            "kind": "new_logo" if kind == "conversion" else "upsell",
            "country": "JP",
            "region": "APAC",
            "in_pipeline": False,
            **{signal: rng.exponential(100, n) for signal in SIGNALS},
        }
    )


def bundle_of(seed: int, kinds: tuple[ModelKind, ...] = MODEL_KINDS) -> Bundle:
    """Return models that learnt from noise of a seed, and refuse the other kinds."""
    rng = np.random.default_rng(seed)
    models = {}
    for kind in kinds:
        rows = rows_of(kind, seed)
        estimator = PropensityModel(n_estimators=10, min_child_samples=5, n_folds=2, n_jobs=1, random_state=seed)
        inputs, success = model_inputs(rows, SIGNALS), rng.random(len(rows)) < 0.3
        whole = {key: Timeline.of_whole(90) for key in timeline_keys(inputs).unique()}
        places = np.arange(len(rows))
        model = HazardModel.learn(estimator, inputs, Followed.of_windows(success, 90), whole, places, places)
        models[kind] = KindModels(model, None, ValueModel().fit(rows, rng.lognormal(9, 1, len(rows))))
    return Bundle(
        models=models,
        manifest=BundleManifest(
            version="candidate",
            data_version="d1",
            code_version="c1",
            group_digest="g1",
            trained_as_of=AS_OF,
            learnt_until=AS_OF,
            cutoffs=(AS_OF,),
            signals=SIGNALS,
            refused={kind: "too few" for kind in MODEL_KINDS if kind not in kinds},
        ),
    )


@pytest.fixture(scope="session")
def make_bundle() -> Callable[..., Bundle]:
    return bundle_of


@pytest.fixture(scope="session")
def make_rows() -> Callable[[ModelKind, int], pd.DataFrame]:
    return rows_of


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """A workspace in which nothing was done."""
    folder = tmp_path / "arbeitsplatz 作業"
    folder.mkdir()
    return Workspace(folder)


@pytest.fixture
def log(workspace: Workspace, tmp_path: Path) -> Callable[..., tuple[str, dict[str, str]]]:
    """Return what logs a training of a bundle, compared with a champion: its run, and that of each kind."""

    def logged(
        bundle: Bundle, champion: str | None = None, closed: Mapping[str, str] = MappingProxyType({}), **broken: str
    ) -> tuple[str, dict[str, str]]:
        folder = tmp_path / f"made {len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        save(bundle, folder / "bundle")
        runs = [_run(kind, bundle, folder, Path(broken.get(kind, folder / "bundle"))) for kind in MODEL_KINDS]
        verdicts = tuple(
            Verdict(gate=gate, open=gate not in closed, finding=closed.get(gate, "all is well")) for gate in GATES
        )
        told = folder / GATES_FILE
        report = GateReport(champion=champion, verdicts=dict.fromkeys(bundle.models, verdicts))
        told.write_text(report.model_dump_json(), encoding="utf-8")
        return Tracker.of(workspace).log_training(TAGS, runs, folder / "bundle", told)

    return logged


TABLES = {"backtest": pd.DataFrame({"of": ["all", "DACH"], "value": [0.75, float("nan")]})}


def _run(kind: ModelKind, bundle: Bundle, folder: Path, saved: Path) -> ModelRun:
    files = folder / kind
    files.mkdir()
    (files / "calibration.png").write_bytes(b"drawn")
    model = bundle.of(kind).propensity
    if model is None:
        return ModelRun(kind, {"train_rows": 3}, {}, files, refused=bundle.manifest.refused[kind])
    return ModelRun(
        kind, {"train_rows": 300, "seed": 7}, {"auc": 0.75, "revenue_auc": 0.5}, files, saved, tables=TABLES
    )
