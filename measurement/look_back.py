"""Looking back on a release of a workspace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from features.errors import InputError
from features.tables import open_tables
from features.workspace import Workspace
from measurement.hindsight import Hindsight, look_back
from tiering.refresh import snapshot_path
from tiering.store import open_store


def look_back_on(
    workspace: Workspace,
    release_id: str,
    until: datetime | None = None,
    others: Mapping[str, pd.Series] = MappingProxyType({}),
) -> Hindsight:
    """Compare a release's ranking with what its accounts brought since.

    Parameters
    ----------
    workspace : with the release, and data that reach beyond its cutoff.
    release_id : such as 'r0001'.
    until : the end of what is looked at; the end of the data by default.
    others : rankings from elsewhere, as `measurement.hindsight.look_back` takes them.

    Raises
    ------
    InputError
        If there is no such release, its snapshot is missing, nothing came after it, or another ranking
        cannot be compared with it.
    """
    with open_store(workspace) as store:
        since = store.get(release_id).origin.as_of
        scores = store.scores(release_id).set_index(["account_id", "business_unit"])
    snapshot = _snapshot(snapshot_path(workspace, release_id)).set_index(["account_id", "business_unit"], drop=False)
    snapshot.index.names = [None, None]
    money = scores["expected_gross_profit"].fillna(scores["expected_amount"])
    expected = (scores["probability"] * money).reindex(snapshot.index)
    with open_tables(workspace) as tables:
        return look_back(tables, snapshot, expected, since, until or tables.as_of, others)


def _snapshot(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except FileNotFoundError as error:
        raise InputError(f"{path}: this snapshot of the release is missing; restore it, or refresh anew") from error
