"""Promotion: a training's candidate becomes the bundle that serves."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from features.workspace import Workspace
from models.bundle import load_bundle, save
from models.champion import set_champion
from models.inputs import ModelKind
from training.tracking import Tracker


@dataclass(frozen=True, slots=True)
class Promotion:
    """What was promoted.

    Parameters
    ----------
    version : of the bundle.
    training : its run in MLflow.
    versions : of each kind's model in the registry, which now has the alias 'champion'.
    refused : why there is no model of a kind.
    """

    version: str
    training: str
    versions: Mapping[str, int]
    refused: Mapping[ModelKind, str]


def promote(workspace: Workspace, run: str | None = None) -> Promotion:
    """Write a training's bundle into the workspace and move the registry's champion alias to its models.

    Parameters
    ----------
    workspace : with a training.
    run : the id of a training or of one of its models; the latest training by default.

    Raises
    ------
    InputError
        If nothing was trained, there is no such run, or what it logged is gone; nothing is promoted then.
    """
    tracker = Tracker.of(workspace)
    with TemporaryDirectory() as folder:
        training, fetched = tracker.bundle_of(run, Path(folder))
        candidate = load_bundle(fetched)
    version = _next_version(workspace.bundles)
    bundle = replace(candidate, manifest=candidate.manifest.model_copy(update={"version": version}))
    run_ids = {one.kind: one.run_id for one in tracker.runs() if one.training == training and not one.refused}
    with ExitStack() as undo:
        save(bundle, workspace.bundles / version)
        undo.callback(rmtree, workspace.bundles / version)
        versions = tracker.crown(run_ids)
        set_champion(workspace.bundles, version)
        undo.pop_all()
    return Promotion(version, training, versions, bundle.manifest.refused)


def _next_version(bundles: Path) -> str:
    """Return the version after the last, such as b0002 after b0001."""
    numbers = [int(path.name[1:]) for path in bundles.glob("b[0-9]*") if path.name[1:].isdigit()]
    return f"b{max(numbers, default=0) + 1:04d}"
