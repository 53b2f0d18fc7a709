"""Executes the notebooks on a workspace and keeps what they print."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

FOLDER = Path(__file__).parent


def execute(notebook: Path, workspace: Path) -> nbformat.NotebookNode:
    """Execute a notebook.

    Parameters
    ----------
    notebook : the file; it stays as it is.
    workspace : with promoted models, which the notebook reads; it logs a variant there.

    Returns
    -------
    The notebook with its output.
    """
    settings = {
        "GLOCAL_WORKSPACE": str(workspace.resolve()),
        "PYTHONWARNINGS": "ignore:IProgress not found",  # tqdm says so where nobody looks on
    }
    node = nbformat.read(notebook, as_version=4)
    client = NotebookClient(node, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(FOLDER)}})
    client.execute(env={**os.environ, **settings})
    for cell in node.cells:
        cell.metadata.pop("execution", None)
    return node


def main(workspace: Path) -> None:
    """Execute every notebook in place."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        nbformat.write(execute(path, workspace), path)
        sys.stdout.write(f"executed {path.name}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else FOLDER.parent / ".demo" / "workspace"))
