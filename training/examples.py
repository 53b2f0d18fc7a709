"""Labelled examples: the snapshots of past cutoffs with what happened after each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import pandas as pd

from features.contracts import TABLES
from features.errors import InputError
from features.group import Group
from features.labels import Labels
from features.outcomes import first_successes, judged_by_growth
from features.snapshots import build_snapshots
from features.tables import Tables
from models.inputs import BETWEEN, KINDS
from models.timeline import Timeline
from training.splits import Splits, split_cutoffs

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Examples:
    """What there is to learn from and to judge by.

    Parameters
    ----------
    train, test : snapshots with the columns of their labels; those of `train` as they were known when learning ended.
    splits : the cutoffs.
    timelines : by business unit and kind, as `models.landmarks.timeline_keys` writes them.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    splits: Splits
    timelines: Mapping[str, Timeline]


def first_happening(tables: Tables) -> datetime:
    """Return when the first thing in the dated tables other than accounts happened."""
    firsts = [
        tables[name][spec.time].min().to_pandas()
        for name, spec in TABLES.items()
        if spec.time and name in ("opportunities", "orders", "events", "intent", "usage")
    ]
    return min((first.to_pydatetime() for first in firsts if not pd.isna(first)), default=tables.as_of)


def gather(
    tables: Tables,
    group: Group,
    progress: Progress = lambda _: None,
    watch: Callable[[datetime, pd.DataFrame], None] = lambda _cutoff, _snapshot: None,
) -> Examples:
    """Build the snapshots and labels of every BU's cutoffs; what cutoffs share is computed once.

    Parameters
    ----------
    tables : the canonical tables.
    group : the business units.
    progress : told what is being done.
    watch : shown each cutoff's snapshot.

    Raises
    ------
    InputError
        If the tables end before the first thing in them happened.
    """
    whole = judged_by_growth(tables, group)
    splits = plan_cutoffs(tables, group, whole)
    learnt, judged = splits.cutoffs("train"), splits.cutoffs("test")
    progress("reading what came after each cutoff")
    known = Labels.after(replace(tables, as_of=splits.until), group, learnt)
    came = Labels.after(tables, group, judged)
    cutoffs = sorted({*learnt, *judged})
    train, test = [], []
    for number, (cutoff, snapshot) in enumerate(build_snapshots(tables, group, cutoffs, progress), start=1):
        progress(f"labels {number} of {len(cutoffs)}: {cutoff:%Y-%m-%d}")
        watch(cutoff, snapshot)
        if cutoff < splits.until:
            units = {name for name, split in splits.units.items() if cutoff in split.train}
            train.append(_labelled(known, snapshot, units, cutoff))
        else:
            units = {name for name, split in splits.units.items() if cutoff in split.test}
            test.append(_labelled(came, snapshot, units, cutoff))
    return Examples(_stacked(train), _stacked(test), splits, _timelines(group, whole))


def plan_cutoffs(tables: Tables, group: Group, whole: Collection[str]) -> Splits:
    """Choose the cutoffs to learn from and to judge by.

    Raises
    ------
    InputError
        If the tables end before the first thing in them happened.
    """
    first = first_happening(tables)
    if tables.as_of < first:
        raise InputError(f"as of {tables.as_of:%Y-%m-%d}: the data begin on {first:%Y-%m-%d}; give a later date")
    return split_cutoffs(first, tables.as_of, group.business_units, whole, first_successes(tables, group))


def _timelines(group: Group, whole: Collection[str]) -> dict[str, Timeline]:
    """Return the timeline of each BU and kind: upsell that is judged by growth is of the horizon as a whole."""
    return {
        f"{name}{BETWEEN}{kind}": Timeline.of_whole(unit.horizon_days)
        if name in whole and kind == "upsell"
        else Timeline.over(unit.horizon_days, group.planning_days)
        for name, unit in group.business_units.items()
        for kind in KINDS
    }


def _labelled(labels: Labels, snapshot: pd.DataFrame, units: set[str], cutoff: datetime) -> pd.DataFrame:
    """Put labels beside the rows of some BUs; what is of a window as a whole has none until its end."""
    rows = snapshot[snapshot["business_unit"].isin(units)]
    found = labels.of(rows, cutoff)
    horizon = found["business_unit"].map(
        {name: unit.horizon_days for name, unit in labels.group.business_units.items()}
    )
    told = ~found["whole_window"] | (found["followed_days"] >= horizon)
    return rows.join(found[told].drop(columns=["account_id", "business_unit"]), how="inner")


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack what is there; no cutoffs give no rows and no columns but those that are asked for."""
    filled = [part for part in parts if not part.empty]
    if not filled:
        return pd.DataFrame({"kind": pd.Series(dtype="str"), "label": pd.Series(dtype="bool")})
    return pd.concat(filled, ignore_index=True)
