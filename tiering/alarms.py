"""Alarms: at each refresh, whether accounts still look as they did, and whether earlier scores came true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import numpy as np
import pandas as pd
from scipy.stats import poisson

from features.group import Group
from features.labels import build_labels
from features.tables import Tables
from models.bundle import Bundle
from models.drift import MOVED, SHIFTED
from models.hazards import ALL_LINES
from models.inputs import BETWEEN, SEGMENT, SEGMENTS, ModelKind, model_inputs
from tiering.release import Note, Release
from tiering.scores import CURVE_DAYS, probabilities_by_day

EXPLAINED_ROWS = 2_000
"""Rows, drawn at random but always the same, whose scores are taken apart."""

MOST_TOLD = 5
"""Of each kind of alarm so many are told, the strongest first: one cause sets off many."""

LEAST_EXPECTED = 10.0
"""Fewer successes than that are expected of a segment: what came true says nothing."""

FACTOR = 1.5
"""So many times as many successes as expected, or so many times fewer, are an alarm if chance does not explain it."""

CHANCE = 0.01
"""How often a true model may set off an alarm of performance, at one refresh, in any segment."""


def population_alarms(bundle: Bundle, snapshot: pd.DataFrame, scores: pd.DataFrame) -> tuple[Note, ...]:
    """Compare the accounts of a snapshot with those that the models were judged on.

    Parameters
    ----------
    bundle : the models.
    snapshot : one row per account × BU.
    scores : as `tiering.scores.score_rows` gives them, under the same index.
    """
    return tuple(note for kind in bundle.kinds for note in _population(bundle, kind, snapshot, scores))


def _population(bundle: Bundle, kind: ModelKind, snapshot: pd.DataFrame, scores: pd.DataFrame) -> Iterator[Note]:
    reference = bundle.of(kind).reference
    scored = snapshot[(scores["model_kind"] == kind) & scores["probability"].notna()]
    if reference is None or scored.empty:
        return
    segments = model_inputs(scored, ())[SEGMENT].to_numpy(object)
    moved = reference.moved(scores.loc[scored.index, "log_odds"].to_numpy(np.float64), segments)
    for score in [one for one in moved if one.index > MOVED][:MOST_TOLD]:
        yield Note("scores_moved", {"kind": kind, "segment": score.segment, "index": round(score.index, 2)})
    parts = bundle.explain(scored.sample(min(EXPLAINED_ROWS, len(scored)), random_state=0))
    shifted = reference.shifted(parts.drop(columns=[*ALL_LINES, *SEGMENTS]))
    for signal in [one for one in shifted if abs(one.shift) > SHIFTED][:MOST_TOLD]:
        times = round(float(np.exp(signal.shift)), 2)
        yield Note("signal_shifted", {"kind": kind, "signal": signal.signal, "times": times})


def looked_back_on(releases: Sequence[Release], tables: Tables) -> tuple[Release, int] | None:
    """Return the latest release of which enough has been seen since, and over how many days it is judged.

    Parameters
    ----------
    releases : all that there are.
    tables : the canonical tables; their end is now.

    Returns
    -------
    The latest release that is 90 days old, else the one that is 30; None where none is.
    """
    for days in (90, 30):
        old = [one for one in releases if one.origin.as_of + timedelta(days=days) <= tables.as_of]
        if old:
            latest = max(old, key=lambda one: (one.origin.as_of, one.id))
            seen = (tables.as_of - latest.origin.as_of).days
            return latest, max(day for day in CURVE_DAYS if day <= seen)
    return None


def performance_alarms(
    release: Release, scores: pd.DataFrame, regions: pd.Series, days: int, tables: Tables, group: Group
) -> tuple[Note, ...]:
    """Compare what an earlier release expected within some days with what came, by BU and region.

    Parameters
    ----------
    release : the earlier one.
    scores : its scores, as the store has them.
    regions : the region of each account, by account id.
    days : one of `tiering.scores.CURVE_DAYS`, all of them over by now.
    tables : the canonical tables.
    group : the business units.
    """
    rows = scores[scores["business_unit"].isin(list(group.business_units))].reset_index(drop=True)
    labels = build_labels(tables, group, rows, release.origin.as_of)
    told = [probabilities_by_day(text) for text in rows["probability_by_day"]]
    expected = np.array([np.nan if one is None else one[str(days)] for one in told])
    came = (labels["succeeded_at"] < release.origin.as_of + timedelta(days=days)).to_numpy()
    known = ~np.isnan(expected) & ~labels["whole_window"].to_numpy(bool)
    segment = rows["business_unit"] + BETWEEN + rows["account_id"].map(regions).astype("str")
    frame = pd.DataFrame({"segment": segment, "expected": expected, "came": came})[known]
    found = frame.groupby("segment")[["expected", "came"]].sum()
    return tuple(_performance(found[found["expected"] >= LEAST_EXPECTED], release, days))


def _performance(found: pd.DataFrame, release: Release, days: int) -> Iterator[Note]:
    """Tell of segments in which neither chance nor a tolerable error explains what came."""
    expected, came = found["expected"].to_numpy(), found["came"].to_numpy()
    by_chance = 2 * np.minimum(poisson.cdf(came, expected), poisson.sf(came - 1, expected))
    times = (came + 0.5) / (expected + 0.5)
    off = (by_chance < CHANCE / max(1, len(found))) & (np.abs(np.log(times)) > np.log(FACTOR))
    worst = found[off].assign(off=np.abs(np.log(times[off]))).sort_values("off", ascending=False).head(MOST_TOLD)
    for segment, row in worst.iterrows():
        values = {"expected": round(float(row["expected"])), "came": int(row["came"]), "days": days}
        yield Note("performance_drift", {"release": release.id, "segment": str(segment), **values})
