"""The command that shows everything on a simulated group: demo."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from glocal.commands.content import print_answer
from glocal.commands.data import print_report
from glocal.commands.learning import print_training
from glocal.commands.tiers import print_release
from glocal.session import Session, make_folder, session
from tiering.store import Store

READERS = (("DE", "de"), ("JP", "ja"), ("BR", "pt-BR"), ("FR", "fr"), ("US", "en-US"))
"""Markets for which playbooks are shown, each in its language."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder for the simulated exports.")] = Path("demo"),
    accounts: Annotated[int, typer.Option(min=500, max=1_000_000, help="How many accounts.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same group.")] = 0,
) -> None:
    """Simulate a group and run everything on it: ingest, train, promote, refresh, publish, recommend.

    Example: glocal --workspace demo/workspace demo --out demo/exports --accounts 2000
    """
    here = session(context)
    started = time.monotonic()
    make_folder(out)
    with here.workspace.locked():
        _bring_in(here, out, accounts, seed)
        _learn(here, seed)
        release = _list(here)
        _recommend(here, release)
    here.say("")
    here.say(
        "Done in {minutes} minutes. The workspace is {path}.",
        minutes=round((time.monotonic() - started) / 60, 1),
        path=here.workspace.root,
    )
    here.say(
        "Next: glocal --workspace {path} export {release} --to tiers.csv", path=here.workspace.root, release=release
    )
    here.say("Or: glocal --workspace {path} serve", path=here.workspace.root)


def _bring_in(here: Session, out: Path, accounts: int, seed: int) -> None:
    from features.ingest import ingest
    from simulation.world import simulate

    with here.progress("Simulating the group") as progress:
        simulate(accounts, seed, out, progress=progress)
    with here.progress("Reading the exports") as progress:
        report = ingest(here.workspace, out / "sources.yaml", out / "group.yaml", progress=progress)
    print_report(here, report)


def _learn(here: Session, seed: int) -> None:
    from training.config import TrainingConfig
    from training.promote import promote
    from training.train import train

    with here.progress("Training") as progress:
        report = train(here.workspace, config=TrainingConfig(seed=seed), progress=progress)
    print_training(here, report)
    with here.progress("Promoting"):
        # The smaller the group, the sooner chance closes a gate; which one is printed above, and the reason is kept.
        promote(here.workspace, force="a demonstration on a simulated group")


def _list(here: Session) -> str:
    from tiering.refresh import refresh

    with here.progress("Refreshing") as progress:
        release = refresh(here.workspace, progress=progress)
    with Store(here.workspace.state_url) as store:
        print_release(here, store, store.publish(release.id))
    return release.id


def _recommend(here: Session, release: str) -> None:
    from serving.content import bundled_encoder, load_content
    from serving.recommendations import answer
    from serving.schemas.recommendations import RecommendationQuery

    with here.progress("Looking for playbooks"), Store(here.workspace.state_url) as store:
        content = load_content(here.workspace, bundled_encoder(here.workspace), store.playbook_changes())
        asked = [
            (
                str(top["name"].iloc[0]),
                RecommendationQuery(account_id=str(top["account_id"].iloc[0]), market=market, language=language, k=3),
            )
            for market, language in READERS
            if not (top := store.accounts(release, country=market).nlargest(1, "priority_value")).empty
        ]
        answers = [
            (f"{name} ({query.market}, {query.language})", answer(content, store, query)) for name, query in asked
        ]
    for account, answered in answers:
        print_answer(here, account, answered)
