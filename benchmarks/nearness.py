"""How near the models come to the true probabilities of a simulated group, which know the hidden state."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from sklearn.metrics import roc_auc_score

from benchmarks.page import Section
from features.tables import open_tables
from features.workspace import Workspace
from models.baselines import BASELINES
from models.champion import load_champion
from models.inputs import model_kinds
from training.evaluate import lift
from training.examples import gather

_KEYS = ["account_id", "business_unit", "cutoff"]


def judged_rows(workspace: Workspace, exports: Path) -> pd.DataFrame:
    """Return the test rows of the champion's training with its ``probability`` and the true one, ``truth``."""
    with open_tables(workspace) as tables:
        test = gather(tables, workspace.group()).test
    test = test.assign(probability=load_champion(workspace).score(test)["probability"])
    truth = pd.read_parquet(exports / "truth" / "probabilities.parquet", columns=[*_KEYS, "probability"])
    truth = truth.astype({"account_id": "str", "business_unit": "str"}).rename(columns={"probability": "truth"})
    return test.merge(truth, on=_KEYS)


def measure(workspace: Workspace, exports: Path) -> Section:
    """Compare the champion, the baselines and the truth on the test cutoffs."""
    rows = judged_rows(workspace, exports)
    lines = []
    for kind, part in rows.groupby(model_kinds(rows)):
        label = part["label"].to_numpy()
        truth = roc_auc_score(label, part["truth"])
        named = {"true probability": part["truth"], "Glocal": part["probability"]}
        named |= {name.replace("_", " "): pd.Series(ranking(part)) for name, ranking in BASELINES.items()}
        for name, score in named.items():
            auc = roc_auc_score(label, score.rank())
            share = (auc - 0.5) / (truth - 0.5)
            lines.append((str(kind), name, f"{auc:.3f}", f"{share:.2f}", f"{lift(label, score.to_numpy(), 0.1):.2f}"))
    return Section(
        "How near to the truth",
        f"Test cutoffs of the demo's group: {len(rows):,} rows, {rows['label'].mean():.1%} of them successes. "
        "The true probability knows the hidden state that no signal shows in full.",
        ("model", "ranking by", "AUC", "share of the truth's AUC above chance", "lift at 10 %"),
        lines,
    )
