"""The command line: its commands and what they share."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from features.messages import speaker
from features.workspace import Engine, Workspace
from glocal.commands import account, companies, content, data, demonstration, learning, service, signals, tiers, tuning
from glocal.session import Session

app = typer.Typer(
    help="Which accounts deserve which attention in each market, why, and with which localised playbook.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode="rich",
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"glocal {version('glocal')}")
        raise typer.Exit


@app.callback()
def open_session(
    context: typer.Context,
    workspace: Annotated[
        Path, typer.Option(envvar="GLOCAL_WORKSPACE", help="The folder that holds all state.", show_default=True)
    ] = Path("workspace"),
    engine: Annotated[
        Engine, typer.Option(envvar="GLOCAL_ENGINE", help="What computes the signals: DuckDB here, or Spark.")
    ] = "duckdb",
    locale: Annotated[
        str, typer.Option(envvar="GLOCAL_LOCALE", help="The language in which to speak: en, fr, de, es or ja.")
    ] = "en",
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Say where to work and how to speak."""
    context.obj = Session(Workspace(workspace, engine), speaker(locale))


for module in (data, companies, signals, learning, tuning, tiers, account, content, service, demonstration):
    module.register(app)
