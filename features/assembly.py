"""Putting what an engine computed, a row only where there is something, into the rows of snapshots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray

Rows = NDArray[np.intp]

Values = NDArray[np.float64] | ExtensionArray
"""Numbers or names, and behind them a missing value, for the rows that have none."""

Wanted = tuple[NDArray[np.float64], float]
"""Contiguous memory for a column, of shape (accounts × BUs at the cutoff,), and what stands for a missing value."""


@dataclass(frozen=True, slots=True)
class Part:
    """Computed columns, and where their rows belong.

    Parameters
    ----------
    columns : by name.
    rows : for each account at each cutoff, or each of its BUs, the row of the columns; the last where it has none.
    by_unit : whether `rows` has an entry per BU.
    """

    columns: Mapping[str, Values]
    rows: Rows
    by_unit: bool


@dataclass(frozen=True)
class Spine:
    """The rows that snapshots have: every account at every cutoff before which it existed, and for each the BUs.

    Parameters
    ----------
    cutoffs, accounts : the number of the cutoff and of the account, ascending.
    units : the names of the BUs, ascending.
    """

    cutoffs: NDArray[np.int64]
    accounts: NDArray[np.int64]
    units: tuple[str, ...]

    def place(self, table: pa.Table) -> Part:
        """Find where the rows of a table belong, by cutoff_no, account_no and, of a BU, unit_no.

        Rows of other accounts, and of BU -1, belong nowhere.
        """
        columns = {name: _values(table[name]) for name in table.column_names if name not in _KEYS}
        of_account = self._account_rows(_numbers(table, "cutoff_no"), _numbers(table, "account_no"))
        if "unit_no" not in table.column_names:
            return Part(columns, _inverse(of_account, len(self.accounts), table.num_rows), by_unit=False)
        unit = _numbers(table, "unit_no")
        placed = np.where((of_account >= 0) & (unit >= 0), of_account * len(self.units) + unit, -1)
        return Part(columns, _inverse(placed, len(self.accounts) * len(self.units), table.num_rows), by_unit=True)

    def values(self, part: Part, cutoff: int, name: str) -> pd.Series:
        """Return a column of a part at a cutoff, one value per account × BU, missing where it has no row."""
        rows = self._rows_at(part, cutoff)
        return pd.Series(part.columns[name][rows if part.by_unit else rows.repeat(len(self.units))], copy=False)

    def numbers(self, part: Part, cutoff: int, wanted: Mapping[str, Wanted]) -> None:
        """Write what `values` returns of numbers into memory that is there.

        Parameters
        ----------
        wanted : by name; columns that the part lacks are left alone.
        """
        rows, each = self._rows_at(part, cutoff), 1 if part.by_unit else len(self.units)
        for name in part.columns.keys() & wanted.keys():
            out, nothing = wanted[name]
            values = np.asarray(part.columns[name]).take(rows)
            if not np.isnan(nothing):
                np.copyto(values, nothing, where=np.isnan(values))
            out.reshape(-1, each)[:] = values[:, np.newaxis]

    def _rows_at(self, part: Part, cutoff: int) -> Rows:
        """Return the row of a part for each account at a cutoff, or each of its BUs."""
        # of another type than the cutoffs', they would all be copied
        first, end = np.searchsorted(self.cutoffs, np.array([cutoff, cutoff + 1], dtype=self.cutoffs.dtype))
        many = len(self.units) if part.by_unit else 1
        return part.rows[first * many : end * many]

    @cached_property
    def _places(self) -> Rows:
        """The row of each account at each cutoff, -1 where it is none of ours: ndarray of shape (cutoffs, accounts)."""
        size = int(self.cutoffs.max(initial=-1)) + 1, int(self.accounts.max(initial=-1)) + 1
        places = np.full(size, -1, dtype=np.intp)
        places[self.cutoffs, self.accounts] = np.arange(len(self.accounts))
        return places

    def _account_rows(self, cutoffs: NDArray[np.int64], accounts: NDArray[np.int64]) -> Rows:
        """Return the row of each account at its cutoff, -1 where it is none of ours."""
        inside = (cutoffs < self._places.shape[0]) & (accounts < self._places.shape[1])
        rows = np.full(len(accounts), -1, dtype=np.intp)
        rows[inside] = self._places[cutoffs[inside], accounts[inside]]
        return rows


_KEYS = ("cutoff_no", "account_no", "unit_no")


def _values(column: pa.ChunkedArray) -> Values:
    """Return a column with a missing value behind its last."""
    if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_null(column.type):
        names = pa.chunked_array([*column.cast(pa.large_string()).chunks, pa.nulls(1, pa.large_string())])
        return cast("ExtensionArray", pd.array(names, dtype="str"))
    return np.append(column.to_numpy().astype(np.float64, copy=False), np.nan)


def _numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _inverse(places: Rows, size: int, nothing: int) -> Rows:
    """Return for each place the row that goes there, that of nothing where none does."""
    rows = np.full(size, nothing, dtype=np.intp)
    taken = places >= 0
    rows[places[taken]] = np.flatnonzero(taken)
    return rows
