"""Cases: each column that is strong in any way, held against what the others foresee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from features.leakage.column import Floats, read
from features.leakage.finding import Finding, examine
from features.leakage.others import among_unlikely, foresee, gain
from features.leakage.presence import explains_presence
from features.leakage.sample import Flags, Sample, draw
from features.leakage.separation import area
from features.leakage.verdict import Context, Piece, is_suspect, pieces

MOST_OTHERS = 40
"""The strongest of the other columns foresee as well as all do."""

STRONG_ENOUGH = 0.72
"""AUC from which a column is held against the others; the figures below are the least of other kinds of strength."""

FORM_ENOUGH, PRESENCE_ENOUGH, PART_ENOUGH = 0.58, 1.1, 1.4

WORTH_A_SECOND_LOOK = 0.8
"""AUC among the unlikely from which a column that is no suspect yet is held against all honest ones."""

COPY = 0.9
"""Rank correlation, among failures, from which two columns say the same."""


@dataclass(frozen=True, slots=True)
class Case:
    """A column with the evidence against it."""

    finding: Finding
    context: Context
    evidence: list[Piece]

    @property
    def suspect(self) -> bool:
        """Whether the evidence suffices."""
        return is_suspect(self.evidence)


@dataclass(frozen=True, slots=True)
class _Court:
    """All columns of a sample, the strongest first, and the instant of each row if it is known."""

    findings: list[Finding]
    sample: Sample
    time: Floats | None

    def foreseen(self, findings: Sequence[Finding]) -> Floats:
        """Return what columns foresee together, and the time: what all rows of a time share is no leak."""
        features = [one.feature for one in findings[:MOST_OTHERS]]
        if self.time is not None:
            features.append(self.time)
        return foresee(np.column_stack(features) if features else np.empty((len(self.sample.rows), 0)), self.sample)


def judge(frame: pd.DataFrame, success: Flags, time: Floats | None, groups: pd.Series | None = None) -> list[Case]:
    """Weigh every column that is strong in any way.

    Parameters
    ----------
    frame : n rows under a plain index.
    success : ndarray of shape (n,).
    time : ndarray of shape (n,), seconds since 1970.
    groups : rows of one group are held out together.
    """
    sample = draw(frame, success, groups)
    rows = frame.iloc[sample.rows].reset_index(drop=True)
    when = None if time is None else time[sample.rows]
    columns = (rows.iloc[:, position] for position in range(rows.shape[1]))
    found = [examine(values.name, read(values), sample, when) for values in columns]
    court = _Court(sorted((one for one in found if one), key=_strength, reverse=True), sample, when)
    return _second_look(_first_look(court), court)


def _strength(finding: Finding) -> float:
    return finding.strongest.area.auc


def _is_strong(finding: Finding) -> bool:
    form, presence = finding.by("form"), finding.presence
    return (
        finding.strongest.area.auc >= STRONG_ENOUGH
        or any(one.part.distance >= PART_ENOUGH for one in finding.told if one.part)
        or (form is not None and form.area.auc >= FORM_ENOUGH)
        or (presence is not None and presence.distance >= PRESENCE_ENOUGH)
    )


def _first_look(court: _Court) -> list[Case]:
    """Hold the strong columns against the weak: near copies of a leak cannot hide each other."""
    strong = [one for one in court.findings if _is_strong(one)]
    others = court.foreseen([one for one in court.findings if not _is_strong(one)])
    return [_case(one, others, court) for one in strong]


def _second_look(cases: list[Case], court: _Court) -> list[Case]:
    """Hold those that are nearly suspect against all that are not: what these foresee sharpens what a leak adds."""
    suspects = [case.finding for case in cases if case.suspect]
    honest = [one for one in court.findings if not any(one is suspect for suspect in suspects)]
    return [
        _again(case, honest, court) if not case.suspect and case.context.unlikely.auc >= WORTH_A_SECOND_LOOK else case
        for case in cases
    ]


def _again(case: Case, honest: list[Finding], court: _Court) -> Case:
    own = case.finding
    rest = [one for one in honest if one is not own and not _is_copy(one, own, court.sample)]
    return _case(own, court.foreseen(rest), court)


def _is_copy(one: Finding, other: Finding, sample: Sample) -> bool:
    """Tell whether two columns say the same of the failures; of all rows, any two that know the outcome do."""
    lost = ~sample.success
    ranks = pd.DataFrame({0: one.strongest.score[lost], 1: other.strongest.score[lost]}).rank()
    return bool(abs(ranks[0].corr(ranks[1])) > COPY)


def _case(finding: Finding, others: Floats, court: _Court) -> Case:
    """Weigh a column; what takes longer is measured only where there is some evidence already."""
    score, sample = finding.strongest.score, court.sample
    context = Context(
        others=area(sample.success, others).auc,
        unlikely=among_unlikely(score, others, sample),
        explained=explains_presence(finding, court.findings),
    )
    if not pieces(finding, context):
        return Case(finding, context, [])
    known, added = gain(score, others, sample)
    context = replace(context, known=known, gain=added)
    return Case(finding, context, pieces(finding, context))
