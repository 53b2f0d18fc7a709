"""The engines that compute signals: DuckDB on one machine, or Spark; the expressions are the same."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import duckdb
import ibis

from features.errors import InputError
from features.workspace import Workspace

_SPARK_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.ansi.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
"""What makes Spark take times and missing values as the data contract does."""


@contextmanager
def connected(workspace: Workspace) -> Iterator[Any]:
    """Open the engine of a workspace on its canonical tables, for reading: an Ibis backend.

    Parameters
    ----------
    workspace : with ingested data. Its engine 'pyspark' takes the running Spark session, or starts one with the
        settings that Spark finds (SPARK_CONF_DIR, spark-defaults.conf); the tables reach it as Parquet files.

    Raises
    ------
    InputError
        If Spark is asked for and is not installed, or does not start.
    """
    if workspace.engine == "duckdb":
        connection = ibis.duckdb.connect(workspace.warehouse, read_only=True)
        try:
            yield connection
        finally:
            connection.disconnect()
    else:
        yield _spark(_as_parquet(workspace))


@contextmanager
def plain_queries() -> Iterator[None]:
    """Let Ibis nest queries rather than fuse them: they are made in about four fifths of the time."""
    before = ibis.options.sql.fuse_selects
    ibis.options.sql.fuse_selects = False
    try:
        yield
    finally:
        ibis.options.sql.fuse_selects = before


def _spark(tables: Path) -> Any:
    """Let Spark see each Parquet file of a folder as a table; its session goes on, for starting one takes seconds."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise InputError("engine 'pyspark': it is not installed; run: pip install 'glocal[spark]'") from error
    try:
        builder = SparkSession.builder.appName("glocal")
        for name, value in _SPARK_SETTINGS.items():
            builder = builder.config(name, value)
        connection = ibis.pyspark.connect(builder.getOrCreate())
    except (PySparkException, RuntimeError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"engine 'pyspark': Spark does not start: {reason}; is Java 17 there?") from error
    for path in sorted(tables.glob("*.parquet")):
        connection.read_parquet(str(path), table_name=path.stem)
    return connection


def _as_parquet(workspace: Workspace) -> Path:
    """Return the folder with a Parquet file per table, written once for each state of the warehouse."""
    state = workspace.warehouse.stat()
    folder = workspace.parquet / f"{state.st_mtime_ns}-{state.st_size}"
    if not folder.exists():
        shutil.rmtree(workspace.parquet, ignore_errors=True)
        workspace.parquet.mkdir(parents=True)
        draft = Path(mkdtemp(dir=workspace.parquet))
        with duckdb.connect(str(workspace.warehouse), read_only=True) as connection:
            for (name,) in connection.execute("SELECT table_name FROM duckdb_tables() ORDER BY table_name").fetchall():
                connection.table(name).write_parquet(str(draft / f"{name}.parquet"))
        draft.rename(folder)
    return folder
