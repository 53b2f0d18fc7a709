"""Tests of what may be asked for."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from features.errors import InputError
from features.group import DEFAULT_TIERS, BusinessUnit, Group, Languages
from models.request import RecommendationRequest, Vocabulary, checked, vocabulary

REQUEST = RecommendationRequest(market="DE", language="de")


@pytest.fixture
def group() -> Group:
    return Group(
        business_units={"cloud": BusinessUnit(horizon_days=90)},
        tiers=DEFAULT_TIERS,
        stages=("awareness", "決定"),
        languages=Languages(fallback={"gsw": ("de",)}),
    )


@pytest.fixture
def known(group: Group) -> Vocabulary:
    playbooks = pd.DataFrame(
        {
            "personas": [["legal", "user"], None, []],
            "stages": [None, ["adoption"], ["awareness"]],
            "business_units": [["energy"], None, None],
            "channel": ["email", None, "call"],
            "language": ["pt_br", "ja", "JA"],
        }
    )
    return vocabulary(group, playbooks)


def test_known_values_are_those_of_group_and_library(known: Vocabulary) -> None:
    assert known == Vocabulary(
        personas=("legal", "user"),
        stages=("adoption", "awareness", "決定"),
        business_units=("cloud", "energy"),
        channels=("call", "email"),
        languages=("ja", "pt-BR"),
        fallbacks=("gsw",),
    )


def test_a_good_request_comes_back_in_canonical_form(known: Vocabulary) -> None:
    asked = replace(REQUEST, market=" ch", language="DE_ch", k=100, persona="legal", stage="決定", channel="call")
    assert checked(asked, known) == replace(asked, market="CH", language="de-CH")


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("k", 0, "1 to 100"),
        ("k", -3, "1 to 100"),
        ("k", 101, "1 to 100"),
        ("market", "XX", "ISO 3166-1"),
        ("market", "Germany", "ISO 3166-1"),
        ("market", "", "ISO 3166-1"),
        ("language", "klingon", "ja, pt-BR"),
        ("persona", "Legal", "legal, user"),
        ("persona", "", "legal, user"),
        ("stage", "closing", "adoption, awareness, 決定"),
        ("business_unit", "clouds", "cloud, energy"),
        ("channel", "fax", "call, email"),
        ("audience", "partner", "internal, customer"),
    ],
)
def test_a_wrong_value_is_named_with_the_remedy(known: Vocabulary, field: str, value: object, remedy: str) -> None:
    with pytest.raises(InputError) as error:
        checked(replace(REQUEST, **{field: value}), known)  # type: ignore[arg-type]
    assert str(value) in str(error.value)
    assert remedy in str(error.value)


def test_where_nobody_names_any_persona_none_is_wrong(known: Vocabulary) -> None:
    asked = replace(REQUEST, persona="cook")
    assert checked(asked, replace(known, personas=())) == asked
