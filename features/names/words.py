"""A company's name taken apart: its words, what each of them is, and its legal forms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from rigour.names import Name, NamePart, NamePartTag, NameTypeTag, Span, Symbol, SymbolCategory, analyze_names
from rigour.text import is_stopword

from features.names.cities import cities_called
from features.names.concepts import concept_of
from features.names.demonyms import DEMONYMS
from features.names.japanese import read_in_japanese
from features.names.numbers import join, number_of
from features.names.scripts import (
    latin,
    script,
    unified,
    with_plain_articles,
    with_spelled_ampersands,
    without_glued_legal_forms,
    words_apart,
)


class Kind(Enum):
    """What a word of a name tells."""

    OWN = "own"
    TRADE = "trade"
    PLACE = "place"
    COMMON = "common"
    NUMBER = "number"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Word:
    """One word, or several that are one thing ('Hong Kong', 'twenty four').

    Parameters
    ----------
    text : in lower-case ASCII.
    native : in its own script, lower case.
    kind : what it tells.
    meanings : what it stands for in whatever language, such as 'DOMAIN:BANK'.
    script : one that had to be transliterated, else ''.
    initials : the first letters of what it is made of.
    """

    text: str
    native: str
    kind: Kind
    meanings: frozenset[str]
    script: str
    initials: str

    @property
    def value(self) -> int | None:
        """The number that it is, if any."""
        numbers = [int(m.removeprefix("NUM:")) for m in self.meanings if m.startswith("NUM:")]
        return max(numbers, default=None)


@dataclass(frozen=True, slots=True)
class CompanyName:
    """A name taken apart.

    Parameters
    ----------
    words : all but the legal forms, in order; stop words too.
    legal : kinds of legal form, such as 'LLC'.
    legal_initials : the first letters of the words of the legal form.
    japanese : the same as Japanese say it, where that may be meant.
    """

    words: tuple[Word, ...]
    legal: frozenset[str]
    legal_initials: str = ""
    japanese: CompanyName | None = None

    @property
    def telling(self) -> tuple[Word, ...]:
        """All words but stop words; where there is nothing else, those."""
        return tuple(word for word in self.words if word.kind is not Kind.STOP) or self.words


_KINDS = {
    SymbolCategory.NUMERIC: Kind.NUMBER,
    SymbolCategory.LOCATION: Kind.PLACE,
    SymbolCategory.DOMAIN: Kind.TRADE,
    SymbolCategory.SYMBOL: Kind.COMMON,
}
_OF_SEVERAL_WORDS = (SymbolCategory.NUMERIC, SymbolCategory.LOCATION)
_FIRST = [Kind.NUMBER, Kind.PLACE, Kind.TRADE, Kind.COMMON]
_LEGAL_ENDINGS = {
    "JSC": ("ab", "kk", "as", "ae", "sab", "sae", "sal", "qsc", "psc", "asa", "oyj"),
    "LLC": ("sl", "slu", "ou", "too", "epe", "ike", "wll", "pty", "pvt"),
    "GP": ("hb", "kb", "snc"),
}
_ENDINGS = {ending: kind for kind, endings in _LEGAL_ENDINGS.items() for ending in endings}
"""Legal forms that the tools take for none, since they are other words elsewhere in a name: Swedish, Spanish, Gulf."""
_NAMED = frozenset(("WORD:named",))
_AND = frozenset(("and", "und", "et", "y", "e", "i", "og", "och", "ve", "va", "wa"))
"""'And' in languages of which the tools take it for a number, a legal form or a name."""


@lru_cache(maxsize=2**18)
def take_apart(name: str) -> CompanyName:
    """Take a company's name apart; a name without a letter or digit has no words."""
    name = with_plain_articles(unified(name))
    japanese = read_in_japanese(without_glued_legal_forms(name))
    return replace(_apart(name), japanese=_apart(japanese)) if japanese else _apart(name)


def _apart(name: str) -> CompanyName:
    spaced = words_apart(without_glued_legal_forms(with_spelled_ampersands(name)))
    found = min(analyze_names(NameTypeTag.ORG, [spaced]), key=lambda each: each.form, default=None)
    if found is None:
        return CompanyName((), frozenset())
    legal = frozenset(s.symbol.id for s in found.spans if s.symbol.category == SymbolCategory.ORG_CLASS)
    initials = "".join(latin(part.form)[:1] for part in found.parts if part.tag == NamePartTag.LEGAL)
    words, ending = without_legal_endings(without_namesake(tuple(with_whole_numbers(_words(found)))))
    return CompanyName(words, legal | ending, initials)


def _words(name: Name) -> list[Word]:
    """Return the words of a name, longer things before the words that they are made of."""
    numbers = {part for s in name.spans if s.symbol.category == SymbolCategory.NUMERIC for part in s.parts}
    legal = {part for part in name.parts if part.tag == NamePartTag.LEGAL} - numbers
    kept = name.parts if legal == set(name.parts) else [part for part in name.parts if part not in legal]
    spans = [
        s
        for s in name.spans
        if s.symbol.category in _KINDS
        and set(s.parts) <= set(kept)
        and (len(s.parts) == 1 or s.symbol.category in _OF_SEVERAL_WORDS)
    ]
    taken: dict[NamePart, tuple[NamePart, ...]] = {}
    for span in sorted(spans, key=lambda s: (-len(s.parts), s.parts[0].index)):
        if not any(part in taken for part in span.parts):
            taken |= dict.fromkeys(span.parts, span.parts)
    groups = dict.fromkeys(taken.get(part, (part,)) for part in kept)
    ends = (kept[0], kept[-1])
    return [word for parts in groups if (word := _word(parts, spans, ends)).text]


def _word(parts: tuple[NamePart, ...], spans: list[Span], ends: tuple[NamePart, NamePart]) -> Word:
    """Make one word of parts that belong together; no stop word stands last ('Division A'), no 'and' first or last."""
    native = "".join(part.form for part in parts)
    spoken = [latin(part.form) for part in parts]
    text, initials = "".join(spoken), "".join(each[:1] for each in spoken)
    own = [span.symbol for span in spans if span.parts == parts]
    meanings = set[str]().union(*map(_meanings, own))
    kinds = {_KINDS[symbol.category] for symbol in own}
    if text in _AND and not set(parts) & set(ends):
        return Word(text, native, Kind.STOP, frozenset(), script(native), initials)
    # How one Chinese character is said says little: dozens are said alike, and 'an', 'da' and 'he' are words elsewhere.
    is_syllable = len(native) == 1 and script(native) == "Han"
    number = number_of(text, parts[0].integer if len(parts) == 1 else None)
    if number is not None:
        meanings, kinds = {f"NUM:{number}"}, {Kind.NUMBER}
    if not kinds and (places := {DEMONYMS[text]} if text in DEMONYMS else cities_called(text)):
        meanings, kinds = set(places), {Kind.PLACE}
    if number is None and not is_syllable and (concept := concept_of(text)):
        meanings, kinds = set(concept.meanings), {Kind(concept.kind)}
    if (parts[0].tag == NamePartTag.STOP or is_stopword(text)) and not (kinds or is_syllable or parts[-1] is ends[1]):
        kinds = {Kind.STOP}
    kind = next((kind for kind in _FIRST if kind in kinds), Kind.STOP if Kind.STOP in kinds else Kind.OWN)
    return Word(text, native, kind, frozenset(meanings), script(native), initials)


def without_namesake(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Leave out after whom a plant is named, unless it has no other name: 'Tatneft named after V. D. Shashin'."""
    at = next((at for at, word in enumerate(words) if _NAMED & word.meanings), len(words))
    return words[:at] if any(word.kind is Kind.OWN for word in words[:at]) else words


def without_legal_endings(words: tuple[Word, ...]) -> tuple[tuple[Word, ...], frozenset[str]]:
    """Part a name's words from the legal forms that end it, and tell of which kinds these are."""
    bare = words
    while len(bare) > 1 and bare[-1].text in _ENDINGS and any(word.kind is not Kind.STOP for word in bare[:-1]):
        bare = bare[:-1]
    return bare, frozenset(_ENDINGS[word.text] for word in words[len(bare) :])


def _meanings(symbol: Symbol) -> frozenset[str]:
    """Return what rigour takes a word for in the vocabulary's terms, where it has any."""
    concept = concept_of(symbol.id.casefold()) if symbol.category != SymbolCategory.LOCATION else None
    return concept.meanings if concept else frozenset((f"{symbol.category.value}:{symbol.id}",))


def with_whole_numbers(words: list[Word]) -> list[Word]:
    """Make one word of several that are one number: 'two hundred', 'forty 4'."""
    whole: list[Word] = []
    for word in words:
        together = join(whole[-1].value, word.value) if whole else None
        if together is None:
            whole.append(word)
        else:
            last = whole.pop()
            meanings = frozenset((f"NUM:{together}",))
            text, native, initials = last.text + word.text, last.native + word.native, last.initials + word.initials
            whole.append(Word(text, native, Kind.NUMBER, meanings, last.script, initials))
    return whole
