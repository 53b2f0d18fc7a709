"""Building beside the workspace and putting all in place at the end, so that a failure changes nothing."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from features.workspace import Workspace

_PREFIX = ".ingest-"


@contextmanager
def building(workspace: Workspace) -> Iterator[Path]:
    """Give a folder in which to build; afterwards it is gone, and so is the workspace if it is new and this failed.

    Remains of an ingest that was killed are cleared away; whoever calls holds the workspace's lock.
    """
    missing = _first_missing(workspace.root)
    workspace.root.mkdir(parents=True, exist_ok=True)
    for remains in workspace.root.glob(f"{_PREFIX}*"):
        shutil.rmtree(remains)
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=workspace.root))
    done = False
    try:
        yield folder
        done = True
    finally:
        shutil.rmtree(folder if done or missing is None else missing, ignore_errors=True)


def built(folder: Path) -> Workspace:
    """Return where the new state of a workspace is built."""
    return Workspace(folder / "new")


def install(folder: Path, workspace: Workspace) -> None:
    """Move what was built into the workspace, what it replaces out of it; if a move fails, undo them all.

    Each move is one renaming within a file system.
    """
    new, old = built(folder), folder / "old"
    old.mkdir()
    targets = (workspace.rejects, workspace.group_file, workspace.warehouse)
    moved: list[tuple[Path, Path]] = []
    try:
        for target in (*targets, _log_of(workspace.warehouse)):
            if target.exists():
                moved.append((target, old / target.name))
                target.rename(old / target.name)
        for target in targets:
            moved.append((new.root / target.name, target))
            (new.root / target.name).rename(target)
    except OSError:
        for before, after in reversed(moved):
            if after.exists() and not before.exists():
                after.rename(before)
        raise


def _first_missing(path: Path) -> Path | None:
    """Return the highest folder that making a path would create."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    return missing[-1] if missing else None


def _log_of(warehouse: Path) -> Path:
    """Return DuckDB's log of a database, which belongs to that database alone."""
    return warehouse.with_name(f"{warehouse.name}.wal")
