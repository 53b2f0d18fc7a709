"""Numbered funds and trusts: the number tells them apart, but the company that runs them and decides is one."""

from __future__ import annotations

from dataclasses import replace

from features.names.words import CompanyName, Kind

_MEANINGS = frozenset(
    f"WORD:{meaning}"
    for meaning in ("fund", "trust", "issuer", "capital", "investment", "equity", "ventures", "mortgage", "leasing")
)


def without_series(name: CompanyName, other: CompanyName) -> CompanyName:
    """Leave out the numbers of a fund or trust where the other name is of one as well.

    'Cedar Point Fund IV LP' and 'Cedar Point Fund V LP' have no staff but their manager's. A number in front of all
    other words is as good as one of them ('First Capital'); plants and other sites keep their numbers.
    """
    if not (_is_numbered(name) and _is_vehicle(name) and _is_vehicle(other)):
        return name
    first = next(at for at, word in enumerate(name.words) if word.kind not in (Kind.NUMBER, Kind.STOP))
    return replace(name, words=tuple(w for at, w in enumerate(name.words) if at < first or w.kind is not Kind.NUMBER))


def _is_vehicle(name: CompanyName) -> bool:
    return any(_MEANINGS & word.meanings for word in name.words)


def _is_numbered(name: CompanyName) -> bool:
    return any(word.kind is Kind.NUMBER for word in name.words)
