"""The workspace: where things lie, and that one command at a time writes there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from features.errors import InputError
from features.workspace import Workspace

HOLDER = """
import sys
from pathlib import Path
from features.workspace import Workspace
with Workspace(Path(sys.argv[1])).locked():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_holder_is_refused(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "new" / "folder")
    with workspace.locked(), pytest.raises(InputError, match="another command is at work in it"), workspace.locked():
        pass


def test_another_process_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(InputError, match="wait for its end"), Workspace(tmp_path).locked():
            pass
        holder.communicate("")
    with Workspace(tmp_path).locked():
        pass


def test_a_failure_releases_the_lock(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(ZeroDivisionError), workspace.locked():
        raise ZeroDivisionError
    with workspace.locked():
        pass


def test_a_file_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="name a folder"), Workspace(tmp_path / "file").locked():
        pass


def test_nothing_ingested_is_said_with_the_remedy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run 'glocal ingest SOURCES' first"):
        Workspace(tmp_path).group()


def test_the_state_can_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GLOCAL_STATE_URL", raising=False)
    assert Workspace(tmp_path).state_url == f"sqlite:///{tmp_path / 'state.db'}"
    monkeypatch.setenv("GLOCAL_STATE_URL", "postgresql://db/glocal")
    assert Workspace(tmp_path).state_url == "postgresql://db/glocal"
