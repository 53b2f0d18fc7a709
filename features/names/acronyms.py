"""Acronyms: words made of the first letters or the beginnings of others ('ENOC', 'KOMID')."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from itertools import chain

from features.names.words import CompanyName, Kind, Word

_LONGEST_BEGINNING = 4
_SHORTEST_OF_BEGINNINGS = 4
"""Letters that an acronym takes at most from a word, and that one made of beginnings has at least."""

LONGEST_ACRONYM = 8
"""Letters; as each word but a stop word has one in it, no more words than these are behind an acronym."""

_LEGAL_ENDINGS = frozenset(("", "sa", "ag", "nv", "as"))
"""Legal forms that some acronyms end with, as in 'PDVSA'."""

Words = tuple[Word, ...]
Pieces = Iterable[Collection[str]]
"""What each word in turn may give to an acronym; '' where it may give nothing."""


def is_acronym_of(word: Word, words: Words, legal: str = "") -> bool:
    """Tell whether a word is made of the first letters of others.

    Stop words may have a letter in it or not, and the legal form as well: 'Emirates National Oil Company' is 'ENOC' or
    'ENO', 'Hindustan Aeronautics Limited' is 'HAL', 'Petróleos de Venezuela' is 'PDVSA'.
    """
    if not _may_be(word, words):
        return False
    initials = chain.from_iterable(map(_initials, words))
    return _is_made_of(word.text, (*initials, *_each_or_none(legal), _LEGAL_ENDINGS))


def is_made_of_beginnings(word: Word, words: Words, legal: str = "") -> bool:
    """Tell whether a word is made of the beginnings of two or more others, of the last one perhaps nothing."""
    if not _may_be(word, words) or len(word.text) < _SHORTEST_OF_BEGINNINGS:
        return False
    telling = [each for each in words if each.kind is not Kind.STOP]
    telling = telling if len(telling) > 1 else list(words)
    last = telling[-1] if len(telling) > 2 else None
    beginnings = (_beginnings(each, needed=each in telling and each is not last) for each in words)
    return _is_made_of(word.text, (*beginnings, *_each_or_none(legal)))


def without_own_acronym(name: CompanyName, other: CompanyName) -> CompanyName:
    """Leave out of a name the acronym that stands beside what it is short for, there or in the other name."""
    beside = [word for word in name.words if _is_beside(word, name, other)]
    return replace(name, words=tuple(word for word in name.words if word not in beside)) if beside else name


def _is_beside(word: Word, name: CompanyName, other: CompanyName) -> bool:
    if word.kind is not Kind.OWN or len(word.text) > LONGEST_ACRONYM:
        return False
    rest = tuple(each for each in name.words if each is not word)
    if not (
        is_acronym_of(word, rest, name.legal_initials) or is_acronym_of(word, other.words, other.legal_initials)
    ) or all(each.kind is Kind.STOP for each in rest):
        return False
    return not any(each.kind is Kind.OWN and each.text == word.text for each in other.words)


def _may_be(word: Word, words: Words) -> bool:
    """Tell quickly what is no acronym: nearly all words are none."""
    if len(words) < 2 or not 1 < len(word.text) <= LONGEST_ACRONYM or word.kind is Kind.NUMBER:
        return False
    first = next((each for each in words if each.kind is not Kind.STOP), words[0])
    return word.text[0] in (first.text[0], words[0].text[0])


def _initials(word: Word) -> Pieces:
    if word.kind is Kind.STOP:
        return _each_or_none(word.initials[:1])
    return (word.initials[:1],), *_each_or_none(word.initials[1:])


def _beginnings(word: Word, *, needed: bool) -> Collection[str]:
    return [word.text[:letters] for letters in range(int(needed), _LONGEST_BEGINNING + 1)]


def _each_or_none(letters: str) -> Pieces:
    return [("", letter) for letter in letters]


def _is_made_of(text: str, pieces: Pieces) -> bool:
    """Tell whether a text is one piece of each after the other; in steps that do not multiply with the pieces."""
    reached = {0}
    for options in pieces:
        reached = {at + len(piece) for at in reached for piece in options if text.startswith(piece, at)}
        if not reached:
            return False
    return len(text) in reached
