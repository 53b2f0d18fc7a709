"""The leak guard: finds the columns that know the outcome, with the evidence."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.leakage.cases import Case, judge
from features.leakage.column import Floats, seconds
from features.leakage.groups import never_changing, one_per_group
from features.leakage.sample import Flags
from features.leakage.verdict import kind_of

FEWEST = 30
"""With fewer successes, or failures, nothing can be told, and no column is suspected."""

COLUMNS = (
    "column",
    "kind",
    "auc",
    "auc_of_the_others",
    "auc_among_unlikely",
    "lift_in_log_loss",
    "purest_share",
    "rows",
    "evidence",
)
"""What is told of a suspect."""


def find_leaks(
    X: pd.DataFrame,
    y: pd.Series | NDArray[np.generic],
    time: pd.Series | None = None,
    groups: pd.Series | None = None,
) -> pd.DataFrame:
    """Find the columns that know the outcome.

    Each column is looked at from all sides: its value, whether there is one, and how it is written. It is a suspect
    where independent pieces of evidence agree, or one is overwhelming: it separates the outcomes almost alone; it
    knows who succeeded against all signs; it removes more uncertainty than all others; it holds a part of the rows in
    which all but all succeeded; only whether it is filled tells; the outcome is written into its form.

    Parameters
    ----------
    X : DataFrame of shape (n, k), columns of any type.
    y : n outcomes, flags or 0 and 1, by position.
    time : n instants at which each row was, or would have been, predicted, by position.
    groups : what the n rows are about, such as accounts, by position. A column that never changes within a group is
        judged with one row per group, which succeeded if any of its rows did; rows of a group are held out together.

    Returns
    -------
    DataFrame with COLUMNS, one row per suspect, the strongest first; empty where there are fewer than FEWEST
    successes or failures. ``auc`` is that of the column alone, ``auc_of_the_others`` of all that are no suspects,
    ``auc_among_unlikely`` of the column among rows that the others hold for equally unlikely, ``lift_in_log_loss``
    the part of the uncertainty left by the others that it removes, ``purest_share`` and ``rows`` are of the part of
    the rows in which successes stand out most, and ``evidence`` says in words what it rests on.

    Raises
    ------
    ValueError
        If `y` holds anything but two outcomes, or lengths differ.
    """
    success = _flags(y, len(X))
    frame = X.reset_index(drop=True)
    when = None if time is None else seconds(pd.Series(np.asarray(time)))
    if groups is None:
        return _table(_suspects(frame, success, when))
    return _table(_suspects_of_groups(frame, success, when, pd.Series(np.asarray(groups))))


def _flags(y: pd.Series | NDArray[np.generic], rows: int) -> Flags:
    values = pd.Series(np.asarray(y))
    if len(values) != rows:
        raise ValueError(f"X has {rows:,} rows and y has {len(values):,}")
    known = values.isin([0, 1])
    if not known.all():
        raise ValueError(f"y holds {values[~known].iloc[0]!r}; give flags, or 0 and 1")
    flags: Flags = values.astype("float64").to_numpy() == 1
    return flags


def _suspects(frame: pd.DataFrame, success: Flags, time: Floats | None, groups: pd.Series | None = None) -> list[Case]:
    if min(success.sum(), (~success).sum()) < FEWEST:
        return []
    return [case for case in judge(frame, success, time, groups) if case.suspect]


def _suspects_of_groups(frame: pd.DataFrame, success: Flags, time: Floats | None, groups: pd.Series) -> list[Case]:
    """Judge what never changes by group, then the rest by row, beside what was no suspect."""
    constant = never_changing(frame, groups)
    found = _suspects(*one_per_group(frame.iloc[:, constant], success, groups), None)
    known = {case.finding.name for case in found}
    left = frame.loc[:, [name not in known for name in frame.columns]]
    judged = {frame.columns[position] for position in constant}
    by_row = _suspects(left, success, time, groups)
    return found + [case for case in by_row if case.finding.name not in judged]


def _table(suspects: list[Case]) -> pd.DataFrame:
    rows = sorted(suspects, key=lambda case: -case.finding.strongest.area.auc)
    return pd.DataFrame([_row(case) for case in rows], columns=list(COLUMNS))


def _row(case: Case) -> dict[Hashable, object]:
    told = case.finding.purest
    purest = told.part if told else None
    return {
        "column": case.finding.name,
        "kind": kind_of(case.finding, case.evidence),
        "auc": case.finding.strongest.area.auc,
        "auc_of_the_others": case.context.others,
        "auc_among_unlikely": case.context.unlikely.auc,
        "lift_in_log_loss": case.context.gain,
        "purest_share": purest.share if purest else float("nan"),
        "rows": purest.rows if purest else 0,
        "evidence": "; ".join(piece.sentence for piece in case.evidence),
    }
