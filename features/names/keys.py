"""By which names find each other: equal keys are worth a comparison."""

from __future__ import annotations

from typing import NamedTuple

from features.names.likeness import sound
from features.names.words import Kind, Word, take_apart

_LETTERS_OF_A_BEGINNING = 5
_LONGEST_ACRONYM = 6


class NameKeys(NamedTuple):
    """Keys of one name; None where it has none of the sort.

    Parameters
    ----------
    core : what its words mean, or else the words, in alphabetical order: the same in any script and language.
    first, longest : sound of the first and of the longest word of its own.
    beginning : its first letters.
    initials : of its words, or the one short word that it is.
    spelled : its words together, for a first rough comparison.
    """

    core: str | None
    first: str | None
    longest: str | None
    beginning: str | None
    initials: str | None
    spelled: str | None


def name_keys(name: str, *, in_japan: bool = False) -> NameKeys:
    """Return the keys of a company's name; Chinese characters are read in Japanese if the company is in Japan."""
    apart = take_apart(name)
    words = (apart.japanese if in_japan and apart.japanese else apart).telling
    spelled = "".join(word.text for word in words)
    if not spelled:
        return NameKeys(None, None, None, None, None, None)
    own = [word.text for word in words if word.kind is Kind.OWN] or [words[0].text]
    return NameKeys(
        core=" ".join(sorted(min(word.meanings, default=word.text) for word in words)),
        first=sound(own[0]) or own[0],
        longest=sound(max(own, key=lambda text: (len(text), text))) or own[0],
        beginning=spelled[:_LETTERS_OF_A_BEGINNING],
        initials=_initials(words),
        spelled=spelled,
    )


def _initials(words: tuple[Word, ...]) -> str | None:
    if len(words) == 1:
        return words[0].text if 1 < len(words[0].text) <= _LONGEST_ACRONYM else None
    return "".join(word.text[0] for word in words) if len(words) <= _LONGEST_ACRONYM else None
