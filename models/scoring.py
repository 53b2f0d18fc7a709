"""Scoring: the models that serve together, and what scoring a snapshot with them gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import InputError
from features.snapshots import KEYS
from models.design import ColumnTypeError
from models.drift import Reference
from models.hazards import ALL_LINES, HazardModel
from models.inputs import MODEL_KINDS, SEGMENT_OF_UNIT, ModelKind, model_inputs, model_kinds, require_columns
from models.manifest import BundleManifest
from models.propensity import to_probability
from models.value import ValueModel

Floats = NDArray[np.float64]

SCORES = ("probability", "log_odds", "gross_profit", "amount")
"""What a score consists of, after the keys and `model_kind`."""


@dataclass(frozen=True, slots=True)
class KindModels:
    """The models of one kind.

    Parameters
    ----------
    propensity : None where it was refused.
    gross_profit, amount : of a success; None where the data do not tell.
    reference : what the rows were like that the propensity model was judged on; None where it was refused.
    """

    propensity: HazardModel | None = None
    gross_profit: ValueModel | None = None
    amount: ValueModel | None = None
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Bundle:
    """The models that serve together; immutable once saved.

    Parameters
    ----------
    manifest : what they were made from.
    models : by kind.

    Raises
    ------
    ValueError
        If a kind has neither a propensity model nor a reason why not, or both.
    """

    manifest: BundleManifest
    models: Mapping[ModelKind, KindModels]

    def __post_init__(self) -> None:
        for kind in MODEL_KINDS:
            if (self.of(kind).propensity is None) != (kind in self.manifest.refused):
                raise ValueError(f"bundle {self.manifest.version!r}: {kind} needs a model or a reason for its refusal")

    @property
    def kinds(self) -> tuple[ModelKind, ...]:
        """The kinds of which there is a model."""
        return tuple(kind for kind in MODEL_KINDS if self.of(kind).propensity is not None)

    def of(self, kind: ModelKind) -> KindModels:
        """Return the models of a kind; without any, the refused ones."""
        return self.models.get(kind, KindModels())

    def score(self, snapshot: pd.DataFrame, days: Sequence[int] = ()) -> pd.DataFrame:
        """Score each row by itself: alone or among others, it gets the same to the bit.

        Parameters
        ----------
        snapshot : as features.snapshots.build_snapshot gives it; columns that no model reads are ignored.
        days : those by which the probability of a success is wanted as well, > 0.

        Returns
        -------
        DataFrame with the snapshot's index and keys, then

        - `model_kind`,
        - `probability` in (0, 1) of a success within the BU's horizon, and its `log_odds`; NaN where the model was
          refused, or learnt nothing of the BU,
        - `gross_profit`, `amount` of the success if it happens, >= 0, in group currency; NaN where unknown,
        - the probability of a success by each of `days`, called as `by_day` says.

        Raises
        ------
        InputError
            If a column that a model reads is missing or of another type than learnt, or a row is of no kind that there
            is.
        """
        inputs = model_inputs(snapshot, self.manifest.signals)
        require_columns(snapshot, KEYS)
        kinds = model_kinds(snapshot)
        columns = [*SCORES, *map(by_day, days)]
        scores = snapshot[list(KEYS)].assign(model_kind=kinds, **dict.fromkeys(columns, np.nan))
        with _types_as_learnt():
            for kind in MODEL_KINDS:
                rows = (kinds == kind).to_numpy() & self._learnt(kind, inputs)
                if rows.any():
                    scores.loc[rows, columns] = self._score(kind, snapshot[rows], inputs[rows], days)
        return scores

    def explain(self, snapshot: pd.DataFrame) -> pd.DataFrame:
        """Take each row's log-odds apart.

        Returns
        -------
        DataFrame with the snapshot's index: what each of SEGMENTS, of the signals (0 where its model does not read
        it) and of `models.hazards.ALL_LINES` adds to the log-odds; NaN where the model was refused or learnt nothing of
        the BU.

        Raises
        ------
        InputError
            If a column that a model reads is missing or of another type than learnt, or a row is of no kind that there
            is.
        """
        inputs = model_inputs(snapshot, self.manifest.signals)
        kinds = model_kinds(snapshot)
        columns = [*inputs.columns, *ALL_LINES]
        parts = pd.DataFrame(np.nan, index=snapshot.index, columns=columns)
        with _types_as_learnt():
            for kind in MODEL_KINDS:
                model, rows = self.of(kind).propensity, (kinds == kind).to_numpy() & self._learnt(kind, inputs)
                if model is not None and rows.any():
                    own = model.contributions(inputs[rows])
                    parts.loc[rows] = own.reindex(columns=columns, fill_value=0.0).to_numpy()
        return parts

    def _learnt(self, kind: ModelKind, inputs: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which rows are of a BU that a kind's models learnt about."""
        model = self.of(kind).propensity
        left_out = inputs[SEGMENT_OF_UNIT].isin(list(self.manifest.left_out)).to_numpy()
        return ~left_out if model is None else ~left_out & model.knows(inputs)

    def _score(self, kind: ModelKind, snapshot: pd.DataFrame, inputs: pd.DataFrame, days: Sequence[int]) -> Floats:
        """Return SCORES of rows of one kind and their probabilities by some days, ndarray of shape (n, 4 + n_days)."""
        models = self.of(kind)
        unknown = np.full(len(snapshot), np.nan)
        log_odds = np.full((len(snapshot), 1 + len(days)), np.nan)
        if models.propensity is not None:
            log_odds = models.propensity.log_odds(inputs, models.propensity.horizons(inputs), *days)
        probability = to_probability(log_odds)
        money = [
            unknown if model is None else model.predict(snapshot) for model in (models.gross_profit, models.amount)
        ]
        return np.column_stack([probability[:, 0], log_odds[:, 0], *money, probability[:, 1:]])


def by_day(days: int) -> str:
    """Return the name of the column that holds the probability of a success by a day."""
    return f"probability_{days}d"


@contextmanager
def _types_as_learnt() -> Iterator[None]:
    """Tell the user of a column that changed its type since the model was fitted, as one stray text can make it."""
    try:
        yield
    except ColumnTypeError as error:
        raise InputError(
            f"snapshot: {error}; mend the values or their mapping and ingest again, or train anew"
        ) from error
