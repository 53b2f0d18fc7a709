"""A simulated group, ingested as a user would, with the true probabilities beside."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from features.ingest import ingest
from features.tables import open_tables
from features.workspace import Workspace
from simulation.world import simulate
from training.examples import Examples, gather

KEYS = ["account_id", "business_unit", "cutoff"]
"""What a true probability is of."""


def ingested_group(seed: int, accounts: int, folder: Path) -> tuple[Workspace, pd.DataFrame]:
    """Simulate a group and ingest it.

    Parameters
    ----------
    seed, accounts : of the group.
    folder : an empty one, for the exports and the workspace.

    Returns
    -------
    The workspace, and the truth: DataFrame of KEYS and ``truth``, in (0, 1).
    """
    exports, workspace = folder / "exports", Workspace(folder / "workspace")
    simulate(accounts, seed, exports)
    workspace.root.mkdir(parents=True)
    ingest(workspace, exports / "sources.yaml", exports / "group.yaml")
    truth = pd.read_parquet(exports / "truth" / "probabilities.parquet", columns=[*KEYS, "probability"])
    return workspace, truth.astype({"account_id": "str", "business_unit": "str"}).rename(
        columns={"probability": "truth"}
    )


def examples_of_group(seed: int, accounts: int) -> tuple[Examples, pd.DataFrame]:
    """Simulate a group, ingest it and gather its examples; nothing is left behind.

    Parameters
    ----------
    seed, accounts : of the group.

    Returns
    -------
    The examples, and the truth as `ingested_group` returns it.
    """
    with TemporaryDirectory() as folder:
        workspace, truth = ingested_group(seed, accounts, Path(folder))
        with open_tables(workspace) as tables:
            return gather(tables, workspace.group()), truth
