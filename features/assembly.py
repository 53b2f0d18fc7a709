"""Putting what an engine computed, a row only where there is something, into the rows of snapshots."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from features.signals.signal import Signal

Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Part:
    """Computed columns, and where their rows belong.

    Parameters
    ----------
    table : the columns.
    rows : for each account at each cutoff, or each of its BUs, the row of the table; -1 where it has none.
    by_unit : whether `rows` has an entry per BU.
    """

    table: pa.Table
    rows: Rows
    by_unit: bool


@dataclass(frozen=True, slots=True)
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
        """Find where the rows of a table belong; rows of other accounts or BUs belong nowhere."""
        by_unit = "business_unit" in table.column_names
        of_account = self._account_rows(_numbers(table, "cutoff_no"), _numbers(table, "account_no"))
        if not by_unit:
            return Part(table, _inverse(of_account, len(self.accounts)), by_unit)
        unit = pd.Index(self.units).get_indexer(table["business_unit"].to_pandas())
        placed = np.where((of_account >= 0) & (unit >= 0), of_account * len(self.units) + unit, -1)
        return Part(table, _inverse(placed, len(self.accounts) * len(self.units)), by_unit)

    def values(self, part: Part, cutoff: int, name: str) -> pd.Series:
        """Return a column of a part at a cutoff, one value per account × BU, missing where it has no row."""
        first, end = np.searchsorted(self.cutoffs, [cutoff, cutoff + 1])
        many = len(self.units)
        rows = part.rows[first * many : end * many] if part.by_unit else np.repeat(part.rows[first:end], many)
        column = part.table[name]
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or pa.types.is_null(column.type):
            names = pd.Series(column.to_pylist(), dtype="str").array
            return pd.Series(names.take(rows, allow_fill=True))
        values = np.append(column.to_numpy().astype(np.float64), np.nan)
        return pd.Series(values[rows])

    def _account_rows(self, cutoffs: NDArray[np.int64], accounts: NDArray[np.int64]) -> Rows:
        """Return the row of each account at its cutoff, -1 where it is none of ours."""
        width = int(max(self.accounts.max(initial=0), accounts.max(initial=0))) + 1
        own = self.cutoffs * width + self.accounts
        asked = cutoffs * width + accounts
        found = np.minimum(np.searchsorted(own, asked), max(len(own) - 1, 0))
        return np.where(own[found] == asked, found, -1) if len(own) else np.full(len(asked), -1)


def filled(values: pd.Series, signal: Signal) -> pd.Series:
    """Give a signal its type, and 0 where no row means none."""
    if signal.category:
        return values.astype("str")
    return values if signal.missing else values.fillna(0.0)


def _numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    return np.asarray(table[name].to_numpy(), dtype=np.int64)


def _inverse(places: Rows, size: int) -> Rows:
    """Return for each place the row that goes there, -1 where none does."""
    rows = np.full(size, -1, dtype=np.intp)
    taken = places >= 0
    rows[places[taken]] = np.flatnonzero(taken)
    return rows
