"""Log money: a ridge regression of an amount's logarithm on sizes and names, either of which may be missing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

Floats = NDArray[np.float64]

PENALTIES = (1.0, 3.0, 10.0, 30.0, 100.0)
"""Ridge penalties to choose from by leaving out one row at a time, in rows' worth of doubt."""

SMALLEST_SPREAD = 1e-6
"""Sizes whose logarithms differ by less than this do not differ."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Size(_Model):
    """What one column of sizes adds.

    Parameters
    ----------
    column : its values count by their logarithm; where there is none, or none above 0, it is missing.
    centre, scale : mean and standard deviation of the logarithms that were there.
    slope : per standard deviation.
    missing : added in place of the slope where the size is missing.
    """

    column: str
    centre: float
    scale: float
    slope: float = 0.0
    missing: float = 0.0

    @classmethod
    def seen(cls, column: str, values: pd.Series) -> Self | None:
        """Return a size yet without effect; None where its values above 0 do not differ, or there is none."""
        logs = _logs(values)
        logs = logs[~np.isnan(logs)]
        if not len(logs) or logs.std() < SMALLEST_SPREAD:
            return None
        return cls(column=column, centre=float(logs.mean()), scale=float(logs.std()))

    def columns(self, frame: pd.DataFrame) -> tuple[Floats, Floats]:
        """Return the standardised logarithm, 0 where missing, and 1 where missing."""
        logs = _logs(frame[self.column])
        missing = np.isnan(logs)
        return np.where(missing, 0.0, (logs - self.centre) / self.scale), missing.astype(np.float64)

    def effect(self, frame: pd.DataFrame) -> Floats:
        """Return what it adds to each row."""
        value, missing = self.columns(frame)
        return self.slope * value + self.missing * missing


class Names(_Model):
    """What one column of names adds: so much per name, nothing for one that was never seen."""

    column: str
    effects: dict[str, float]

    def columns(self, frame: pd.DataFrame) -> list[Floats]:
        """Return 1 where a row bears the name, for each name."""
        values = frame[self.column].astype("str")
        return [np.asarray(values == name, dtype=np.float64) for name in self.effects]

    def effect(self, frame: pd.DataFrame) -> Floats:
        """Return what it adds to each row."""
        effects = frame[self.column].astype("str").map(self.effects).fillna(0.0)
        return np.asarray(effects, dtype=np.float64)


class LogMoney(_Model):
    """log(amount) = intercept + what sizes and names add."""

    intercept: float
    sizes: tuple[Size, ...]
    names: tuple[Names, ...]

    @classmethod
    def fit(cls, frame: pd.DataFrame, amount: Floats, sizes: Sequence[str], names: Sequence[str]) -> Self:
        """Fit to amounts.

        Parameters
        ----------
        frame : DataFrame of n rows; columns of sizes or names that it lacks are left out.
        amount : ndarray of shape (n,), > 0.
        sizes, names : the columns of either sort.

        Notes
        -----
        Names are shrunk towards the overall mean by the penalty: one seen n times keeps about n / (n + penalty).
        """
        from sklearn.linear_model import RidgeCV

        present = [Size.seen(column, frame[column]) for column in sizes if column in frame]
        seen_sizes = [size for size in present if size]
        seen_names = [
            Names(column=column, effects=dict.fromkeys(sorted(frame[column].dropna().astype("str").unique()), 0.0))
            for column in names
            if column in frame
        ]
        columns = [part for size in seen_sizes for part in size.columns(frame)]
        columns += [part for name in seen_names for part in name.columns(frame)]
        ridge = RidgeCV(alphas=PENALTIES).fit(np.column_stack([*columns, np.zeros_like(amount)]), np.log(amount))
        effects = iter(ridge.coef_.tolist())
        return cls(
            intercept=float(ridge.intercept_),
            sizes=tuple(s.model_copy(update={"slope": next(effects), "missing": next(effects)}) for s in seen_sizes),
            names=tuple(
                n.model_copy(update={"effects": {name: next(effects) for name in n.effects}}) for n in seen_names
            ),
        )

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns that predictions need."""
        return (*(size.column for size in self.sizes), *(name.column for name in self.names))

    def predict(self, frame: pd.DataFrame) -> Floats:
        """Return log(amount), ndarray of shape (n,), each row by itself."""
        total = np.full(len(frame), self.intercept)
        # Added up column by column: a matrix product may round differently for one row than for many.
        for effect in (*(size.effect(frame) for size in self.sizes), *(name.effect(frame) for name in self.names)):
            total = total + effect
        return total


def _logs(values: pd.Series) -> Floats:
    """Return the logarithms of values above 0, NaN for the rest."""
    numbers = values.to_numpy(np.float64, na_value=np.nan)
    return np.log(np.where(numbers > 0, numbers, np.nan))
