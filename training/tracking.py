"""Runs, models and their aliases in MLflow: the only file that imports it."""

from __future__ import annotations

import logging
import os
import warnings
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

import pandas as pd
from packaging.requirements import Requirement

import features
import models
from features.errors import InputError, NotFoundError
from features.workspace import Workspace
from models.inputs import MODEL_KINDS

EXPERIMENT = "glocal"
TUNING = "glocal-tuning"
"""The experiments: of trainings, and of trials, which are many."""

CHAMPION = "champion"
"""The registry's alias of the model version that serves."""

_SCRIPT = Path(__file__).parent / "pyfunc_model.py"
_TRAINING = "glocal.training"
_KIND = "glocal.kind"
_REFUSED = "glocal.refused"
_TRIAL = "glocal.trial"
_BUNDLE = "bundle"
_SQLITE = "sqlite:///"
_SERVER = "MLFLOW_TRACKING_URI"


@dataclass(frozen=True, slots=True)
class ModelRun:
    """What is logged of one kind of model.

    Parameters
    ----------
    kind : 'conversion' or 'expansion'.
    params : what it was made with, and counts of the data.
    metrics : figures by name.
    files : a folder with pictures and tables.
    bundle : the folder of the bundle that the model is in; None where it was refused.
    refused : why there is no model; None where there is one.
    tables : by name, that MLflow's pages show and compare.
    """

    kind: str
    params: Mapping[str, str | int | float]
    metrics: Mapping[str, float]
    files: Path
    bundle: Path | None = None
    refused: str | None = None
    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """One kind's run as MLflow has it."""

    run_id: str
    training: str
    kind: str
    started: str
    metrics: Mapping[str, float] = field(default_factory=dict)
    refused: str | None = None
    champion: bool = False


@dataclass(frozen=True, slots=True)
class TrialLog:
    """The run of a tuning that is under way.

    Parameters
    ----------
    run_id : of the tuning.
    tags : of all its runs.
    """

    _mlflow: Any
    _experiment: str
    run_id: str
    tags: Mapping[str, str]

    def trial(
        self, kind: str, number: int, params: Mapping[str, str | int | float], figures: Mapping[str, float]
    ) -> None:
        """Log one trial."""
        with self._mlflow.start_run(
            experiment_id=self._experiment,
            run_name=f"{kind} {number}",
            nested=True,
            tags={**self.tags, _KIND: kind, _TRIAL: str(number)},
        ):
            self._mlflow.log_params(dict(params))
            self._mlflow.log_metrics(dict(figures))

    def text(self, text: str, name: str) -> None:
        """Keep a text as a file of the tuning."""
        self._mlflow.log_text(text, name)


def registered_name(kind: str) -> str:
    """Return the name of a kind's model in the registry."""
    return f"glocal-{kind}"


@dataclass(frozen=True, slots=True)
class Tracker:
    """A workspace's experiments and registry.

    Parameters
    ----------
    uri : of the tracking server; a server's own where MLFLOW_TRACKING_URI is set, else SQLite in the workspace.
    artifacts : folder for artifacts where the tracking is in the workspace.
    """

    uri: str
    artifacts: Path

    @classmethod
    def of(cls, workspace: Workspace) -> Tracker:
        """Return the tracker of a workspace."""
        return cls(os.environ.get(_SERVER) or workspace.tracking_uri, workspace.artifacts)

    def log_training(
        self, tags: Mapping[str, str], runs: list[ModelRun], bundle: Path, *files: Path
    ) -> tuple[str, dict[str, str]]:
        """Log one training: a run that holds the candidate bundle, and below it a run per kind of model.

        Parameters
        ----------
        tags : of all runs.
        runs : one per kind.
        bundle : the folder of the candidate.
        files : kept beside it.

        Returns
        -------
        The run id of the training, and that of each kind.
        """
        mlflow = self._mlflow()
        experiment = self._experiment_id()
        ids: dict[str, str] = {}
        with mlflow.start_run(experiment_id=experiment, run_name="training", tags=dict(tags)) as parent:
            mlflow.set_tag(_TRAINING, parent.info.run_id)
            mlflow.log_artifacts(str(bundle), _BUNDLE)
            for file in files:
                mlflow.log_artifact(str(file))
            for run in runs:
                ids[run.kind] = self._log_model(run, experiment, {**tags, _TRAINING: parent.info.run_id})
        return parent.info.run_id, ids

    @contextmanager
    def tuning(self, tags: Mapping[str, str]) -> Iterator[TrialLog]:
        """Log a tuning as it goes: a run, and below it one for each trial.

        Parameters
        ----------
        tags : of all runs.
        """
        mlflow = self._mlflow()
        experiment = self._experiment_id(TUNING)
        with mlflow.start_run(experiment_id=experiment, run_name="tuning", tags=dict(tags)) as parent:
            yield TrialLog(mlflow, experiment, parent.info.run_id, tags)

    def bundle_of(self, training: str | None, to: Path) -> tuple[str, Path]:
        """Fetch the candidate bundle of a training, the latest by default.

        Returns
        -------
        The training's run id, and the folder of its bundle below `to`.

        Raises
        ------
        InputError
            If nothing was trained yet.
        NotFoundError
            If there is no such training.
        """
        runs = self.runs()
        if not runs:
            raise InputError("there is no trained model yet; run 'glocal train' first")
        wanted = next((r.training for r in runs if training in (None, r.training, r.run_id)), None)
        if wanted is None:
            known = ", ".join(dict.fromkeys(run.training for run in runs))
            raise NotFoundError(f"training {training!r}: there is no such run; trainings: {known}")
        mlflow = self._mlflow()
        try:
            fetched = mlflow.artifacts.download_artifacts(run_id=wanted, artifact_path=_BUNDLE, dst_path=str(to))
        except (mlflow.MlflowException, OSError) as error:
            raise InputError(f"training {wanted!r}: its bundle cannot be fetched ({error}); train anew") from error
        return wanted, Path(fetched)

    def file_of(self, training: str, name: str, to: Path) -> Path | None:
        """Fetch a file that was kept beside a training's bundle; None where there is none."""
        mlflow = self._mlflow()
        with suppress(mlflow.MlflowException, OSError):
            return Path(mlflow.artifacts.download_artifacts(run_id=training, artifact_path=name, dst_path=str(to)))
        return None

    def runs(self) -> list[LoggedRun]:
        """Return the runs of all kinds, newest first, of the trainings that came to their end."""
        if not self._exists():
            return []
        mlflow = self._mlflow()
        client, experiment = mlflow.MlflowClient(), mlflow.get_experiment_by_name(EXPERIMENT)
        if experiment is None:
            return []
        found = client.search_runs([experiment.experiment_id], order_by=["attributes.start_time DESC"])
        ended = {run.info.run_id for run in found if run.info.status == "FINISHED"}
        champions = {self._champion_run(client, kind) for kind in MODEL_KINDS}
        return [
            _logged(run, champion=run.info.run_id in champions)
            for run in found
            if _KIND in run.data.tags and run.data.tags[_TRAINING] in ended
        ]

    def crown(self, run_ids: Mapping[str, str], tags: Mapping[str, str]) -> dict[str, int]:
        """Move the champion's alias of each kind to the version that a run registered, and away where there is none.

        Parameters
        ----------
        run_ids : by kind; a kind of which there is no model has none.
        tags : that the versions get, such as of which bundle they are.

        Returns
        -------
        The version of each kind.

        Raises
        ------
        InputError
            If a run's version was deleted from the registry; no alias is moved then.
        """
        client = self._mlflow().MlflowClient()
        versions = {kind: _version_of(client, kind, run_id) for kind, run_id in run_ids.items()}
        for kind, version in versions.items():
            for name, value in tags.items():
                client.set_model_version_tag(registered_name(kind), str(version), name, value)
        self._move_aliases(client, versions)
        return versions

    def crown_again(self, kinds: Collection[str], tag: str, value: str) -> dict[str, int]:
        """Move the champion's alias back to the versions that a tag was given to, and away from all other kinds.

        Returns
        -------
        The version of each kind.

        Raises
        ------
        InputError
            If the registry has no such version of a kind; no alias is moved then.
        """
        client = self._mlflow().MlflowClient()
        versions = {}
        for kind in kinds:
            found = client.search_model_versions(f"name = '{registered_name(kind)}'")
            tagged = [int(version.version) for version in found if version.tags.get(tag) == value]
            if not tagged:
                raise InputError(f"{tag} {value}: the registry has no version of its {kind} model any more; train anew")
            versions[kind] = max(tagged)
        self._move_aliases(client, versions)
        return versions

    def _move_aliases(self, client: Any, versions: Mapping[str, int]) -> None:
        for kind in MODEL_KINDS:
            if kind in versions:
                client.set_registered_model_alias(registered_name(kind), CHAMPION, str(versions[kind]))
            elif self._champion_run(client, kind):
                client.delete_registered_model_alias(registered_name(kind), CHAMPION)

    def _log_model(self, run: ModelRun, experiment: str, tags: Mapping[str, str]) -> str:
        mlflow = self._mlflow()
        own = {_KIND: run.kind} | ({_REFUSED: run.refused} if run.refused else {})
        with mlflow.start_run(experiment_id=experiment, run_name=run.kind, nested=True, tags={**tags, **own}) as active:
            mlflow.log_params(dict(run.params))
            mlflow.log_metrics(dict(run.metrics))
            mlflow.log_artifacts(str(run.files))
            for name, table in run.tables.items():
                with warnings.catch_warnings():
                    # MLflow looks for pictures in columns of objects, in a way that pandas will change.
                    warnings.filterwarnings("ignore", message=".*'str' dtypes are included by select_dtypes")
                    mlflow.log_table(table, f"{name}.json")
            if run.bundle is not None:
                with warnings.catch_warnings():
                    # An example would have MLflow load and run the model at once, for a schema that nobody needs.
                    warnings.filterwarnings("ignore", message=".*An input example was not provided")
                    logged = mlflow.pyfunc.log_model(
                        name="model",
                        python_model=str(_SCRIPT),
                        artifacts={"bundle": str(run.bundle)},
                        model_config={"kind": run.kind},
                        code_paths=[str(Path(package.__path__[0])) for package in (features, models)],
                        signature=_signature(),
                        # Named here, so that MLflow does not find out by loading the model in a process of its own.
                        pip_requirements=_requirements(),
                    )
                self._register(run.kind, logged.model_uri, active.info.run_id, logged.model_id)
        return str(active.info.run_id)

    def _register(self, kind: str, source: str, run_id: str, model_id: str) -> None:
        """Add a version to the registry; unlike MLflow's own shortcut, without printing."""
        client, name = self._mlflow().MlflowClient(), registered_name(kind)
        if not client.search_registered_models(f"name = '{name}'"):
            client.create_registered_model(name)
        client.create_model_version(name, source, run_id, model_id=model_id)

    def _champion_run(self, client: Any, kind: str) -> str | None:
        with suppress(self._mlflow().MlflowException):  # what it raises where there is no such alias
            return str(client.get_model_version_by_alias(registered_name(kind), CHAMPION).run_id)
        return None

    def _exists(self) -> bool:
        """Tell whether there may be runs, without creating the database that would hold them."""
        return not self.uri.startswith(_SQLITE) or Path(self.uri.removeprefix(_SQLITE)).exists()

    def _experiment_id(self, name: str = EXPERIMENT) -> str:
        mlflow = self._mlflow()
        found = mlflow.get_experiment_by_name(name)
        if found:
            return str(found.experiment_id)
        local = self.uri.startswith(_SQLITE)
        return str(mlflow.create_experiment(name, self.artifacts.resolve().as_uri() if local else None))

    def _mlflow(self) -> Any:
        """Import MLflow, pointed at this tracker and told to keep quiet about its migrations and downloads."""
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        import mlflow
        import mlflow.pyfunc

        for name in ("mlflow", "alembic"):
            logging.getLogger(name).setLevel(logging.ERROR)
        given = os.environ.get(_SERVER)
        mlflow.set_tracking_uri(self.uri)
        if given is None:
            # MLflow leaves what it is told in the environment, where the next workspace would take it for a server.
            os.environ.pop(_SERVER, None)
        return mlflow


def _signature() -> Any:
    """Return what callers may pass beside the rows; without it MLflow drops it. 0 days: those of the horizon."""
    from mlflow.models import ModelSignature
    from mlflow.types import ParamSchema, ParamSpec

    return ModelSignature(params=ParamSchema([ParamSpec("days", "double", 0.0)]))


def _requirements() -> list[str]:
    """Return what this installation of Glocal runs on, each in its version."""
    declared = [Requirement(text) for text in metadata.requires("glocal") or ()]
    needed = [one.name for one in declared if one.marker is None or one.marker.evaluate({"extra": ""})]
    return [f"{name}=={metadata.version(name)}" for name in needed]


def _version_of(client: Any, kind: str, run_id: str) -> int:
    """Return the version that a run registered."""
    found = client.search_model_versions(f"name = '{registered_name(kind)}' and run_id = '{run_id}'")
    if not found:
        raise InputError(f"run {run_id!r}: the registry has no version of its {kind} model any more; train anew")
    return max(int(version.version) for version in found)


def _logged(run: Any, *, champion: bool) -> LoggedRun:
    started = datetime.fromtimestamp(run.info.start_time / 1000, UTC)
    return LoggedRun(
        run_id=run.info.run_id,
        training=run.data.tags[_TRAINING],
        kind=run.data.tags[_KIND],
        started=f"{started:%Y-%m-%d %H:%M}",
        metrics=dict(run.data.metrics),
        refused=run.data.tags.get(_REFUSED),
        champion=champion,
    )
