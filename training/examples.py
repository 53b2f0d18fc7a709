"""Labelled examples: the snapshots of past cutoffs with what happened after each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from features.contracts import TABLES
from features.errors import InputError
from features.group import Group
from features.labels import build_labels
from features.snapshots import build_snapshots
from features.tables import Tables
from training.splits import Split, split_cutoffs

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Examples:
    """What there is to learn from and to judge by.

    Parameters
    ----------
    train, test : snapshots with the columns of their labels.
    splits : the cutoffs by BU.
    """

    train: pd.DataFrame
    test: pd.DataFrame
    splits: Mapping[str, Split]

    @property
    def left_out(self) -> dict[str, str]:
        """The BUs without cutoffs while others have some, and why they have none."""
        refused = {name: split.refused for name, split in self.splits.items() if split.refused}
        return refused if len(refused) < len(self.splits) else {}

    def cutoffs(self, part: str) -> tuple[datetime, ...]:
        """Return all cutoffs of 'train' or 'test', oldest first."""
        return tuple(sorted({cutoff for split in self.splits.values() for cutoff in getattr(split, part)}))


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
    first = first_happening(tables)
    if tables.as_of < first:
        raise InputError(f"as of {tables.as_of:%Y-%m-%d}: the data begin on {first:%Y-%m-%d}; give a later date")
    splits = {name: split_cutoffs(first, tables.as_of, unit) for name, unit in group.business_units.items()}
    cutoffs = sorted({cutoff for split in splits.values() for cutoff in (*split.train, *split.test)})
    parts: dict[str, list[pd.DataFrame]] = {"train": [], "test": []}
    for number, (cutoff, snapshot) in enumerate(build_snapshots(tables, group, cutoffs, progress), start=1):
        progress(f"labels {number} of {len(cutoffs)}: {cutoff:%Y-%m-%d}")
        watch(cutoff, snapshot)
        units = {part: [n for n, split in splits.items() if cutoff in getattr(split, part)] for part in parts}
        examples = _labelled(tables, group, snapshot, {*units["train"], *units["test"]}, cutoff)
        for part, kept in parts.items():
            kept.append(examples[examples["business_unit"].isin(units[part])])
    return Examples(train=_stacked(parts["train"]), test=_stacked(parts["test"]), splits=splits)


def _labelled(tables: Tables, group: Group, snapshot: pd.DataFrame, units: set[str], cutoff: datetime) -> pd.DataFrame:
    """Put labels beside the rows of some BUs: those of the others are not needed at this cutoff."""
    only = {name: unit for name, unit in group.business_units.items() if name in units}
    rows = snapshot[snapshot["business_unit"].isin(units)]
    labels = build_labels(tables, group.model_copy(update={"business_units": only}), rows, cutoff)
    return rows.join(labels.drop(columns=["account_id", "business_unit"]), how="inner")


def _stacked(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Stack what is there; no cutoffs give no rows and no columns but those that are asked for."""
    filled = [part for part in parts if not part.empty]
    if not filled:
        return pd.DataFrame({"kind": pd.Series(dtype="str"), "label": pd.Series(dtype="bool")})
    return pd.concat(filled, ignore_index=True)
