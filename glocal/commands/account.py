"""The command that shows how one account's probabilities come about: account."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer

from features.errors import InputError
from features.group import NO_TIER
from glocal.session import Session, session
from tiering.store import Store, open_store

if TYPE_CHECKING:  # loading the models takes a second, which other commands need not wait for
    from tiering.explanation import AccountExplanation


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("account")(account)


def account(
    context: typer.Context,
    account_id: Annotated[str, typer.Argument(help="Any of the account's ids, or the CRM's.")],
    release: Annotated[
        str | None, typer.Option(help="As it stands in this release; the published one, else the latest, by default.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All business units in full, not only the leading one.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Show how an account's probabilities come about, what changed since the last release and what is not known.

    A page with the same is left in the workspace's reports.

    Example: glocal account A-0001
    """
    from tiering.account_page import write_account_page
    from tiering.explanation import explain_account

    here = session(context)
    with open_store(here.workspace) as store:
        explained = explain_account(here.workspace, store, release or _current(store), account_id)
    if as_json:
        here.json(_document(explained))
        return
    heading = _heading(here, explained)
    _print(here, explained, heading, every=every)
    page = here.workspace.reports / "accounts" / f"{quote(explained.account.account_id, safe='')}.html"
    write_account_page(explained, heading, here.language, page)
    here.say("The same as a page: {path}", path=page)


def _current(store: Store) -> str:
    """Return the id of the published release, else of the latest."""
    current = store.published() or max(store.releases(), key=lambda one: one.id, default=None)
    if current is None:
        raise InputError("there is no release yet; run 'glocal refresh' first")
    return current.id


def _heading(here: Session, explained: AccountExplanation) -> str:
    listed, release = explained.account, explained.release.id
    if listed.tier == NO_TIER:
        return here.speaker.say(
            "{name}, {country}: in no tier of release {release}",
            name=listed.name,
            country=listed.country,
            release=release,
        )
    return here.speaker.say(
        "{name}, {country}: {tier}, led by {unit} in release {release}",
        name=listed.name,
        country=listed.country,
        tier=here.speaker.name(listed.tier),
        unit=listed.lead_business_unit,
        release=release,
    )


def _print(here: Session, explained: AccountExplanation, heading: str, *, every: bool) -> None:
    """Print a table of steps for the leading business unit, or for every one, and a line for the others."""
    from tiering.account_story import tell

    here.write(heading)
    stories = [tell(unit, here.language) for unit in explained.units]
    full = len(stories) if every else 1
    for story in stories[:full]:
        rows = [(step.name, step.odds, step.probability, "\n".join(step.because)) for step in story.steps]
        here.table(story.title, ["step", "odds", "probability after it", "because"], rows)
        by_day = ", ".join(f"{when}: {probability}" for when, probability in story.by_day)
        for line in (by_day, story.certainty, story.missing, *story.since):
            if line:
                here.write(line)
    for story in stories[full:]:
        here.write(story.title)
    if stories[full:]:
        here.say("The other business units in full: --all, or the page")
    unscored = [unit.business_unit for unit in explained.account.scores if unit.probability is None]
    if unscored:
        here.say("No model scores it in {units}", units=", ".join(unscored))


def _document(explained: AccountExplanation) -> dict[str, object]:
    """Return an explanation as JSON has it."""
    listed = explained.account
    return {
        "release": explained.release.id,
        "account_id": listed.account_id,
        "name": listed.name,
        "tier": listed.tier,
        "lead_business_unit": listed.lead_business_unit,
        "units": [asdict(unit) for unit in explained.units],
    }
