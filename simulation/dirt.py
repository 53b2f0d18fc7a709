"""What is wrong with real exports: late rows, copies, and rows that no check should let through."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from simulation.arrays import NEVER, Times
from simulation.calendar import AS_OF

LATE, COPIED, SPOILED = 0.03, 0.002, 0.005
NO_SUCH_ACCOUNT = "A-999999999"
NO_SUCH_COUNTRY = "Atlantis"
NO_SUCH_DATE = "2023-02-31"


def loaded_late(rng: np.random.Generator, happened: Times) -> Times:
    """Return when each row reached the source where that was days later, else NaT; never after the end."""
    delay = rng.integers(86_400, 40 * 86_400, happened.size).astype("timedelta64[s]")
    loaded = happened.astype("datetime64[s]") + delay
    late = (rng.random(happened.size) < LATE) & (loaded < AS_OF)
    return np.where(late, loaded, NEVER)


def dirtied(
    rng: np.random.Generator, table: pd.DataFrame, spoils: Mapping[str, str | None], key: str | None = None
) -> pd.DataFrame:
    """Strew exact copies of some rows and bad rows among the good ones.

    Parameters
    ----------
    rng : its source of chance.
    table : the good rows.
    spoils : by column, the value that makes a row bad; the bad rows are shared out evenly among the columns.
    key : column of unique ids, if the table has one: only such rows are copied, and bad rows get ids of their own.

    Returns
    -------
    DataFrame with the same columns, somewhat longer.
    """
    count = max(len(spoils), round(SPOILED * len(table)))
    bad = table.iloc[rng.integers(0, len(table), count)].reset_index(drop=True)
    if key is not None:
        bad[key] = "X" + pd.Series(np.arange(count)).astype("str").str.zfill(6)
    table = table.assign(**{name: _with_category(table[name], value) for name, value in spoils.items()})
    for turn, (name, value) in enumerate(spoils.items()):
        column = _with_category(bad[name], value)
        bad[name] = column.mask(pd.Series(np.arange(count) % len(spoils) == turn), value)
    copies = table.iloc[np.flatnonzero(rng.random(len(table)) < COPIED)] if key is not None else table.iloc[:0]
    place = np.concatenate([np.arange(len(table)), rng.uniform(0, len(table), len(copies) + len(bad))])
    return pd.concat([table, copies, bad], ignore_index=True).iloc[np.argsort(place, kind="stable")]


def _with_category(column: pd.Series, value: str | None) -> pd.Series:
    if isinstance(column.dtype, pd.CategoricalDtype) and value is not None and value not in column.cat.categories:
        return column.cat.add_categories([value])
    return column
