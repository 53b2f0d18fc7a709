"""Intervals of segments: how often they hold the mean true probability, on simulated groups of several seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd
from rich.progress import Progress

from benchmarks.groups import KEYS, examples_of_group
from benchmarks.page import Section
from features.signals.catalogue import BUILT_IN
from models.inputs import MODEL_KINDS, SEGMENT, ModelKind, model_inputs, model_kinds
from training.config import EstimatorConfig
from training.examples import Examples
from training.fit import learn

SEEDS = tuple(range(4001, 4021))
ACCOUNTS = 3_000
LEVEL = 0.9
SMALL = 50
"""Rows of a segment up to which it is small."""


def covered(seed: int, accounts: int) -> pd.DataFrame:
    """Return, for each segment of a simulated group and each band of its scores, whether the interval held the truth.

    Parameters
    ----------
    seed, accounts : of the group.

    Returns
    -------
    DataFrame with ``band`` ('all' or one band of scores), ``rows``, ``held``, and ``accounts``: the share of its rows
    whose own interval held.
    """
    examples, truth = examples_of_group(seed, accounts)
    return pd.concat([_of_kind(kind, examples, truth) for kind in MODEL_KINDS], ignore_index=True)


def _of_kind(kind: ModelKind, examples: Examples, truth: pd.DataFrame) -> pd.DataFrame:
    """Judge one kind at the first cutoff after learning: each account once per business unit."""
    signals = tuple(signal.name for signal in BUILT_IN)
    train, rows = (every[model_kinds(every) == kind] for every in (examples.train, examples.test))
    model = learn(EstimatorConfig().estimator(), examples, train, signals)
    rows = rows[rows["cutoff"] == rows["cutoff"].min()].merge(truth, on=KEYS)
    inputs = model_inputs(rows, signals)
    own = model.predict_interval(inputs, LEVEL)
    held = (own[:, 0] <= rows["truth"]) & (rows["truth"] <= own[:, 1])
    judged = rows.assign(segment=inputs[SEGMENT], held=held, band=model.bands(inputs).astype(str))
    means = pd.concat([judged, judged.assign(band="all")]).groupby(["segment", "band"])[["truth", "held"]].mean()
    table = model.segment_intervals(inputs, LEVEL).set_index(["segment", "band"]).join(means)
    within = (table["low"] <= table["truth"]) & (table["truth"] <= table["high"])
    return pd.DataFrame({"rows": table["rows"], "held": within, "accounts": table["held"]}).reset_index("band")


def measure(seeds: Sequence[int] = SEEDS, accounts: int = ACCOUNTS) -> Section:
    """Measure large and small segments of groups of several seeds.

    Parameters
    ----------
    seeds : of the groups.
    accounts : of each.
    """
    with Progress(transient=True) as progress:
        parts = [covered(seed, accounts) for seed in progress.track(seeds, description="groups")]
    return Section(
        "Intervals of segments",
        f"{len(seeds)} simulated groups of {accounts:,} accounts; at the first cutoff after learning, whether the "
        f"{LEVEL:.0%} interval of each business unit × region holds the mean true probability of its rows. The last "
        "column is of what is shown at one account: the model's own uncertainty, which does not claim to hold.",
        ("segments", "number", "intervals that hold the truth", "accounts whose own interval does"),
        list(_lines(pd.concat(parts, ignore_index=True))),
    )


def _lines(found: pd.DataFrame) -> Iterator[tuple[str, ...]]:
    whole, bands = found[found["band"] == "all"], found[found["band"] != "all"]
    small = whole["rows"] <= SMALL
    parts = {"all": whole, f"up to {SMALL} rows": whole[small], "larger": whole[~small], "bands of scores": bands}
    for name, part in parts.items():
        share = np.average(part["accounts"], weights=part["rows"]) if len(part) else float("nan")
        yield name, f"{len(part):,}", f"{part['held'].mean():.1%}", f"{share:.1%}"
