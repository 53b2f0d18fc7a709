"""The same signals at one cutoff in hand-written SQL: the yardstick of speed, and an independent check of values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa

from benchmarks.big_group import END
from features.group import Group
from features.signals.catalogue import BUILT_IN
from features.signals.signal import Signal
from features.snapshots import KEYS

_SQL = Path(__file__).with_suffix(".sql")


def signals_by_hand(
    warehouse: Path, group: Group, cutoff: datetime, progress: Callable[[str], None] = lambda _: None
) -> pd.DataFrame:
    """Compute what `build_snapshot` computes of a group without own attributes, in which no two accounts are one.

    Parameters
    ----------
    warehouse : as `benchmarks.big_group` makes it.
    group : regions and business units.
    cutoff : a midnight, UTC.
    progress : told what is being computed.
    """
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        connection.execute("SET preserve_insertion_order = false")
        connection.execute(f"SET VARIABLE cutoff = TIMESTAMP '{cutoff}'")
        connection.execute(f"SET VARIABLE data_end = TIMESTAMP '{END}'")
        _declare(connection, group)
        for statement in duckdb.extract_statements(_SQL.read_text(encoding="utf-8")):
            progress(statement.query.partition("CREATE TEMP")[2][:40].strip())
            connection.execute(statement)
        progress("the frame")
        columns = ", ".join((*KEYS, *map(_filled, BUILT_IN)))
        rows = connection.execute(f"SELECT {columns} FROM everything ORDER BY account_id, business_unit")
        frame: pd.DataFrame = rows.to_arrow_table().to_pandas(self_destruct=True, split_blocks=True)
        return frame


def _filled(signal: Signal) -> str:
    if signal.category:
        return signal.name
    return f"CAST({signal.name if signal.missing else f'coalesce({signal.name}, 0)'} AS DOUBLE) AS {signal.name}"


def _declare(connection: duckdb.DuckDBPyConnection, group: Group) -> None:
    """Write what the group file says beside the warehouse's tables."""
    units = group.business_units.items()
    tables = {
        "units": {"business_unit": [name for name, _ in units], "horizon": [unit.horizon_days for _, unit in units]},
        "needed": {
            "business_unit": [name for name, unit in units for _ in unit.committee],
            "role": [role for _, unit in units for role in unit.committee],
            "roles": [len(unit.committee) for _, unit in units for _ in unit.committee],
        },
        "regions": {
            "country": [country for countries in group.regions.values() for country in countries],
            "region": [region for region, countries in group.regions.items() for _ in countries],
        },
    }
    for name, columns in tables.items():
        connection.register("declared", pa.table(columns))
        connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM declared")
        connection.unregister("declared")
