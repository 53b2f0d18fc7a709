"""Tests of what the library is searched for, given an account."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.profile import (
    TOPICS_READ,
    AccountProfile,
    Topic,
    asked_for,
    context_text,
    interests,
    known_facets,
)
from models.request import RecommendationRequest

REQUEST = RecommendationRequest("JP", "ja")
PROFILE = AccountProfile("financial_services", "decision", "legal", "クラウド", missing_roles=("user",))

topics = st.lists(st.builds(Topic, st.text(min_size=1, max_size=5), st.floats(0.01, 1e6)), max_size=12)


def test_what_is_asked_goes_before_what_is_known() -> None:
    asked = replace(REQUEST, stage="adoption", persona="user", business_unit="energy")
    expected = replace(PROFILE, stage="adoption", persona="user", business_unit="energy")
    assert asked_for(PROFILE, asked, ("awareness",)) == expected
    assert asked_for(PROFILE, REQUEST, ("awareness",)) == PROFILE


def test_an_unknown_account_stands_at_the_first_stage() -> None:
    assert asked_for(None, REQUEST, ("awareness", "decision")) == AccountProfile(stage="awareness")
    assert asked_for(None, replace(REQUEST, stage="decision"), ("awareness",)).stage == "decision"
    assert asked_for(None, REQUEST) == AccountProfile()


def test_the_context_is_the_values_in_words() -> None:
    assert context_text(PROFILE) == "financial services; decision; legal; クラウド"
    assert context_text(AccountProfile()) == ""
    assert known_facets(AccountProfile()) == frozenset()


def test_roles_nobody_holds_stand_in_for_a_persona() -> None:
    profile = AccountProfile(missing_roles=("legal", "technical_evaluator"))
    assert context_text(profile) == "legal; technical evaluator"
    assert known_facets(profile) == {"persona"}
    assert known_facets(replace(profile, missing_roles=(), industry="retail")) == {"industry"}


@given(topics, st.randoms(use_true_random=False))
def test_topics_come_strongest_first_in_whatever_order_they_were_seen(
    given_topics: list[Topic], random: object
) -> None:
    found = interests(AccountProfile(topics=tuple(given_topics)))
    shuffled = tuple(random.sample(given_topics, len(given_topics)))  # type: ignore[attr-defined]
    assert interests(AccountProfile(topics=shuffled)) == found
    weights = [interest.weight for interest in found]
    assert weights == sorted(weights, reverse=True)
    assert weights[:1] == [1.0][: len(given_topics)]
    assert len(found) == min(len(given_topics), TOPICS_READ)


@given(topics, st.sampled_from([0.25, 4.0, 1024.0]))
def test_the_scale_of_strength_does_not_matter(given_topics: list[Topic], factor: float) -> None:
    scaled = tuple(Topic(topic.name, topic.strength * factor) for topic in given_topics)
    assert interests(AccountProfile(topics=scaled)) == interests(AccountProfile(topics=tuple(given_topics)))


@pytest.mark.parametrize("strength", [0.0, -1.0, math.nan, math.inf])
def test_a_topic_without_a_strength_is_none(strength: float) -> None:
    profile = AccountProfile(topics=(Topic("hydrogen", strength), Topic("ransomware", 1.0)))
    assert [interest.text for interest in interests(profile)] == ["ransomware"]


def test_what_was_read_counts_less_than_topics_and_is_none() -> None:
    found = interests(AccountProfile(topics=(Topic("zero_trust", 9),), recent_titles=("Nuage souverain",)))
    assert [(interest.text, interest.is_topic) for interest in found] == [
        ("zero trust", True),
        ("Nuage souverain", False),
    ]
    assert found[1].weight < found[0].weight
