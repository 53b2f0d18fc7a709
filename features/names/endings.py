"""Endings that a word takes without becoming another: plurals, cases, and what makes an adjective or a doer of it."""

from __future__ import annotations

from collections.abc import Iterator

_SHORTEST_STEM = 4

_OF_NOUNS = """
a e i o u y s es en er ers ern n as os is us ies ia io ie ya ii iya ei ov ova ev eva am om ami ah ow owa
"""
_OF_ADJECTIVES = """
ic ical ics ique iques ica ico icas icos ik al ale ales ali aux el elle ian ien ienne ish isch ische ischer ischen
aya aja yy yj yi iy ij oe oye oy ogo ego ye yye ym ymi nyy naya noe noye ny na ne
skiy sky skij ski skaya ska skoe skoye sko skogo skie icheskiy icheskaya icheskoe
"""
_OF_DOERS = "ing or ors ung erei"
_ENDINGS = frozenset((_OF_NOUNS + _OF_ADJECTIVES + _OF_DOERS).split())
"""In English, German, the Romance and the Slavic languages."""


def stems(word: str) -> Iterator[str]:
    """Go through what may be the stem of a word in lower-case ASCII, the longest first; the word itself is one."""
    yield word
    for cut in range(len(word) - 1, _SHORTEST_STEM - 2, -1):
        if word[cut:] in _ENDINGS:
            yield word[:cut]
