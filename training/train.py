"""Training: conversion and expansion models, judged on later cutoffs against what people use today."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.group import Group
from features.signals.catalogue import catalogue
from features.tables import Tables, open_tables
from features.version import code_version
from features.workspace import Workspace
from models.baselines import BASELINES
from models.bundle import Bundle, BundleManifest, KindModels, save
from models.champion import readable_champion
from models.hazards import ALL_LINES
from models.inputs import MODEL_KINDS, ModelKind, model_inputs, model_kinds
from training.backtest import RANKINGS, backtest
from training.config import CONFIG_FILE, TrainingConfig, as_yaml, require_numbers
from training.entrants import Entrants, judged_by_entrant, require_names
from training.evidence import Seen, evidence_of
from training.examples import Examples, gather
from training.fit import Fitted, Outcome, fit_kind
from training.gates import GATES_FILE, Evidence, GateReport, judge
from training.plots import draw_calibration, draw_cutoffs, draw_gains, draw_importance, draw_slices
from training.quarantine import Suspect, as_table, find_suspects, require_signals, without
from training.signal_page import write_signal_page
from training.signal_profile import SignalWatch
from training.splits import Splits
from training.tracking import ModelRun, Tracker

Progress = Callable[[str], None]

Floats = NDArray[np.float64]

EXPLAINED_ROWS = 2_000
"""Rows that the picture of what moves the scores is drawn from."""


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """What a training gave.

    Parameters
    ----------
    training : its run in MLflow, which holds the candidate bundle.
    outcomes : one per kind of model.
    backtests : by kind of which there is a model, as `training.backtest.backtest` gives them.
    run_ids : the run of each kind.
    splits : the cutoffs learnt from and judged by.
    gates : by kind, what each gate says of it, and of which bundle the champion was that it was compared with.
    suspects : signals that seem to know the outcome; those that are not trusted are in no model.
    signal_page : the page that shows every signal; None where there was no cutoff to look at.
    """

    training: str
    outcomes: tuple[Outcome, ...]
    backtests: Mapping[ModelKind, pd.DataFrame]
    run_ids: Mapping[str, str]
    splits: Splits
    gates: GateReport
    suspects: tuple[Suspect, ...]
    signal_page: Path | None


def train(
    workspace: Workspace,
    as_of: datetime | None = None,
    config: TrainingConfig | None = None,
    progress: Progress = lambda _: None,
    entrants: Entrants = MappingProxyType({}),
) -> TrainingReport:
    """Learn from past cutoffs, judge on later ones, and log everything; nothing is promoted.

    Parameters
    ----------
    workspace : with ingested data.
    as_of : learn as one could have then; the end of the data by default.
    config : what may be chosen; as by default.
    progress : told what is being done.
    entrants : classifiers of one's own, by name, that the backtest judges beside the model; none of them is kept.

    Raises
    ------
    InputError
        If nothing was ingested, `as_of` lies before the data or after their end, no signal has the name of one that is
        trusted or monotone, what is monotone cannot be, or an entrant has the name of another ranking.
    """
    group, chosen = workspace.group(), config or TrainingConfig()
    require_names(entrants, RANKINGS)
    with open_tables(workspace, as_of) as tables:
        watch = SignalWatch(catalogue(tables))
        every = tuple(signal.name for signal in watch.signals)
        require_signals("trusted", chosen.trusted, every)
        require_signals("monotone", [*chosen.conversion.monotone, *chosen.expansion.monotone], every)
        examples = gather(tables, group, progress, watch.see)
        progress("looking for signals that know the outcome")
        suspects = find_suspects(examples, every, chosen.trusted)
        signals = without(every, suspects)
        require_numbers(chosen, examples.train, signals)
        outcomes = []
        for kind in MODEL_KINDS:
            progress(f"learning {kind}, twice to see whether scores stay")
            outcomes.append(fit_kind(kind, examples, signals, chosen.seed, chosen.of(kind).estimator()))
        progress("asking the gates")
        judged = {one.kind: Seen.by(one.fitted.model, one.fitted.test, signals) for one in outcomes if one.fitted}
        champion = readable_champion(workspace)
        evidence = _evidence(outcomes, examples, judged, signals, suspects, champion)
        gates = GateReport(
            champion=champion.manifest.version if champion else None,
            verdicts={kind: judge(one) for kind, one in evidence.items()},
        )
        said = _said_by(entrants, outcomes, examples, signals, chosen.seed, progress)
        progress("comparing with other rankings")
        backtests = _backtests(outcomes, examples, evidence, signals, group, said)
        bundle = _candidate(outcomes, examples, judged, tables, group, signals)
        bundle = replace(bundle, manifest=_with_suspects(bundle.manifest, suspects, chosen.trusted))
    progress("logging to MLflow")
    training, run_ids = _log(Tracker.of(workspace), bundle, gates, outcomes, backtests, suspects, chosen)
    page = _signal_page(workspace, watch)
    return TrainingReport(training, tuple(outcomes), backtests, run_ids, examples.splits, gates, suspects, page)


def _log(
    tracker: Tracker,
    bundle: Bundle,
    gates: GateReport,
    outcomes: list[Outcome],
    backtests: Mapping[ModelKind, pd.DataFrame],
    suspects: Collection[Suspect],
    config: TrainingConfig,
) -> tuple[str, dict[str, str]]:
    """Log a training, and return its run and that of each kind."""
    tags = {
        "data_version": bundle.manifest.data_version,
        "code_version": bundle.manifest.code_version,
        "group_digest": bundle.manifest.group_digest,
        "as_of": bundle.manifest.trained_as_of.isoformat(),
    }
    with TemporaryDirectory() as folder:
        saved, told, chosen = (Path(folder) / name for name in ("bundle", GATES_FILE, CONFIG_FILE))
        save(bundle, saved)
        told.write_text(gates.model_dump_json(indent=2), encoding="utf-8")
        chosen.write_text(as_yaml(config), encoding="utf-8")
        runs = [
            _model_run(one, backtests.get(one.kind), bundle, saved, suspects, config.seed, Path(folder) / one.kind)
            for one in outcomes
        ]
        return tracker.log_training(tags, runs, saved, told, chosen)


def _evidence(
    outcomes: list[Outcome],
    examples: Examples,
    judged: Mapping[ModelKind, Seen],
    signals: tuple[str, ...],
    suspects: Collection[Suspect],
    champion: Bundle | None,
) -> dict[ModelKind, Evidence]:
    """Put together what the gates of every kind are told of which there is a model."""
    kinds = model_kinds(examples.train)
    evidence = {}
    for outcome in outcomes:
        if outcome.fitted:
            trusted = tuple(one.signal for one in suspects if one.trusted and one.model == outcome.kind)
            learnt = Seen.by(outcome.fitted.model, examples.train[kinds == outcome.kind], signals)
            seen = judged[outcome.kind]
            evidence[outcome.kind] = evidence_of(outcome.kind, outcome.fitted, learnt, seen, trusted, champion)
    return evidence


def _said_by(
    entrants: Entrants,
    outcomes: list[Outcome],
    examples: Examples,
    signals: tuple[str, ...],
    seed: int,
    progress: Progress,
) -> dict[ModelKind, dict[str, Floats]]:
    """Return what each entrant says of the rows that each model is judged by."""
    kinds = model_kinds(examples.train)
    said: dict[ModelKind, dict[str, Floats]] = {}
    for one in outcomes:
        if one.fitted:
            said[one.kind] = {}
            for name, classifier in entrants.items():
                progress(f"learning {one.kind} by {name}")
                train, test = examples.train[kinds == one.kind], one.fitted.test
                said[one.kind][name] = judged_by_entrant(classifier, examples, train, test, signals, seed)
    return said


def _backtests(
    outcomes: list[Outcome],
    examples: Examples,
    evidence: Mapping[ModelKind, Evidence],
    signals: tuple[str, ...],
    group: Group,
    said: Mapping[ModelKind, Mapping[str, Floats]],
) -> dict[ModelKind, pd.DataFrame]:
    """Judge every model, the entrants, and what one would use otherwise."""
    kinds = model_kinds(examples.train)
    return {
        one.kind: backtest(
            one.fitted,
            examples.train[kinds == one.kind],
            signals,
            group,
            evidence[one.kind].rows["champion"].to_numpy(np.float64),
            said.get(one.kind, {}),
        )
        for one in outcomes
        if one.fitted
    }


def _signal_page(workspace: Workspace, watch: SignalWatch) -> Path | None:
    """Leave a page on every signal behind, if any cutoff was looked at."""
    profiles = watch.profiles()
    if not profiles:
        return None
    page = workspace.reports / "signals.html"
    write_signal_page(profiles, watch.cutoffs, page)
    return page


def _candidate(
    outcomes: list[Outcome],
    examples: Examples,
    judged: Mapping[ModelKind, Seen],
    tables: Tables,
    group: Group,
    signals: tuple[str, ...],
) -> Bundle:
    fitted = {outcome.kind: outcome.fitted for outcome in outcomes if outcome.fitted}
    return Bundle(
        models={
            kind: KindModels(one.model, one.gross_profit, one.amount, judged[kind].reference)
            for kind, one in fitted.items()
        },
        manifest=BundleManifest(
            version="candidate",
            data_version=tables.data_version,
            code_version=code_version(),
            group_digest=group.digest(),
            trained_as_of=tables.as_of,
            cutoffs=examples.splits.cutoffs("train"),
            learnt_until=examples.splits.until,
            signals=signals,
            metrics={str(kind): one.metrics.as_dict() for kind, one in fitted.items()},
            refused={outcome.kind: outcome.refused for outcome in outcomes if outcome.refused},
            left_out=examples.splits.left_out,
        ),
    )


def _with_suspects(manifest: BundleManifest, suspects: Collection[Suspect], trusted: Collection[str]) -> BundleManifest:
    """Write down what was kept from the models, why, and what was not although it was suspected."""
    quarantined = {suspect.signal: suspect.evidence for suspect in suspects if not suspect.trusted}
    return manifest.model_copy(update={"quarantined": quarantined, "trusted": tuple(dict.fromkeys(trusted))})


def _model_run(
    outcome: Outcome,
    told: pd.DataFrame | None,
    bundle: Bundle,
    saved: Path,
    suspects: Collection[Suspect],
    seed: int,
    folder: Path,
) -> ModelRun:
    """Put together what MLflow is told of one kind, and leave pictures and tables of it in a folder."""
    folder.mkdir()
    as_table([one for one in suspects if one.model == outcome.kind]).to_csv(folder / "quarantined.csv", index=False)
    fitted = outcome.fitted
    if fitted is None or told is None:
        return ModelRun(outcome.kind, outcome.counts, {}, folder, refused=outcome.refused)
    _draw(fitted, bundle.manifest.signals, folder)
    _tabulate(fitted).to_csv(folder / "metrics.csv", index=False)
    draw_slices(told, folder / "backtest.png")
    draw_cutoffs(told, folder / "cutoffs.png")
    params: dict[str, str | int | float] = {
        name: value
        for name, value in fitted.model.propensity.get_params().items()
        if isinstance(value, str | int | float)
    }
    return ModelRun(
        kind=outcome.kind,
        params={**params, **outcome.counts, "seed": seed, "n_trees": fitted.model.propensity.n_trees_},
        metrics=_flat_metrics(fitted),
        files=folder,
        tables={"backtest": told},
        bundle=saved,
    )


def _flat_metrics(fitted: Fitted) -> dict[str, float]:
    named = {"": fitted.metrics} | {f"{name}_": metrics for name, metrics in fitted.baselines.items()}
    return {
        f"{prefix}{name}": value
        for prefix, metrics in named.items()
        for name, value in metrics.as_dict().items()
        if value is not None
    }


def _tabulate(fitted: Fitted) -> pd.DataFrame:
    """Return the metrics as a table: the model overall and by BU, and the baselines."""
    named = {"model": fitted.metrics} | {f"model, {unit}": one for unit, one in fitted.by_unit.items()}
    return pd.DataFrame([{"ranking": name, **one.as_dict()} for name, one in {**named, **fitted.baselines}.items()])


def _draw(fitted: Fitted, signals: tuple[str, ...], folder: Path) -> None:
    success, probability = fitted.test["label"].to_numpy(), fitted.test["probability"].to_numpy()
    draw_calibration(success, probability, folder / "calibration.png")
    scores = {"model": probability} | {name: ranking(fitted.test) for name, ranking in BASELINES.items()}
    draw_gains(success, scores, folder / "gains.png")
    rows = fitted.test.sample(min(EXPLAINED_ROWS, len(fitted.test)), random_state=0)
    contributions = fitted.model.contributions(model_inputs(rows, signals)).drop(columns=list(ALL_LINES))
    draw_importance(contributions, folder / "importance.png")
