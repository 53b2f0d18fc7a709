"""Country codes from what people write: names in any language, ISO codes, usual misspellings."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from itertools import combinations

import pycountry
from babel import Locale, localedata
from babel.languages import get_official_languages

_ALIASES = {
    "AE": ("UAE",),
    "BA": ("Bosnia",),
    "CD": ("DRC", "DR Congo", "Democratic Republic of Congo", "Zaire"),
    "CG": ("Republic of Congo",),
    "CH": ("SUI", "Confoederatio Helvetica"),
    "CN": ("PRC", "Mainland China", "People's Republic of China", "中华人民共和国", "中華人民共和國"),
    "CZ": ("Czech Rep",),
    "DE": ("GER", "BRD", "Federal Republic of Germany"),
    "DK": ("DEN",),
    "ES": ("Espana",),
    "GB": ("UK", "Great Britain", "Britain", "GBR", "England", "Scotland", "Wales", "Northern Ireland", "U K"),
    "GR": ("EL", "Hellas"),
    "HK": ("香港",),
    "HR": ("CRO",),
    "IE": ("Eire", "Republic of Ireland"),
    "KP": ("DPRK",),
    "KR": ("Korea", "ROK", "Republic of Korea", "한국", "South-Korea"),
    "MO": ("澳门", "澳門"),
    "NL": ("NED", "Holland", "The Netherlands"),
    "PT": ("POR",),
    "RU": ("Russian Federation",),
    "SA": ("KSA",),
    "TR": ("Turkey", "Türkiye"),
    "US": ("America", "United States of America", "Estados Unidos", "EEUU", "EE UU", "U S", "U S A"),
    "ZA": ("RSA",),
}  # fmt: skip
"""What people call countries that neither ISO 3166 nor CLDR does."""

_WIDESPREAD = (
    "ar", "cs", "da", "de", "el", "es", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nb", "nl", "pl", "pt",
    "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh", "zh_Hant",
)  # fmt: skip
"""Languages whose names for other countries are taken as they stand; a name in any other might be a misspelling."""

_SHORTEST_GUESSED = 5
_SHORTEST_GUESSED_BY_TWO = 10
"""Names shorter than these are never taken for a misspelling by one letter, by two letters."""


@lru_cache(maxsize=65_536)
def country_code(text: str | None) -> str | None:
    """Return the country that a text names.

    Parameters
    ----------
    text : an ISO 3166-1 alpha-2 or alpha-3 code, or a country's name in any language of CLDR in its own script. A
        misspelling counts where one country alone is a letter away (two letters in names of ten and more).

    Returns
    -------
    The ISO 3166-1 alpha-2 code; None where the text is empty, names no country, or might name several.
    """
    if text is None or not (key := _key(text)):
        return None
    return _names().get(key) or _guess(key, _foreign_names().get(key, set()))


@cache
def codes() -> tuple[str, ...]:
    """Return all ISO 3166-1 alpha-2 codes, in order."""
    return tuple(sorted(country.alpha_2 for country in pycountry.countries))


def _key(text: str) -> str:
    """Reduce a name to lower-case letters and digits of its own script, without accents and punctuation."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    bare = unicodedata.normalize("NFC", "".join(c for c in decomposed if not "̀" <= c <= "ͯ"))
    words = re.sub(r"[.'’ʻ`]", "", bare).replace("&", " and ")
    spaced = "".join(c if c.isalnum() or unicodedata.category(c)[0] == "M" else " " for c in words)
    return " ".join(spaced.split()).removeprefix("the ")


@cache
def _names() -> dict[str, str]:
    """Return the country of each key that is certain: codes, usual names, and names in widespread languages."""
    names: dict[str, str] = {}
    for key, code in _usual_names():
        names.setdefault(key, code)
    foreign = _names_in(_WIDESPREAD)
    return {key: min(found) for key, found in foreign.items() if len(found) == 1} | names


@cache
def _foreign_names() -> dict[str, set[str]]:
    """Return the countries that each key names in any language."""
    return _names_in(_languages())


def _names_in(languages: Iterable[str]) -> dict[str, set[str]]:
    """Return the countries that each key names in some languages."""
    names: dict[str, set[str]] = {}
    for language in languages:
        for code, name in _territories(language).items():
            names.setdefault(_key(name), set()).add(code)
    return names


def _usual_names() -> Iterator[tuple[str, str]]:
    """Yield codes, usual names, English names and each country's names for itself, with the country."""
    for country in pycountry.countries:
        yield country.alpha_2.lower(), country.alpha_2
        yield country.alpha_3.lower(), country.alpha_2
    yield from _spelt_names()


def _spelt_names() -> Iterator[tuple[str, str]]:
    """Yield the names that a misspelling is compared with: usual, English, and of each country for itself."""
    for code, aliases in _ALIASES.items():
        yield from ((_key(alias), code) for alias in aliases)
    for country in pycountry.countries:
        for field in ("name", "common_name", "official_name"):
            if name := getattr(country, field, None):
                yield _key(name), country.alpha_2
    for code in codes():
        for language in ("en", *get_official_languages(code, regional=True, de_facto=True)):
            if language in _languages() and (name := _territories(language).get(code)):
                yield _key(name), code


@cache
def _languages() -> tuple[str, ...]:
    """Return the CLDR locales that are languages, or languages in a script, of no particular region."""
    locales: Iterable[str] = localedata.locale_identifiers()
    return tuple(sorted(name for name in locales if all(len(part) == 4 for part in name.split("_")[1:])))


@cache
def _territories(language: str) -> dict[str, str]:
    """Return the names of countries in a language, by alpha-2 code."""
    known = set(codes())
    return {code: name for code, name in Locale.parse(language).territories.items() if code in known}


def _guess(key: str, foreign: set[str]) -> str | None:
    """Return the only country whose name is misspelt so little, or that some language calls so."""
    squeezed = _squeeze(key)
    near: set[str] = set()
    if len(squeezed) >= _SHORTEST_GUESSED:
        near = {name for reduced in _deletions(squeezed) for name in _index().get(reduced, ())}
    found = foreign | {_spelt()[name] for name in near if _is_near(squeezed, name)}
    return min(found) if len(found) == 1 else None


@cache
def _spelt() -> dict[str, str]:
    """Return the country of each squeezed name that a misspelling is compared with."""
    names: dict[str, str] = {}
    for key, code in _spelt_names():
        if len(squeezed := _squeeze(key)) >= _SHORTEST_GUESSED:
            names.setdefault(squeezed, code)
    return names


@cache
def _index() -> dict[str, tuple[str, ...]]:
    """Return the names by what is left of them without a letter or two (SymSpell's symmetric deletes)."""
    index: dict[str, list[str]] = {}
    for name in _spelt():
        for reduced in _deletions(name):
            index.setdefault(reduced, []).append(name)
    return {reduced: tuple(names) for reduced, names in index.items()}


def _squeeze(key: str) -> str:
    """Write doubled letters once."""
    return re.sub(r"(.)\1+", r"\1", key)


def _deletions(name: str) -> set[str]:
    """Return the name, and the name without any letter, or any two where it is long."""
    letters = range(len(name))
    most = 2 if len(name) >= _SHORTEST_GUESSED_BY_TWO - 2 else 1
    dropped = [set(places) for n in range(most + 1) for places in combinations(letters, n)]
    return {"".join(name[i] for i in letters if i not in places) for places in dropped}


def _is_near(written: str, name: str) -> bool:
    """Tell whether a written name is at most one letter off, or two in a long name with the same first letter."""
    distance = _distance(written, name)
    if min(len(written), len(name)) >= _SHORTEST_GUESSED_BY_TWO and written[0] == name[0]:
        return distance <= 2
    return distance <= 1


def _distance(a: str, b: str) -> int:
    """Return the optimal string alignment distance: letters added, dropped, changed, or swapped with the next."""
    rows = [list(range(len(b) + 1))]
    for i, left in enumerate(a, start=1):
        row = [i]
        for j, right in enumerate(b, start=1):
            best = min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (left != right))
            if i > 1 and j > 1 and left == b[j - 2] and a[i - 2] == right:
                best = min(best, rows[-2][j - 2] + 1)
            row.append(best)
        rows.append(row)
    return rows[-1][-1]
