"""Particles that some write as words of their own and others as a part of the next: 'Al Rajhi', 'Alrajhi'."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from features.names.likeness import likeness
from features.names.words import CompanyName, Kind, Word

_ALIKE = 0.8


def with_particles(name: CompanyName, other: CompanyName) -> tuple[Word, ...]:
    """Return the telling words of a name, stop words joined with the next where the other name has both as one word."""
    telling = name.telling
    if len(telling) == len(name.words):
        return telling
    joined = {
        id(after): both for both, after in _joined(name) if any(likeness(both, o) >= _ALIKE for o in other.telling)
    }
    return tuple(joined.get(id(word), word) for word in telling)


def _joined(name: CompanyName) -> Iterator[tuple[Word, Word]]:
    for before, after in pairwise(name.words):
        if before.kind is Kind.STOP and after.kind in (Kind.OWN, Kind.NUMBER):
            text, native = before.text + after.text, before.native + after.native
            yield Word(text, native, Kind.OWN, frozenset(), after.script, before.initials), after
