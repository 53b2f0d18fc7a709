"""Numbers in names: words, ordinals and Roman numerals as what they count."""

from __future__ import annotations

import re

_ROMAN = re.compile(r"(?=[xvi])x{0,3}(ix|iv|v?i{0,3})")
_VALUES = {"i": 1, "v": 5, "x": 10}
_MULTIPLES = {"hundred": 100, "thousand": 1000, "million": 1_000_000}
_NOT_ALONE = ("i", "v", "x", "xi")
"""Letters and words of other meanings as well."""


def number_of(text: str, integer: int | None = None) -> int | None:
    """Return the number that a word is, if it is one.

    Parameters
    ----------
    text : in lower-case ASCII.
    integer : what its digits say, if it is known to be of digits.
    """
    if integer is not None:
        return integer
    if text in _MULTIPLES:
        return _MULTIPLES[text]
    if text in _NOT_ALONE or not _ROMAN.fullmatch(text):
        return None
    digits = [_VALUES[letter] for letter in text]
    return sum(-one if one < after else one for one, after in zip(digits, [*digits[1:], 0], strict=True))


def join(first: int | None, second: int | None) -> int | None:
    """Return the one number that two in a row are ('two' 'hundred', 'forty' '4'), or None where they are two."""
    if first is None or second is None:
        return None
    if second in _MULTIPLES.values() and 0 < first < second:
        return first * second
    if first % 10 == 0 and 20 <= first <= 90 and 0 < second < 10:
        return first + second
    return None
