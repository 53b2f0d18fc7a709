"""Words that are translated, by what they mean in several languages and in which kind of word they are."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import yaml

from features.names.endings import stems
from features.names.scripts import latin

_FILE = Path(__file__).with_name("vocabulary.yaml")


class Concept(NamedTuple):
    """What a word stands for.

    Parameters
    ----------
    meanings : such as 'WORD:bank'; a word may have several.
    kind : 'trade', 'common', 'place', 'own' or 'stop', as the vocabulary has it.
    """

    meanings: frozenset[str]
    kind: str


@lru_cache(maxsize=2**16)
def concept_of(word: str) -> Concept | None:
    """Return what a word in lower-case ASCII stands for, in whatever form, if the vocabulary has it."""
    known = _vocabulary()
    return known.get(word) or next((known[f"{stem}*"] for stem in stems(word) if f"{stem}*" in known), None)


@lru_cache(maxsize=1)
def _vocabulary() -> dict[str, Concept]:
    """Return all words of the vocabulary; of one that is in several parts of it, the first decides what kind it is."""
    concepts: dict[str, Concept] = {}
    for kind, words_by_meaning in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items():
        for meaning, words in words_by_meaning.items():
            for word in map(_plain, words.split()):
                had = concepts.get(word, Concept(frozenset(), kind))
                concepts[word] = Concept(had.meanings | {f"WORD:{meaning}"}, had.kind)
    return concepts


def _plain(word: str) -> str:
    """Return a word of any script as names of that script are compared."""
    return word if word.isascii() else latin(word)
