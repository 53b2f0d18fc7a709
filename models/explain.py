"""Explanations: the signals that moved one prediction the most."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from pydantic import TypeAdapter

from models.hazards import ALL_LINES


@dataclass(frozen=True, slots=True)
class Reason:
    """One signal that moved a prediction.

    Parameters
    ----------
    signal : its name.
    value : what it was; None where missing.
    contribution : what it added to the log-odds, never 0.
    """

    signal: str
    value: float | str | None
    contribution: float

    @property
    def direction(self) -> Literal["raises", "lowers"]:
        """Whether it raised or lowered the probability."""
        return "raises" if self.contribution > 0 else "lowers"


_REASONS = TypeAdapter(tuple[Reason, ...])


def top_reasons(contributions: pd.DataFrame, values: pd.DataFrame, k: int = 3) -> list[tuple[Reason, ...]]:
    """Find the strongest reasons of each prediction, whether they raise or lower it.

    Parameters
    ----------
    contributions : DataFrame of n rows, as HazardModel.contributions gives it.
    values : DataFrame of the same n rows in the same order, with a column for each signal.
    k : the largest number of reasons for each row, >= 1.

    Returns
    -------
    One tuple per row, strongest first, ties in the order of the names; a signal that added nothing is no reason.

    Raises
    ------
    ValueError
        If the two have not the same number of rows, or k is below 1.
    """
    if len(contributions) != len(values):
        raise ValueError(
            f"contributions has {len(contributions):,} rows and values {len(values):,}; give the same rows"
        )
    if k < 1:
        raise ValueError(f"k is {k}; give 1 or more")
    names = sorted(str(name) for name in contributions.columns if name not in ALL_LINES)
    parts = np.nan_to_num(contributions[names].to_numpy(np.float64))
    places = np.argsort(-np.abs(parts), axis=1, kind="stable")[:, :k]
    strengths = np.take_along_axis(parts, places, axis=1)
    plain = [_plain(values[name]) for name in names]
    return [
        tuple(
            Reason(names[place], plain[place][row], strength)
            for place, strength in zip(row_places, row_strengths, strict=True)
            if strength
        )
        for row, (row_places, row_strengths) in enumerate(zip(places.tolist(), strengths.tolist(), strict=True))
    ]


def reasons_to_json(reasons: tuple[Reason, ...]) -> str:
    """Return reasons as a JSON list of signal, value and contribution."""
    return _REASONS.dump_json(reasons).decode()


def reasons_from_json(text: str) -> tuple[Reason, ...]:
    """Return the reasons that a text was made from.

    Raises
    ------
    pydantic.ValidationError
        If the text is of something else.
    """
    return _REASONS.validate_json(text)


def _plain(column: pd.Series) -> list[float | str | None]:
    """Return a column as floats and names, None where missing."""
    values = zip(column.astype(object).to_numpy(), column.isna().to_numpy(), strict=True)
    return [None if missing else value if isinstance(value, str) else float(value) for value, missing in values]
