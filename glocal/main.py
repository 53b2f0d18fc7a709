"""The program `glocal`: what must be set before anything heavy is loaded, then the command line."""

from __future__ import annotations

import os
import sys

_SETTINGS = {
    # Threads that wait for one another sleep; spinning, they slow a busy machine down tenfold (seen with LightGBM).
    "OMP_WAIT_POLICY": "PASSIVE",
    # Nothing here phones home.
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "BENTOML_DO_NOT_TRACK": "True",
}
"""Variables that libraries read when they are loaded; what the user has set stays."""


def main() -> None:
    """Run the command line; what the user did wrong is said in a sentence."""
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)

    from features.errors import InputError
    from glocal.app import app

    try:
        app()
    except InputError as error:
        sys.stderr.write(f"glocal: {error}\n")
        sys.exit(1)
