"""Scores: what the models say of each account × business unit, and why."""

from __future__ import annotations

import pandas as pd

from models.bundle import Bundle
from models.explain import reasons_to_json, top_reasons
from models.inputs import SEGMENTS, model_inputs

REASONS = 4
"""Reasons that are kept of each score: as many as a person reads."""

_ROWS_AT_ONCE = 20_000


def score_rows(bundle: Bundle, snapshot: pd.DataFrame) -> pd.DataFrame:
    """Score a snapshot and keep the strongest reasons.

    Parameters
    ----------
    bundle : the models.
    snapshot : one row per account × BU.

    Returns
    -------
    What `Bundle.score` gives, and ``reasons``, JSON as `models.explain` writes it; none where there is no probability.
    They are signals of the account: its BU, region and kind move the score too, but are no news about the account.
    """
    scores = bundle.score(snapshot)
    starts = range(0, len(snapshot), _ROWS_AT_ONCE)
    reasons = [text for start in starts for text in _reasons(bundle, snapshot.iloc[start : start + _ROWS_AT_ONCE])]
    return scores.assign(reasons=pd.Series(reasons, index=scores.index, dtype="str"))


def _reasons(bundle: Bundle, snapshot: pd.DataFrame) -> list[str]:
    values = model_inputs(snapshot, bundle.manifest.signals)
    parts = bundle.explain(snapshot).drop(columns=list(SEGMENTS))
    return [reasons_to_json(reasons) for reasons in top_reasons(parts, values, REASONS)]
