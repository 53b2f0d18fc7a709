"""Japanese names as they are said: which of a character's readings is meant, a dictionary of Japanese words tells."""

from __future__ import annotations

import re
from functools import lru_cache

import icu
from rigour.text.scripts import text_scripts
from sudachipy import Dictionary, Morpheme, Tokenizer

from features.names.scripts import latin

_READ = frozenset(("Han", "Hiragana", "Katakana"))
_LONG_VOWELS = ((re.compile("o[ou]"), "o"), (re.compile("uu"), "u"))
_SUFFIX, _SPACE, _SYMBOL = "接尾辞", "空白", "補助記号"


def read_in_japanese(name: str) -> str | None:
    """Return a name as Japanese say it, in Latin letters, or None where it has characters that they do not read."""
    if not text_scripts(name) & _READ:
        return None
    words: list[str] = []
    for morpheme in _tokenizer().tokenize(name):
        kind = morpheme.part_of_speech()[0]
        if kind in (_SPACE, _SYMBOL):
            continue
        said = _said(morpheme)
        if said is None:
            return None
        if kind == _SUFFIX and words:
            words[-1] += said
        else:
            words.append(said)
    return " ".join(words) or None


def _said(morpheme: Morpheme) -> str | None:
    surface, reading = str(morpheme.surface()), str(morpheme.reading_form())
    if not text_scripts(surface) & _READ:
        return surface
    if "Han" in text_scripts(reading):
        return None
    said = latin(_katakana_to_latin().transliterate(reading))
    for vowels, vowel in _LONG_VOWELS:
        said = vowels.sub(vowel, said)
    return said


@lru_cache(maxsize=1)
def _tokenizer() -> Tokenizer:
    return Dictionary(dict="small").tokenizer()


@lru_cache(maxsize=1)
def _katakana_to_latin() -> icu.Transliterator:
    return icu.Transliterator.createInstance("Katakana-Latin")
