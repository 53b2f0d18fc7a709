"""The command of the sales-enablement: recommend."""

from __future__ import annotations

from typing import Annotated

import typer
from pydantic import ValidationError

from features.errors import InputError
from glocal.session import Session, session
from serving.schemas.recommendations import RecommendationAnswer, RecommendationQuery


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("recommend")(recommend)


def recommend(
    context: typer.Context,
    account: Annotated[str, typer.Option(help="The account's id, or the CRM's own id of it.")],
    market: Annotated[str, typer.Option(help="Country in which the content is used, such as CH.")],
    language: Annotated[str, typer.Option(help="Language of the content, such as de-CH.")],
    k: Annotated[int, typer.Option("-k", "--k", help="How many playbooks, 1 to 100.")] = 5,
    persona: Annotated[str | None, typer.Option(help="Whom it is for, such as economic_buyer.")] = None,
    stage: Annotated[str | None, typer.Option(help="The buying stage, such as evaluation.")] = None,
    business_unit: Annotated[str | None, typer.Option(help="Only content of this business unit.")] = None,
    channel: Annotated[str | None, typer.Option(help="Only content for this channel.")] = None,
    audience: Annotated[str | None, typer.Option(help="Only content for customers, or internal plays.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Recommend localised playbooks for an account.

    Example: glocal recommend --account A-0001 --market CH --language de-CH -k 3
    """
    from serving.recommendations import answer_once

    here = session(context)
    query = _query(
        account_id=account,
        market=market,
        language=language,
        k=k,
        persona=persona,
        stage=stage,
        business_unit=business_unit,
        channel=channel,
        audience=audience,
        locale=here.language,
    )
    with here.progress("Looking for playbooks"):
        answer = answer_once(here.workspace, query)
    if as_json:
        here.json(answer)
    else:
        print_answer(here, account, answer)


def _query(**given: object) -> RecommendationQuery:
    """Return the query that the options make.

    Raises
    ------
    InputError
        If a value is empty, too long or out of range.
    """
    try:
        return RecommendationQuery.model_validate(given)
    except ValidationError as error:
        problem = error.errors()[0]
        option = "--" + str(problem["loc"][0]).removesuffix("_id").replace("_", "-")
        raise InputError(f"{option} {problem['input']!r}: {problem['msg']}; give another value") from error


def print_answer(here: Session, account: str, answer: RecommendationAnswer) -> None:
    """Print the playbooks with their reasons, and in which language they are."""
    if not answer.account_known:
        here.say("Account {account} is not known here: this suits the market", account=account)
    rows = [
        (item.title, item.language, item.layer, item.format, "\n".join(item.reasons), item.asset_id)
        for item in answer.items
    ]
    if rows:
        here.table(
            here.speaker.say("Playbooks for {account}", account=account),
            ["title", "language", "layer", "format", "why", "id"],
            rows,
        )
    if not answer.items:
        here.say(
            "No playbook may be shown here; what each rule kept away: {filtered}",
            filtered=", ".join(f"{rule} {n}" for rule, n in answer.filtered.items())
            or here.speaker.say("the library is empty"),
        )
    if answer.fallback.used:
        here.say(
            "Asked for in {asked}; where that is missing, in {served}",
            asked=answer.fallback.asked,
            served=", ".join(answer.fallback.served),
        )
