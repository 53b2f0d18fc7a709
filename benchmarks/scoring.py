"""Scoring speed: the bundle against bare LightGBM on a matrix that lies ready."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

import lightgbm as lgb
import numpy as np
import pandas as pd

from benchmarks.page import Section
from features.workspace import Workspace
from models.champion import load_champion
from models.inputs import model_inputs, model_kinds
from models.landmarks import INTERVAL
from models.timeline import WITHIN_HORIZON

REPEATS = 5


def measure(workspace: Workspace) -> Section:
    """Score and explain the snapshot of the first release."""
    bundle = load_champion(workspace)
    snapshot = pd.read_parquet(workspace.snapshots / "r0001.parquet")
    rows = snapshot[model_kinds(snapshot) == "conversion"].reset_index(drop=True)
    model = bundle.of("conversion").propensity
    if model is None:
        raise SystemExit("the workspace's champion has no conversion model")
    state = model.to_state().propensity
    booster = lgb.Booster(model_str=state.booster)
    inputs = model_inputs(rows, bundle.manifest.signals).assign(**{INTERVAL: "1"})
    matrix = np.column_stack([_codes(inputs[name]) for name in state.names])
    stacked = np.tile(matrix, (WITHIN_HORIZON, 1))
    works: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "probability and money": (lambda: bundle.score(rows), lambda: booster.predict(stacked, num_threads=1)),
        "reasons": (
            lambda: bundle.explain(rows),
            lambda: booster.predict(stacked, pred_contrib=True, num_threads=1),
        ),
    }
    lines = []
    for name, (ours, bare) in works.items():
        pairs = [(_seconds(ours), _seconds(bare)) for _ in range(REPEATS)]
        mine, theirs = (median(part) for part in zip(*pairs, strict=True))
        lines.append((name, f"{len(rows) / mine:,.0f}", f"{len(rows) / theirs:,.0f}", f"{mine / theirs:.2f}"))
    return Section(
        "Scoring",
        f"{len(rows):,} rows on one thread, medians of {REPEATS}. Bare LightGBM predicts all {WITHIN_HORIZON} parts "
        "of each row's horizon from a ready matrix; the bundle starts from the snapshot.",
        ("work", "rows a second", "bare LightGBM", "time, bare = 1"),
        lines,
    )


def _codes(column: pd.Series) -> np.ndarray:
    return pd.factorize(column)[0].astype(float) if column.dtype == "str" else column.to_numpy(float)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
