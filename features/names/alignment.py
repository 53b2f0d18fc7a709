"""Which words of one name stand for which of another, each word used once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from features.names.likeness import SAME_CONSONANTS, are_of_different_scripts, likeness, spelled_alike
from features.names.words import CompanyName, Kind, Word

LONGEST_RUN = 6
"""So many words may be written as one ('hua wei', 'huawei')."""

JOINED = 0.97
"""How alike words written apart and together are."""

Words = tuple[Word, ...]


class How(Enum):
    """Why two runs of words were taken for the same."""

    SAME = "same"
    MEANING = "meaning"
    ALIKE = "alike"
    JOINED = "joined"
    INITIALS = "initials"


@dataclass(frozen=True, slots=True)
class Match:
    """Words of the left name that stand for words of the right one: [left, left_end) and [right, right_end)."""

    left: int
    left_end: int
    right: int
    right_end: int
    alike: float
    how: How


def align(left: Words, right: Words) -> list[Match]:
    """Match the words of two names, the same ones first, then the surest and longest.

    Returns
    -------
    Matches that share no word, in the order of the left name.
    """
    matches = _same(left, right)
    free_left = set(range(len(left))) - {m.left for m in matches}
    free_right = set(range(len(right))) - {m.right for m in matches}
    for match in sorted(_possible(left, right, free_left, free_right), key=_rank) if free_left and free_right else ():
        ours, theirs = set(range(match.left, match.left_end)), set(range(match.right, match.right_end))
        if ours <= free_left and theirs <= free_right:
            free_left -= ours
            free_right -= theirs
            matches.append(match)
    return sorted(matches, key=lambda m: m.left)


def _rank(match: Match) -> tuple[float, int, int, int, int]:
    """Return what sorts the surest match to the front, then the longest, then the least moved."""
    words = match.left_end - match.left + match.right_end - match.right
    return -round(match.alike, 6), -words, abs(match.left - match.right), match.left, match.right


def _same(left: Words, right: Words) -> list[Match]:
    """Match the words that are the same, each with the next one of the other name."""
    places: dict[Word, list[int]] = {}
    for at in reversed(range(len(right))):
        places.setdefault(right[at], []).append(at)
    found = [(at, places[word].pop()) for at, word in enumerate(left) if places.get(word)]
    return [Match(i, i + 1, j, j + 1, 1.0, How.SAME) for i, j in found]


def _possible(left: Words, right: Words, free_left: set[int], free_right: set[int]) -> Iterator[Match]:
    """Go through all matches that may be of words that have none yet."""
    for i in free_left:
        for j in free_right:
            alike = likeness(left[i], right[j])
            if alike > 0:
                how = How.SAME if alike == 1 else How.MEANING if left[i].meanings & right[j].meanings else How.ALIKE
                yield Match(i, i + 1, j, j + 1, alike, how)
    for i, end, j, alike, how in _runs(left, right, free_left, free_right):
        yield Match(i, end, j, j + 1, alike, how)
    for j, end, i, alike, how in _runs(right, left, free_right, free_left):
        yield Match(i, i + 1, j, end, alike, how)


def _runs(many: Words, few: Words, free: set[int], free_few: set[int]) -> Iterator[tuple[int, int, int, float, How]]:
    """Find runs of words that are one word of the other name, written apart or as its initials."""
    for start in free:
        for end in range(start + 2, len(many) + 1):
            if end - 1 not in free:
                break
            run = many[start:end]
            for at in free_few:
                if end - start <= LONGEST_RUN and (alike := _joined(run, few[at])):
                    yield start, end, at, alike, How.JOINED
                elif _are_initials(few[at], run, whole=end - start == len(many)):
                    yield start, end, at, _of_initials(end - start), How.INITIALS


def _joined(run: Words, word: Word) -> float:
    """Return how alike a word and several others written together are."""
    if word.script and all(each.script == word.script for each in run):
        return JOINED if "".join(each.native for each in run) == word.native else 0.0
    together = "".join(each.text for each in run)
    if together == word.text:
        return JOINED
    if Kind.NUMBER in {each.kind for each in run} or len(together) < 6 or abs(len(together) - len(word.text)) > 2:
        return 0.0
    across = are_of_different_scripts("".join(each.native for each in run), word.native)
    alike = spelled_alike(*sorted((together, word.text)), across=across)
    return alike * JOINED if alike >= SAME_CONSONANTS else 0.0


def by_initials(one: CompanyName, other: CompanyName) -> list[Match]:
    """Match a name of one word with all words of the other, if it is made of their first letters.

    Stop words may have a letter in it or not: 'Emirates National Oil Company' is 'ENOC' or 'ENO'.
    """
    left, right = one.telling, other.telling
    for name, word, turned in ((one, right, False), (other, left, True)):
        if len(word) == 1 and len(name.words) > 1 and _abbreviates(word[0], name.words):
            many, alike = len(name.telling), _of_initials(len(word[0].text))
            return [Match(0, 1, 0, many, alike, How.INITIALS) if turned else Match(0, many, 0, 1, alike, How.INITIALS)]
    return []


def _abbreviates(word: Word, words: Words) -> bool:
    letters = "".join(f"({each.initials})?" if each.kind is Kind.STOP else each.initials for each in words)
    return len(word.text) > 2 and word.kind is not Kind.NUMBER and re.fullmatch(letters, word.text) is not None


def _of_initials(number: int) -> float:
    """Return how alike words and their initials are."""
    return 0.5 + 0.1 * min(number, 4)


def _are_initials(word: Word, run: Words, *, whole: bool) -> bool:
    """Tell whether a word is made of the first letters of others; of two only, if these are the whole name."""
    letters = "".join(each.text[0] for each in run)
    return word.text == letters and (len(run) > 2 or whole) and word.kind is not Kind.NUMBER
