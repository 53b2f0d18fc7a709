"""Tests that hold for every ranker, on the simulated group's own library, and what each ranker is for."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from features.group import DEFAULT_TIERS, BusinessUnit, Group, Languages
from models.fit import Candidates, Need, fit_of
from models.localise import localise
from models.profile import AccountProfile, Interest, Topic
from models.ranker import FACET_WEIGHTS, Newest, Popularity, Ranker, Similarity, nearest_interest
from models.recommendation import Recommendation
from models.recommender import Recommender
from models.request import RecommendationRequest
from models.text_encoder import Role
from models.vectors import library_vectors
from simulation.library import load_library

NOW = datetime.fromisoformat("2026-07-01")
UNITS = ("cloud", "security", "automation", "energy")
RANKERS = [Popularity({"zero-trust-access-blueprint": 7, "cobot-first-cell": 9}), Newest(), Similarity()]

requests = st.builds(
    RecommendationRequest,
    market=st.sampled_from(["DE", "CH", "JP", "BR", "SE", "US", "IN"]),
    language=st.sampled_from(["de-CH", "ja", "pt-BR", "sv", "fr-CA", "zh-TW", "en"]),
    k=st.integers(1, 100),
    persona=st.sampled_from([None, "legal", "user"]),
    stage=st.sampled_from([None, "adoption", "awareness"]),
    business_unit=st.sampled_from([None, *UNITS]),
    channel=st.sampled_from([None, "email", "call"]),
    audience=st.sampled_from([None, "internal", "customer"]),
)
profiles = st.none() | st.builds(
    AccountProfile,
    industry=st.sampled_from([None, "retail", "Healthcare", "鉄道"]),
    topics=st.lists(st.builds(Topic, st.sampled_from(["ransomware", "waste_heat", "排熱"]), st.floats(0, 100))).map(
        tuple
    ),
    missing_roles=st.sampled_from([(), ("legal", "user")]),
    recent_titles=st.sampled_from([(), ("Zero trust",)]),
    used_families=st.sampled_from([frozenset(), frozenset({"cobot-first-cell"})]),
)


class HashedWords:
    """An encoder that knows nothing: each word has a direction of its own, drawn from its spelling."""

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        sums = np.array([np.sum([self._word(word) for word in text.lower().split()], axis=0) for text in texts])
        flat = sums.reshape(len(texts), 16)
        return np.asarray(flat / np.linalg.norm(flat, axis=1, keepdims=True), dtype=np.float32)

    def _word(self, word: str) -> NDArray[np.float64]:
        return np.random.default_rng(zlib.crc32(word.encode())).normal(size=16)


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    playbooks = load_library().table
    group = Group(
        business_units={unit: BusinessUnit(horizon_days=90) for unit in UNITS},
        tiers=DEFAULT_TIERS,
        stages=("awareness", "consideration", "evaluation", "decision", "adoption"),
        languages=Languages(fallback={"de-CH": ("de", "fr")}),
    )
    encoder = HashedWords()
    return Recommender(group, playbooks, library_vectors(encoder, playbooks, tmp_path_factory.mktemp("kept")), encoder)


@pytest.fixture(scope="module")
def recommend(recommender: Recommender) -> Callable[..., Recommendation]:
    def answer(ranker: Ranker, request: RecommendationRequest, profile: AccountProfile | None) -> Recommendation:
        return replace(recommender, ranker=ranker).recommend(request, profile, NOW)

    return answer


def forbidden(variant: Any, request: RecommendationRequest) -> bool:
    return (
        variant.status != "approved"
        or variant.expires_at <= NOW
        or variant.valid_from > NOW
        or (variant.markets is not None and request.market not in variant.markets)
        or (request.business_unit is not None and request.business_unit not in variant.business_units)
        or request.audience not in (None, variant.audience)
        or request.channel not in (None, variant.channel)
    )


@pytest.mark.parametrize("ranker", RANKERS, ids=lambda ranker: type(ranker).__name__)
class TestEveryRanker:
    @settings(max_examples=25, deadline=None)
    @given(request=requests, profile=profiles)
    def test_shows_nothing_that_policy_forbids_and_whatever_else_there_is(
        self,
        ranker: Ranker,
        recommender: Recommender,
        recommend: Callable[..., Recommendation],
        request: RecommendationRequest,
        profile: AccountProfile | None,
    ) -> None:
        variants = {variant.asset_id: variant for variant in recommender.playbooks.itertuples()}
        answer = recommend(ranker, request, profile)
        assert not any(forbidden(variants[item.asset_id], request) for item in answer.items)
        permitted = {v.family_id for v in variants.values() if not forbidden(v, request)}
        families = [item.family_id for item in answer.items]
        assert set(families) <= permitted
        assert len(set(families)) == len(families) == min(request.k, len(permitted))
        assert all(item.reasons for item in answer.items)

    @settings(max_examples=15, deadline=None)
    @given(request=requests, profile=profiles)
    def test_a_short_answer_begins_a_long_one(
        self,
        ranker: Ranker,
        recommend: Callable[..., Recommendation],
        request: RecommendationRequest,
        profile: AccountProfile | None,
    ) -> None:
        long = recommend(ranker, replace(request, k=100), profile)
        short = recommend(ranker, request, profile)
        assert short.items == long.items[: request.k]
        scores = [item.score for item in long.items]
        assert scores == sorted(scores, reverse=True)
        assert np.isfinite(scores).all()
        assert short.filtered == long.filtered

    def test_a_score_does_not_depend_on_the_other_candidates(self, ranker: Ranker, recommender: Recommender) -> None:
        need = some_need(Interest("a", 1.0, is_topic=True), Interest("b", 0.5, is_topic=False))
        candidates = some_candidates(recommender)
        together = ranker.scores(need, candidates)
        for rows in ([5], [9, 2, 0], range(len(together) - 1, -1, -1)):
            some = Candidates(candidates.variants.iloc[list(rows)], candidates.vectors[list(rows)])
            np.testing.assert_array_equal(ranker.scores(need, some), together[list(rows)])

    def test_ties_are_in_the_order_of_ids(self, ranker: Ranker, recommend: Callable[..., Recommendation]) -> None:
        items = recommend(ranker, RecommendationRequest("IN", "hi", k=100), None).items
        assert [item.asset_id for item in items] == sorted(
            (item.asset_id for item in items),
            key=lambda asset: (-{item.asset_id: item.score for item in items}[asset], asset),
        )

    def test_no_candidates_no_scores(self, ranker: Ranker, recommender: Recommender) -> None:
        candidates = some_candidates(recommender)
        assert ranker.scores(some_need(), Candidates(candidates.variants[:0], candidates.vectors[:0])).shape == (0,)


def some_need(*interests: Interest) -> Need:
    vectors = np.random.default_rng(1).normal(size=(len(interests) + 1, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    profile = AccountProfile(industry="retail", stage="decision", missing_roles=("legal",))
    return Need(profile, interests, vectors[1:], vectors[:1])


def some_candidates(recommender: Recommender) -> Candidates:
    variants = localise(recommender.playbooks, "en", Languages())
    return Candidates(variants, recommender.vectors.of_families(list(variants["family_id"])))


def test_popularity_counts_impressions(recommend: Callable[..., Recommendation]) -> None:
    answer = recommend(RANKERS[0], RecommendationRequest("US", "en-US", k=3), None)
    assert [item.score for item in answer.items] == [9, 7, 0]
    assert [item.family_id for item in answer.items[:2]] == ["cobot-first-cell", "zero-trust-access-blueprint"]


def test_newest_goes_by_the_first_day_of_validity(recommender: Recommender) -> None:
    candidates = some_candidates(recommender)
    dates = pd.Series(pd.NaT, index=candidates.variants.index, dtype="datetime64[us]")
    dates.iloc[2:4] = [pd.Timestamp("2026-01-02"), pd.Timestamp("2026-01-01T12:00")]
    scores = Newest().scores(some_need(), Candidates(candidates.variants.assign(valid_from=dates), candidates.vectors))
    assert list(np.argsort(-scores)[:2]) == [2, 3]
    assert scores[2] - scores[3] == 0.5
    assert set(np.delete(scores, [2, 3])) == {0.0}


def test_the_best_interest_counts_and_not_the_sum(recommender: Recommender) -> None:
    candidates = some_candidates(recommender)
    need = some_need(Interest("a", 1.0, is_topic=True), Interest("b", 0.5, is_topic=True))
    cosines = candidates.vectors.astype(float) @ need.interest_vectors.T
    expected = np.maximum(cosines[:, 0], cosines[:, 1] / 2)
    np.testing.assert_allclose(nearest_interest(need, fit_of(need, candidates)), expected, atol=1e-12)


@pytest.mark.parametrize("field", FACET_WEIGHTS)
def test_content_made_for_it_gains_and_content_made_for_others_loses(field: str, recommender: Recommender) -> None:
    candidates = some_candidates(recommender)
    column = {"industry": "industries", "business_unit": "business_units"}.get(field, f"{field}s")
    lists = pd.Series([["Some_Value"], None, ["another"]] * 9 + [[]], index=candidates.variants.index, dtype=object)
    declared = candidates.variants.assign(**{column: lists})
    made = Candidates(declared, candidates.vectors)
    known, unknown = replace(AccountProfile(), **{field: "some value"}), AccountProfile()  # type: ignore[arg-type]
    need = some_need()
    gains = Similarity().scores(replace(need, profile=known), made) - Similarity().scores(
        replace(need, profile=unknown), made
    )
    weight = FACET_WEIGHTS[field]
    np.testing.assert_allclose(gains, [weight.match, 0.0, weight.mismatch] * 9 + [weight.mismatch])
