"""Which words of one name stand for which of another, each word used once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from features.names.acronyms import LONGEST_ACRONYM, Words, is_acronym_of, is_made_of_beginnings
from features.names.likeness import SAME_CONSONANTS, are_of_different_scripts, likeness, spelled_alike
from features.names.words import CompanyName, Kind, Word

LONGEST_RUN = 6
"""So many words may be written as one ('hua wei', 'huawei')."""

JOINED = 0.97
"""How alike words written apart and together are."""

OF_BEGINNINGS = 0.75
"""How alike words and one made of their beginnings are."""


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
            if end - 1 not in free or end - start > max(LONGEST_RUN, LONGEST_ACRONYM):
                break
            run = many[start:end]
            for at in free_few:
                if end - start <= LONGEST_RUN and (alike := _joined(run, few[at])):
                    yield start, end, at, alike, How.JOINED
                elif is_acronym_of(few[at], run):
                    yield start, end, at, _of_initials(end - start), How.INITIALS


def _joined(run: Words, word: Word) -> float:
    """Return how alike a word and several others written together are."""
    if word.script and all(each.script == word.script for each in run):
        return JOINED if "".join(each.native for each in run) == word.native else 0.0
    together = "".join(each.text for each in run)
    if word.text in (together, "".join(_with_digits(each) for each in run)):
        return JOINED
    if Kind.NUMBER in {each.kind for each in run} or len(together) < 6 or abs(len(together) - len(word.text)) > 2:
        return 0.0
    across = are_of_different_scripts("".join(each.native for each in run), word.native)
    alike = spelled_alike(*sorted((together, word.text)), across=across)
    return alike * JOINED if alike >= SAME_CONSONANTS else 0.0


def _with_digits(word: Word) -> str:
    return word.text if word.value is None else str(word.value)


def by_initials(one: CompanyName, other: CompanyName) -> list[Match]:
    """Match a name of one word with all words of the other, if it is an acronym of them."""
    for name, word, turned in ((one, other.telling, False), (other, one.telling, True)):
        alike = _as_acronym(word[0], name) if len(word) == 1 else 0.0
        if alike:
            many = len(name.telling)
            return [Match(0, 1, 0, many, alike, How.INITIALS) if turned else Match(0, many, 0, 1, alike, How.INITIALS)]
    return []


def _as_acronym(word: Word, name: CompanyName) -> float:
    """Return how alike a name and its acronym are; 0 for what is none."""
    if len(word.text) > 2 and is_acronym_of(word, name.words, name.legal_initials):
        return _of_initials(len(word.text))
    return OF_BEGINNINGS if is_made_of_beginnings(word, name.words, name.legal_initials) else 0.0


def _of_initials(number: int) -> float:
    """Return how alike words and their initials are."""
    return 0.5 + 0.1 * min(number, 4)
