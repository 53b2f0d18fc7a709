"""The command that serves over HTTP: serve."""

from __future__ import annotations

from typing import Annotated

import typer

from glocal.session import session


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("serve")(serve_workspace)


def serve_workspace(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on; 127.0.0.1 is this machine only.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 3000,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
) -> None:
    """Serve scores, tiers and recommendations over HTTP until stopped.

    Example: glocal serve --port 3000
    """
    from serving.run import serve

    here = session(context)
    root = f"http://{host}:{port}"

    def starting() -> None:
        here.say("Serving on {url}; the API is described at {docs}", url=root, docs=f"{root}/v1/docs")

    serve(here.workspace, host, port, workers, starting)
