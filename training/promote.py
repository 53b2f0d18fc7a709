"""Promotion: a training's candidate becomes the bundle that serves, if the gates are open; and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory

from features.errors import InputError
from features.workspace import Workspace
from models.bundle import Bundle, load_bundle, save
from models.champion import readable_champion, set_champion
from models.inputs import ModelKind
from training.gates import GATES_FILE, GateReport
from training.tracking import Tracker

BUNDLE_TAG = "glocal.bundle"
FORCED_TAG = "glocal.forced"
"""Tags of a version in the registry: the bundle that it serves in, and why it was promoted against the gates."""


@dataclass(frozen=True, slots=True)
class Promotion:
    """What was promoted.

    Parameters
    ----------
    version : of the bundle.
    training : its run in MLflow; None where it was gone back to.
    versions : of each kind's model in the registry, which now has the alias 'champion'.
    refused : why there is no model of a kind.
    gates : what was found at each gate, by kind and name.
    overruled : the gates that were closed, and overruled.
    """

    version: str
    training: str | None
    versions: Mapping[str, int]
    refused: Mapping[ModelKind, str]
    gates: Mapping[str, str] = field(default_factory=dict)
    overruled: tuple[str, ...] = ()


def promote(workspace: Workspace, run: str | None = None, force: str | None = None) -> Promotion:
    """Write a training's bundle into the workspace and move the registry's champion alias to its models.

    Parameters
    ----------
    workspace : with a training.
    run : the id of a training or of one of its models; the latest training by default.
    force : why it shall serve although gates are closed; kept in the bundle and in the registry.

    Raises
    ------
    InputError
        If nothing was trained, there is no such run, what it logged is gone, or a gate is closed and nobody overrules
        it; nothing is promoted then.
    """
    if force is not None and not force.strip():
        raise InputError("--force: the reason is empty; say why the gates are to be overruled")
    tracker = Tracker.of(workspace)
    with TemporaryDirectory() as folder:
        training, fetched = tracker.bundle_of(run, Path(folder))
        candidate = load_bundle(fetched)
        report = _report(tracker, training, Path(folder))
    closed = _closed(report, candidate, readable_champion(workspace))
    if closed and force is None:
        raise InputError(_told(training, closed))
    version = _next_version(workspace.bundles)
    overruling = force.strip() if force and closed else None
    manifest = candidate.manifest.model_copy(update={"version": version, "forced": overruling})
    run_ids = {one.kind: one.run_id for one in tracker.runs() if one.training == training and not one.refused}
    tags = {BUNDLE_TAG: version} | ({FORCED_TAG: overruling} if overruling else {})
    with ExitStack() as undo:
        save(replace(candidate, manifest=manifest), workspace.bundles / version)
        undo.callback(rmtree, workspace.bundles / version)
        versions = tracker.crown(run_ids, tags)
        set_champion(workspace.bundles, version)
        undo.pop_all()
    return Promotion(version, training, versions, manifest.refused, report.findings, tuple(closed))


def go_back(workspace: Workspace, version: str) -> Promotion:
    """Let an earlier bundle serve again.

    Parameters
    ----------
    workspace : with promoted bundles.
    version : of the bundle, such as 'b0001'.

    Raises
    ------
    InputError
        If there is no such bundle, it is not what was saved, or the registry has no longer a version of its models;
        what serves goes on serving then.
    """
    there = sorted(path.name for path in workspace.bundles.glob("b[0-9]*"))
    if version not in there:
        known = ", ".join(there) or "none"
        raise InputError(f"--to {version}: there is no such bundle; promoted so far: {known}")
    bundle = load_bundle(workspace.bundles / version)
    versions = Tracker.of(workspace).crown_again(bundle.kinds, BUNDLE_TAG, version)
    set_champion(workspace.bundles, version)
    return Promotion(version, None, versions, bundle.manifest.refused)


def _report(tracker: Tracker, training: str, folder: Path) -> GateReport:
    """Fetch what the gates said when the training ended."""
    path = tracker.file_of(training, GATES_FILE, folder)
    if path is None:
        raise InputError(f"training {training!r}: what the gates said of it cannot be fetched; train anew")
    return GateReport.model_validate_json(path.read_bytes())


def _closed(report: GateReport, candidate: Bundle, champion: Bundle | None) -> dict[str, str]:
    """Return the gates that are closed now, each with its finding."""
    closed = report.closed
    for kind in candidate.kinds:
        if kind not in report.verdicts:
            closed[f"{kind}, all"] = "no gate was asked"
    if champion and champion.manifest.version != report.champion and not _is_same(candidate, champion):
        then, now = report.champion or "none", champion.manifest.version
        closed["champion"] = f"it was compared with {then}, and by now {now} serves; train again to compare"
    return closed


def _is_same(candidate: Bundle, champion: Bundle) -> bool:
    """Tell whether a candidate is what serves: there is nothing to compare then."""
    own = {"version": candidate.manifest.version, "forced": candidate.manifest.forced}
    return champion.manifest.model_copy(update=own) == candidate.manifest


def _told(training: str, closed: Mapping[str, str]) -> str:
    findings = "\n".join(f"  {name}: {finding}" for name, finding in closed.items())
    return (
        f"training {training!r} is not promoted, {len(closed)} of its gates are closed:\n{findings}\n"
        "mend the data or the model and train again, or overrule with --force REASON, which is kept"
    )


def _next_version(bundles: Path) -> str:
    """Return the version after the last, such as b0002 after b0001."""
    numbers = [int(path.name[1:]) for path in bundles.glob("b[0-9]*") if path.name[1:].isdigit()]
    return f"b{max(numbers, default=0) + 1:04d}"
