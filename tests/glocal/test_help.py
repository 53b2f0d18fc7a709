"""Help: every command says what it does and shows an example that can be typed."""

from __future__ import annotations

import shlex

import pytest
import typer.main

from glocal.app import app

COMMANDS = typer.main.get_command(app).commands


def example(name: str) -> list[str]:
    """Return the words of the example in a command's help, without the program and its own options."""
    (line,) = (line for line in (COMMANDS[name].help or "").splitlines() if line.strip().startswith("Example: glocal "))
    words = shlex.split(line.strip().removeprefix("Example: glocal "))
    return words[words.index(name) :]


@pytest.mark.parametrize("name", COMMANDS)
class TestEveryCommand:
    def test_shows_an_example(self, glocal, name):
        ran = glocal(name, "--help")
        assert (ran.code, ran.err) == (0, "")
        assert "Example: glocal" in " ".join(ran.out.split())

    def test_takes_what_its_example_gives(self, name):
        command, words = COMMANDS[name], example(name)
        assert words[0] == name
        with command.make_context(name, words[1:]) as context:
            assert all(context.params[each.name] is not None for each in command.params if each.required)

    def test_says_what_each_option_means(self, name):
        for option in COMMANDS[name].params:
            assert getattr(option, "help", None), option.name


def test_every_command_of_the_design_is_there():
    named = (
        "init simulate ingest train compare promote refresh releases diff publish rollback export recommend serve demo"
    )
    assert {*named.split(), "account", "companies", "signals", "hindsight", "tune"} == set(COMMANDS)


def test_version(glocal):
    ran = glocal("--version")
    assert ran.code == 0
    assert ran.out.startswith("glocal ")
