"""Runs the service, as `glocal serve` does."""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Callable
from pathlib import Path

from features.errors import InputError
from features.workspace import Workspace

LARGEST_PORT = 65_535


def serve(
    workspace: Workspace,
    host: str = "127.0.0.1",
    port: int = 3000,
    workers: int = 1,
    starting: Callable[[], None] = lambda: None,
) -> None:
    """Serve a workspace until the process is told to stop.

    Parameters
    ----------
    workspace : with ingested data; what is published later is served from then on.
    host : the address to listen on, 'localhost' included; 0.0.0.0 for every interface.
    port : 1 to 65535.
    workers : processes that answer, >= 1; each has models and library in its own memory.
    starting : called once everything is found to be in order.

    Raises
    ------
    InputError
        If nothing was ingested yet, the address is none, or the port is taken.
    """
    workspace.require_data()
    address = _address(host)
    _check_port(address, port)
    if workers < 1:
        raise InputError(f"--workers {workers}: give 1 or more")
    # Read by the workers, which are processes of their own, and by BentoML at import.
    os.environ["GLOCAL_WORKSPACE"] = str(workspace.root.resolve())
    os.environ.setdefault("BENTOML_HOME", str(workspace.root.resolve() / "bentoml"))
    os.environ.setdefault("BENTOML_DO_NOT_TRACK", "True")
    from serving.service import GlocalService

    GlocalService.config["workers"] = workers
    # The workers import this very package, whatever folders of its name lie where the command was given.
    GlocalService.working_dir = str(Path(__file__).parent.parent)
    starting()
    GlocalService.serve_http(host=address, port=port)


def _address(host: str) -> str:
    """Return a host as the address that BentoML wants."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(host))
    except ValueError as error:
        raise InputError(f"--host {host!r}: give an IP address, such as 127.0.0.1 or 0.0.0.0") from error


def _check_port(address: str, port: int) -> None:
    if not 1 <= port <= LARGEST_PORT:
        raise InputError(f"--port {port}: give a number from 1 to {LARGEST_PORT}")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            reason = error.strerror or str(error)
            raise InputError(
                f"--port {port}: cannot listen on {address}:{port} ({reason}); give another one"
            ) from error
