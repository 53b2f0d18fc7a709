"""What speaks for and against two names being of one company, in numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields

from rigour.text.distance import levenshtein

from features.names.acronyms import without_own_acronym
from features.names.alignment import How, Match, align, by_initials
from features.names.particles import with_particles
from features.names.vehicles import without_series
from features.names.words import CompanyName, Kind, Word

WEIGHTS = {Kind.OWN: 1.0, Kind.TRADE: 0.6, Kind.PLACE: 0.6, Kind.COMMON: 0.3, Kind.NUMBER: 1.0, Kind.STOP: 0.1}
"""How much a word of a kind says about which company it is."""

_CODE = re.compile("[b-df-hj-np-tv-z]{3,4}|[aou][b-df-hj-np-tv-z]{2,3}")
"""Consonants, perhaps after a vowel, that nobody says as a word: what kinds of institutes are shortened to."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What two names have in common and what not; the same in whichever order the names come.

    Parameters
    ----------
    exact : 1 where all words are the same.
    shared : share of the weight of all words that found a match, times how alike these are, in [0, 1].
    own_shared : the same of the words that are a company's own.
    own_on_both, own_on_one : words of a company's own without a match: on each side, and what one has more, >= 0.
    trade_on_both, trade_on_one, place_on_both, place_on_one, common_on_both, common_on_one, numbers_on_both,
    numbers_on_one : likewise of other kinds of words.
    legal_differ, legal_on_one : kinds of legal form of both that have none in common; only one has any.
    changed : own words that matched but are not the same, as a loss >= 0.
    spelling : how alike both names are as a whole, letter by letter, in [0, 1].
    rest_spelling : how alike the words without a match are, letter by letter; 1 where one name has none.
    initials : 1 where one has the other's initials.
    moved : 1 where the words come in another order.
    first_differs : 1 where the first words of a company's own have not found each other.
    nothing_own : 1 where a name has only words that many companies have.
    scripts : 1 where one name had to be transliterated and the other not.
    brief : 1 / (letters of the own words that matched + 1).
    """

    exact: float
    shared: float
    own_shared: float
    own_on_both: float
    own_on_one: float
    trade_on_both: float
    trade_on_one: float
    place_on_both: float
    place_on_one: float
    common_on_both: float
    common_on_one: float
    numbers_on_both: float
    numbers_on_one: float
    legal_differ: float
    legal_on_one: float
    changed: float
    spelling: float
    rest_spelling: float
    initials: float
    moved: float
    first_differs: float
    nothing_own: float
    scripts: float
    brief: float

    def values(self) -> tuple[float, ...]:
        """Return the numbers in the order of the fields."""
        return tuple(getattr(self, name) for name in NAMES)


NAMES = tuple(field.name for field in fields(Evidence))
"""The numbers in the order of the fields."""


def weigh(one: CompanyName, other: CompanyName) -> Evidence:
    """Compare two names that both have words."""
    one, other = without_own_acronym(one, other), without_own_acronym(other, one)
    one, other = without_series(one, other), without_series(other, one)
    left, right = with_particles(one, other), with_particles(other, one)
    matches = align(left, right) or by_initials(one, other)
    alone_left = _alone(left, {i for m in matches for i in range(m.left, m.left_end)})
    alone_right = _alone(right, {j for m in matches for j in range(m.right, m.right_end)})
    if any(_own(left, match) for match in matches):
        alone_left, alone_right = _without_codes(alone_left, alone_right), _without_codes(alone_right, alone_left)
    ways = {m.how for m in matches}
    rest = _rest(alone_left, alone_right)
    both_own = _any_own(left) and _any_own(right)
    return Evidence(
        exact=float(not alone_left and not alone_right and ways == {How.SAME}),
        shared=_share(left, right, matches, tuple(Kind)),
        own_shared=_share(left, right, matches, (Kind.OWN,) if both_own else tuple(Kind)),
        **_differences("own", Kind.OWN, alone_left, alone_right, cap=3),
        **_differences("trade", Kind.TRADE, alone_left, alone_right, cap=2),
        **_differences("place", Kind.PLACE, alone_left, alone_right, cap=2),
        **_differences("common", Kind.COMMON, alone_left, alone_right, cap=2),
        **_differences("numbers", Kind.NUMBER, alone_left, alone_right, cap=1),
        legal_differ=float(bool(one.legal and other.legal and not one.legal & other.legal)),
        legal_on_one=float(bool(one.legal) != bool(other.legal)),
        changed=sum(1 - m.alike for m in matches if m.how in (How.ALIKE, How.JOINED) and _own(left, m)),
        spelling=_spelling(left, right, matches, rest),
        rest_spelling=rest if alone_left and alone_right else 1.0,
        initials=float(How.INITIALS in ways),
        moved=float([m.right for m in matches] != sorted(m.right for m in matches)),
        first_differs=float(_first_differs(left, right, matches)),
        nothing_own=float(not both_own),
        scripts=float(any(w.script for w in left) != any(w.script for w in right)),
        brief=1 / (1 + sum(_letters(left, m) for m in matches)),
    )


def _alone(words: tuple[Word, ...], matched: set[int]) -> list[Word]:
    """Return the words without a match; one that is there twice has found it once."""
    found = {words[at].text for at in matched}
    return [word for at, word in enumerate(words) if at not in matched and word.text not in found]


def _without_codes(ours: list[Word], theirs: list[Word]) -> list[Word]:
    """Leave out what looks like a kind of organisation ('ANTK', 'MCST') where the other name has all its own words."""
    if any(word.kind is Kind.OWN for word in theirs):
        return ours
    return [word for word in ours if word.kind is not Kind.OWN or not _CODE.fullmatch(word.text)]


def _share(left: tuple[Word, ...], right: tuple[Word, ...], matches: list[Match], kinds: tuple[Kind, ...]) -> float:
    """Return the share of the weight of words of some kinds, on both sides, that found a match."""
    total = sum(WEIGHTS[w.kind] for w in (*left, *right) if w.kind in kinds)
    found = sum(
        m.alike * WEIGHTS[w.kind]
        for m in matches
        for w in (*left[m.left : m.left_end], *right[m.right : m.right_end])
        if w.kind in kinds
    )
    return found / total if total else 0.0


def _differences(name: str, kind: Kind, left: list[Word], right: list[Word], cap: int) -> dict[str, float]:
    """Count the words of a kind without a match: on both sides, and how many more on one."""
    ours, theirs = (sum(word.kind is kind for word in side) for side in (left, right))
    return {f"{name}_on_both": min(ours, theirs, cap), f"{name}_on_one": min(abs(ours - theirs), cap)}


def _own(left: tuple[Word, ...], match: Match) -> bool:
    return any(word.kind is Kind.OWN for word in left[match.left : match.left_end])


def _spelling(left: Sequence[Word], right: Sequence[Word], matches: list[Match], rest: float) -> float:
    """Return how alike two names are letter by letter, whatever the order of their words."""
    pairs = [
        (m.alike, sum(len(w.text) for w in (*left[m.left : m.left_end], *right[m.right : m.right_end])))
        for m in matches
        if m.how is not How.INITIALS
    ]
    matched = sum(letters for _, letters in pairs)
    alone = sum(len(w.text) for w in (*left, *right)) - matched
    return (sum(alike * letters for alike, letters in pairs) + rest * alone) / (matched + alone)


def _rest(left: Sequence[Word], right: Sequence[Word]) -> float:
    """Return how alike words without a match are, sign by sign in a script that both are written in, in [0, 1]."""
    scripts = {word.script for word in (*left, *right)}
    own_script = len(scripts) == 1 and scripts != {""}
    one, other = ("".join(word.native if own_script else word.text for word in side) for side in (left, right))
    return 1 - levenshtein(one, other) / max(len(one), len(other), 1)


def _first_differs(left: tuple[Word, ...], right: tuple[Word, ...], matches: list[Match]) -> bool:
    """Tell whether the first own word of either name did not find words that include the other's."""
    firsts = [next((at for at, w in enumerate(side) if w.kind is Kind.OWN), 0) for side in (left, right)]
    return not any(m.left <= firsts[0] < m.left_end and m.right <= firsts[1] < m.right_end for m in matches)


def _any_own(words: tuple[Word, ...]) -> bool:
    return any(word.kind is Kind.OWN for word in words)


def _letters(left: tuple[Word, ...], match: Match) -> int:
    return sum(len(word.text) for word in left[match.left : match.left_end] if word.kind is Kind.OWN)
