"""Evidence: what the gates are told of a candidate, and what its bundle keeps to notice drift by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import InputError
from models.drift import Reference
from models.hazards import ALL_LINES, HazardModel
from models.inputs import SEGMENT, SEGMENTS, ModelKind, model_inputs
from models.scoring import Bundle
from training.fit import Fitted, probability_judged
from training.gates import Evidence

Floats = NDArray[np.float64]

SCORED_ROWS = 50_000
EXPLAINED_ROWS = 2_000
"""Rows, drawn at random but always the same, whose scores are compared, and whose scores are taken apart."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What some rows look like to a model.

    Parameters
    ----------
    log_odds : ndarray of shape (n,), of SCORED_ROWS at most.
    segments : ndarray of shape (n,), of text.
    contributions : what the signals added to the scores of EXPLAINED_ROWS at most.
    """

    log_odds: Floats
    segments: NDArray[np.object_]
    contributions: pd.DataFrame

    @classmethod
    def by(cls, model: HazardModel, rows: pd.DataFrame, signals: tuple[str, ...]) -> Seen:
        """Let a model look at rows, drawn at random but always the same."""
        drawn = rows.sample(min(SCORED_ROWS, len(rows)), random_state=0)
        inputs = model_inputs(drawn, signals)
        parts = model.contributions(inputs.head(EXPLAINED_ROWS))
        own = [name for name in parts if name not in ALL_LINES and name not in SEGMENTS]
        return cls(model.log_odds(inputs)[:, 0], inputs[SEGMENT].to_numpy(object), parts[own])

    @property
    def reference(self) -> Reference:
        """What is kept of it."""
        return Reference.of(self.log_odds, self.segments, self.contributions)


def evidence_of(
    kind: ModelKind,
    fitted: Fitted,
    learnt: Seen,
    judged: Seen,
    suspects: tuple[str, ...],
    champion: Bundle | None,
) -> Evidence:
    """Put together what the gates are told.

    Parameters
    ----------
    fitted : the candidate.
    learnt, judged : what the candidate sees in the rows that it learnt from, and that it was judged by.
    suspects : those in use that seem to know the outcome.
    champion : the bundle that serves.
    """
    before = learnt.reference
    return Evidence(
        rows=fitted.test.assign(champion=_said_by(champion, kind, fitted.test)),
        champion=champion.manifest.version if champion else None,
        suspects=suspects,
        moved=tuple(before.moved(judged.log_odds, judged.segments)),
        shifted=tuple(before.shifted(judged.contributions)),
    )


def _said_by(champion: Bundle | None, kind: ModelKind, rows: pd.DataFrame) -> Floats:
    """Return what the champion says of rows that came after it had learnt; NaN where it cannot be asked."""
    said = np.full(len(rows), np.nan)
    model = champion.of(kind).propensity if champion else None
    if champion is None or model is None:
        return said
    later = (rows["cutoff"] >= champion.manifest.learnt_until.replace(tzinfo=None)).to_numpy()
    try:
        known = later & model.knows(model_inputs(rows, champion.manifest.signals))
        if known.any():
            said[known] = probability_judged(model, rows[known], champion.manifest.signals)
    except (InputError, TypeError):  # a column that the champion reads is gone, or of another type
        said[:] = np.nan
    return said
