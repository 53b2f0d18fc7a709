"""Commands of the data scientist: train, compare, promote, hindsight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from features.errors import InputError
from features.messages import release_sentence
from glocal.session import Session, parse_instant, session
from tiering.store import open_store

if TYPE_CHECKING:  # loading them takes a second, which commands that train nothing need not wait for
    from training.gates import GateReport
    from training.quarantine import Suspect
    from training.splits import Splits
    from training.train import TrainingReport

METRICS = ("auc", "average_precision", "brier", "ece", "lift_at_10")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("train")(train_models)
    app.command("compare")(compare)
    app.command("promote")(promote_training)
    app.command("hindsight")(hindsight)


def train_models(
    context: typer.Context,
    as_of: Annotated[str | None, typer.Option(help="Learn as one could have then, such as 2026-01-01.")] = None,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="How to learn, as YAML; 'glocal tune' writes one.")
    ] = None,
    seed: Annotated[
        int | None, typer.Option(min=0, help="Same seed and data, same models; 0, or as configured, by default.")
    ] = None,
    trust: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Use this signal even if it seems to know the outcome; repeatable."),
    ] = None,
    remake: Annotated[
        str | None,
        typer.Option(metavar="RUN", help="Train again as this run did, and compare the models byte by byte."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Learn conversion and expansion from past cutoffs, and judge them on later ones.

    With --remake RUN it is done again from what MLflow keeps of a run: the same data, code and seed, the same models.

    Example: glocal train
    """
    from training.config import TrainingConfig, read_config
    from training.train import train

    here = session(context)
    if remake is not None:
        if as_of or config or trust or seed is not None:
            raise typer.BadParameter("--remake takes all of it from the run; give no other choice beside it")
        _remake(here, remake, as_json=as_json)
        return
    instant = parse_instant("--as-of", as_of)
    chosen = read_config(config) if config else TrainingConfig()
    trusted = tuple(dict.fromkeys((*chosen.trusted, *(trust or ()))))
    chosen = chosen.model_copy(update={"trusted": trusted, "seed": chosen.seed if seed is None else seed})
    with here.writing(), here.progress("Training") as progress:
        report = train(here.workspace, instant, chosen, progress)
    if as_json:
        here.json(as_document(report))
    else:
        print_training(here, report)


def _remake(here: Session, run: str, *, as_json: bool) -> None:
    """Train again as a run did, and fail where other models come out."""
    from training.remake import remake

    with here.writing(), here.progress("Training") as progress:
        remade = remake(here.workspace, run, progress)
    if as_json:
        here.json({**as_document(remade.report), "remake_of": remade.of, "differing": remade.differing})
    else:
        print_training(here, remade.report)
        if not remade.differing:
            here.say("Training {training} was made again: its models are the same to the byte", training=remade.of)
    if remade.differing:
        files = ", ".join(remade.differing)
        raise InputError(
            f"training {remade.of!r}: made again it gives other models ({files} differ); "
            "look for libraries of other versions than then"
        )


def as_document(report: TrainingReport) -> dict[str, object]:
    """Return a training as JSON has it."""
    return {
        "training": report.training,
        "models": [
            {
                "kind": outcome.kind,
                "run_id": report.run_ids[outcome.kind],
                "metrics": outcome.fitted.metrics.as_dict() if outcome.fitted else None,
                "baselines": {
                    name: one.as_dict() for name, one in (outcome.fitted.baselines if outcome.fitted else {}).items()
                },
                "refused": outcome.refused,
            }
            for outcome in report.outcomes
        ],
        "by_business_unit": {
            outcome.kind: {name: one.as_dict() for name, one in outcome.fitted.by_unit.items()}
            for outcome in report.outcomes
            if outcome.fitted
        },
        "backtest": {kind: told.to_dict("records") for kind, told in report.backtests.items()},
        "counts": {outcome.kind: dict(outcome.counts) for outcome in report.outcomes},
        "cutoffs": {
            unit: {"train": [f"{c:%Y-%m-%d}" for c in split.train], "test": [f"{c:%Y-%m-%d}" for c in split.test]}
            for unit, split in report.splits.units.items()
        },
        "left_out": report.splits.left_out,
        "gates": report.gates.model_dump(mode="json"),
        "signal_page": str(report.signal_page) if report.signal_page else None,
        "quarantined": [asdict(suspect) for suspect in report.suspects if not suspect.trusted],
        "trusted": [asdict(suspect) for suspect in report.suspects if suspect.trusted],
    }


def print_training(here: Session, report: TrainingReport) -> None:
    """Print what was learnt, what the gates say of it, and the backtest."""
    from glocal.backtest_tables import print_backtests

    for outcome in report.outcomes:
        if outcome.fitted is None:
            here.say("No {kind} model: {reason}", kind=outcome.kind, reason=outcome.refused)
    for unit, reason in report.splits.left_out.items():
        here.say("No {kind} model: {reason}", kind=unit, reason=reason)
    _print_cutoffs(here, report.splits)
    _print_gates(here, report.gates)
    _print_suspects(here, report.suspects)
    print_backtests(here, report.backtests)
    if report.signal_page:
        here.say("Every signal, by region and over the cutoffs: {path}", path=report.signal_page)
    here.say("Training {training} is logged in MLflow. Next: glocal promote", training=report.training)


def _print_cutoffs(here: Session, splits: Splits) -> None:
    """Print by business unit what was learnt from and, at least a horizon later, judged by."""
    units = here.workspace.group().business_units
    rows = [
        (unit, units[unit].horizon_days, _range(split.train), _range(split.test))
        for unit, split in splits.units.items()
        if not split.refused
    ]
    if rows:
        here.table("Cutoffs", ["business unit", "horizon in days", "to learn from", "to judge by"], rows)


def _print_gates(here: Session, gates: GateReport) -> None:
    """Print what stands between the candidate and its promotion."""
    rows = [
        (kind, verdict.gate, here.speaker.say("open" if verdict.open else "closed"), verdict.finding)
        for kind, verdicts in gates.verdicts.items()
        for verdict in verdicts
    ]
    if rows:
        here.table("Gates", ["model", "gate", "", "finding"], rows)


def _print_suspects(here: Session, suspects: Sequence[Suspect]) -> None:
    """Print which signals seem to know the outcome, why, and what to do about it."""
    if not suspects:
        return
    here.table(
        "Quarantined",
        ["signal", "model", "AUC", "AUC of the others", "in use", "evidence"],
        [
            (
                *(one.signal, one.model, here.speaker.fixed(one.auc, 3), here.speaker.fixed(one.auc_of_the_others, 3)),
                here.speaker.say("trusted") if one.trusted else here.speaker.say("no"),
                one.evidence,
            )
            for one in suspects
        ],
    )
    here.say("Where a signal is known before the outcome: glocal train --trust {signal}", signal=suspects[0].signal)


def _range(cutoffs: Sequence[datetime]) -> str:
    return f"{len(cutoffs)} ({cutoffs[0]:%Y-%m-%d} – {cutoffs[-1]:%Y-%m-%d})"


def compare(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """List the trained models with their figures, the champions marked.

    Example: glocal compare
    """
    from training.tracking import Tracker

    here = session(context)
    here.workspace.require_data()
    runs = Tracker.of(here.workspace).runs()
    if as_json:
        here.json({"runs": runs})
        return
    rows = [
        (
            run.training[:8],
            run.kind,
            run.started,
            *(here.speaker.fixed(run.metrics[name], 3) if name in run.metrics else None for name in METRICS),
            here.speaker.say("champion") if run.champion else run.refused,
        )
        for run in runs
    ]
    here.table(
        "Trained models",
        ["training", "model", "when", "AUC", "average precision", "Brier", "ECE", "lift at 10 %", ""],
        rows,
    )


def promote_training(
    context: typer.Context,
    run: Annotated[
        str | None, typer.Option(help="The run of a training or of its model; the latest by default.")
    ] = None,
    force: Annotated[
        str | None, typer.Option(metavar="REASON", help="Promote though gates are closed; the reason is kept.")
    ] = None,
    to: Annotated[
        str | None, typer.Option(metavar="VERSION", help="Go back to a bundle that served before, such as b0001.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Make a training's models the champions that serve, if its gates are open; or go back to earlier ones.

    It goes back with --to, and overrules closed gates with --force REASON, which is kept.

    Example: glocal promote
    """
    from training.promote import go_back, promote

    if to and (run or force is not None):
        raise typer.BadParameter("--to goes back to what served before; give it without --run and --force")
    here = session(context)
    with here.writing(), here.progress("Promoting"):
        promotion = go_back(here.workspace, to) if to else promote(here.workspace, run, force)
    if as_json:
        here.json(promotion)
        return
    for gate, finding in promotion.gates.items():
        here.say("Gate {gate}: {finding}", gate=gate, finding=finding)
    if promotion.overruled:
        here.say("Overruled, with the reason kept: {gates}", gates="; ".join(promotion.overruled))
    here.say("Bundle {version} serves from now on", version=promotion.version)
    for kind, version in promotion.versions.items():
        here.say("{kind}: version {version} of the registry is champion", kind=kind, version=str(version))
    for kind, reason in promotion.refused.items():
        here.say("No {kind} model: {reason}", kind=kind, reason=reason)


def hindsight(
    context: typer.Context,
    release: Annotated[str, typer.Argument(help="The release to look back on, such as r0001.")],
    until: Annotated[str | None, typer.Option(help="End of the window; the end of the data by default.")] = None,
    against: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="A ranking from elsewhere, .csv or .parquet with account_id and score; repeatable."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Compare what a release's top accounts brought since with the rankings that people use today.

    With --against FILE also with your own or a vendor's, which is named after its file.

    Example: glocal hindsight r0001 --against vendor_scores.csv
    """
    from glocal.hindsight_table import print_rankings
    from measurement.look_back import look_back_on
    from measurement.other_ranking import read_rankings

    here = session(context)
    end = parse_instant("--until", until)
    others = read_rankings(against or ())
    with here.progress("Looking back"):
        seen = look_back_on(here.workspace, release, end, others)
    with open_store(here.workspace) as store:
        told = [note for note in store.get(release).notes if note.code == "trained_on_later_data"]
    notes = [release_sentence(note.code, note.values, here.language) for note in told]
    if as_json:
        here.json(
            {
                "notes": notes,
                **{name: getattr(seen, name) for name in ("since", "until", "accounts", "total", "growth")},
                "rankings": seen.rankings.to_dict("records"),
            }
        )
        return
    here.say(
        "From {since} to {until}, {accounts} accounts brought {total} {currency}; where they grew, {growth} more",
        since=f"{seen.since:%Y-%m-%d}",
        until=f"{seen.until:%Y-%m-%d}",
        accounts=seen.accounts,
        total=round(seen.total),
        growth=round(seen.growth),
        currency=here.workspace.group().currency,
    )
    for note in notes:
        here.say("Note: {note}", note=note)
    print_rankings(here, seen.rankings)
