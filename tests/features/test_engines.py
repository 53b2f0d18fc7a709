"""Engines: Spark computes what DuckDB computes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from features.group import Group
from features.labels import Labels
from features.outcomes import first_successes
from features.signals.catalogue import catalogue
from features.snapshots import KEYS, build_snapshots
from features.tables import Tables, open_tables
from features.workspace import Workspace

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
STATIC = frozenset({("accounts", "attribute_segment"), ("opportunities", "attribute_product")})
CUTOFFS = (CUTOFF - timedelta(days=45), CUTOFF)
SETTINGS = {
    "spark.master": "local[1]",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.driver.memory": "2g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
"""For tables of a few rows: plans take longer than rows."""

pytestmark = pytest.mark.xdist_group("spark")


@pytest.fixture(scope="module")
def spark() -> Iterator[Any]:
    """A Spark session on this machine."""
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        if os.environ.get("CI") == "true":
            pytest.fail("Java is not here, and CI has to see that Spark computes what DuckDB does")
        pytest.skip("Java is not here; with it, this test sees that Spark computes what DuckDB does")
    from pyspark.sql import SparkSession

    builder = SparkSession.builder
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.fixture(scope="module")
def workspace(
    tmp_path_factory: pytest.TempPathFactory, make_tables: Callable[..., Tables], random_world: Callable[..., Any]
) -> Path:
    """A workspace of a random world's tables."""
    root = tmp_path_factory.mktemp("engines")
    tables = make_tables(random_world(7, scale=8), AS_OF, STATIC)
    connection = tables.connection.con
    connection.execute(f"ATTACH '{Workspace(root).warehouse}' AS file")
    for name in tables.connection.list_tables():
        connection.execute(f"CREATE TABLE file.{name} AS SELECT * FROM {name}")
    connection.execute("DETACH file")
    return root


def snapshots(workspace: Workspace, group: Group) -> pd.DataFrame:
    with open_tables(workspace) as tables:
        return pd.concat(dict(build_snapshots(tables, group, CUTOFFS)))


def test_spark_computes_what_duckdb_computes(spark: Any, workspace: Path, group: Group) -> None:
    """Every signal, within 1e-9."""
    duckdb = snapshots(Workspace(workspace), group)
    on_spark = snapshots(Workspace(workspace, "pyspark"), group)
    assert list(on_spark) == list(duckdb)
    assert len(duckdb) > 10
    with open_tables(Workspace(workspace)) as tables:
        names = [signal.name for signal in catalogue(tables)]
    assert list(duckdb) == [*KEYS, *names]
    pd.testing.assert_frame_equal(on_spark, duckdb, rtol=1e-9, atol=1e-9)
    told = [name for name in names if len(duckdb[name].unique()) > 1]
    assert len(told) > 0.8 * len(names)


def test_spark_labels_as_duckdb_does(spark: Any, workspace: Path, group: Group) -> None:
    """Of cutoffs read at once, and with the first success of each BU."""
    keys = pd.DataFrame(
        [(f"a{number}", *one) for number in range(40) for one in (("cloud", "upsell"), ("sec", "new_logo"))],
        columns=["account_id", "business_unit", "kind"],
    )
    found = []
    for engine in ("duckdb", "pyspark"):
        with open_tables(Workspace(workspace, engine)) as tables:
            labels = Labels.after(tables, group, CUTOFFS)
            of_cutoffs = pd.concat({cutoff: labels.of(keys, cutoff) for cutoff in CUTOFFS})
            found.append((of_cutoffs, first_successes(tables, group)))
    (on_duckdb, firsts), (on_spark, firsts_on_spark) = found
    assert firsts == firsts_on_spark
    assert len(firsts) == len(group.business_units)
    pd.testing.assert_frame_equal(on_spark, on_duckdb, check_exact=True)
    assert on_duckdb["label"].any()
    assert on_duckdb["opened_at"].notna().any()
