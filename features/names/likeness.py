"""How alike two words are, from 0 to 1: spelling, sound, script, abbreviation, meaning."""

from __future__ import annotations

import re
from functools import lru_cache

from rigour.text.distance import levenshtein
from rigour.text.scripts import text_scripts

from features.names.words import Kind, Word

SAME_MEANING = 0.95
SAME_SOUND = 0.9
SAME_CONSONANTS = 0.75
LOOKS_THE_SAME = 0.9
ABBREVIATED = 0.8
EDITS_BY_LENGTH = ((3, 0), (5, 1), (8, 2))
"""Words no longer than this may differ by so many letters; longer ones by three."""

_SOUNDS = (
    (r"tsch|sch|sh|shch|cz|ch|sz|zh|dzh|sj", "S"), (r"ph|pf", "f"), (r"x", "ks"), (r"igh(?=t)", "i"),
    (r"ck|kh|gh|qu|kw|q|c", "k"),
    (r"tz|ts|dz|z", "s"), (r"th|dh", "t"), (r"w|bh", "v"), (r"ee|ie|j|y", "i"), (r"ae|oe|ea|ai|ei", "e"),
    (r"ou|oo|ue|ow", "u"), (r"h", ""), (r"(.)\1+", r"\1"),
)  # fmt: skip
_LOOKS_LIKE = str.maketrans("01l358", "oiiesb")
_ONE_LETTER = str.maketrans("pfvgl", "bbbkr")

_SOUND_PATTERNS = tuple((re.compile(pattern), to) for pattern, to in _SOUNDS)


def likeness(one: Word, other: Word) -> float:
    """Return how sure it is that two words stand for the same, in [0, 1]; the order of the two does not matter."""
    if one.script and one.script == other.script:
        if one.native == other.native:
            return 1.0
        return SAME_MEANING if one.meanings & other.meanings else written_alike(*sorted((one.native, other.native)))
    if one.text == other.text:
        return 1.0
    if one.meanings & other.meanings:
        return SAME_MEANING
    if Kind.NUMBER in (one.kind, other.kind) or (one.meanings and other.meanings):
        return 0.0
    alike = spelled_alike(*sorted((one.text, other.text)), across=are_of_different_scripts(one.native, other.native))
    if alike < ABBREVIATED and _is_short_for(one, other):
        return ABBREVIATED
    return alike


@lru_cache(maxsize=2**18)
def spelled_alike(one: str, other: str, *, across: bool) -> float:
    """Return how alike two different words in Latin letters are, one of them perhaps transliterated."""
    shorter, longer = sorted((one, other), key=len)
    if shorter.isdigit() or longer.isdigit():
        return 0.0
    if re.sub(r"\D", "", one) != re.sub(r"\D", "", other):
        return LOOKS_THE_SAME if _as_it_looks(one) == _as_it_looks(other) else 0.0
    edits = 1 if are_swapped(one, other) else levenshtein(one, other)
    best = 1 - edits / len(longer) if edits <= _allowed(len(shorter)) else 0.0
    if len(shorter) >= 3 and sound(one) == sound(other):
        best = max(best, SAME_SOUND)
    if across and len(consonants(one)) >= 2 and consonants(one) == consonants(other):
        best = max(best, SAME_CONSONANTS)
    return best


@lru_cache(maxsize=2**18)
def written_alike(one: str, other: str) -> float:
    """Return how alike two different words of one script without Latin transliteration are, sign by sign.

    One Chinese character more or less is another word; letters and kana are misspelled as in any alphabet.
    """
    shorter, longer = sorted((one, other), key=len)
    edits = levenshtein(one, other)
    if "Han" in text_scripts(one) | text_scripts(other) or edits > _allowed(len(shorter)):
        return 0.0
    return 1 - edits / len(longer)


def are_swapped(one: str, other: str) -> bool:
    """Tell whether two words differ by two neighbouring letters in the other order."""
    at = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    return at is not None and other == one[:at] + one[at + 1 : at + 2] + one[at] + one[at + 2 :]


def _as_it_looks(word: str) -> str:
    """Return a word with a letter for each digit that looks like one, if it has letters as well: 'g00gle'."""
    return word.translate(_LOOKS_LIKE) if re.search("[a-z]{2}", word) else word


@lru_cache(maxsize=2**18)
def sound(word: str) -> str:
    """Return a word as it is said in most languages, roughly: 'schmidt', 'shmit'."""
    for pattern, to in _SOUND_PATTERNS:
        word = pattern.sub(to, word)
    return word.replace("dt", "t").replace("d", "t") if word.endswith(("d", "t")) else word


def consonants(word: str) -> str:
    """Return what remains of a word on its way through any scripts.

    Vowels go, and a final r; where a script has one letter for two sounds ('p' and 'f', 'l' and 'r'), they are one.
    """
    once = re.sub(r"([^aeiou])\1", r"\1", word)
    spoken = sound(re.sub(r"r(?=[^aeiouy]|$)", "", once))
    return re.sub(r"[aeiou]", "", spoken.translate(_ONE_LETTER))


@lru_cache(maxsize=2**18)
def are_of_different_scripts(one: str, other: str) -> bool:
    """Tell whether two words share no script; digits have none."""
    return not (one.isascii() and other.isascii()) and not text_scripts(one) & text_scripts(other)


def _is_short_for(one: Word, other: Word) -> bool:
    """Tell whether a word may be short for the other; one that means nothing in particular only as a contraction."""
    known = one.meanings or other.meanings
    return is_contraction(one.text, other.text) or bool(known and is_abbreviation(one.text, other.text))


def is_contraction(one: str, other: str) -> bool:
    """Tell whether one of two words is the other from its first letter to its last without vowels: 'mtn', 'mt'."""
    shorter, longer = sorted((one, other), key=len)
    return (
        2 <= len(shorter) <= len(longer) - 2
        and (shorter[0], shorter[-1]) == (longer[0], longer[-1])
        and not set(shorter[1:]) & set("aeiouy")
        and _in_order(shorter, longer)
    )


def is_abbreviation(one: str, other: str) -> bool:
    """Tell whether one of two words is the other cut short, or its leading consonants, as in 'mfg'."""
    shorter, longer = sorted((one, other), key=len)
    if not 3 <= len(shorter) <= len(longer) - 3:
        return False
    if longer.startswith(shorter):
        return True
    return (
        shorter[0] == longer[0]
        and len(shorter) <= 5
        and not set(shorter[1:]) & set("aeiou")
        and _in_order(shorter, longer)
    )


def _in_order(shorter: str, longer: str) -> bool:
    """Tell whether a word has the letters of the other one after the other."""
    letters = iter(longer)
    return all(letter in letters for letter in shorter)


def _allowed(length: int) -> int:
    return next((edits for below, edits in EDITS_BY_LENGTH if length <= below), 3)
