"""The command line `glocal`."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Annotated

import typer

from features.errors import InputError
from features.messages import speaker
from features.workspace import Workspace
from glocal.commands import content, data, demonstration, learning, service, tiers
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
    locale: Annotated[
        str, typer.Option(envvar="GLOCAL_LOCALE", help="The language in which to speak: en, fr, de, es or ja.")
    ] = "en",
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Say where to work and how to speak."""
    context.obj = Session(Workspace(workspace), speaker(locale))


for module in (data, learning, tiers, content, service, demonstration):
    module.register(app)


def main() -> None:
    """Run the command line; what the user did wrong is said in a sentence."""
    # Read by MLflow and its dependencies at import; nothing here phones home.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    try:
        app()
    except InputError as error:
        sys.stderr.write(f"glocal: {error}\n")
        sys.exit(1)
