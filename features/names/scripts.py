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
_SPELLED_LEGAL_FORMS = re.compile(
    r"\b(kabushiki|yugen)[ -](kaisha|gaisha)\b"
    r"|\b(scientific|research)([ -]and)?[ -]production (association|enterprise)\b"
    r"|\bs\.?a\.?b\.? de c\.?v\.?"
    r"|\bnauchno[ -]proizvodstvenn\w+ (obyedineni|predpriyati)\w+",
    re.IGNORECASE,
)
_KOREAN_TRADES = re.compile(
    "(중공업|자동차|반도체|디스플레이|에너지|엔지니어링|텔레콤|홀딩스|그룹|전자|전기|전력|화학|은행|건설|생명|화재|보험|증권|물산|상사|제철"
    "|철강|조선|해운|항공|제약|식품|통신|산업|공업|기계|정밀|석유|가스|공사|지주|금융|카드|캐피탈|시멘트|제지|섬유|물류|호텔|병원)"
)
"""What a company does, which Korean writes as one word with the company's own."""

_ARABIC = (
    (re.compile(r"[\u064b-\u0652\u0670\u0640]"), ""),
    (re.compile(r"[أإآٱ]"), "ا"),
    (re.compile(r"ى"), "ي"),
    (re.compile(r"ة\b"), ""),
    (re.compile(r"\bو?لل(?=\w{3})"), ""),
    (re.compile(r"\b(و?)ال(?=\w{3})"), r"\1 ال "),
)
"""What is written or not as one likes, is not said at the end of a word, or is an article written as one with it."""

_AMPERSAND = re.compile(r"\b(\w{1,2})\s*&\s*(\w)\b")
_LATIN_BESIDE_HANGUL = re.compile("(?<=[A-Za-z])(?=[가-힣])|(?<=[가-힣])(?=[A-Za-z])")
_SUN_LETTERS = re.compile(r"\b[ae](sh|dh|th|[sdnrtz])-(?=\1)", re.IGNORECASE)
"""How the Arabic article is said before letters that are said at the teeth."""

_ELISIONS = re.compile(r"\b[dl]['’](?=\w{3})", re.IGNORECASE)
_BRACKETED_LEGAL_FORMS = re.compile(r"\((株|有|合|주|유)\)")


def without_glued_legal_forms(name: str) -> str:
    """Return a name without the legal forms of scripts that write no spaces, also spelled out; never an empty one."""
    bare = name
    for forms in (_GLUED_LEGAL_FORMS, _BRACKETED_LEGAL_FORMS, _SPELLED_LEGAL_FORMS):
        bare = forms.sub(" ", bare)
    return bare if any(map(str.isalnum, bare)) else name


def with_plain_articles(name: str) -> str:
    """Return a name with its articles as they are alone: without the French d' and l', with al- for ash- and ar-."""
    return _SUN_LETTERS.sub("al-", _ELISIONS.sub(" ", name))


def with_spelled_ampersands(name: str) -> str:
    """Return a name with 'and' for its ampersands, but for those between two letters, which are one word: 'P&G'."""
    return _AMPERSAND.sub(r"\1\2", name).replace("&", " and ").replace("+", " and ")


def words_apart(name: str) -> str:
    """Put spaces between the words of scripts that are written without, traditional Chinese as simplified."""
    if "Hangul" in text_scripts(name):
        name = _LATIN_BESIDE_HANGUL.sub(" ", _KOREAN_TRADES.sub(r" \1 ", name))
    if text_scripts(name) <= LATINISED_BY_RIGOUR:
        return name
    for letters, plain in _ARABIC if "Arabic" in text_scripts(name) else ():
        name = letters.sub(plain, name)
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
