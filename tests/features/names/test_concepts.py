"""The vocabulary: one meaning in many languages, in any form, and nothing in it that cannot be found."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

import features.names.concepts
from features.names.concepts import concept_of
from features.names.scripts import latin
from features.names.words import Kind, take_apart

VOCABULARY = yaml.safe_load(Path(features.names.concepts.__file__).with_name("vocabulary.yaml").read_text("utf-8"))
ENTRIES = [
    (kind, meaning, word)
    for kind, meanings in VOCABULARY.items()
    for meaning, words in meanings.items()
    for word in words.split()
]


def test_each_word_stands_for_what_it_is_listed_under() -> None:
    """A stem does so with an ending; where that is a word of the list by itself, the word counts."""
    listed = {word for _, _, word in ENTRIES}
    for _, meaning, word in ENTRIES:
        plain = word.replace("*", "a") if word.isascii() else latin(word)
        concept = concept_of(plain)
        assert concept is not None, word
        assert f"WORD:{meaning}" in concept.meanings or (word != plain and plain in listed), word


def test_the_parts_of_the_vocabulary_are_kinds_of_words() -> None:
    assert {Kind(kind) for kind in VOCABULARY} == set(Kind) - {Kind.NUMBER}


def test_no_meaning_and_no_word_is_listed_twice() -> None:
    meanings = Counter(meaning for meanings in VOCABULARY.values() for meaning in meanings)
    words = Counter((meaning, word) for _, meaning, word in ENTRIES)
    assert [each for each, times in (meanings + words).items() if times > 1] == []


@pytest.mark.parametrize(
    "words",
    [
        ("Bank", "banques", "Банк", "بنك", "בנק", "銀行", "은행"),
        ("north", "severnaya", "Северный", "nord"),
        ("shipyard", "Werft", "stocznia", "верфь", "造船"),
        ("metallurgical", "metallurgicheskiy", "Metallurgie"),
    ],
)
def test_a_word_means_the_same_in_all_its_languages(words: tuple[str, ...]) -> None:
    meanings = [set().union(*(word.meanings for word in take_apart(word).words)) for word in words]
    assert set.intersection(*meanings)


def test_a_stem_is_found_with_endings_and_not_with_other_words_behind_it() -> None:
    assert concept_of("severnoye") == concept_of("severnaya") == concept_of("sever")
    assert concept_of("severstal") is None
