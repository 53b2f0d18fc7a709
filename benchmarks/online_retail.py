"""Online Retail: a wholesaler's customers, ranked after year one and judged by year two."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from rich.progress import Progress

from benchmarks.buy_till_you_die import expected_spend, orders_of
from benchmarks.page import Section
from features.ingest import ingest
from features.tables import open_tables
from features.workspace import Workspace
from measurement.look_back import look_back_on
from tiering.refresh import refresh
from training.promote import promote
from training.train import train

EXAMPLE = Path(__file__).parents[1] / "examples" / "online_retail"
END_OF_YEAR_ONE = datetime.fromisoformat("2010-12-10")
DAYS = 365
"""Year two: the data go on for as long."""

NAMES = {
    "glocal": "Glocal",
    "bg_nbd": "BG/NBD × Gamma-Gamma",
    "recency_frequency_monetary": "recency, frequency, monetary",
}


def compared() -> pd.DataFrame:
    """Learn from year one, rank its customers, and return what the top of each ranking brought in year two.

    Returns
    -------
    The rankings of `measurement.hindsight.Hindsight`, among them ``bg_nbd``.
    """
    with TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        workspace.root.mkdir()
        ingest(workspace, EXAMPLE / "sources.yaml", EXAMPLE / "group.yaml")
        train(workspace, END_OF_YEAR_ONE)
        promote(workspace, force="for its ranking: year one holds one Christmas only")
        release = refresh(workspace, END_OF_YEAR_ONE)
        with open_tables(workspace, END_OF_YEAR_ONE) as tables:
            rival = expected_spend(orders_of(tables), END_OF_YEAR_ONE, DAYS)
        until = END_OF_YEAR_ONE + timedelta(days=DAYS)
        return look_back_on(workspace, release.id, until, {"bg_nbd": rival}).rankings


def measure() -> Section:
    """Compare by the amount that the top tenth brought, and by the growth of it."""
    with Progress(transient=True) as progress:
        progress.add_task("Online Retail", total=None)
        rankings = compared().set_index("ranking")
    lines = [
        (NAMES[str(name)], *_shown(row, "amount"), *_shown(row, "growth"))
        for name, row in rankings.loc[list(NAMES)].iterrows()
    ]
    return Section(
        "Online Retail",
        "UCI's wholesaler: learnt from year one, customers ranked at its end, and what the top tenth of each ranking "
        "brought in year two; intervals of 95 % by a jackknife over customers. BG/NBD × Gamma-Gamma is "
        "PyMC-Marketing's, at the most probable parameters, of the same orders.",
        ("ranking", "share of the amount", "Glocal ahead by", "share of the growth", "Glocal ahead by"),
        lines,
    )


def _shown(row: pd.Series, what: str) -> tuple[str, str]:
    """Return a share, and how many points Glocal is ahead of it."""
    ahead, low, high = (100 * float(row[f"{what}_ahead{end}"]) for end in ("", "_low", "_high"))
    points = "" if pd.isna(ahead) else f"{ahead:.1f} points ({low:.1f} to {high:.1f})"
    return f"{row[what]:.1%}", points
