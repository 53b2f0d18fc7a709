"""The command that shows which accounts are one company, and why: companies."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Annotated, Any

import pandas as pd
import typer

from features.linking.stored import read_pairs
from glocal.session import Session, session

MOST_PAIRS = 50
"""Pairs that are printed; --json has them all."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("companies")(companies)


def companies(
    context: typer.Context,
    account: Annotated[
        str | None, typer.Argument(help="Only what concerns this account and its company; all pairs by default.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Show which accounts were united into one company, which were not, and what speaks for it.

    Example: glocal companies A-0001
    """
    here = session(context)
    pairs = read_pairs(here.workspace, account)
    if as_json:
        here.json({"pairs": [as_document(pair) for pair in pairs.to_dict("records")]})
    elif pairs.empty:
        here.say("No two accounts are likely to be one company")
    else:
        print_pairs(here, pairs)


def as_document(pair: dict[Hashable, Any]) -> dict[str, object]:
    """Return a pair as JSON has it."""
    keys = ("left_id", "left_name", "right_id", "right_name", "probability")
    evidence = [{"evidence": name, "probability": share} for name, share in pair["evidence"]]
    company = pair["entity_id"] if isinstance(pair["entity_id"], str) else None
    return {key: pair[key] for key in keys} | {"company": company, "evidence": evidence}


def print_pairs(here: Session, pairs: pd.DataFrame) -> None:
    """Print the first pairs, and how to change what was decided."""
    rows = [
        (
            f"{pair['left_id']} {pair['left_name']}",
            f"{pair['right_id']} {pair['right_name']}",
            here.speaker.percent(pair["probability"], 1),
            pair["entity_id"] if isinstance(pair["entity_id"], str) else "",
            "\n".join(in_words(here, name, share) for name, share in pair["evidence"]),
        )
        for pair in pairs.head(MOST_PAIRS).to_dict("records")
    ]
    here.table("Companies", ["account", "other account", "probability", "one company", "why"], rows)
    if len(pairs) > MOST_PAIRS:
        here.say("{shown} of {count} pairs; --json has them all", shown=MOST_PAIRS, count=len(pairs))
    here.say(
        "To unite or part accounts by hand, write left_id, right_id and same (yes or no) into the file that "
        "sources.yaml names under identity, and ingest again"
    )


def in_words(here: Session, evidence: str, probability: float) -> str:
    """Say one piece of evidence."""
    share = here.speaker.percent(probability, 1)
    sentences = {
        "lei": here.speaker.say("the same LEI ({share})", share=share),
        "duns": here.speaker.say("the same DUNS number ({share})", share=share),
        "registration_id": here.speaker.say("the same registration number in one country ({share})", share=share),
        "domain": here.speaker.say("the same domain in one country ({share})", share=share),
        "name": here.speaker.say("names alike in one country ({share})", share=share),
        "decision": here.speaker.say("decided by hand"),
    }
    return sentences[evidence]
