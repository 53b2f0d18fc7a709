"""The command that searches settings: tune."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import InputError
from glocal.session import Session, parse_instant, session

if TYPE_CHECKING:  # loading it takes a second, which commands that train nothing need not wait for
    from training.tune import Trial, TunedKind, Tuning

DEFAULT_TRIALS = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("tune")(tune_models)


def tune_models(
    context: typer.Context,
    out: Annotated[Path, typer.Option(metavar="FILE", help="Where the configuration found is written to.")],
    trials: Annotated[int, typer.Option(min=1, help="Settings that are tried, of each kind of model.")] = (
        DEFAULT_TRIALS
    ),
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Start from this configuration, and search its space.")
    ] = None,
    as_of: Annotated[str | None, typer.Option(help="Learn as one could have then, such as 2026-01-01.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Search the settings that do best on the last cutoffs to learn from; those to judge by are not looked at.

    Example: glocal tune --trials 30 --out training.yaml
    """
    from training.config import TrainingConfig, as_yaml, read_config
    from training.tune import tune

    here = session(context)
    instant = parse_instant("--as-of", as_of)
    if out.is_dir() or not out.resolve().parent.is_dir():
        raise InputError(f"--out {out}: this is no place for a file; name one in a folder that exists")
    start = read_config(config) if config else TrainingConfig()
    with here.writing(), here.progress("Tuning") as progress:
        tuning = tune(here.workspace, trials, instant, start, progress)
    out.write_text(as_yaml(tuning.config), encoding="utf-8")
    if as_json:
        here.json(_as_document(tuning))
    else:
        _print(here, tuning, out)


def _as_document(tuning: Tuning) -> dict[str, object]:
    """Return a tuning as JSON has it."""
    return {
        "run_id": tuning.run_id,
        "learnt_until": f"{tuning.learnt_until:%Y-%m-%d}",
        "judged_until": f"{tuning.judged_until:%Y-%m-%d}",
        "kinds": tuning.kinds,
        "config": tuning.config.model_dump(mode="json"),
    }


def _print(here: Session, tuning: Tuning, out: Path) -> None:
    here.say(
        "Trials learnt from what was known on {start} and were judged by what came until {end}.",
        start=f"{tuning.learnt_until:%Y-%m-%d}",
        end=f"{tuning.judged_until:%Y-%m-%d}",
    )
    rows = [(one.kind, *_figures(here, trial)) for one in tuning.kinds for trial in sorted(one.trials, key=_log_loss)]
    here.table("Trials", ["model", "trial", "log-loss", "AUC", "trees", "settings"], rows)
    for one in tuning.kinds:
        _print_conclusion(here, one)
    here.say("Tuning {run} is logged in MLflow. Next: glocal train --config {path}", run=tuning.run_id, path=out)


def _log_loss(trial: Trial) -> float:
    return trial.log_loss


def _figures(here: Session, trial: Trial) -> tuple[object, ...]:
    settings = ", ".join(f"{name} {value:.4g}" for name, value in trial.searched.items())
    number = trial.number or here.speaker.say("as configured")
    return number, here.speaker.fixed(trial.log_loss, 5), here.speaker.fixed(trial.auc, 4), trial.trees, settings


def _print_conclusion(here: Session, one: TunedKind) -> None:
    """Say whether what was found is worth a change."""
    if one.refused:
        here.say("No {kind} model: {reason}", kind=one.kind, reason=one.refused)
    elif one.is_better:
        here.say("{kind}: trial {trial} is better beyond chance; it is kept.", kind=one.kind, trial=one.best.number)
    else:
        here.say("{kind}: no trial is better beyond chance; what was configured is kept.", kind=one.kind)
