"""A ranking from elsewhere, such as a vendor's scores, as a file that a release can be compared with."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.errors import InputError

COLUMNS = ("account_id", "score")

_READERS = {".csv": "read_csv(?, header = true, all_varchar = true)", ".parquet": "read_parquet(?)"}


def read_rankings(paths: Iterable[Path]) -> dict[str, pd.Series]:
    """Read several, each named after its file.

    Raises
    ------
    InputError
        As `read_ranking`, or if two files bear the same name.
    """
    rankings: dict[str, pd.Series] = {}
    for path in paths:
        if path.stem in rankings:
            raise InputError(f"{path}: another ranking is called {path.stem!r}, too; rename one of the files")
        rankings[path.stem] = read_ranking(path)
    return rankings


def read_ranking(path: Path) -> pd.Series:
    """Read who ranks how high.

    Parameters
    ----------
    path : a .csv or .parquet file with the columns COLUMNS: a row per account, the higher its score the better.

    Returns
    -------
    The scores, float64, by account id.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, a column is missing, an account stands in it twice, or a row has
        no account or no finite score.
    """
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise InputError(f"{path}: a ranking is a .csv or .parquet file, not {path.suffix!r}; name such a file")
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; name one with the columns {' and '.join(COLUMNS)}")
    try:
        with duckdb.connect() as connection:
            rows = connection.execute(f"FROM {reader}", [str(path)]).df()
    except duckdb.Error as error:
        raise InputError(f"{path}: it cannot be read ({str(error).splitlines()[0]}); write it anew") from error
    for name in COLUMNS:
        if name not in rows:
            there = ", ".join(map(repr, rows)) or "none"
            raise InputError(f"{path}: there is no column {name!r}, the columns are {there}; rename one")
    return _scores(path, rows)


def _scores(path: Path, rows: pd.DataFrame) -> pd.Series:
    """Return the scores by account, every one of which is a number."""
    accounts = rows["account_id"].astype("string")
    if accounts.isna().any():
        raise InputError(f"{path}: row {int(accounts.isna().argmax()) + 1} has no account_id; leave it out")
    twice = accounts.duplicated()
    if twice.any():
        raise InputError(f"{path}: account {accounts[twice].iloc[0]!r} stands there twice; keep one of its rows")
    scores = pd.to_numeric(rows["score"], errors="coerce").astype("float64")
    wrong = ~np.isfinite(scores)
    if wrong.any():
        account, score = accounts[wrong].iloc[0], rows["score"][wrong].iloc[0]
        raise InputError(f"{path}: the score of account {account!r} is {score!r}; give a number, or leave the row out")
    return pd.Series(scores.to_numpy(), index=pd.Index(accounts.astype(str), name="account_id"), name=path.stem)
