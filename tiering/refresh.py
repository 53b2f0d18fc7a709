"""Refresh: the recipe that scores every account as of an instant and plans the tiers; nothing is published."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from features.errors import InputError
from features.group import Group
from features.snapshots import build_snapshot
from features.tables import Tables, open_tables
from features.version import code_version
from features.workspace import Workspace
from models.champion import load_champion
from tiering.alarms import looked_back_on, performance_alarms, population_alarms
from tiering.companies import list_companies
from tiering.engine import exists
from tiering.plan import make_plan
from tiering.release import Note, Origin, Plan, Release
from tiering.scores import score_rows
from tiering.store import Store

Progress = Callable[[str], None]


def refresh(workspace: Workspace, as_of: datetime | None = None, progress: Progress = lambda _: None) -> Release:
    """Make a draft release.

    Parameters
    ----------
    workspace : with ingested data and promoted models. Where a kind of model was refused, its accounts are listed
        without a probability, in no tier, and a note says why.
    as_of : UTC, without an offset; the end of the data by default.
    progress : told what is being done.

    Returns
    -------
    The draft. The snapshot that it was scored from lies in the workspace's snapshots under its id.

    Raises
    ------
    InputError
        If nothing was ingested or promoted, or `as_of` lies before the first account or after the end of the data;
        nothing is left behind then.
    """
    group = workspace.group()
    bundle = load_champion(workspace)
    with open_tables(workspace, as_of) as tables:
        progress("computing signals")
        snapshot = build_snapshot(tables, group, tables.as_of, progress)
        if snapshot.empty:
            raise InputError(f"as of {tables.as_of:%Y-%m-%d}: no account was there yet; give a later date")
        companies = list_companies(tables, group, tables.as_of)
        progress("looking back on earlier scores")
        alarms = _performance(workspace, tables, group)
        origin = Origin(
            as_of=tables.as_of,
            bundle_version=bundle.manifest.version,
            data_version=tables.data_version,
            code_version=code_version(),
            group_digest=group.digest(),
        )
    progress("scoring")
    scores = score_rows(bundle, snapshot, group.planning_days)
    progress("comparing accounts with those that the models were judged on")
    alarms += population_alarms(bundle, snapshot, scores)
    progress("planning tiers")
    plan = make_plan(scores, companies, group, bundle.manifest, origin, alarms)
    progress("storing the release")
    return _stored(workspace, plan, snapshot)


def _performance(workspace: Workspace, tables: Tables, group: Group) -> tuple[Note, ...]:
    """Return the alarms of an earlier release whose expectations did not come true."""
    if not exists(workspace.state_url):
        return ()
    with Store(workspace.state_url) as store:
        judged = looked_back_on(store.releases(), tables)
        if judged is None:
            return ()
        release, days = judged
        regions = store.accounts(release.id).set_index("account_id")["region"]
        return performance_alarms(release, store.scores(release.id), regions, days, tables, group)


def snapshot_path(workspace: Workspace, release_id: str) -> Path:
    """Return where the snapshot lies that a release was scored from."""
    return workspace.snapshots / f"{release_id}.parquet"


def _stored(workspace: Workspace, plan: Plan, snapshot: pd.DataFrame) -> Release:
    """Store plan and snapshot, both or neither.

    The file takes its name just before the transaction ends: should that fail, no release has the id, and the next one
    that gets it replaces the file.
    """
    workspace.snapshots.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=workspace.snapshots, prefix=".") as folder, Store(workspace.state_url) as store:
        draft = Path(folder) / "snapshot.parquet"
        snapshot.to_parquet(draft, index=False)
        with store.drafting(plan) as release:
            draft.replace(snapshot_path(workspace, release.id))
        return release
