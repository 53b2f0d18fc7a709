"""What tests of the command line share: copies of the small world's workspace, and what a folder holds."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from features.workspace import Workspace


def contents(folder: Path) -> dict[str, str]:
    """Return the digest of each file below a folder but the lock; links are not followed."""
    return {
        str(path.relative_to(folder)): hashlib.blake2b(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="session")
def contents_of() -> Callable[[Path], dict[str, str]]:
    return contents


@pytest.fixture(scope="module")
def published(world, copy_workspace, tmp_path_factory) -> Workspace:
    """A workspace of the module's own, in which r0001 is published."""
    return copy_workspace(world.workspace, tmp_path_factory.mktemp("published") / "workspace")


@pytest.fixture(scope="module")
def ingested(world, tmp_path_factory) -> Workspace:
    """A workspace of the module's own that holds data and nothing else."""
    workspace = Workspace(tmp_path_factory.mktemp("ingested") / "workspace")
    workspace.root.mkdir()
    shutil.copyfile(world.workspace.warehouse, workspace.warehouse)
    shutil.copyfile(world.workspace.group_file, workspace.group_file)
    return workspace
