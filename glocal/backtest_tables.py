"""The tables of a backtest, as a terminal shows them."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

from glocal.session import Session
from models.inputs import ModelKind
from training.backtest import CAPTURED, EVERYTHING, MODEL, WITH_PIPELINE

_AFTER_AUC = ("average_precision", "brier", "ece", "lift_at_10")


def print_backtests(here: Session, backtests: Mapping[ModelKind, pd.DataFrame]) -> None:
    """Print how good each ranking was, what its places in tiers held, and how much an open opportunity helps it."""
    rankings: list[tuple[object, ...]] = []
    places: list[tuple[object, ...]] = []
    pipeline: list[tuple[object, ...]] = []
    for kind, told in backtests.items():
        of_all = told[told["by"] == EVERYTHING]
        for ranking, figures in of_all.groupby("ranking", sort=False):
            found, name = figures.set_index("figure"), _called(here, str(ranking))
            rankings.append((kind, name, *_figures(here, found)))
            for figure in found.index[found.index.str.startswith(CAPTURED)]:
                one = found.loc[figure]
                ahead = (one["ahead"], one["ahead_low"], one["ahead_high"])
                held = (*_shares(here, one), *points_ahead(here, *ahead))
                places.append((kind, name, figure.removeprefix(CAPTURED), *held))
        own = told[(told["by"] == "pipeline") & (told["ranking"] == MODEL)]
        for of, figures in own.groupby("of", sort=False):
            first, found = figures.iloc[0], figures.set_index("figure")
            shown = _figures(here, found)
            accounts = here.speaker.say(
                "with an open opportunity" if of == WITH_PIPELINE else "without an open opportunity"
            )
            pipeline.append((kind, accounts, int(first["rows"]), int(first["successes"]), *shown[:2], shown[4]))
    if rankings:
        here.table(
            "Backtest",
            ["model", "ranking by", "AUC", "95 %", "average precision", "Brier", "ECE", "lift at 10 %"],
            rankings,
        )
    if places:
        here.table(
            "Gross profit of all successes at the places of a tier and those before it",
            ["model", "ranking by", "tier", "share", "95 %", "LightGBM ahead by", "95 %"],
            places,
        )
    if pipeline:
        here.table(
            "LightGBM with and without an open opportunity",
            ["model", "accounts", "rows", "successes", "AUC", "95 %", "ECE"],
            pipeline,
        )


def _called(here: Session, ranking: str) -> str:
    return "LightGBM" if ranking == MODEL else here.speaker.say(ranking.replace("_", " "))


def _figures(here: Session, found: pd.DataFrame) -> tuple[object, ...]:
    """Return the figures of a ranking as they are shown; None for those that it has not."""

    def shown(figure: str) -> str | None:
        return here.speaker.fixed(float(found["value"][figure]), 3) if figure in found.index else None

    low, high = (here.speaker.fixed(float(found[end]["auc"]), 3) for end in ("low", "high"))
    return shown("auc"), f"{low} – {high}", *(shown(name) for name in _AFTER_AUC)


def _shares(here: Session, one: pd.Series) -> tuple[str, str]:
    value, low, high = (here.speaker.percent(one[name], 1) for name in ("value", "low", "high"))
    return value, f"{low} – {high}"


def points_ahead(here: Session, ahead: float, low: float, high: float) -> tuple[str | None, str | None]:
    """Return by how much one ranking is ahead, and its interval; None for that ranking itself.

    Parameters
    ----------
    here : whose language is spoken.
    ahead, low, high : in points; NaN for the ranking itself.
    """
    if math.isnan(ahead):
        return None, None
    return here.speaker.percent(ahead, 1), f"{here.speaker.percent(low, 1)} – {here.speaker.percent(high, 1)}"
