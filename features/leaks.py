"""The leak guard: finds the columns that know the outcome, with the evidence."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.leakage.column import Floats, read, seconds
from features.leakage.finding import Finding, examine
from features.leakage.others import among_unlikely, foresee, gain
from features.leakage.sample import Flags, Sample, draw
from features.leakage.separation import area
from features.leakage.verdict import Context, Piece, is_suspect, kind_of, pieces

FEWEST = 30
"""With fewer successes, or failures, nothing can be told, and no column is suspected."""

MOST_OTHERS = 40
"""The strongest of the other columns foresee as well as all do."""

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


@dataclass(frozen=True, slots=True)
class _Case:
    """A column that is held against the others."""

    finding: Finding
    context: Context
    evidence: list[Piece]

    @property
    def suspect(self) -> bool:
        return is_suspect(self.evidence)


def find_leaks(
    X: pd.DataFrame, y: pd.Series | Flags, time: pd.Series | None = None, groups: pd.Series | None = None
) -> pd.DataFrame:
    """Find the columns that know the outcome.

    Parameters
    ----------
    X : DataFrame of shape (n, k), columns of any type.
    y : n outcomes, flags or 0 and 1, in the order of the rows.
    time : n instants at which each row was, or would have been, predicted; by position, like `y`.
    groups : what n rows are about, such as accounts. A column that never changes within a group is judged with one
        row per group, which succeeded if any of its rows did; rows of a group are held out together.

    Returns
    -------
    DataFrame with COLUMNS, one row per suspect, the surest first: none where there are fewer than FEWEST successes
    or failures. ``evidence`` says in words why; ``rows`` is how many the purest part holds.

    Raises
    ------
    ValueError
        If `y` holds anything but two outcomes, or lengths differ.
    """
    success = _flags(y, len(X))
    frame = X.reset_index(drop=True)
    when = None if time is None else seconds(pd.Series(np.asarray(time)))
    if min(success.sum(), (~success).sum()) < FEWEST:
        return _table([])
    cases = _judge(frame, success, when, groups)
    return _table([case for case in cases if case.suspect])


def _flags(y: pd.Series | Flags, rows: int) -> Flags:
    values = pd.Series(np.asarray(y))
    if len(values) != rows:
        raise ValueError(f"X has {rows:,} rows and y has {len(values):,}")
    if values.isna().any() or not values.isin([0, 1]).all():
        wrong = values[values.isna() | ~values.isin([0, 1])].iloc[0]
        raise ValueError(f"y holds {wrong!r}; give flags, or 0 and 1")
    flags: Flags = values.astype("float64").to_numpy() == 1
    return flags


def _judge(frame: pd.DataFrame, success: Flags, time: Floats | None, groups: pd.Series | None) -> list[_Case]:
    sample = draw(frame, success, groups)
    rows = frame.iloc[sample.rows].reset_index(drop=True)
    when = None if time is None else time[sample.rows]
    columns = (rows.iloc[:, position] for position in range(rows.shape[1]))
    found = [examine(values.name, read(values), sample, when) for values in columns]
    findings = sorted((one for one in found if one), key=_strength, reverse=True)
    return _second_look(_first_look(findings, sample, when), findings, sample, when)


def _strength(finding: Finding) -> float:
    return finding.strongest.area.auc


def _worth_a_look(finding: Finding) -> bool:
    """Tell whether a column is strong enough in any way to be held against the others."""
    parts = [one.part.distance for one in finding.told if one.part]
    form = finding.by("form")
    return (
        finding.strongest.area.auc >= 0.72
        or max(parts, default=0) >= 1.5
        or (form is not None and form.area.auc >= 0.58)
        or (finding.presence is not None and finding.presence.distance >= 1.1)
    )


def _first_look(findings: list[Finding], sample: Sample, time: Floats | None) -> list[_Case]:
    """Hold the strong columns against the weak: near copies of a leak cannot hide each other."""
    candidates = [one for one in findings if _worth_a_look(one)]
    weak = [one for one in findings if not _worth_a_look(one)]
    others = _foreseen(weak, sample, time)
    return [_case(one, others, sample) for one in candidates]


def _second_look(
    cases: list[_Case], findings: list[Finding], sample: Sample, time: Floats | None
) -> list[_Case]:
    """Hold those that are nearly suspect against all that are not: what others foresee sharpens what a leak adds."""
    suspects = [case.finding.name for case in cases if case.suspect]
    honest = [one for one in findings if one.name not in suspects]
    seconds_ = []
    for case in cases:
        if not case.suspect and case.context.unlikely.auc >= 0.8:
            rest = [one for one in honest if one is not case.finding and not _is_copy(one, case.finding, sample)]
            case = _case(case.finding, _foreseen(rest, sample, time), sample)
        seconds_.append(case)
    return seconds_


def _is_copy(one: Finding, other: Finding, sample: Sample) -> bool:
    """Tell whether two columns say the same of the failures; of all rows, any two that know the outcome do."""
    lost = ~sample.success
    pair = np.column_stack([one.strongest.score[lost], other.strongest.score[lost]])
    ranks = pd.DataFrame(pair).rank()
    return bool(abs(ranks[0].corr(ranks[1])) > 0.9)


def _foreseen(findings: Sequence[Finding], sample: Sample, time: Floats | None) -> Floats:
    features = [one.feature for one in findings[:MOST_OTHERS]]
    if time is not None:
        features.append(time)
    return foresee(np.column_stack(features) if features else np.empty((len(sample.rows), 0)), sample)


def _case(finding: Finding, others: Floats, sample: Sample) -> _Case:
    """Weigh a column; what takes longer is measured only where there is some evidence already."""
    score = finding.strongest.score
    context = Context(area(sample.success, others).auc, among_unlikely(score, others, sample), 0.0, 0.0)
    evidence = pieces(finding, context)
    if evidence:
        known, added = gain(score, others, sample)
        context = replace(context, known=known, gain=added)
        evidence = pieces(finding, context)
    return _Case(finding, context, evidence)


def _table(suspects: list[_Case]) -> pd.DataFrame:
    rows = sorted(suspects, key=lambda case: -_strength(case.finding))
    return pd.DataFrame([_row(case) for case in rows], columns=list(COLUMNS))


def _row(case: _Case) -> dict[Hashable, object]:
    parts = [one.part for one in case.finding.told if one.part]
    purest = max(parts, key=lambda part: part.distance, default=None)
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
