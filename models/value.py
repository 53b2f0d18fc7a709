"""Value: how much money a success is expected to bring, if it happens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field

from models.inputs import require_columns
from models.log_money import Floats, LogMoney

SIZES = (
    "attributes_annual_revenue",
    "attributes_employees",
    "pipeline_open_amount",
    "portfolio_mean_win",
    "portfolio_mean_order",
    "portfolio_amount_365d",
    "portfolio_bu_amount_horizon",
)
"""Columns whose size tells of the size of a success."""

ENOUGH_TO_REGRESS = 30
"""Successes from which sizes say more than the mean does."""

SUCCESSES_WORTH_OF_DOUBT = 10
"""A BU's own mean counts n / (n + this) against that of all."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Level(_Model):
    """What successes brought, in one BU or in all.

    Parameters
    ----------
    mean : of a success, >= 0, drawn to the mean of all where successes are few.
    smearing : mean ratio of what came to the exponential of what the regression says, likewise.
    least, most : between which predictions stay.
    """

    mean: float
    smearing: float
    least: float
    most: float


class ValueState(_Model):
    """All that a fitted model knows.

    Parameters
    ----------
    business_unit : the column of the BU.
    overall : of all BUs; None where there was no success.
    business_units : by BU.
    regression : None where successes were too few.
    """

    business_unit: str
    overall: Level | None = None
    business_units: dict[str, Level] = Field(default_factory=dict)
    regression: LogMoney | None = None


class ValueModel:
    """Money of a success, given that it happens: heavy-tailed, so fitted to logarithms.

    Parameters
    ----------
    sizes : columns whose logarithm may tell of the amount; those that a snapshot lacks are left out.
    business_unit : the column of the BU.
    kind : the column of the kind of success.

    Notes
    -----
    Duan, Smearing estimate: a nonparametric retransformation method, JASA 78, 1983. Losses and successes without
    money have no logarithm: they lower the smearing factor by their share of the total.
    """

    def __init__(self, sizes: Sequence[str] = SIZES, business_unit: str = "business_unit", kind: str = "kind") -> None:
        self.sizes = tuple(sizes)
        self.business_unit = business_unit
        self.kind = kind
        self._state: ValueState | None = None

    def fit(self, snapshot: pd.DataFrame, money: ArrayLike) -> Self:
        """Learn from successes.

        Parameters
        ----------
        snapshot : DataFrame of n rows, one per success.
        money : array of shape (n,), gross profit or amount in one currency; NaN where unknown, negative at a loss.

        Raises
        ------
        ValueError
            If `money` is infinite or of another length.
        """
        amounts = np.asarray(money, dtype=np.float64)
        if amounts.shape != (len(snapshot),):
            raise ValueError(f"money has the shape {amounts.shape}; give one amount for each of {len(snapshot)} rows")
        if np.isinf(amounts).any():
            raise ValueError("money is infinite in some row; give NaN where it is unknown")
        known = ~np.isnan(amounts)
        self._state = self._learn(snapshot[known], amounts[known])
        return self

    def predict(self, snapshot: pd.DataFrame) -> Floats:
        """Return the expected money of each row's success, ndarray of shape (n,), >= 0; NaN where none was ever seen.

        Raises
        ------
        InputError
            If the snapshot lacks a column that the model reads.
        """
        state = self._fitted()
        require_columns(snapshot, self.reads)
        if state.overall is None:
            return np.full(len(snapshot), np.nan)
        # A BU that was never seen is at place -1, the last: that of all.
        place = pd.Index(state.business_units, dtype="str").get_indexer(pd.Index(self._units(snapshot)))
        levels = [*state.business_units.values(), state.overall]
        if state.regression is None:
            return np.array([level.mean for level in levels])[place]
        expected = np.exp(state.regression.predict(snapshot)) * np.array([level.smearing for level in levels])[place]
        least, most = np.array([(level.least, level.most) for level in levels])[place].T
        return np.asarray(np.clip(expected, least, most))

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that predictions need."""
        regression = self._fitted().regression
        return tuple(dict.fromkeys((self.business_unit, *(regression.reads if regression else ()))))

    def to_json(self) -> str:
        """Return all that was learnt."""
        return self._fitted().model_dump_json()

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the model that a text was made from; it predicts the same to the bit.

        Raises
        ------
        pydantic.ValidationError
            If the text is of something else.
        """
        state = ValueState.model_validate_json(text)
        model = cls(business_unit=state.business_unit)
        model._state = state
        return model

    def _learn(self, successes: pd.DataFrame, amounts: Floats) -> ValueState:
        if not len(amounts):
            return ValueState(business_unit=self.business_unit)
        gains = amounts > 0
        regression, ratios = None, np.ones(int(gains.sum()))
        if gains.sum() >= ENOUGH_TO_REGRESS:
            names = (self.business_unit, self.kind)
            regression = LogMoney.fit(successes[gains], amounts[gains], self.sizes, names)
            ratios = amounts[gains] / np.exp(regression.predict(successes[gains]))
            ratios *= max(0.0, amounts.sum() / amounts[gains].sum())
        units = self._units(successes).to_numpy()
        overall = _overall(amounts, ratios)
        return ValueState(
            business_unit=self.business_unit,
            overall=overall,
            business_units={
                str(unit): _of_unit(amounts[units == unit], ratios[units[gains] == unit], overall)
                for unit in sorted(set(units))
            },
            regression=regression,
        )

    def _units(self, snapshot: pd.DataFrame) -> pd.Series:
        return snapshot[self.business_unit].astype("str")

    def _fitted(self) -> ValueState:
        if self._state is None:
            raise ValueError("this ValueModel is not fitted yet; call fit first")
        return self._state


def _overall(amounts: Floats, ratios: Floats) -> Level:
    """Summarise the amounts of all BUs, and the ratios of the gains among them to the regression."""
    least, most = np.maximum(0.0, [amounts.min(), amounts.max()]).tolist()
    smearing = float(ratios.mean()) if len(ratios) else 1.0
    return Level(mean=max(0.0, float(amounts.mean())), smearing=smearing, least=least, most=most)


def _of_unit(amounts: Floats, ratios: Floats, overall: Level) -> Level:
    """Summarise those of one BU, drawn to what holds overall; few of them say nothing of the range."""
    own = _overall(amounts, ratios)
    span = own if len(amounts) >= ENOUGH_TO_REGRESS else overall
    return Level(
        mean=max(0.0, _drawn(amounts, overall.mean)),
        smearing=_drawn(ratios, overall.smearing),
        least=span.least,
        most=span.most,
    )


def _drawn(values: Floats, towards: float) -> float:
    return float((values.sum() + SUCCESSES_WORTH_OF_DOUBT * towards) / (len(values) + SUCCESSES_WORTH_OF_DOUBT))
