"""Fixtures that several packages' tests share: tables in memory, the command line, and one small world."""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import ibis
import pandas as pd
import pyarrow as pa
import pytest
from filelock import FileLock
from hypothesis import settings

from features.contracts import TABLES, Table
from features.existence import known_since
from features.ingest import ingest
from features.linking.links import COLUMNS, find_links
from features.linking.uniting import unite
from features.tables import Tables, read_tables
from features.workspace import Workspace
from glocal.commands.learning import as_document
from glocal.main import main
from simulation.world import simulate
from tiering.refresh import refresh
from tiering.store import Store
from training.promote import promote
from training.train import train

Rows = Sequence[Mapping[str, Any]]

ACCOUNTS, SEED = 3000, 1
"""Of the small world: with fewer accounts the few successes at the cutoffs to judge by tell too little."""

_ARROW = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us"),
    "float64": pa.float64(),
    "int64": pa.int64(),
    "array<string>": pa.list_(pa.string()),
}

# How long an example takes depends on what else the machine does.
settings.register_profile("no deadline", deadline=None)
settings.load_profile("no deadline")

LINKS = pa.schema([(c, pa.float64() if c == "probability" else pa.string()) for c in COLUMNS])


def _arrow_table(table: Table, rows: Rows) -> pa.Table:
    fields = [(name, _ARROW[column.dtype]) for name, column in table.columns.items()]
    own = sorted({name for row in rows for name in row} - set(table.columns))
    fields += [(name, _arrow_type([row.get(name) for row in rows])) for name in own]
    return pa.Table.from_pylist([dict(row) for row in rows], schema=pa.schema(fields))


def _arrow_type(values: Sequence[Any]) -> pa.DataType:
    return pa.float64() if any(isinstance(value, float) for value in values) else pa.string()


@pytest.fixture(scope="session")
def make_tables() -> Callable[..., Tables]:
    """Return a maker of canonical tables in memory from rows per table."""

    def make(rows: Mapping[str, Rows], as_of: datetime, static: frozenset[tuple[str, str]] = frozenset()) -> Tables:
        connection = ibis.duckdb.connect()
        for name, table in TABLES.items():
            connection.create_table(name, _arrow_table(table, rows.get(name, ())))
        accounts = connection.table("accounts").to_pandas()
        own = {name: connection.table(name) for name in TABLES}
        since = known_since(own).to_pandas()
        links = find_links(accounts.merge(since, on="account_id"))
        connection.create_table("links", pa.Table.from_pandas(links, schema=LINKS, preserve_index=False))
        connection.create_table("entities", unite(accounts, links))
        connection.create_table(
            "static_columns",
            pa.table(
                {"table_name": [t for t, _ in sorted(static)], "column_name": [c for _, c in sorted(static)]},
                schema=pa.schema([("table_name", pa.string()), ("column_name", pa.string())]),
            ),
        )
        facts = pd.DataFrame({"key": ["as_of", "data_version"], "value": [as_of.isoformat(), "test"]})
        connection.create_table("ingest_facts", facts)
        return read_tables(connection)

    return make


def pytest_configure() -> None:
    """Give each test process one thread, and let those that wait for others sleep; workers inherit it."""
    os.environ.setdefault("LOKY_MAX_CPU_COUNT", "1")
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


@dataclass(frozen=True)
class Ran:
    """What a command left: its exit code, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)


def run(*arguments: str | Path, workspace: Path | None = None) -> Ran:
    """Run the command line in this process as a shell would."""
    given = ["--workspace", str(workspace)] if workspace else []
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.setattr(sys, "argv", ["glocal", *given, *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return Ran(int(ended.value.code or 0), out.getvalue(), err.getvalue())


@pytest.fixture(scope="session")
def glocal() -> Callable[..., Ran]:
    """Return what runs a command."""
    return run


@pytest.fixture(scope="session")
def shared_dir(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that is new in each run, one for all workers of that run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def encoder_dir(request: pytest.FixtureRequest, shared_dir: Path) -> Iterator[Path]:
    """The cache of the bundled encoder and of what it encoded."""
    yield shared_dir / "encoder"
    if not hasattr(request.config, "workerinput"):
        shutil.rmtree(shared_dir / "encoder", ignore_errors=True)


@dataclass(frozen=True)
class World:
    """A small simulated group: ingested, trained, promoted, refreshed, and r0001 published. Nobody may change it.

    Parameters
    ----------
    exports : what was simulated, with its truth.
    workspace : what was made of it.
    """

    exports: Path
    workspace: Workspace

    @property
    def training(self) -> Any:
        """What the training reported, as --json has it."""
        return json.loads((self.exports.parent / "training.json").read_text(encoding="utf-8"))

    @property
    def judged(self) -> pd.DataFrame:
        """The rows that the models were judged by: their keys, ``label``, ``probability`` and ``model_kind``."""
        return pd.read_parquet(self.exports.parent / "judged.parquet")


@pytest.fixture(scope="session")
def world_dir(shared_dir: Path, encoder_dir: Path) -> Path:
    """The folder of the small world, made by the first worker that comes."""
    folder = shared_dir / "world"
    with FileLock(f"{folder}.lock"):
        if not (folder / "ready").exists():
            shutil.rmtree(folder, ignore_errors=True)
            _make_world(folder, encoder_dir)
            (folder / "ready").touch()
    return folder


def _make_world(folder: Path, encoder_dir: Path) -> None:
    workspace = Workspace(folder / "workspace")
    workspace.root.mkdir(parents=True)
    encoder_dir.mkdir(exist_ok=True)
    workspace.encoders.symlink_to(encoder_dir, target_is_directory=True)
    simulate(ACCOUNTS, SEED, folder / "exports")
    with workspace.locked():
        ingest(workspace, folder / "exports" / "sources.yaml", folder / "exports" / "group.yaml")
        report = train(workspace)
        promote(workspace)
        release = refresh(workspace)
    with Store(workspace.state_url) as store:
        store.publish(release.id)
    judged = [
        outcome.fitted.test.assign(model_kind=outcome.kind)[
            ["account_id", "business_unit", "cutoff", "label", "probability", "model_kind"]
        ]
        for outcome in report.outcomes
        if outcome.fitted
    ]
    pd.concat(judged).to_parquet(folder / "judged.parquet", index=False)
    (folder / "training.json").write_text(json.dumps(as_document(report)), encoding="utf-8")


@pytest.fixture(scope="session")
def world(world_dir: Path) -> World:
    return World(world_dir / "exports", Workspace(world_dir / "workspace"))


@pytest.fixture(scope="session")
def copy_workspace() -> Callable[[Workspace, Path], Workspace]:
    """Return what copies a workspace to a folder; its MLflow goes on reading the artifacts of the original."""

    def copy(workspace: Workspace, to: Path) -> Workspace:
        shutil.copytree(workspace.root, to, symlinks=True)
        return Workspace(to)

    return copy
