"""Acronyms: words made of the first letters or the beginnings of others ('ENOC', 'KOMID')."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from features.names.words import CompanyName, Kind, Word

_LONGEST_BEGINNING = 4
_SHORTEST_OF_BEGINNINGS = 4
"""Letters that an acronym takes at most from a word, and that one made of beginnings has at least."""

_LONGEST = 8

_LEGAL_ENDING = "(sa|ag|nv|as)?"
"""Legal forms that some acronyms end with, as in 'PDVSA'."""

Words = tuple[Word, ...]


def is_acronym_of(word: Word, words: Words, legal: str = "") -> bool:
    """Tell whether a word is made of the first letters of others.

    Stop words may have a letter in it or not, and the legal form as well: 'Emirates National Oil Company' is 'ENOC' or
    'ENO', 'Hindustan Aeronautics Limited' is 'HAL', 'Petróleos de Venezuela'
    'PDVSA'.
    """
    letters = "".join(map(_first_letters, words)) + _optional(legal) + _LEGAL_ENDING
    return _may_be(word, words) and _matches(word.text, letters)


def is_made_of_beginnings(word: Word, words: Words, legal: str = "") -> bool:
    """Tell whether a word is made of the beginnings of two or more others, of the last one perhaps nothing."""
    if not _may_be(word, words) or len(word.text) < _SHORTEST_OF_BEGINNINGS:
        return False
    telling = [each for each in words if each.kind is not Kind.STOP]
    telling = telling if len(telling) > 1 else list(words)
    last = telling[-1] if len(telling) > 2 else None
    letters = (f"({_beginning(w)})?" if w not in telling or w is last else _beginning(w) for w in words)
    return _matches(word.text, "".join(letters) + _optional(legal))


def without_own_acronym(name: CompanyName, other: CompanyName) -> CompanyName:
    """Leave out of a name the acronym that stands beside what it is short for, there or in the other name."""
    beside = [word for word in name.words if _is_beside(word, name, other)]
    return replace(name, words=tuple(word for word in name.words if word not in beside)) if beside else name


def _is_beside(word: Word, name: CompanyName, other: CompanyName) -> bool:
    if word.kind is not Kind.OWN or len(word.text) > _LONGEST:
        return False
    rest = tuple(each for each in name.words if each is not word)
    if not (
        is_acronym_of(word, rest, name.legal_initials) or is_acronym_of(word, other.words, other.legal_initials)
    ) or all(each.kind is Kind.STOP for each in rest):
        return False
    return not any(each.kind is Kind.OWN and each.text == word.text for each in other.words)


def _may_be(word: Word, words: Words) -> bool:
    """Tell quickly what is no acronym: nearly all words are none."""
    if len(words) < 2 or not 1 < len(word.text) <= _LONGEST or word.kind is Kind.NUMBER:
        return False
    first = next((each for each in words if each.kind is not Kind.STOP), words[0])
    return word.text[0] in (first.text[0], words[0].text[0])


def _first_letters(word: Word) -> str:
    letters = word.initials[:1] + _optional(word.initials[1:])
    return f"({letters})?" if word.kind is Kind.STOP else letters


def _beginning(word: Word) -> str:
    letters = word.text[:_LONGEST_BEGINNING]
    return letters[:1] + "".join(f"({letter}" for letter in letters[1:]) + ")?" * (len(letters) - 1)


def _optional(letters: str) -> str:
    return "".join(f"{letter}?" for letter in letters)


@lru_cache(maxsize=2**18)
def _matches(text: str, pattern: str) -> bool:
    return re.fullmatch(pattern, text) is not None
