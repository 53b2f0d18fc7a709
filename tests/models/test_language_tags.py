"""Tests of language tags."""

from __future__ import annotations

import pytest
from babel.localedata import locale_identifiers
from hypothesis import given
from hypothesis import strategies as st

from features.errors import InputError
from models.language_tags import ancestors, canonical_tag, check_language, primary_of, script_of

LOCALES = [identifier for identifier in locale_identifiers() if identifier != "root"]


@pytest.mark.parametrize(
    ("given_tag", "canonical"),
    [
        ("DE-ch", "de-CH"),
        ("de_CH", "de-CH"),
        (" fr ", "fr"),
        ("ZH-HANS", "zh-Hans"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("iw", "he"),
        ("ca-VALENCIA", "ca-valencia"),
        ("日本語", "日本語"),
        ("de--x", "de--x"),
    ],
)
def test_one_form_for_each_tag(given_tag: str, canonical: str) -> None:
    assert canonical_tag(given_tag) == canonical


@given(st.text(max_size=12) | st.sampled_from(LOCALES))
def test_the_canonical_form_is_its_own(tag: str) -> None:
    once = canonical_tag(tag)
    assert canonical_tag(once) == once


@given(st.sampled_from(LOCALES))
def test_whatever_cldr_knows_can_be_asked_for(tag: str) -> None:
    assert check_language(tag, ()) == canonical_tag(tag)


@pytest.mark.parametrize(
    "tag", ["xx", "klingon", "", "de-", "de-XX", "de-Xxxx", "und", "mul", "root", "e", "x-own", "de-ZZ"]
)
def test_an_unheard_of_language_is_refused_with_those_there_are(tag: str) -> None:
    with pytest.raises(InputError, match=r"languages available: de, pt-BR") as error:
        check_language(tag, {"pt-BR", "de"})
    assert repr(tag) in str(error.value)


def test_a_language_of_the_library_can_be_asked_for_whatever_it_is() -> None:
    available = {canonical_tag("Elvish-GB")}
    assert check_language("elvish_gb", available) == "elvish-GB"
    assert check_language("elvish", available) == "elvish"


@pytest.mark.parametrize(
    ("tag", "line"),
    [
        ("de-CH", ("de",)),
        ("es-AR", ("es-419", "es")),
        ("en-AU", ("en-001", "en")),
        ("nb", ("no",)),
        ("zh-Hant-TW", ("zh-Hant", "zh")),
        ("ja", ()),
    ],
)
def test_ancestors(tag: str, line: tuple[str, ...]) -> None:
    assert ancestors(tag) == line


@given(st.sampled_from(LOCALES))
def test_ancestors_are_ever_shorter_in_kin(tag: str) -> None:
    line = ancestors(canonical_tag(tag))
    assert len(set(line)) == len(line)
    assert all(ancestors(older) == line[place + 1 :] for place, older in enumerate(line))


@pytest.mark.parametrize(
    ("tag", "script"),
    [
        ("zh-TW", "Hant"),
        ("zh-SG", "Hans"),
        ("zh", "Hans"),
        ("sr-Latn", "Latn"),
        ("sr", "Cyrl"),
        ("ja", "Jpan"),
        ("q", ""),
    ],
)
def test_scripts(tag: str, script: str) -> None:
    assert script_of(tag) == script


def test_primary_language() -> None:
    assert [primary_of(tag) for tag in ("zh-Hant-TW", "ja")] == ["zh", "ja"]
