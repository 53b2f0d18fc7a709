"""How exports write values: codes as text, times, numbers, and files that come out the same byte for byte."""

from pathlib import Path
from typing import Literal, cast

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from simulation.arrays import IntArray, ObjectArray, Times, kept


def named(codes: IntArray | pd.Series, names: tuple[str, ...] | ObjectArray) -> pd.Series:
    """Return codes as categories by name; -1 is missing."""
    return pd.Series(pd.Categorical.from_codes(cast("list[int]", np.asarray(codes)), categories=pd.Index(list(names))))


def numbered(prefix: str, n: int, width: int = 8) -> ObjectArray:
    """Return n ids such as ``E00000001``, shape (n,)."""
    digits = pd.Series(np.arange(1, n + 1)).astype("str").str.zfill(width)
    return np.asarray((prefix + digits).to_numpy(dtype=object))


def iso(times: Times | pd.Series) -> ObjectArray:
    """Return times as ISO 8601 in UTC to the second, None where missing."""
    return _text(times, "s")


def iso_day(times: Times | pd.Series) -> ObjectArray:
    """Return dates as ISO 8601, None where missing."""
    return _text(times, "D")


def european_day(times: Times | pd.Series) -> ObjectArray:
    """Return dates as day/month/year, None where missing."""
    days = pd.Series(iso_day(times), dtype="object")
    turned = days.str.replace(r"^(\d+)-(\d+)-(\d+)$", r"\3/\2/\1", regex=True)
    return kept(turned.to_numpy(dtype=object), days.notna().to_numpy())


def _text(times: Times | pd.Series, unit: Literal["s", "D"]) -> ObjectArray:
    values = np.asarray(times).astype(f"datetime64[{unit}]")
    return kept(np.datetime_as_string(values, unit=unit).astype(object), ~np.isnat(values))


def write_csv(table: pd.DataFrame, path: Path, separator: str = ",", decimal: str = ".") -> None:
    """Write a table as UTF-8 CSV."""
    table.to_csv(path, index=False, sep=separator, decimal=decimal, lineterminator="\n", encoding="utf-8")


def write_parquet(table: pd.DataFrame, path: Path, schema: pa.Schema | None = None) -> None:
    """Write a table as Parquet, times to the microsecond, without an index or the writer's own notes."""
    times = {name: "datetime64[us]" for name in table.columns if table[name].dtype.kind == "M"}
    arrow = pa.Table.from_pandas(table.astype(times), schema=schema, preserve_index=False)
    pq.write_table(arrow.replace_schema_metadata(None), path, compression="zstd", coerce_timestamps="us")
