"""Acronyms: words of other words' letters are told from those that are none, stop words and legal forms or not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.names.acronyms import is_acronym_of, is_made_of_beginnings, without_own_acronym
from features.names.words import CompanyName, take_apart

WORD = st.text("bcdfghklmnprtvz", min_size=1, max_size=1).flatmap(
    lambda first: st.text("aeiou", min_size=4, max_size=6).map(lambda rest: first + rest)
)


def spells(acronym: str, name: str) -> bool:
    apart = take_apart(name)
    return is_acronym_of(take_apart(acronym).words[0], apart.words, apart.legal_initials)


@given(words=st.lists(WORD, min_size=3, max_size=6))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_first_letters_spell_a_name_and_others_do_not(words: list[str]) -> None:
    name, letters = " ".join(words), "".join(word[0] for word in words)
    assert spells(letters, name)
    assert not spells(letters[:-1] + "q", name)
    assert not spells(letters[::-1] + "q", name)


@pytest.mark.parametrize(
    ("acronym", "name"),
    [
        ("ENOC", "Emirates National Oil Company"),
        ("ENO", "Emirates National Oil Company"),
        ("HAL", "Hindustan Aeronautics Limited"),
        ("PDVSA", "Petróleos de Venezuela"),
        ("HSBC", "Hong Kong Shanghai Banking Corporation"),
    ],
)
def test_stop_words_and_legal_forms_count_or_not(acronym: str, name: str) -> None:
    assert spells(acronym, name)


@pytest.mark.parametrize(("word", "made"), [("KOMID", True), ("KOMIDET", True), ("KOMUD", False), ("KO", False)])
def test_beginnings(word: str, made: bool) -> None:
    apart = take_apart("Korea Mining Development Trading Corporation")
    assert is_made_of_beginnings(take_apart(word).words[0], apart.words) is made


def texts(name: CompanyName) -> list[str]:
    return [word.text for word in name.words]


def test_an_acronym_beside_its_words_says_nothing_more() -> None:
    beside, name = take_apart("Minsk Steel Plant (MSP)"), take_apart("Minsk Steel Plant")
    assert texts(without_own_acronym(beside, name)) == texts(name)
    assert texts(without_own_acronym(take_apart("MSP Steel"), take_apart("MSP Foods"))) == ["msp", "steel"]
    assert texts(without_own_acronym(take_apart("MSP"), name)) == ["msp"]


def test_a_name_of_very_many_words_is_told_as_well() -> None:
    """Each of the stop words may have a letter in it or not; to try all of that would not end."""
    assert not spells("dddddddq", "de " * 60 + "Hansen Bank")
    assert not spells("hb", "Hansen " * 60 + "Bank")
    assert spells("dddhb", "de " * 60 + "Hansen Bank")
