"""The design matrix: a table of numbers, flags and names as the floating-point matrix that the trees are grown on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_KINDS_OF_NUMBERS = frozenset({"integer", "floating", "mixed-integer-float", "boolean", "decimal"})
_KINDS_OF_NAMES = frozenset({"string", "empty"})


class ColumnTypeError(TypeError):
    """A column holds something else than when the model was fitted."""


@dataclass(frozen=True, slots=True)
class Design:
    """How columns become a matrix, learnt once and applied alike ever after.

    Parameters
    ----------
    names : the columns, in the order of the matrix.
    levels : the known names of each category column, sorted; every other column holds numbers.
    """

    names: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def learn(cls, frame: pd.DataFrame) -> Design:
        """Find out which columns are categories, and their names.

        Raises
        ------
        TypeError
            If a column holds neither numbers nor names.
        """
        names = tuple(str(name) for name in frame.columns)
        levels = {
            name: tuple(sorted(_as_names(column).dropna().unique()))
            for name, (_, column) in zip(names, frame.items(), strict=True)
            if _holds_names(column)
        }
        return cls(names, levels)

    @property
    def categories(self) -> list[int]:
        """The positions of the category columns that have any name at all."""
        return [position for position, name in enumerate(self.names) if self.levels.get(name)]

    def matrix(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Return the matrix; a category is its place among the known names.

        Parameters
        ----------
        frame : DataFrame with the columns `names` in that order.

        Returns
        -------
        ndarray of shape (n_rows, n_columns); NaN where a value is missing or a name was never seen.

        Raises
        ------
        ColumnTypeError
            If a column of numbers holds anything else, or a column of categories holds numbers.
        """
        # column by column in memory, as the columns come: else each would be strewn over all rows
        matrix = np.empty((len(frame), len(self.names)), order="F")
        for position, (name, (_, column)) in enumerate(zip(self.names, frame.items(), strict=True)):
            matrix[:, position] = _codes(column, self.levels[name]) if name in self.levels else _numbers(column)
        return matrix


def _holds_names(column: pd.Series) -> bool:
    """Say whether a column is a category, as opposed to a number or flag."""
    if isinstance(column.dtype, pd.CategoricalDtype | pd.StringDtype):
        return True
    if pd.api.types.is_object_dtype(column):
        kind = pd.api.types.infer_dtype(column, skipna=True)
        if kind in _KINDS_OF_NAMES:
            return True
        if kind in _KINDS_OF_NUMBERS:
            return False
    elif pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return False
    raise TypeError(
        f"column {column.name!r} is of type {column.dtype}; give numbers, flags or names: "
        "a time as the days from or to the cutoff, a list as its length or as flags"
    )


def _as_names(column: pd.Series) -> pd.Series:
    """Return a category column as text, missing values kept."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        column = column.cat.rename_categories([str(name) for name in column.cat.categories])
    return column.astype("str")


def _codes(column: pd.Series, levels: tuple[str, ...]) -> NDArray[np.float64]:
    """Return the place of each name among the levels, NaN where it has none."""
    if not _holds_names(column) and column.notna().any():
        raise ColumnTypeError(
            f"column {column.name!r} held names when the model was fitted, and now holds {column.dtype}"
        )
    codes = pd.Index(levels, dtype="str").get_indexer(pd.Index(_as_names(column)))
    return np.where(codes >= 0, codes.astype(np.float64), np.nan)


def _numbers(column: pd.Series) -> NDArray[np.float64]:
    """Return a column of numbers or flags as floats, NaN where missing."""
    if _holds_names(column) and column.notna().any():
        raise ColumnTypeError(
            f"column {column.name!r} held numbers when the model was fitted, and now holds {column.dtype}"
        )
    return column.to_numpy(dtype=np.float64, na_value=np.nan)
