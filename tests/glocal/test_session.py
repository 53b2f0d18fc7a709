"""What the command line prints is what is in the data, whatever it looks like."""

from __future__ import annotations

import io

import pytest

from features.messages import speaker
from features.workspace import Workspace
from glocal.session import Session, _console

NAMES = ["ACME [/DE] 1", "Foo [Holding]", "[bold]x", "Joy :smile: AG", "a\\[b]", "株式会社[東京]"]


@pytest.mark.parametrize("name", NAMES)
def test_prints_names_as_they_are(name, tmp_path):
    out, notes = io.StringIO(), io.StringIO()
    here = Session(Workspace(tmp_path), speaker("en"), _console(out), _console(notes))
    here.table(name, [name, "count"], [(name, 1)])
    here.say("Wrote {path}", path=name)
    assert out.getvalue().count(name) == 4
    with here.progress(name) as step:
        step(name)
