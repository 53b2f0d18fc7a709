"""What every command shares: the workspace, the language in which it speaks, and where it prints."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import typer
from pydantic_core import to_json
from rich.console import Console
from rich.table import Table
from rich.text import Text

from features.errors import InputError
from features.messages import Speaker
from features.workspace import Workspace

Progress = Callable[[str], None]

WIDTH_WITHOUT_TERMINAL = 180


@dataclass(frozen=True, slots=True)
class Session:
    """One run of the command line.

    Parameters
    ----------
    workspace : the folder that it works in.
    speaker : the language that it speaks.
    out : where results go.
    notes : where progress goes, so that results can be piped.
    """

    workspace: Workspace
    speaker: Speaker
    out: Console = field(default_factory=lambda: _console(sys.stdout))
    notes: Console = field(default_factory=lambda: _console(sys.stderr))

    @property
    def language(self) -> str:
        """The language's BCP-47 tag."""
        return str(self.speaker.locale).replace("_", "-")

    def say(self, text: str, **values: object) -> None:
        """Print a sentence."""
        self.out.print(self.speaker.say(text, **values), highlight=False, soft_wrap=True)

    def write(self, line: str) -> None:
        """Print a line that is in the reader's language already."""
        self.out.print(line, highlight=False, soft_wrap=True, markup=False)

    def json(self, document: Any) -> None:
        """Print one JSON document and nothing else; what is no number there is null."""
        sys.stdout.write(to_json(document, indent=2, inf_nan_mode="null").decode() + "\n")

    def table(self, title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        """Print a table; numbers stand right and are written as in the language."""
        table = Table(title=self.speaker.name(title), title_justify="left", header_style="bold", pad_edge=False)
        for position, column in enumerate(columns):
            numeric = all(isinstance(row[position], int | float) for row in rows)
            table.add_column(self.speaker.name(column), justify="right" if numeric else "left", overflow="fold")
        for row in rows:
            table.add_row(*(self.speaker.number(value) if _is_number(value) else _text(value) for value in row))
        self.out.print(table)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Hold the workspace, which must have data, for one command that changes it.

        Raises
        ------
        InputError
            If nothing was ingested, or another command is at work in it; nothing is written then.
        """
        self.workspace.require_data()
        with self.workspace.locked():
            yield

    @contextmanager
    def progress(self, text: str) -> Iterator[Progress]:
        """Show what a long work is at, in the language that is spoken."""
        title = self.speaker.say(text)
        with self.notes.status(Text(title)) as status:
            yield lambda step: status.update(Text(f"{title}: {step}"))


def _console(stream: TextIO) -> Console:
    """Print to a stream as it stands, brackets and colons in names included.

    It is as wide as the terminal, or wide enough for a table where there is none.
    """
    width = None if stream.isatty() else WIDTH_WITHOUT_TERMINAL
    return Console(file=stream, width=width, markup=False, emoji=False)


def session(context: typer.Context) -> Session:
    """Return the session that the command line opened."""
    found = context.find_object(Session)
    if found is None:
        raise RuntimeError("the command line opened no session")
    return found


def parse_instant(option: str, text: str | None) -> datetime | None:
    """Read a date, or an instant with an offset or in UTC.

    Parameters
    ----------
    option : what was given, such as '--as-of'.
    text : its value.

    Raises
    ------
    InputError
        If it is neither.
    """
    if text is None:
        return None
    try:
        instant = datetime.fromisoformat(text)
        return instant if instant.tzinfo is None else instant.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError) as error:
        raise InputError(
            f"{option} {text!r}: this is no date; write it as 2026-07-01 or 2026-07-01T12:00:00Z"
        ) from error


def make_folder(path: Path) -> None:
    """Make a folder where it is not there yet.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{path}: this folder cannot be made: {error.strerror}; name another one") from error


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)


def _text(value: object) -> str:
    return "–" if value is None or value != value else str(value)
