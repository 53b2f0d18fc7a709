"""What the signals are worth: how near the best that trees can make of them comes to the true probabilities."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import lightgbm as lgb
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import Progress
from sklearn.metrics import roc_auc_score

from benchmarks.groups import KEYS, ingested_group
from benchmarks.page import Section
from features.signals.catalogue import BUILT_IN, FAMILIES
from features.snapshots import build_snapshots
from features.tables import open_tables
from models.design import Design
from models.inputs import MODEL_KINDS, SEGMENTS, model_inputs, model_kinds

ACCOUNTS = 20_000
TEST_SEED = 1000
SEEDS = (1001, 1002, 1003, 1004, 1005)
"""Groups that nothing else was ever fitted to: one to judge by, and five times its accounts to learn from."""

CUTOFFS = 3
TREES = 600
ROWS_OF_FAMILIES, TREES_OF_FAMILIES = 150_000, 300
"""Where families are told apart: fewer, for that takes 44 fits."""

ASKED = 0.8

_PARAMETERS = {
    "objective": "cross_entropy",
    "learning_rate": 0.05,
    "num_leaves": 31,
    "min_data_in_leaf": 300,
    "feature_fraction": 0.4,
    "lambda_l2": 10.0,
    "cat_smooth": 100.0,
    "deterministic": True,
    "force_col_wise": True,
    "seed": 0,
    "verbosity": -1,
}

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of snapshots as trees see them, with what they are to find.

    Parameters
    ----------
    inputs : what a model sees, as `models.inputs.model_inputs` gives it.
    truth : ndarray of shape (n,), the true probabilities.
    """

    inputs: pd.DataFrame
    truth: Floats

    def only(self, columns: Sequence[str], limit: int | None = None) -> Rows:
        """Return these columns, of so many rows at most, drawn at random but always the same."""
        kept = np.random.default_rng(0).permutation(len(self.truth))[:limit]
        return Rows(self.inputs[list(columns)].iloc[kept], self.truth[kept])


def truth_of_group(seed: int, accounts: int, folder: Path) -> pd.DataFrame:
    """Simulate a group, ingest it as a user would, and put the true probabilities beside its snapshots.

    Parameters
    ----------
    seed, accounts : of the group.
    folder : an empty one, for the exports and the workspace.
    """
    workspace, truth = ingested_group(seed, accounts, folder)
    with open_tables(workspace) as tables:
        snapshots = [snapshot for _, snapshot in build_snapshots(tables, workspace.group(), _cutoffs(truth))]
    return pd.concat(snapshots, ignore_index=True).merge(truth, on=KEYS)


def _cutoffs(truth: pd.DataFrame) -> list[datetime]:
    """Return cutoffs spread over those whose truth is known."""
    known = pd.DatetimeIndex(np.sort(truth["cutoff"].unique()))
    places = np.linspace(0, len(known) - 1, CUTOFFS + 1).round().astype(int)[1:]
    return [cutoff.to_pydatetime() for cutoff in known[places]]


def expected_auc(score: Floats, truth: Floats) -> float:
    """Return the AUC to be expected of outcomes that come true with the true probabilities: no chance is left in it.

    Parameters
    ----------
    score, truth : ndarrays of shape (n,); truth in (0, 1).
    """
    came_true = np.repeat([1, 0], len(truth))
    return float(roc_auc_score(came_true, np.tile(score, 2), sample_weight=np.concatenate([truth, 1 - truth])))


def ceiling(train: Rows, test: Rows, trees: int) -> Floats:
    """Fit trees to the true probabilities and return what they say of the rows to judge by."""
    design = Design.learn(train.inputs)
    data = lgb.Dataset(design.matrix(train.inputs), train.truth, categorical_feature=design.categories)
    return np.asarray(lgb.train(_PARAMETERS, data, trees).predict(design.matrix(test.inputs)))


def measure(seeds: Sequence[int] = SEEDS, accounts: int = ACCOUNTS) -> Section:
    """Measure all signals together, each family alone, and all without it.

    Parameters
    ----------
    seeds : of the groups to learn from.
    accounts : of each group.
    """
    with Progress(transient=True) as progress:
        task = progress.add_task("", total=None)

        def made(seed: int) -> pd.DataFrame:
            progress.update(task, description=f"group of seed {seed}")
            with TemporaryDirectory() as folder:
                return truth_of_group(seed, accounts, Path(folder))

        train, test = pd.concat([made(seed) for seed in seeds], ignore_index=True), made(TEST_SEED)
        lines: list[tuple[str, ...]] = []
        for kind in MODEL_KINDS:
            progress.update(task, description=f"trees of {kind}")
            lines += _lines(kind, _rows(train, kind), _rows(test, kind))
    return Section(
        "What the signals are worth",
        f"Trees fitted to the true probabilities of {len(seeds)} simulated groups of {accounts:,} accounts, judged on "
        f"another one: {len(test):,} rows. The share is that of the truth's AUC above chance, {ASKED} is asked of all "
        "signals together. AUC is that to be expected of outcomes with the true probabilities. The model always sees "
        "business unit, region and kind; each family alone, and all without it, learn from fewer rows, by fewer trees.",
        ("model", "signals", "number", "AUC", "share of the truth's", "share lost without them"),
        lines,
    )


def _rows(rows: pd.DataFrame, kind: str) -> Rows:
    rows = rows[model_kinds(rows) == kind]
    return Rows(model_inputs(rows, [signal.name for signal in BUILT_IN]), rows["truth"].to_numpy(np.float64))


def _lines(kind: str, train: Rows, test: Rows) -> Iterator[tuple[str, ...]]:
    above_chance = expected_auc(test.truth, test.truth) - 0.5

    def auc(columns: list[str], rows: int | None = ROWS_OF_FAMILIES, trees: int = TREES_OF_FAMILIES) -> float:
        judged = test.only(columns)
        return expected_auc(ceiling(train.only(columns, rows), judged, trees), judged.truth)

    def share(found: float) -> str:
        return f"{(found - 0.5) / above_chance:.3f}"

    every = [str(name) for name in train.inputs]
    together, from_fewer = auc(every, None, TREES), auc(every)
    yield kind, "true probability", "", f"{above_chance + 0.5:.3f}", share(above_chance + 0.5), ""
    yield kind, "all", str(len(every) - len(SEGMENTS)), f"{together:.3f}", share(together), ""
    yield kind, "all, from fewer", str(len(every) - len(SEGMENTS)), f"{from_fewer:.3f}", share(from_fewer), ""
    for family in FAMILIES:
        own = [signal.name for signal in family.signals]
        alone = auc([*SEGMENTS, *own])
        lost = from_fewer - auc([name for name in every if name not in own])
        yield kind, family.name, str(len(own)), f"{alone:.3f}", share(alone), f"{lost / above_chance:.3f}"
