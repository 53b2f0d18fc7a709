"""Making a training again from what MLflow keeps of it, and telling whether the same models come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from features.errors import InputError
from features.tables import open_tables
from features.version import code_version
from features.workspace import Workspace
from models.bundle import BundleManifest, digests, load_bundle
from training.config import CONFIG_FILE, TrainingConfig, read_config
from training.tracking import Tracker
from training.train import TrainingReport, train

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Remade:
    """A training that was made again.

    Parameters
    ----------
    of : the run of the training before.
    report : of the training now.
    differing : files of the bundle that are not the same to the byte; none where the models are the same.
    """

    of: str
    report: TrainingReport
    differing: tuple[str, ...]


def remake(workspace: Workspace, training: str, progress: Progress = lambda _: None) -> Remade:
    """Train from the same data, with the same code, configuration and seed, and compare the bundles.

    Parameters
    ----------
    workspace : with the data.
    training : the run of a training, or of one of its models.
    progress : told what is being done.

    Raises
    ------
    NotFoundError
        If there is no such training.
    InputError
        If data, code or group are not what that training had, or MLflow does not hold its bundle or configuration.
    """
    tracker = Tracker.of(workspace)
    with TemporaryDirectory() as folder:
        of, bundle = tracker.bundle_of(training, Path(folder) / "before")
        manifest, before = load_bundle(bundle).manifest, digests(bundle)
        config = _config_of(tracker, of, Path(folder))
        _require_the_same(workspace, of, manifest)
        report = train(workspace, manifest.trained_as_of, config, progress)
        _, again = tracker.bundle_of(report.training, Path(folder) / "again")
        after = digests(again)
    differing = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    return Remade(of, report, tuple(differing))


def _config_of(tracker: Tracker, training: str, folder: Path) -> TrainingConfig:
    kept = tracker.file_of(training, CONFIG_FILE, folder)
    if kept is None:
        raise InputError(f"training {training!r}: MLflow does not hold its {CONFIG_FILE}; train anew")
    return read_config(kept)


def _require_the_same(workspace: Workspace, training: str, manifest: BundleManifest) -> None:
    """Refuse where something else would be made."""
    with open_tables(workspace) as tables:
        data = tables.data_version
    for what, then, now, remedy in (
        ("data", manifest.data_version, data, "ingest the same exports again"),
        ("code", manifest.code_version, code_version(), "install that version of Glocal"),
        ("group", manifest.group_digest, workspace.group().digest(), "restore the group file and ingest again"),
    ):
        if then != now:
            raise InputError(f"training {training!r}: it had {what} {then}, and here is {what} {now}; {remedy}")
