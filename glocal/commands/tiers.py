"""Commands of the ABM lead: refresh, releases, diff, publish, rollback, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from features.messages import release_sentence
from glocal.session import Session, parse_instant, session
from tiering.release import Release
from tiering.store import Store, open_store

SHOWN = 5
"""Accounts that are printed per tier, without and with open pipeline; all are in the export."""

MOST_CHANGES = 50
"""Changes that are printed; --json has them all."""

MONEY = {"expected_gross_profit": "gross profit if won", "expected_amount": "amount if won"}
"""What a success is worth: gross profit, or the amount where the data know no more."""

PRINTED_TIERS = 2
"""Tiers of which accounts are printed: those with the most effort."""


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("refresh")(refresh_tiers)
    app.command("releases")(releases)
    app.command("diff")(diff)
    app.command("publish")(publish)
    app.command("rollback")(rollback)
    app.command("export")(export_release)


JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ReleaseId = Annotated[str, typer.Argument(help="The release, such as r0001.")]


def refresh_tiers(
    context: typer.Context,
    as_of: Annotated[
        str | None, typer.Option(help="The cutoff, such as 2026-07-01; the end of the data by default.")
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Score every account and plan the tiers; the result is a draft release.

    Example: glocal refresh --as-of 2026-07-01
    """
    from tiering.refresh import refresh

    here = session(context)
    instant = parse_instant("--as-of", as_of)
    with here.writing(), here.progress("Refreshing") as progress:
        release = refresh(here.workspace, instant, progress=progress)
    if as_json:
        here.json(as_document(release))
        return
    with Store(here.workspace.state_url) as store:
        print_release(here, store, release)
    here.say("Next: glocal publish {release}", release=release.id)


def as_document(release: Release) -> dict[str, object]:
    """Return a release as JSON has it."""
    return {
        "release_id": release.id,
        "status": str(release.status),
        "as_of": release.origin.as_of.isoformat(),
        "counts": dict(release.counts),
        "models": dict(release.models),
        "bundle_version": release.origin.bundle_version,
        "data_version": release.origin.data_version,
        "code_version": release.origin.code_version,
        "group_digest": release.origin.group_digest,
        "notes": [release_sentence(note.code, note.values, "en") for note in release.notes],
    }


def print_release(here: Session, store: Store, release: Release) -> None:
    """Print how many accounts are in each tier, and the first of each with the reasons."""
    here.say(
        "Release {release} as of {as_of} ({status})",
        release=release.id,
        as_of=f"{release.origin.as_of:%Y-%m-%d}",
        status=here.speaker.say(release.status.replace("_", " ")),
    )
    in_pipeline = store.accounts(release.id).groupby("tier")["in_pipeline"].sum()
    rows = [(tier, count, int(in_pipeline.get(tier, 0))) for tier, count in release.counts.items()]
    here.table("Tiers", ["tier", "accounts", "of these with open pipeline"], rows)
    for note in release.notes:
        here.say("Note: {note}", note=release_sentence(note.code, note.values, here.language))
    for tier in list(release.counts)[:PRINTED_TIERS]:
        accounts = store.accounts(release.id, tier=tier)
        worked = accounts["in_pipeline"].astype(bool)
        _print_accounts(here, accounts[~worked], here.speaker.say("{tier}, without open pipeline", tier=tier))
        _print_accounts(here, accounts[worked], here.speaker.say("{tier}, sales works them already", tier=tier))
    here.say(
        "↑ raises the probability, ↓ lowers it; gross profit and priority value are in {currency}",
        currency=here.workspace.group().currency,
    )


def _print_accounts(here: Session, accounts: pd.DataFrame, who: str) -> None:
    """Print the accounts for which a tier adds most."""
    from tiering.export import reasons_in

    top = accounts.nlargest(SHOWN, "priority_value")
    if top.empty:
        return
    money = "expected_gross_profit" if top["expected_gross_profit"].notna().any() else "expected_amount"
    rows = [
        (
            row["name"],
            row["country"],
            row["lead_business_unit"],
            here.speaker.percent(row["probability"], 1),
            _rounded(row[money]),
            _rounded(row["priority_value"]),
            "\n".join(reasons_in(row["reasons"], here.language)),
        )
        for row in top.to_dict("records")
    ]
    here.table(
        here.speaker.say("{who}: top {shown} of {count}", who=who, shown=len(rows), count=len(accounts)),
        ["account", "country", "led by", "probability", MONEY[money], "priority value", "why"],
        rows,
    )


def _rounded(money: float) -> int | None:
    return None if pd.isna(money) else round(money)


def releases(context: typer.Context, as_json: JsonFlag = False) -> None:
    """List all releases, the latest first.

    Example: glocal releases
    """
    here = session(context)
    here.workspace.require_data()
    with Store(here.workspace.state_url) as store:
        found = store.releases()
    if as_json:
        here.json({"releases": [as_document(release) for release in found]})
        return
    rows = [
        (
            release.id,
            here.speaker.say(release.status.replace("_", " ")),
            f"{release.origin.as_of:%Y-%m-%d}",
            release.origin.bundle_version,
            ", ".join(f"{tier} {here.speaker.number(count)}" for tier, count in release.counts.items()),
        )
        for release in found
    ]
    here.table("Releases", ["release", "status", "as of", "bundle", "accounts"], rows)


def publish(context: typer.Context, release: ReleaseId, as_json: JsonFlag = False) -> None:
    """Publish a draft; what was published before is superseded.

    Example: glocal publish r0001
    """
    here = session(context)
    with here.writing(), open_store(here.workspace) as store:
        published = store.publish(release)
    _say_published(here, published, as_json=as_json)


def rollback(context: typer.Context, as_json: JsonFlag = False) -> None:
    """Take the published release back; the one before it is published again.

    Example: glocal rollback
    """
    here = session(context)
    with here.writing(), open_store(here.workspace) as store:
        published = store.rollback()
    _say_published(here, published, as_json=as_json)


def _say_published(here: Session, release: Release, *, as_json: bool) -> None:
    if as_json:
        here.json(as_document(release))
    else:
        here.say("Release {release} is published", release=release.id)


def export_release(
    context: typer.Context,
    release: ReleaseId,
    to: Annotated[Path, typer.Option(help="The file; its ending says the form, .csv or .parquet.")],
    detail: Annotated[bool, typer.Option("--detail", help="One row per account and business unit.")] = False,
    language: Annotated[str | None, typer.Option(help="Language of the reasons; the --locale by default.")] = None,
) -> None:
    """Write a release to a file, one row per account.

    Example: glocal export r0001 --to tiers.csv
    """
    from tiering.export import export

    here = session(context)
    with open_store(here.workspace) as store:
        rows = export(store, release, to, detail=detail, language=language or here.language)
    here.say("Wrote {rows} rows to {path}", rows=rows, path=to)


def diff(
    context: typer.Context,
    before: Annotated[str, typer.Argument(help="The earlier release.")],
    after: Annotated[str, typer.Argument(help="The later release.")],
    as_json: JsonFlag = False,
) -> None:
    """Show which accounts changed tier from one release to another.

    Example: glocal diff r0001 r0002
    """
    from tiering.diff import diff as compare

    here = session(context)
    with open_store(here.workspace) as store:
        changes = compare(store, before, after)
    if as_json:
        here.json({"before": before, "after": after, "changes": changes.to_dict("records")})
        return
    here.say(
        "Accounts that changed tier from {before} to {after}: {moved}", moved=len(changes), before=before, after=after
    )
    rows = [
        (
            row["name"],
            row["region"],
            row["from_tier"],
            row["to_tier"],
            row["to_business_unit"],
            _rounded(row["priority_value_change"]),
        )
        for row in _weightiest(changes, [*here.workspace.group().tiers]).head(MOST_CHANGES).to_dict("records")
    ]
    if rows:
        here.table("Changes", ["account", "region", "from", "to", "led by", "change of priority value"], rows)


def _weightiest(changes: pd.DataFrame, tiers: list[str]) -> pd.DataFrame:
    """Put changes of the tiers with the most effort first, and of those the largest change of value."""
    rank = {tier: place for place, tier in enumerate(tiers)}
    effort = changes[["from_tier", "to_tier"]].apply(lambda tier: tier.map(rank).fillna(len(rank))).min(axis="columns")
    order = pd.DataFrame({"effort": effort, "value": -changes["priority_value_change"].abs()})
    return changes.loc[order.sort_values(["effort", "value"], kind="stable").index]
