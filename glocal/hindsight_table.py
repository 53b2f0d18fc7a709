"""The table of a look back on a release, as a terminal shows it."""

from __future__ import annotations

import pandas as pd

from glocal.backtest_tables import points_ahead
from glocal.session import Session


def print_rankings(here: Session, rankings: pd.DataFrame) -> None:
    """Print what the top of each ranking brought, by how much Glocal is ahead, and where that cannot be told.

    Parameters
    ----------
    here : where to print.
    rankings : as `measurement.hindsight.Hindsight` has them.
    """
    rows = [row for _, row in rankings.iterrows()]
    here.table(
        "What the top tenth of each ranking brought",
        ["ranking", "share of the amount", "Glocal ahead by", "95 %", "share of the growth", "Glocal ahead by", "95 %"],
        [(_name(here, row), *_shown(here, row, "amount"), *_shown(here, row, "growth")) for row in rows],
    )
    for row in rows:
        if row["growth_ahead_low"] <= 0 <= row["growth_ahead_high"]:
            here.say(
                "Whether the top of Glocal holds more of the growth than that of {ranking} cannot be told",
                ranking=_name(here, row),
            )


def _name(here: Session, row: pd.Series) -> str:
    return here.speaker.name(str(row["ranking"]).replace("_", " "))


def _shown(here: Session, row: pd.Series, what: str) -> tuple[str | None, ...]:
    """Return the share of what was brought, and by how much Glocal is ahead of it; None for Glocal itself."""
    ahead, low, high = (float(row[f"{what}_ahead{end}"]) for end in ("", "_low", "_high"))
    return here.speaker.percent(row[what], 1), *points_ahead(here, ahead, low, high)
