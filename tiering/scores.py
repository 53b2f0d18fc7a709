"""Scores: what the models say of each account × business unit, and why."""

from __future__ import annotations

import json

import pandas as pd

from features.snapshots import KEYS
from models.bundle import Bundle
from models.explain import reasons_to_json, top_reasons
from models.inputs import SEGMENTS, model_inputs
from models.scoring import SCORES, by_day

REASONS = 4
"""Reasons that are kept of each score: as many as a person reads."""

_ROWS_AT_ONCE = 20_000


CURVE_DAYS = (30, 90, 180, 365)
"""Days by which the probability of a success is told, so that people see when it may come."""


def score_rows(bundle: Bundle, snapshot: pd.DataFrame, planning_days: int) -> pd.DataFrame:
    """Score a snapshot and keep the strongest reasons.

    Parameters
    ----------
    bundle : the models.
    snapshot : one row per account × BU.
    planning_days : the window over which all BUs are compared, > 0.

    Returns
    -------
    What `Bundle.score` gives, and

    - ``window_probability``, of a success within the planning window,
    - ``probability_by_day``, JSON, of a success by each of CURVE_DAYS; missing where there is none,
    - ``reasons``, JSON as `models.explain` writes it; none where there is no probability. They are signals of the
      account: its BU, region and kind move the score too, but are no news about the account.
    """
    scored = bundle.score(snapshot, tuple(dict.fromkeys((*CURVE_DAYS, planning_days))))
    scores = scored[[*KEYS, "model_kind", *SCORES]].assign(
        window_probability=scored[by_day(planning_days)],
        probability_by_day=_curves(scored[[by_day(days) for days in CURVE_DAYS]]),
    )
    starts = range(0, len(snapshot), _ROWS_AT_ONCE)
    reasons = [text for start in starts for text in _reasons(bundle, snapshot.iloc[start : start + _ROWS_AT_ONCE])]
    return scores.assign(reasons=pd.Series(reasons, index=scores.index, dtype="str"))


def probabilities_by_day(text: str | None) -> dict[str, float] | None:
    """Return the probability by each of CURVE_DAYS from its JSON; None where there is none."""
    if not isinstance(text, str):
        return None
    told: dict[str, float] = json.loads(text)
    return told


def _curves(probabilities: pd.DataFrame) -> pd.Series:
    """Return the probabilities by CURVE_DAYS of each row as JSON."""
    known = probabilities.notna().all(axis=1)
    rows = zip(probabilities.to_numpy().tolist(), known, strict=True)
    curves = [json.dumps(dict(zip(CURVE_DAYS, row, strict=True))) if told else None for row, told in rows]
    return pd.Series(curves, index=probabilities.index, dtype="str")


def _reasons(bundle: Bundle, snapshot: pd.DataFrame) -> list[str]:
    values = model_inputs(snapshot, bundle.manifest.signals)
    parts = bundle.explain(snapshot).drop(columns=list(SEGMENTS))
    return [reasons_to_json(reasons) for reasons in top_reasons(parts, values, REASONS)]
