"""Country codes from names: every country by code, English name and its own name; misspellings only where certain."""

from __future__ import annotations

import pycountry
import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from features.countries import codes, country_code

ALL = list(pycountry.countries)


@pytest.mark.parametrize("field", ["alpha_2", "alpha_3", "name"])
def test_every_country_by_code_and_name(field):
    assert {c.alpha_2: country_code(getattr(c, field)) for c in ALL} == {c.alpha_2: c.alpha_2 for c in ALL}


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "ja", "ar", "zh", "ru", "pt", "ko"])
def test_every_country_in_languages_of_the_trade(language):
    named = Locale.parse(language).territories
    wrong = {named[code]: country_code(named[code]) for code in codes() if country_code(named[code]) != code}
    assert set(wrong.values()) <= {None}
    assert len(wrong) <= 2


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[(text, "GB") for text in ("UK", "U.K.", "Great Britain", "england", "United Kindom", "Royaume-Uni", "英国")],
        *[(text, "US") for text in ("USA", "U.S.A.", "usa", "United States of America", "Untied States", "Etats-Unis")],
        *[(text, "KR") for text in ("Korea", "South Korea", "Korea, Republic of", "대한민국", "한국")],
        *[(text, "DE") for text in ("Deutschland", "Deutchland", "DEUTSCHLAND ", "Allemagne", "ドイツ", "გერმანია")],
        *[(text, "PH") for text in ("Philipines", "Phillipines", "Filipinas", "PHL")],
        *[(text, "IE") for text in ("EIRE", "Éire", "Ireland", "Irland")],
        *[(text, "CI") for text in ("Côte d’Ivoire", "Cote d'Ivoire", "Ivory Coast")],
        ("RSA", "ZA"), ("The Netherlands", "NL"), ("Holland", "NL"), ("日本", "JP"), ("भारत", "IN"), ("Ελλάδα", "GR"),
        ("مصر", "EG"), ("ישראל", "IL"), ("ไทย", "TH"), ("Україна", "UA"), ("Österreich", "AT"), ("Türkiye", "TR"),
        ("Czech Republic", "CZ"), ("Belguim", "BE"), ("Columbia", "CO"), ("Niger", "NE"), ("Nigeria", "NG"),
    ],
)  # fmt: skip
def test_what_people_write(text, code):
    assert country_code(text) == code


@pytest.mark.parametrize(
    "text",
    [
        None, "", " ", "-", "Atlantis", "Channel Islands", "West Indies", "European Community", "Unspecified", "EMEA",
        "Europe", "North America", "n/a", "XX", "Nigera", "Slovania", "Austrlia", "Ruritania", "🇫🇷", "12",
    ],
)  # fmt: skip
def test_what_names_no_country_or_might_name_two(text):
    assert country_code(text) is None


@given(st.text(max_size=30))
def test_any_text_gives_a_code_or_nothing(text):
    assert country_code(text) in (None, *codes())


@given(st.sampled_from([c.name for c in ALL if len(c.name) > 9 and c.name.isalpha()]), st.data())
def test_a_letter_changed_in_a_long_name_never_gives_another_country(name, data):
    place = data.draw(st.integers(0, len(name) - 1))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    assert country_code(name[:place] + letter + name[place + 1 :]) in (None, country_code(name))
