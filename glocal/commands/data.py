"""Commands that bring data in: init, simulate, ingest."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from features.errors import InputError
from features.ingest import IngestReport, ingest
from glocal.session import Session, make_folder, session

_TEMPLATES = Path(__file__).parent.parent / "templates"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("init")(init)
    app.command("simulate")(simulate_group)
    app.command("ingest")(ingest_sources)


def init(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="Where to write the two files.")] = Path(),
) -> None:
    """Write a sources file and a group file to start from.

    Example: glocal init mygroup
    """
    here = session(context)
    targets = {name: folder / name for name in ("sources.yaml", "group.yaml")}
    for target in targets.values():
        if target.exists():
            raise InputError(f"{target}: this file exists already; name another folder, or move it away")
    make_folder(folder)
    for name, target in targets.items():
        target.write_text((_TEMPLATES / name).read_text(encoding="utf-8"), encoding="utf-8")
        here.say("Wrote {path}", path=target)
    here.say(
        "Next: map your exports in sources.yaml, then run: glocal ingest {path} --group {group}",
        path=targets["sources.yaml"],
        group=targets["group.yaml"],
    )


def simulate_group(
    context: typer.Context,
    out: Annotated[Path, typer.Option(help="Folder for the exports; made where it is not there.")],
    accounts: Annotated[int, typer.Option(min=100, max=1_000_000, help="How many accounts.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="Same seed, same group.")] = 0,
) -> None:
    """Simulate a multinational group whose truth is known.

    Example: glocal simulate --accounts 2000 --seed 1 --out demo
    """
    from simulation.world import simulate

    here = session(context)
    make_folder(out)
    with here.progress("Simulating the group") as progress:
        group = simulate(accounts, seed, out, progress=progress)
    here.table("Simulated", ["table", "rows"], list(group.counts.items()))
    here.say("Next: glocal ingest {path} --group {group}", path=out / "sources.yaml", group=out / "group.yaml")


def ingest_sources(
    context: typer.Context,
    sources: Annotated[Path, typer.Argument(help="The sources file.")],
    group: Annotated[Path | None, typer.Option(help="The group file; without one it is derived from the data.")] = None,
    max_rejects: Annotated[
        float, typer.Option(min=0, max=1, help="The largest share of a table's rows that may be rejected.")
    ] = 0.05,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
) -> None:
    """Map exports onto the data contract, check every row, and keep what is wrong with its reason.

    Example: glocal ingest demo/sources.yaml --group demo/group.yaml
    """
    here = session(context)
    with here.workspace.locked(), here.progress("Reading the exports") as progress:
        report = ingest(here.workspace, sources, group, max_rejects=max_rejects, progress=progress)
    if as_json:
        here.json(as_document(report))
    else:
        print_report(here, report)


def as_document(report: IngestReport) -> dict[str, object]:
    """Return what was ingested as JSON has it."""
    return {
        "tables": {
            name: {"read": table.read, "accepted": table.accepted, "rejected": table.rejected}
            for name, table in report.tables.items()
        },
        "rejects": {name: dict(table.by_rule) for name, table in report.tables.items() if table.rejected},
        "warnings": list(report.warnings),
        "data_version": report.data_version,
        "as_of": report.as_of.isoformat(),
        "group_derived": report.group_derived,
    }


def print_report(here: Session, report: IngestReport) -> None:
    """Print what was read, accepted and rejected, and why."""
    rows = [
        (
            name,
            table.read,
            table.accepted,
            table.rejected,
            ", ".join(f"{rule}: {n}" for rule, n in table.by_rule.items()),
        )
        for name, table in report.tables.items()
        if table.read
    ]
    here.table("Ingested", ["table", "read", "accepted", "rejected", "why"], rows)
    for warning in report.warnings:
        here.say("Note: {note}", note=warning)
    if report.group_derived:
        here.say("No group file was given, so one was derived; see {path}", path=here.workspace.group_file)
    if any(table.rejected for table in report.tables.values()):
        here.say("Rejected rows, with what was wrong: {path}", path=here.workspace.rejects)
    here.say(
        "Data version {version}; the data end before {as_of}",
        version=report.data_version[:12],
        as_of=f"{report.as_of:%Y-%m-%d}",
    )
