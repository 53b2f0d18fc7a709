"""Few conversions: what can be learnt from 10 to 200 of them, against the base rate and what else there is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from rich.progress import Progress
from sklearn.metrics import log_loss

from benchmarks.bank_marketing import calls
from benchmarks.page import Section
from benchmarks.rivals import RIVALS
from features.ingest import ingest
from features.signals.catalogue import BUILT_IN
from features.tables import open_tables
from features.workspace import Workspace
from models.inputs import MODEL_KINDS, model_inputs, model_kinds
from simulation.parameters import CHAINS
from simulation.world import simulate
from training.examples import Examples, gather

CONVERSIONS = (10, 30, 100, 200)
SEEDS = 20
ACCOUNTS, GROUP_SEED = 20_000, 3001
JUDGED = 20_000
"""Rows that each model is judged by."""

HORIZONS = {name: chain.horizon_days for name, chain in CHAINS.items()}

SURE = 1e-12


@dataclass(frozen=True, slots=True)
class Pool:
    """Rows to draw from.

    Parameters
    ----------
    rows, success : to learn from.
    later, came_true : to judge by.
    """

    rows: pd.DataFrame
    success: NDArray[np.bool_]
    later: pd.DataFrame
    came_true: NDArray[np.bool_]

    def draw(self, conversions: int, seed: int) -> Pool:
        """Return so many conversions, with failures at the natural rate, and rows to judge by."""
        random = np.random.default_rng([conversions, seed])
        rate = self.success.mean()
        won = random.choice(np.flatnonzero(self.success), conversions, replace=False)
        lost = random.choice(np.flatnonzero(~self.success), int(conversions * (1 - rate) / rate), replace=False)
        learnt = random.permutation(np.concatenate([won, lost]))
        judged = random.permutation(len(self.came_true))[:JUDGED]
        return Pool(
            self.rows.iloc[learnt].reset_index(drop=True),
            self.success[learnt],
            self.later.iloc[judged].reset_index(drop=True),
            self.came_true[judged],
        )


def measure() -> Section:
    """Fit all rivals to small samples of a simulated group and of a bank's calls."""
    lines = []
    with Progress(transient=True) as progress:
        task = progress.add_task("the data", total=None)
        for name, pool in _pools().items():
            for conversions in CONVERSIONS:
                losses = []
                for seed in range(SEEDS):
                    progress.update(task, description=f"{name}: {conversions} conversions, sample {seed + 1}")
                    losses.append(_losses(pool.draw(conversions, seed)))
                medians = pd.DataFrame(losses).median()
                lines.append((name, str(conversions), *(f"{medians[rival]:.4f}" for rival in RIVALS)))
    return Section(
        "Few conversions",
        f"Log-loss on {JUDGED:,} other rows, medians of {SEEDS} samples with so many conversions at the natural rate: "
        f"of a simulated group of {ACCOUNTS:,} accounts ({len(BUILT_IN)} signals; judged at later cutoffs) and of "
        "UCI's bank marketing (19 columns). Ridge is scikit-learn's LogisticRegressionCV on scaled, encoded columns.",
        ("data", "conversions", *RIVALS),
        lines,
    )


def _losses(pool: Pool) -> Mapping[str, float]:
    return {
        name: log_loss(pool.came_true, np.clip(fit(pool.rows, pool.success)(pool.later), SURE, 1 - SURE))
        for name, fit in RIVALS.items()
    }


def _pools() -> Mapping[str, Pool]:
    rows, success = calls()
    order = np.random.default_rng(0).permutation(len(rows))
    half = len(rows) // 2
    bank = Pool(rows.iloc[order[:half]], success[order[:half]], rows.iloc[order[half:]], success[order[half:]])
    return {**dict(_simulated()), "bank marketing": bank}


def _simulated() -> Iterator[tuple[str, Pool]]:
    with TemporaryDirectory() as folder:
        examples = _examples(Path(folder))
    signals = [signal.name for signal in BUILT_IN]
    for kind in MODEL_KINDS:
        train, test = (rows[model_kinds(rows) == kind] for rows in (_ended(examples.train), _ended(examples.test)))
        yield (
            kind,
            Pool(
                model_inputs(train, signals),
                train["label"].to_numpy(dtype=bool),
                model_inputs(test, signals),
                test["label"].to_numpy(dtype=bool),
            ),
        )


def _ended(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep the rows whose horizon was over, so that every rival learns the same thing."""
    return rows[rows["followed_days"] >= rows["business_unit"].map(HORIZONS)]


def _examples(folder: Path) -> Examples:
    exports, workspace = folder / "exports", Workspace(folder / "workspace")
    simulate(ACCOUNTS, GROUP_SEED, exports)
    workspace.root.mkdir(parents=True)
    ingest(workspace, exports / "sources.yaml", exports / "group.yaml")
    with open_tables(workspace) as tables:
        return gather(tables, workspace.group())
