"""Tuning: which settings do best on the last of the cutoffs to learn from; those to judge by are not looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import optuna
import pandas as pd
from numpy.typing import NDArray
from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
from sklearn.metrics import roc_auc_score

from features.errors import InputError
from features.outcomes import judged_by_growth
from features.signals.catalogue import catalogue
from features.tables import open_tables
from features.version import code_version
from features.workspace import Workspace
from models.inputs import MODEL_KINDS, ModelKind, model_kinds
from training.clustered import Estimate
from training.config import CONFIG_FILE, WHOLE, EstimatorConfig, Range, TrainingConfig, as_yaml, require_numbers
from training.examples import Examples, gather, plan_cutoffs
from training.fit import learn, probability_judged, refusal
from training.jackknife import parts_of, ratio
from training.quarantine import find_suspects, require_signals, without
from training.tracking import Tracker, TrialLog

Progress = Callable[[str], None]
Floats = NDArray[np.float64]

AS_CONFIGURED = 0
"""The number of the trial whose settings are those of the configuration."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Settings, and what they were worth.

    Parameters
    ----------
    kind : of model.
    number : AS_CONFIGURED, then from 1 on.
    config : the settings.
    searched : those that are searched, by name.
    log_loss : mean over the rows judged by; the less the better.
    auc : on the same rows.
    trees : that were grown.
    """

    kind: ModelKind
    number: int
    config: EstimatorConfig
    searched: Mapping[str, float]
    log_loss: float
    auc: float
    trees: int


@dataclass(frozen=True, slots=True)
class TunedKind:
    """What tuning found for one kind of model.

    Parameters
    ----------
    trials : in the order in which they were made; none where there can be no model.
    ahead : by how much the best one's log-loss is less than that of the settings as configured.
    refused : why there are no trials; None where there are.
    """

    kind: ModelKind
    trials: tuple[Trial, ...] = ()
    ahead: Estimate | None = None
    refused: str | None = None

    @property
    def best(self) -> Trial:
        """The trial with the least log-loss."""
        return min(self.trials, key=lambda trial: trial.log_loss)

    @property
    def is_better(self) -> bool:
        """Whether the best trial is better than the settings as configured beyond what chance gives."""
        return self.ahead is not None and self.ahead.low > 0


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found.

    Parameters
    ----------
    run_id : in MLflow.
    kinds : of models.
    config : with the best settings, where they are better than those before beyond what chance gives.
    learnt_until, judged_until : trials learnt from what was known at the first, and were judged by what came until the
        second, which is where learning ends in a training.
    """

    run_id: str
    kinds: tuple[TunedKind, ...]
    config: TrainingConfig
    learnt_until: datetime
    judged_until: datetime


def tune(
    workspace: Workspace,
    trials: int,
    as_of: datetime | None = None,
    config: TrainingConfig | None = None,
    progress: Progress = lambda _: None,
) -> Tuning:
    """Search settings by what came after the last cutoffs to learn from, as one could have at the end of learning.

    Each trial is logged in MLflow as it ends.

    Parameters
    ----------
    workspace : with ingested data.
    trials : of each kind of model, beside the settings as configured; >= 1.
    as_of : as in `training.train.train`; what is held out there to judge by is not looked at.
    config : to start from, with the space to search.
    progress : told what is being done.

    Raises
    ------
    InputError
        If nothing was ingested, `as_of` lies before the data or after their end, or the data are too short to hold
        anything out twice.

    Notes
    -----
    Tree-structured Parzen estimators: Bergstra et al., Algorithms for hyper-parameter optimization, NIPS 2011.
    """
    group, start = workspace.group(), config or TrainingConfig()
    with open_tables(workspace, as_of) as tables:
        until = plan_cutoffs(tables, group, judged_by_growth(tables, group)).until
    with open_tables(workspace, until) as tables:
        tags = {"data_version": tables.data_version, "code_version": code_version(), "as_of": until.isoformat()}
        signals = tuple(signal.name for signal in catalogue(tables))
        require_signals("trusted", start.trusted, signals)
        require_signals("monotone", [*start.conversion.monotone, *start.expansion.monotone], signals)
        examples = gather(tables, group, progress)
    progress("looking for signals that know the outcome")
    signals = without(signals, find_suspects(examples, signals, start.trusted))
    require_numbers(start, examples.train, signals)
    races = [_Race.of(kind, examples, signals, start) for kind in MODEL_KINDS]
    refused = {race.kind: refusal(examples, race.train, race.test) for race in races}
    if all(refused.values()):
        raise InputError(
            f"up to {until:%Y-%m-%d}, where learning ends, there is too little to hold anything out: "
            f"{refused[MODEL_KINDS[0]]}; train with the settings as they are"
        )
    with Tracker.of(workspace).tuning(tags) as log:
        kinds = [
            TunedKind(race.kind, refused=refused[race.kind]) if refused[race.kind] else race.run(trials, progress, log)
            for race in races
        ]
        better = {str(one.kind): one.best.config for one in kinds if one.is_better}
        tuned = start.model_copy(update=better)
        log.text(as_yaml(tuned), CONFIG_FILE)
    return Tuning(log.run_id, tuple(kinds), tuned, examples.splits.until, until)


@dataclass(frozen=True, slots=True)
class _Race:
    """What trials of one kind learn from, and are judged by."""

    kind: ModelKind
    examples: Examples
    train: pd.DataFrame
    test: pd.DataFrame
    signals: tuple[str, ...]
    config: TrainingConfig

    @classmethod
    def of(cls, kind: ModelKind, examples: Examples, signals: tuple[str, ...], config: TrainingConfig) -> _Race:
        """Take the rows of a kind."""
        train, test = (rows[model_kinds(rows) == kind] for rows in (examples.train, examples.test))
        return cls(kind, examples, train, test, signals, config)

    def run(self, n_trials: int, progress: Progress, log: TrialLog) -> TunedKind:
        """Try the settings as configured, then others."""
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=self.config.seed))
        space = {str(name): _distribution(name, span) for name, span in self.config.space.items()}
        progress(f"{self.kind} as configured")
        trial, first = self._learn(AS_CONFIGURED, {}, log)
        made, best, least = [trial], trial, first
        for number in range(1, n_trials + 1):
            progress(f"{self.kind}, trial {number} of {n_trials}; least log-loss so far {best.log_loss:.5f}")
            asked = study.ask(space)
            trial, loss = self._learn(number, asked.params, log)
            study.tell(asked, trial.log_loss)
            made.append(trial)
            if trial.log_loss < best.log_loss:
                best, least = trial, loss
        ahead = ratio(first - least, np.ones(len(first)), parts_of(self.test["account_id"])).estimate()
        return TunedKind(self.kind, tuple(made), ahead)

    def _learn(self, number: int, settings: Mapping[str, float], log: TrialLog) -> tuple[Trial, Floats]:
        """Learn with some settings, and return what they were worth, and the log-loss of each row."""
        config = self.config.of(self.kind).model_copy(update=dict(settings))
        model = learn(config.estimator(self.config.seed), self.examples, self.train, self.signals)
        probability = probability_judged(model, self.test, self.signals)
        success = self.test["label"].to_numpy(np.bool_)
        loss = -np.log(np.where(success, probability, 1 - probability))
        searched: dict[str, float] = {name: getattr(config, name) for name in self.config.space}
        auc = float(roc_auc_score(success, probability))
        trial = Trial(self.kind, number, config, searched, float(loss.mean()), auc, model.propensity.n_trees_)
        log.trial(self.kind, number, searched, {"log_loss": trial.log_loss, "auc": auc, "n_trees": trial.trees})
        return trial, loss


def _distribution(name: str, span: Range) -> BaseDistribution:
    if name in WHOLE:
        return IntDistribution(int(span.low), int(span.high), log=span.log)
    return FloatDistribution(span.low, span.high, log=span.log)
