"""Quarantine: signals of the training rows that know the outcome are kept from the models, unless trusted by name."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches

import pandas as pd

from features.errors import InputError
from features.leaks import find_leaks
from models.inputs import MODEL_KINDS, ModelKind, model_kinds

CLOSE_NAMES = 3
CLOSE_ENOUGH = 0.4


@dataclass(frozen=True, slots=True)
class Suspect:
    """A signal that seems to know the outcome of one kind of model.

    Parameters
    ----------
    model : the kind in whose training rows it was found.
    signal : its name.
    kind : of leak.
    auc : of the signal alone.
    auc_of_the_others : of all other signals together.
    evidence : what it rests on, in words and figures.
    trusted : whether the user vouched for it; else no model sees it.
    """

    model: ModelKind
    signal: str
    kind: str
    auc: float
    auc_of_the_others: float
    evidence: str
    trusted: bool


def find_suspects(train: pd.DataFrame, signals: Sequence[str], trusted: Collection[str] = ()) -> tuple[Suspect, ...]:
    """Find the signals that know the outcome of the rows to learn from, for each kind of model.

    Parameters
    ----------
    train : labelled snapshots, as training.examples.gather gives them.
    signals : the columns that are signals.
    trusted : signals that are listed, and used all the same.
    """
    kinds = model_kinds(train)
    return tuple(
        suspect for kind in MODEL_KINDS for suspect in _suspects_of(kind, train[kinds == kind], signals, trusted)
    )


def _suspects_of(
    kind: ModelKind, rows: pd.DataFrame, signals: Sequence[str], trusted: Collection[str]
) -> list[Suspect]:
    if rows.empty:
        return []
    found = find_leaks(rows[list(signals)], rows["label"], time=rows["cutoff"], groups=rows["account_id"])
    return [
        Suspect(
            model=kind,
            signal=str(row["column"]),
            kind=str(row["kind"]),
            auc=float(row["auc"]),
            auc_of_the_others=float(row["auc_of_the_others"]),
            evidence=str(row["evidence"]),
            trusted=row["column"] in trusted,
        )
        for row in found.to_dict("records")
    ]


def without(signals: Sequence[str], suspects: Collection[Suspect]) -> tuple[str, ...]:
    """Return the signals that models may see: one that knows the outcome of either kind is seen by none."""
    quarantined = {suspect.signal for suspect in suspects if not suspect.trusted}
    return tuple(name for name in signals if name not in quarantined)


def as_table(suspects: Collection[Suspect]) -> pd.DataFrame:
    """Return suspects as a table."""
    return pd.DataFrame([asdict(suspect) for suspect in suspects], columns=list(Suspect.__dataclass_fields__))


def require_signals(names: Collection[str], signals: Sequence[str]) -> None:
    """Check that names to be trusted are signals.

    Raises
    ------
    InputError
        If one is not.
    """
    for name in names:
        if name not in signals:
            close = get_close_matches(name, signals, CLOSE_NAMES, CLOSE_ENOUGH) or list(signals[:CLOSE_NAMES])
            raise InputError(f"--trust {name!r}: there is no such signal; signals with close names: {', '.join(close)}")
