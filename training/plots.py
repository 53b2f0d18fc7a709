"""Pictures of a model on the cutoffs that it was judged by."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from training.evaluate import Flags, Floats, calibration_bins, captured

SHARES: NDArray[np.float64] = np.linspace(0.01, 1.0, 100)
STRONGEST = 20


def draw_calibration(success: Flags, probability: Floats, path: Path) -> None:
    """Draw predicted against observed rates, in ten bins of equal mass."""
    bins = calibration_bins(success, probability)
    figure, axes = _figure()
    top = float(bins[["predicted", "observed"]].to_numpy().max()) * 1.05
    axes.plot([0, top], [0, top], color="0.7", linewidth=1, label="as predicted")
    axes.plot(bins["predicted"], bins["observed"], marker="o", label="model")
    axes.set(xlabel="predicted probability", ylabel="observed rate", title="Do probabilities come true?")
    axes.legend()
    figure.savefig(path)


def draw_gains(success: Flags, scores: Mapping[str, Floats], path: Path) -> None:
    """Draw the share of successes that the first part of each ranking holds."""
    figure, axes = _figure()
    for name, score in scores.items():
        held = [captured(success.astype(np.float64), score, share) for share in SHARES]
        axes.plot(SHARES, held, label=name.replace("_", " "))
    axes.plot([0, 1], [0, 1], color="0.7", linewidth=1, label="by chance")
    axes.set(xlabel="share of accounts, best first", ylabel="share of successes", title="Who finds the successes?")
    axes.legend()
    figure.savefig(path)


def draw_importance(contributions: pd.DataFrame, path: Path) -> None:
    """Draw the signals that move scores most: mean absolute contribution in log-odds."""
    strongest = contributions.abs().mean().nlargest(STRONGEST).iloc[::-1]
    figure, axes = _figure(height=6)
    axes.barh(strongest.index, strongest.to_numpy())
    axes.set(xlabel="mean absolute contribution (log-odds)", title="What moves the scores?")
    figure.savefig(path)


def _figure(height: float = 4.5) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, height), layout="constrained", dpi=110)
    return figure, figure.subplots()
