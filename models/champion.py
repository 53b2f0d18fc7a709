"""The champion: which of the promoted bundles serves."""

from __future__ import annotations

from pathlib import Path

from features.errors import InputError
from features.workspace import Workspace
from models.bundle import Bundle, load_bundle

_FILE = "champion"


def set_champion(bundles: Path, version: str) -> None:
    """Let a bundle serve from now on; whoever reads meanwhile sees the one before or this one.

    Parameters
    ----------
    bundles : the folder of the bundles.
    version : of one that lies there.
    """
    written = bundles / f".{_FILE}"
    written.write_text(version, encoding="utf-8")
    written.replace(bundles / _FILE)


def load_champion(workspace: Workspace) -> Bundle:
    """Load the bundle that serves.

    Raises
    ------
    InputError
        If none was promoted, or its folder is missing or not what was saved.
    """
    try:
        version = (workspace.bundles / _FILE).read_text(encoding="utf-8").strip()
    except FileNotFoundError as error:
        raise InputError(
            f"workspace {workspace.root}: no models were promoted yet; run 'glocal train' and 'glocal promote' first"
        ) from error
    return load_bundle(workspace.bundles / version)


def readable_champion(workspace: Workspace) -> Bundle | None:
    """Return the bundle that serves; None where none does, or it cannot be read: there is nothing to compare with."""
    try:
        return load_champion(workspace)
    except InputError:
        return None
