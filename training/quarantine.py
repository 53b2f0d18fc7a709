"""Quarantine: signals of the training rows that know the outcome are kept from the models, unless trusted by name."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from dataclasses import asdict, dataclass
from difflib import get_close_matches
from typing import Any

import pandas as pd

from features.errors import InputError
from features.leakage.groups import never_changing
from features.leaks import find_leaks
from models.inputs import MODEL_KINDS, ModelKind, model_kinds
from training.examples import Examples

NEW = "new_logo"
"""The kind of a row whose account is no customer yet."""

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


def find_suspects(examples: Examples, signals: Sequence[str], trusted: Collection[str] = ()) -> tuple[Suspect, ...]:
    """Find the signals that know the outcome, for each kind of model.

    Signals that change are judged by the rows to learn from. One that never changes at an account may have been
    filled long after the cutoff, so it is held against all that became of the account until the end of the data: that
    is used to find leaks only, never to learn from.

    Parameters
    ----------
    examples : labelled snapshots.
    signals : the columns that are signals.
    trusted : signals that are listed, and used all the same.
    """
    train, both = examples.train, pd.concat([examples.train, examples.test], ignore_index=True)
    if train.empty:
        return ()
    found = []
    for kind in MODEL_KINDS:
        rows = train[model_kinds(train) == kind]
        by_row = find_leaks(rows[[*signals]], rows["label"], time=rows["cutoff"], groups=rows["account_id"])
        suspects = pd.concat([_of_accounts(kind, both, signals), by_row]).drop_duplicates("column")
        found += [_suspect(kind, row, trusted) for row in suspects.to_dict("records")]
    return tuple(found)


def _of_accounts(kind: ModelKind, rows: pd.DataFrame, signals: Sequence[str]) -> pd.DataFrame:
    """Hold what never changes at an account against whether it succeeded at any time after its first snapshot."""
    static = never_changing(rows[[*signals]], rows["account_id"])
    accounts = rows.sort_values("cutoff", kind="stable").groupby("account_id")
    first, last = accounts.first(), accounts["kind"].last()
    became = accounts["label"].any() | ((first["kind"] == NEW) & (last != NEW))
    there = model_kinds(first) == kind
    return find_leaks(first.loc[there, [signals[position] for position in static]], became[there])


def _suspect(kind: ModelKind, row: Mapping[Hashable, Any], trusted: Collection[str]) -> Suspect:
    return Suspect(
        model=kind,
        signal=str(row["column"]),
        kind=str(row["kind"]),
        auc=float(row["auc"]),
        auc_of_the_others=float(row["auc_of_the_others"]),
        evidence=str(row["evidence"]),
        trusted=row["column"] in trusted,
    )


def without(signals: Sequence[str], suspects: Collection[Suspect]) -> tuple[str, ...]:
    """Return the signals that models may see: one that knows the outcome of either kind is seen by none."""
    quarantined = {suspect.signal for suspect in suspects if not suspect.trusted}
    return tuple(name for name in signals if name not in quarantined)


def as_table(suspects: Collection[Suspect]) -> pd.DataFrame:
    """Return suspects as a table."""
    return pd.DataFrame([asdict(suspect) for suspect in suspects], columns=list(Suspect.__dataclass_fields__))


def require_signals(said_by: str, names: Collection[str], signals: Sequence[str]) -> None:
    """Check that something is said of signals that there are.

    Parameters
    ----------
    said_by : the option or key that names them.
    names : that it names.
    signals : that there are.

    Raises
    ------
    InputError
        If one is not.
    """
    for name in names:
        if name not in signals:
            close = get_close_matches(name, signals, CLOSE_NAMES, CLOSE_ENOUGH) or list(signals[:CLOSE_NAMES])
            raise InputError(
                f"{said_by} {name!r}: there is no such signal; signals with close names: {', '.join(close)}"
            )
