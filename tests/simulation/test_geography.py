"""Markets and the languages people there understand."""

import pytest

from simulation.geography import FALLBACKS, MARKETS, REGIONS, language_chain, region_of


def test_every_language_falls_back_to_english() -> None:
    spoken = {language for market in MARKETS for language, _ in market.languages}
    assert all(language_chain(language)[-1] == "en" for language in spoken | set(FALLBACKS))


def test_every_market_speaks_and_has_a_region_or_none() -> None:
    for market in MARKETS:
        assert sum(share for _, share in market.languages) == pytest.approx(1), market.country
    named = {country for countries in REGIONS.values() for country in countries}
    assert {m.country for m in MARKETS} - named == {"ZA", "TR"}
    assert region_of("ZA") == "other"
    assert region_of("CN") == "APAC"
