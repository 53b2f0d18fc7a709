"""The workspace: the one folder that holds all state, and the lock that keeps two commands apart."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from features.errors import InputError
from features.group import Group, read_group

Engine = Literal["duckdb", "pyspark"]

_LOCK = ".lock"


@dataclass(frozen=True, slots=True)
class Workspace:
    """Where everything of one group lies.

    Parameters
    ----------
    root : the folder; it need not exist yet.
    engine : what computes signals from its tables.
    """

    root: Path
    engine: Engine = "duckdb"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file of the canonical tables."""
        return self.root / "warehouse.duckdb"

    @property
    def parquet(self) -> Path:
        """The canonical tables as Parquet files, for engines that do not read the DuckDB file."""
        return self.root / "parquet"

    @property
    def plans(self) -> Path:
        """Plans of queries, which take a second or more to make; they may be removed at any time."""
        return self.root / "plans"

    @property
    def group_file(self) -> Path:
        """The group as it was declared, or derived, at the last ingest."""
        return self.root / "group.yaml"

    @property
    def rejects(self) -> Path:
        """Rejected rows, one Parquet file per table."""
        return self.root / "rejects"

    @property
    def tracking_uri(self) -> str:
        """Where MLflow keeps runs and the registry."""
        return f"sqlite:///{(self.root / 'mlflow.db').resolve()}"

    @property
    def artifacts(self) -> Path:
        """Where MLflow keeps artifacts."""
        return self.root / "mlartifacts"

    @property
    def bundles(self) -> Path:
        """Promoted bundles, one immutable folder per version."""
        return self.root / "bundles"

    @property
    def state_url(self) -> str:
        """The database of releases and feedback: GLOCAL_STATE_URL, else SQLite in the workspace."""
        return os.environ.get("GLOCAL_STATE_URL") or f"sqlite:///{(self.root / 'state.db').resolve()}"

    @property
    def snapshots(self) -> Path:
        """The snapshots that releases were scored from, one Parquet file each."""
        return self.root / "snapshots"

    @property
    def encoders(self) -> Path:
        """Built encoders and the vectors made with them."""
        return self.root / "encoders"

    @property
    def reports(self) -> Path:
        """Pictures and pages that runs leave behind."""
        return self.root / "reports"

    def group(self) -> Group:
        """Read the group of the last ingest.

        Raises
        ------
        InputError
            If nothing was ingested yet.
        """
        self.require_data()
        return read_group(self.group_file)

    def require_data(self) -> None:
        """Check that something was ingested.

        Raises
        ------
        InputError
            If nothing was.
        """
        if not self.warehouse.exists():
            raise InputError(f"workspace {self.root}: it holds no data yet; run 'glocal ingest SOURCES' first")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the workspace for one command that writes; a folder made for one that leaves nothing goes again.

        Raises
        ------
        InputError
            If another command holds it, or the folder cannot be made.
        """
        new = not self.root.exists()
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"workspace {self.root}: {error.strerror}; name a folder with --workspace") from error
        lock = FileLock(self.root / _LOCK)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise InputError(
                f"workspace {self.root}: another command is at work in it; wait for its end, "
                "or name another folder with --workspace"
            ) from error
        try:
            yield
        finally:
            lock.release()
            if new and [path.name for path in self.root.iterdir()] in ([], [_LOCK]):
                shutil.rmtree(self.root)
