"""The notebooks run from top to bottom on a small workspace."""

from __future__ import annotations

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

from features.workspace import Workspace

FOLDER = Path(__file__).parents[2] / "notebooks"

SHOWN = {"one_account": "engagement points of the last 90 days", "signals_to_models": "larger trees"}
"""What each notebook, by name, shows when it has run."""


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("notebook", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_runs(
    notebook: Path, world: Any, copy_workspace: Callable[[Workspace, Path], Workspace], tmp_path: Path
) -> None:
    workspace = copy_workspace(world.workspace, tmp_path / "workspace")
    execute = runpy.run_path(str(FOLDER / "execute.py"))["execute"]
    node = execute(notebook, workspace.root)
    errors = [out for cell in node.cells for out in cell.get("outputs", []) if out.output_type == "error"]
    assert not errors
    assert any(SHOWN[notebook.stem] in str(cell.get("outputs", "")) for cell in node.cells)


@pytest.mark.parametrize("notebook", sorted(FOLDER.glob("*.ipynb")), ids=lambda path: path.stem)
def test_is_kept_as_it_ran_without_warnings(notebook: Path) -> None:
    node = nbformat.read(notebook, as_version=4)
    cells = [cell for cell in node.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == [*range(1, len(cells) + 1)]
    assert [out.text for cell in cells for out in cell.outputs if out.get("name") == "stderr"] == []
