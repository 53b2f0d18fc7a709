"""A column as the leak guard reads it: numbers or texts, whatever type the table gave it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_NUMERIC_OBJECTS = frozenset({"integer", "floating", "mixed-integer-float", "boolean", "decimal"})
_DATED_OBJECTS = frozenset({"date", "datetime", "datetime64"})
_ISO_DATE = r"\d{4}-\d{2}-\d{2}(?:[T ].*)?"
_MOSTLY = 0.95
"""Texts are read as dates where so many of them are."""


@dataclass(frozen=True, slots=True)
class Column:
    """The values of one column over n rows.

    Parameters
    ----------
    numbers : ndarray of shape (n,), NaN where missing; None for texts.
    texts : categories, codes -1 where missing or blank; none for numbers.
    dated : whether the numbers are seconds since 1970.
    """

    numbers: Floats | None = None
    texts: pd.Categorical = field(default_factory=lambda: pd.Categorical([]))
    dated: bool = False

    @property
    def filled(self) -> NDArray[np.bool_]:
        """Whether a row has a value."""
        filled: NDArray[np.bool_] = self.texts.codes >= 0 if self.numbers is None else ~np.isnan(self.numbers)
        return filled


def read(values: pd.Series) -> Column:
    """Read a column of any type; flags are numbers, and what is neither number nor date is text."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if values.dtype == object:
        values = _settled(values)
    if pd.api.types.is_datetime64_any_dtype(values):
        return Column(numbers=seconds(values), dated=True)
    if pd.api.types.is_timedelta64_dtype(values):
        return Column(numbers=values.dt.total_seconds().to_numpy(np.float64))
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return Column(numbers=values.to_numpy(dtype=np.float64, na_value=np.nan))
    return _read_texts(values.astype("str"))


def seconds(values: pd.Series) -> Floats:
    """Return times as seconds since 1970 in UTC, NaN where missing."""
    times = pd.to_datetime(values, utc=True).dt.tz_localize(None)
    since = times.astype("datetime64[us]").astype("int64").to_numpy() / 1e6
    return np.where(times.isna().to_numpy(), np.nan, since)


def _settled(values: pd.Series) -> pd.Series:
    """Give a column of objects the type of what it holds."""
    held = pd.api.types.infer_dtype(values, skipna=True)
    if held in _NUMERIC_OBJECTS:
        return pd.to_numeric(values.astype("Float64") if held != "decimal" else values.astype("float64"))
    if held in _DATED_OBJECTS:
        return pd.to_datetime(values, utc=True, errors="coerce")
    return values


def _read_texts(values: pd.Series) -> Column:
    stripped = values.str.strip()
    texts = stripped.where(stripped != "")
    there = texts.dropna()
    if len(there) and there.str.fullmatch(_ISO_DATE).mean() >= _MOSTLY:
        return Column(numbers=seconds(pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")), dated=True)
    return Column(texts=pd.Categorical(texts.astype("object")))
