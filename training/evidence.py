"""Evidence: what the gates are told of a candidate, and what its bundle keeps to notice drift by."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import InputError
from features.workspace import Workspace
from models.champion import load_champion
from models.drift import Reference
from models.hazards import ALL_LINES, HazardModel
from models.inputs import SEGMENT, SEGMENTS, ModelKind, model_inputs
from models.scoring import Bundle
from training.fit import Fitted, probability_judged
from training.gates import Evidence

Floats = NDArray[np.float64]

SCORED_ROWS = 50_000
EXPLAINED_ROWS = 5_000
"""Rows, drawn at random but always the same, whose scores are compared, and whose scores are taken apart."""


def current_champion(workspace: Workspace) -> Bundle | None:
    """Return the bundle that serves; None where none does, or none that can be read."""
    try:
        return load_champion(workspace)
    except InputError:
        return None


def reference_of(model: HazardModel, rows: pd.DataFrame, signals: tuple[str, ...]) -> Reference:
    """Take note of what some rows look like to a model."""
    log_odds, segments, contributions = _seen(model, rows, signals)
    return Reference.of(log_odds, segments, contributions)


def evidence_of(
    kind: ModelKind,
    fitted: Fitted,
    train: pd.DataFrame,
    signals: tuple[str, ...],
    suspects: tuple[str, ...],
    champion: Bundle | None,
) -> Evidence:
    """Put together what the gates are told.

    Parameters
    ----------
    fitted : the candidate.
    train : the rows of its kind that were learnt from.
    signals : the columns that are signals.
    suspects : those in use that seem to know the outcome.
    champion : the bundle that serves.
    """
    learnt = reference_of(fitted.model, train, signals)
    log_odds, segments, contributions = _seen(fitted.model, fitted.test, signals)
    return Evidence(
        rows=fitted.test.assign(champion=_said_by(champion, kind, fitted.test)),
        champion=champion.manifest.version if champion else None,
        suspects=suspects,
        moved=tuple(learnt.moved(log_odds, segments)),
        shifted=tuple(learnt.shifted(contributions)),
    )


def _seen(
    model: HazardModel, rows: pd.DataFrame, signals: tuple[str, ...]
) -> tuple[Floats, NDArray[np.object_], pd.DataFrame]:
    """Return scores, segments, and what the signals added to the scores of some of the rows."""
    drawn = rows.sample(min(SCORED_ROWS, len(rows)), random_state=0)
    inputs = model_inputs(drawn, signals)
    parts = model.contributions(inputs.head(EXPLAINED_ROWS))
    own = [name for name in parts if name not in ALL_LINES and name not in SEGMENTS]
    return model.log_odds(inputs)[:, 0], inputs[SEGMENT].to_numpy(object), parts[own]


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
