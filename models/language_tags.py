"""Language tags: one form for each, which ones there are, and which descend from which."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from babel import Locale
from babel.core import get_global, parse_locale
from babel.localedata import exists

from features.errors import InputError

_NO_LANGUAGES = frozenset({"und", "mul", "zxx", "root"})
_NO_TERRITORIES = frozenset({"ZZ", "XA", "XB"})


@lru_cache(maxsize=4096)
def canonical_tag(tag: str) -> str:
    """Return a BCP-47 tag in its usual letter case, with hyphens; what is no tag at all just in lower case.

    ``DE_ch`` becomes ``de-CH``, ``ZH-hans`` becomes ``zh-Hans``, the withdrawn ``iw`` becomes ``he``.
    """
    plain = tag.strip().replace("_", "-")
    try:
        language, territory, script, variant = parse_locale(plain, sep="-")[:4]
    except ValueError:
        return plain.casefold()
    renamed = get_global("language_aliases").get(language, language)
    parts = (language if "_" in renamed else renamed, script, territory, variant and variant.lower())
    return "-".join(part for part in parts if part)


def check_language(tag: str, available: Collection[str]) -> str:
    """Return the asked language in canonical form if there is such a language.

    Parameters
    ----------
    tag : as asked, in any letter case.
    available : canonical tags of the library and of the group's fallbacks.

    Raises
    ------
    InputError
        If the tag is malformed, or its language, script or territory is unheard of; a language that exists but in
        which there is no content is none of these.
    """
    asked = canonical_tag(tag)
    if asked in available or asked in {primary_of(other) for other in available} or _exists(asked):
        return asked
    raise InputError(
        f"request: language {tag!r} is no known BCP-47 language; give one such as 'de-CH' or 'pt-BR'; "
        f"languages available: {', '.join(sorted(available)) or 'none'}"
    )


@lru_cache(maxsize=4096)
def ancestors(tag: str) -> tuple[str, ...]:
    """Return the tags that a canonical one descends from, nearest first.

    Notes
    -----
    Parents as CLDR gives them where they are not just the shorter tag: ``es-AR``, ``es-419``, ``es``.
    """
    exceptions = get_global("parent_exceptions")
    found: list[str] = []
    while tag:
        tag = exceptions.get(tag.replace("-", "_"), "").replace("_", "-") or tag.rpartition("-")[0]
        if tag and tag != "root":
            found.append(tag)
    return tuple(found)


@lru_cache(maxsize=4096)
def script_of(tag: str) -> str:
    """Return the ISO 15924 script in which a canonical tag is written; empty where nobody knows."""
    language, territory, script = _parts(tag)
    if script:
        return script
    likely = get_global("likely_subtags")
    full = likely.get(f"{language}_{territory}") or likely.get(language)
    return parse_locale(full)[2] or "" if full else ""


def primary_of(tag: str) -> str:
    """Return the language of a tag without script, territory and all that."""
    return tag.partition("-")[0]


def _parts(tag: str) -> tuple[str, str | None, str | None]:
    try:
        language, territory, script = parse_locale(tag, sep="-")[:3]
    except ValueError:
        return tag, None, None
    return language, territory, script


def _exists(tag: str) -> bool:
    language, territory, script = _parts(tag)
    names = Locale("en")
    return (
        (language in names.languages or exists(language))
        and language not in _NO_LANGUAGES
        and (script is None or script in names.scripts)
        and (territory is None or (territory in names.territories and territory not in _NO_TERRITORIES))
    )
