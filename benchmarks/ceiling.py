"""The ceiling: how near the models come to trees that were told the true probabilities, and how calibrated they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import Progress

from benchmarks.groups import KEYS, examples_of_group
from benchmarks.page import Section
from benchmarks.worth import Rows, ceiling, expected_auc, truth_of_group
from features.signals.catalogue import BUILT_IN
from models.inputs import MODEL_KINDS, ModelKind, model_inputs, model_kinds
from models.propensity import to_probability
from training.calibration_error import calibration_errors
from training.config import EstimatorConfig
from training.examples import Examples
from training.fit import learn, probability_judged

SEED = 8001
SEEDS_OF_CEILING = (8101, 8102, 8103, 8104, 8105)
"""Groups that nothing else was ever fitted to: one to learn from and be judged by, five to find the ceiling on."""

ACCOUNTS = 50_000
CUTOFFS = 12
"""The last so many cutoffs before the end of learning are learnt from."""

TREES_OF_CEILING = 600
AUC_BAR = 0.01

_SIGNALS = tuple(signal.name for signal in BUILT_IN)

Floats = NDArray[np.float64]


def last_examples(seed: int, accounts: int) -> Examples:
    """Gather the examples of a simulated group, with the truth beside those to judge by.

    Parameters
    ----------
    seed, accounts : of the group.

    Returns
    -------
    Examples of the last CUTOFFS cutoffs to learn from; ``truth`` is a column of those to judge by.
    """
    examples, truth = examples_of_group(seed, accounts)
    learnt = examples.train["cutoff"].isin(np.sort(examples.train["cutoff"].unique())[-CUTOFFS:])
    return replace(examples, train=examples.train[learnt], test=examples.test.merge(truth, on=KEYS))


def judged(kind: ModelKind, examples: Examples) -> pd.DataFrame:
    """Learn one kind as `glocal train` does by default, and return the rows that it is judged by, with what it says.

    Parameters
    ----------
    kind : which model.
    examples : with the truth, as `last_examples` returns them.

    Returns
    -------
    The rows of the examples with the ``probability`` of a success while they were followed, by which calibration is
    judged, and that of one ``within_horizon``, which is what the truth is of: a slow unit is not followed to its end.
    """
    train, test = (rows[model_kinds(rows) == kind] for rows in (examples.train, examples.test))
    model = learn(EstimatorConfig().estimator(), examples, train, _SIGNALS)
    return test.assign(
        probability=probability_judged(model, test, _SIGNALS),
        within_horizon=to_probability(model.log_odds(model_inputs(test, _SIGNALS))[:, 0]),
    )


def ceiling_of(kind: ModelKind, groups: Sequence[Path], test: pd.DataFrame) -> Floats:
    """Return what trees say that learnt the true probabilities of other groups.

    Parameters
    ----------
    kind : of rows.
    groups : Parquet files of snapshots with their ``truth``, as `benchmarks.worth.truth_of_group` returns them.
    test : rows to judge by.
    """
    # One after the other: all rows of all groups take 8 GB.
    parts = (pd.read_parquet(path) for path in groups)
    train = pd.concat([part[model_kinds(part) == kind] for part in parts], ignore_index=True)
    return ceiling(_rows(train), _rows(test), TREES_OF_CEILING)


def measure(
    kept: Path, seed: int = SEED, seeds_of_ceiling: Sequence[int] = SEEDS_OF_CEILING, accounts: int = ACCOUNTS
) -> Section:
    """Measure both kinds.

    Parameters
    ----------
    kept : folder of the snapshots that the ceiling learns from, which take long to make; it is made if need be.
    seed : of the group that is learnt from and judged by.
    seeds_of_ceiling : of those that the ceiling learns from.
    accounts : of each.
    """
    lines: list[tuple[str, ...]] = []
    with Progress(transient=True) as progress:
        task = progress.add_task("", total=None)
        paths = []
        for one in seeds_of_ceiling:
            progress.update(task, description=f"group of seed {one}, for the ceiling")
            paths.append(_kept_group(kept, one, accounts))
        progress.update(task, description=f"group of seed {seed}")
        examples = last_examples(seed, accounts)
        for kind in MODEL_KINDS:
            progress.update(task, description=f"model of {kind}")
            test = judged(kind, examples)
            progress.update(task, description=f"ceiling of {kind}")
            lines.append(_line(kind, test, ceiling_of(kind, paths, test)))
    return Section(
        "How near the ceiling",
        f"A simulated group of {accounts:,} accounts, learnt from as `glocal train` does at its last {CUTOFFS} cutoffs "
        f"and judged by those after. The ceiling: trees that learnt the true probabilities of {len(seeds_of_ceiling)} "
        f"more groups of {accounts:,} accounts from the same signals. AUC is that to be expected of outcomes within "
        f"the horizon, with the true probabilities; {AUC_BAR} below the ceiling is asked at most. Calibration error is "
        "of outcomes, by the rule of the gates; of the segments, the one that is nearest to what is allowed, or "
        "farthest beyond.",
        ("model", "rows judged", "AUC", "ceiling", "below it", "truth", "error", "allowed", "worst segment", "allowed"),
        lines,
    )


def _kept_group(kept: Path, seed: int, accounts: int) -> Path:
    """Return the file of a group's snapshots with their truth, made once."""
    path = kept / f"{accounts}-{seed}.parquet"
    if not path.exists():
        kept.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory() as folder:
            truth_of_group(seed, accounts, Path(folder)).to_parquet(path)
    return path


def _rows(rows: pd.DataFrame) -> Rows:
    return Rows(model_inputs(rows, _SIGNALS), rows["truth"].to_numpy(np.float64))


def _line(kind: str, test: pd.DataFrame, ceiling: Floats) -> tuple[str, ...]:
    truth = test["truth"].to_numpy(np.float64)
    ours, best, true = (expected_auc(score, truth) for score in (test["within_horizon"].to_numpy(), ceiling, truth))
    overall, *segments = calibration_errors(test)
    worst = max(segments, key=lambda one: one.error - one.allowed)
    return (
        kind,
        f"{len(test):,}",
        f"{ours:.4f}",
        f"{best:.4f}",
        f"{best - ours:.4f}",
        f"{true:.4f}",
        f"{overall.error:.4f}",
        f"{overall.allowed:.4f}",
        f"{worst.segment}: {worst.error:.4f}",
        f"{worst.allowed:.4f}",
    )
