"""Scripts: a name in any of them as words in Latin letters, and which of them need no transliteration."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

import icu
from rigour.text.scripts import text_scripts
from rigour.text.translit import maybe_ascii

LATINISED_BY_RIGOUR = frozenset(("Latin", "Cyrillic", "Greek", "Armenian", "Georgian", "Hangul"))
"""Scripts whose words rigour itself reads and writes in Latin letters."""

_SPOKEN_BY_MARKS = frozenset(
    ("Thai", "Lao", "Khmer", "Burmese", "Devanagari", "Bengali", "Tamil", "Telugu", "Gujarati")
)
"""Scripts with vowel signs, which rigour takes for accents: it gets their words in Latin letters."""

_GLUED_LEGAL_FORMS = re.compile(
    unicodedata.normalize(
        "NFKC",
        r"株式会社|有限会社|合同会社|合資会社|合名会社|股份有限公司|有限责任公司|有限責任公司|有限公司|股份公司|总公司"
        r"|주식회사|유한책임회사|유한회사|ห้างหุ้นส่วนจำกัด|บริษัท|จำกัด|มหาชน|प्राइवेट|लिमिटेड|लि\.",
    )
)
_SPELLED_LEGAL_FORMS = re.compile(r"\bkabushiki (kaisha|gaisha)\b|\byugen (kaisha|gaisha)\b", re.IGNORECASE)
_BRACKETED_LEGAL_FORMS = re.compile(r"\((株|有|合|주|유)\)")


def without_glued_legal_forms(name: str) -> str:
    """Return a name without the legal forms of scripts that write no spaces, also spelled out; never an empty one."""
    bare = name
    for forms in (_GLUED_LEGAL_FORMS, _BRACKETED_LEGAL_FORMS, _SPELLED_LEGAL_FORMS):
        bare = forms.sub(" ", bare)
    return bare if any(map(str.isalnum, bare)) else name


def words_apart(name: str) -> str:
    """Put spaces between the words of scripts that are written without, traditional Chinese as simplified."""
    if text_scripts(name) <= LATINISED_BY_RIGOUR:
        return name
    words = _segments(_simplified().transliterate(name))
    return " ".join(latin(word) if text_scripts(word) & _SPOKEN_BY_MARKS else word for word in words)


@lru_cache(maxsize=2**16)
def latin(word: str) -> str:
    """Return a word in lower-case ASCII letters and digits, as far as it can be told how it is said."""
    plain = maybe_ascii(word)
    if not plain.isascii():
        plain = _to_latin().transliterate(plain)
    return "".join(c for c in plain.casefold() if c.isascii() and c.isalnum())


def script(word: str) -> str:
    """Return the script of a word that only speakers of it can read, Han and kana counting as one; else ''."""
    found = text_scripts(word) - LATINISED_BY_RIGOUR
    return "Han" if found & {"Han", "Hiragana", "Katakana"} else min(found, default="")


def unified(name: str) -> str:
    """Return a name with full-width, ligature and compatibility characters in their usual form."""
    return unicodedata.normalize("NFKC", name)


def _segments(text: str) -> list[str]:
    """Cut a text where its language's dictionary ends a word."""
    breaks = icu.BreakIterator.createWordInstance(icu.Locale.getRoot())
    whole = icu.UnicodeString(text)
    breaks.setText(whole)
    ends = [0, *breaks]
    return [str(whole[start:end]) for start, end in pairwise(ends)]


@lru_cache(maxsize=1)
def _to_latin() -> icu.Transliterator:
    return icu.Transliterator.createInstance("Any-Latin; Latin-ASCII")


@lru_cache(maxsize=1)
def _simplified() -> icu.Transliterator:
    return icu.Transliterator.createInstance("Hant-Hans")
