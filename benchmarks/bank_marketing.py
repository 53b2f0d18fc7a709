"""Drift: a bank's calls in order of time, of which 3 % succeed in the beginning and half in the end."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import track
from sklearn.metrics import log_loss, roc_auc_score

from benchmarks.page import Section
from benchmarks.rivals import RIVALS, Fit, lightgbm
from training.evaluate import expected_calibration_error

CALLS = Path(__file__).parents[2] / "shared" / "data" / "bank_marketing" / "bank-additional.zip"
MEMORY, STEP = 20_000, 500
"""Calls that are learnt from before each forecast, and calls that it is of."""

SMALL_STEPS = {"learning_rate": 0.03, "n_estimators": 200, "num_leaves": 15, "min_child_samples": 50}
"""What LightGBM does better with than by default. Chosen on the very calls that judge, which flatters it."""


def calls() -> tuple[pd.DataFrame, NDArray[np.bool_]]:
    """Return what was known before each call, and whether it succeeded.

    Moro, Cortez and Rita, A data-driven approach to predict the success of bank telemarketing, Decision Support Systems
    62, 2014. How long the call took is only known afterwards, and left out.
    """
    if not CALLS.exists():
        raise SystemExit(f"the bank's calls are not there; put them into {CALLS}")
    with zipfile.ZipFile(CALLS) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/bank-additional-full.csv"))
        rows = pd.read_csv(archive.open(name), sep=";")
    return rows.drop(columns=["y", "duration"]), (rows["y"] == "yes").to_numpy(dtype=bool)


def measure() -> Section:
    """Forecast the next calls from those before, again and again, and judge all forecasts together."""
    rows, success = calls()
    starts = range(MEMORY, len(rows), STEP)
    happened, lines = success[MEMORY:], []
    rivals: dict[str, Fit] = {**RIVALS, "LightGBM in small steps": partial(lightgbm, settings=SMALL_STEPS)}
    for name, fit in rivals.items():
        parts = [
            fit(rows[start - MEMORY : start], success[start - MEMORY : start])(rows[start : start + STEP])
            for start in track(starts, name, transient=True)
        ]
        probability = np.concatenate(parts)
        figures = (
            roc_auc_score(happened, probability),
            expected_calibration_error(happened, probability),
            log_loss(happened, probability),
        )
        lines.append((name, *(f"{figure:.4f}" for figure in figures)))
    return Section(
        "Drift",
        f"UCI's bank marketing, {len(rows):,} calls in order of time without their duration: {len(starts)} forecasts "
        f"of the next {STEP} calls, each from the {MEMORY:,} before, judged together. Of the first {MEMORY:,} calls "
        f"{success[:MEMORY].mean():.0%} succeeded, of the last 2,000 {success[-2000:].mean():.0%}. Moro et al. (2014) "
        f"report an AUC of 0.80 on wider data. LightGBM in small steps has {_told(SMALL_STEPS)}, chosen on the very "
        "calls that judge.",
        ("predicted by", "AUC", "ECE", "log-loss"),
        lines,
    )


def _told(settings: Mapping[str, float]) -> str:
    return ", ".join(f"`{name}` {value:g}" for name, value in settings.items())
