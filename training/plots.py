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
        axes.plot(SHARES, held, label=_called(name))
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


def draw_slices(told: pd.DataFrame, path: Path) -> None:
    """Draw how well each ranking tells successes from failures, by business unit, region and pipeline.

    Parameters
    ----------
    told : as training.backtest.backtest gives it.
    """
    auc = told[(told["figure"] == "auc") & told["by"].isin(["all", "business unit", "region", "pipeline"])]
    slices = list(dict.fromkeys(zip(auc["by"], auc["of"], strict=True)))
    rankings = list(dict.fromkeys(auc["ranking"]))
    figure, axes = _figure(height=1.5 + 0.12 * len(slices) * max(3, len(rankings)))
    for place, ranking in enumerate(rankings):
        own = auc[auc["ranking"] == ranking]
        where = np.array([slices.index(one) for one in zip(own["by"], own["of"], strict=True)])
        height = -where - (place + 1) / (len(rankings) + 2)
        axes.errorbar(
            own["value"], height, xerr=_reach(own), fmt="o", markersize=4, linewidth=1, label=_called(ranking)
        )
    axes.axvline(0.5, color="0.7", linewidth=1)
    axes.set_yticks([-place - 0.5 for place in range(len(slices))], [of for _, of in slices])
    axes.set(xlabel="AUC with its interval of 95 %", title="Who tells successes from failures, and where?")
    axes.legend(fontsize="small", loc="lower left", bbox_to_anchor=(1, 0))
    figure.savefig(path)


def draw_cutoffs(told: pd.DataFrame, path: Path) -> None:
    """Draw how well each ranking tells successes from failures, from one cutoff to the next.

    Parameters
    ----------
    told : as training.backtest.backtest gives it.
    """
    auc = told[(told["figure"] == "auc") & (told["by"] == "cutoff")]
    cutoffs = sorted(auc["of"].unique())
    figure, axes = _figure()
    for ranking in dict.fromkeys(auc["ranking"]):
        own = auc[auc["ranking"] == ranking]
        place = own["of"].map(cutoffs.index)
        axes.errorbar(place, own["value"], yerr=_reach(own), marker="o", capsize=3, label=_called(ranking))
    axes.axhline(0.5, color="0.7", linewidth=1)
    axes.set_xticks(range(len(cutoffs)), cutoffs, rotation=30, ha="right")
    axes.set(ylabel="AUC with its interval of 95 %", title="Does it last?")
    axes.legend(fontsize="small")
    figure.savefig(path)


def _reach(lines: pd.DataFrame) -> list[pd.Series]:
    """Return how far intervals reach to either side of their figure."""
    return [lines["value"] - lines["low"], lines["high"] - lines["value"]]


def _called(ranking: str) -> str:
    return ranking.replace("_", " ")


def _figure(height: float = 4.5) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, height), layout="constrained", dpi=110)
    return figure, figure.subplots()
