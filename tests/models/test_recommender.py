"""Tests of recommendations: a world where the right answer is known, and the real texts with the real encoder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from features.contracts import TABLES
from features.errors import InputError
from features.group import DEFAULT_TIERS, BusinessUnit, Group, Languages
from models.localise import LanguageServed
from models.profile import AccountProfile, Topic
from models.recommendation import Recommendation, RecommendationReason, RecommendedItem
from models.recommender import Recommender
from models.request import RecommendationRequest
from models.text_encoder import Role, SentenceEncoder
from models.vectors import library_vectors
from simulation.library import load_library

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

NOW = datetime.fromisoformat("2026-07-01")
REQUEST = RecommendationRequest(market="DE", language="de", k=10)
SUBJECTS = ("robots", "hydrogen", "contracts", "ransomware")
GROUP = Group(
    business_units={"cloud": BusinessUnit(horizon_days=90), "energy": BusinessUnit(horizon_days=540)},
    tiers=DEFAULT_TIERS,
    stages=("awareness", "decision"),
    personas=("legal", "user"),
    languages=Languages(fallback={"de-CH": ("de",)}),
)


class Subjects:
    """An encoder that understands four words, and no others."""

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        counts = [[1.0, *(subject in text.lower() for subject in SUBJECTS)] for text in texts]
        vectors = np.array(counts, dtype=np.float32).reshape(-1, 5)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)


def variant(family: str, language: str, **more: Any) -> dict[str, Any]:
    """Return a row; what is not said is open."""
    own = {"asset_id": f"{family}-{language}", "family_id": family, "language": language, "layer": "global"}
    return dict.fromkeys(TABLES["playbooks"].columns) | own | {"title": f"{family} {language}", "body": family} | more


LIBRARY = [
    *(variant(subject, "en", kind="asset") for subject in SUBJECTS),
    variant("robots", "de", layer="regional", markets=["DE", "AT"], channel="call"),
    variant("hydrogen", "ja", layer="local", markets=["JP"]),
    variant("robots", "fr", status="draft"),
    variant("contracts", "de", layer="local", markets=["AT"]),
]


@pytest.fixture(scope="module")
def recommender(tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    frame = pd.DataFrame(LIBRARY)
    texts = [name for name, column in TABLES["playbooks"].columns.items() if column.dtype == "string"]
    times = {name: pd.to_datetime(frame[name]) for name in ("valid_from", "expires_at")}
    playbooks = frame.astype(dict.fromkeys(texts, "str")).assign(**times)
    vectors = library_vectors(Subjects(), playbooks, tmp_path_factory.mktemp("kept"))
    return Recommender(GROUP, playbooks, vectors, Subjects())


def with_declared(recommender: Recommender, column: str, **lists: list[str]) -> Recommender:
    """Return the recommender with a list declared for some families."""
    declared = recommender.playbooks["family_id"].map(lists.get)
    return replace(recommender, playbooks=recommender.playbooks.assign(**{column: declared.astype(object)}))


def families(answer: Recommendation) -> list[str]:
    return [item.family_id for item in answer.items]


def interested_in(*topics: str, **more: Any) -> AccountProfile:
    return AccountProfile(topics=tuple(Topic(topic, 10 - place) for place, topic in enumerate(topics)), **more)


def reasons_for(answer: Recommendation, family: str) -> list[RecommendationReason]:
    (item,) = (item for item in answer.items if item.family_id == family)
    return list(item.reasons)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_the_topic_comes_first_and_is_the_reason(recommender: Recommender, subject: str) -> None:
    answer = recommender.recommend(REQUEST, interested_in(f"{subject}_2030"), NOW)
    assert families(answer)[0] == subject
    assert reasons_for(answer, subject)[0] == RecommendationReason("topic", {"topic": f"{subject} 2030"})
    others = [family for family in families(answer) if family != subject]
    assert len(others) == 3
    assert not any(reason.code == "topic" for family in others for reason in reasons_for(answer, family))


def test_several_topics_come_first_in_the_order_of_their_strength(recommender: Recommender) -> None:
    answer = recommender.recommend(REQUEST, interested_in("ransomware", "hydrogen", "contracts"), NOW)
    assert families(answer) == ["ransomware", "hydrogen", "contracts", "robots"]


def test_an_item_tells_all_about_itself(recommender: Recommender) -> None:
    item = recommender.recommend(replace(REQUEST, market="jp", language="JA"), interested_in("hydrogen"), NOW).items[0]
    assert item == RecommendedItem(
        asset_id="hydrogen-ja",
        family_id="hydrogen",
        title="hydrogen ja",
        layer="local",
        language="ja",
        language_match="asked",
        kind=None,
        format=None,
        channel=None,
        score=item.score,
        reasons=(
            RecommendationReason("topic", {"topic": "hydrogen"}),
            RecommendationReason("market_variant", {"market": "JP"}),
        ),
    )


@pytest.mark.parametrize(
    ("market", "language", "fallback"),
    [
        ("DE", "de_ch", LanguageServed("de-CH", ("de", "en"), fell_back=True, reason="not_in_every_family")),
        ("DE", "sv", LanguageServed("sv", ("en",), fell_back=True, reason="not_in_library")),
        ("DE", "fr-CA", LanguageServed("fr-CA", ("en",), fell_back=True, reason="not_permitted")),
        ("US", "ja", LanguageServed("ja", ("en",), fell_back=True, reason="not_permitted")),
        ("US", "en-US", LanguageServed("en-US", ("en",), fell_back=False)),
    ],
)
def test_the_answer_says_which_language_was_served(
    recommender: Recommender, market: str, language: str, fallback: LanguageServed
) -> None:
    request = replace(REQUEST, market=market, language=language)
    assert recommender.recommend(request, interested_in("robots"), NOW).fallback == fallback


def test_what_was_left_out_is_counted(recommender: Recommender) -> None:
    answer = recommender.recommend(REQUEST, None, NOW)
    assert dict(answer.filtered) == {"not_approved": 1, "market": 2}
    only_german = recommender.group.model_copy(update={"languages": Languages(default=())})
    answer = replace(recommender, group=only_german).recommend(REQUEST, None, NOW)
    assert families(answer) == ["robots"]
    assert dict(answer.filtered) == {"not_approved": 1, "market": 2, "language": 3}


def test_an_unknown_account_gets_the_default_of_the_market(recommender: Recommender) -> None:
    answer = recommender.recommend(REQUEST, None, NOW)
    assert not answer.account_known
    assert [item.asset_id for item in answer.items] == ["robots-de", "contracts-en", "hydrogen-en", "ransomware-en"]
    assert reasons_for(answer, "contracts") == [RecommendationReason("market_default")]
    started = with_declared(recommender, "stages", ransomware=["awareness"], robots=["decision"])
    assert families(started.recommend(REQUEST, None, NOW))[0] == "ransomware"
    assert families(started.recommend(replace(REQUEST, stage="decision"), None, NOW))[0] == "robots"


def test_a_known_account_of_which_nothing_is_known_is_not_refused(recommender: Recommender) -> None:
    answer = recommender.recommend(REQUEST, AccountProfile(), NOW)
    assert answer.account_known
    assert reasons_for(answer, "contracts") == [RecommendationReason("profile")]


@pytest.mark.parametrize(
    ("column", "request_", "profile", "reason"),
    [
        ("stages", {"stage": "decision"}, {}, RecommendationReason("stage", {"stage": "decision"})),
        ("personas", {"persona": "legal"}, {}, RecommendationReason("persona", {"persona": "legal"})),
        ("industries", {}, {"industry": "Health care"}, RecommendationReason("industry", {"industry": "Health care"})),
        ("personas", {}, {"missing_roles": ("legal",)}, RecommendationReason("missing_role", {"role": "legal"})),
        (
            "business_units",
            {"business_unit": "energy"},
            {},
            RecommendationReason("business_unit", {"business_unit": "energy"}),
        ),
    ],
)
def test_what_is_made_for_the_account_comes_first(
    recommender: Recommender,
    column: str,
    request_: dict[str, str],
    profile: dict[str, Any],
    reason: RecommendationReason,
) -> None:
    made = with_declared(recommender, column, ransomware=["decision", "legal", "energy", "health_care"])
    request = replace(REQUEST, market="US", language="en", **request_)  # type: ignore[arg-type]
    answer = made.recommend(request, AccountProfile(**profile), NOW)
    assert families(answer)[0] == "ransomware"
    assert reasons_for(answer, "ransomware") == [reason]


def test_a_missing_role_is_no_reason_where_another_persona_is_addressed(recommender: Recommender) -> None:
    made = with_declared(recommender, "personas", ransomware=["legal"])
    answer = made.recommend(replace(REQUEST, persona="user"), AccountProfile(missing_roles=("legal",)), NOW)
    assert reasons_for(answer, "ransomware") == [RecommendationReason("profile")]


def test_what_was_used_makes_way_for_the_rest(recommender: Recommender) -> None:
    profile = interested_in("ransomware", used_families=frozenset({"ransomware"}))
    answer = recommender.recommend(REQUEST, profile, NOW)
    fresh = recommender.recommend(REQUEST, interested_in("ransomware"), NOW)
    assert answer.items[-1].score < fresh.items[0].score
    assert RecommendationReason("already_used") in reasons_for(answer, "ransomware")
    assert families(recommender.recommend(REQUEST, replace(profile, topics=()), NOW))[-1] == "ransomware"


def test_recent_reading_counts_but_is_told_as_no_topic(recommender: Recommender) -> None:
    answer = recommender.recommend(REQUEST, AccountProfile(recent_titles=("All about hydrogen",)), NOW)
    assert families(answer)[0] == "hydrogen"
    assert reasons_for(answer, "hydrogen") == [RecommendationReason("profile")]


def test_another_channel_or_unit_never_appears(recommender: Recommender) -> None:
    answer = recommender.recommend(replace(REQUEST, channel="call"), interested_in("hydrogen"), NOW)
    assert {item.asset_id for item in answer.items} == {"robots-de", *(f"{s}-en" for s in SUBJECTS if s != "robots")}
    own = with_declared(recommender, "business_units", hydrogen=["energy"], robots=["cloud"])
    request = replace(REQUEST, business_unit="cloud")
    assert "hydrogen" not in families(own.recommend(request, interested_in("hydrogen"), NOW))


@pytest.mark.parametrize(
    "wrong",
    [{"market": "ZZ"}, {"language": "klingon"}, {"persona": "cook"}, {"stage": "x"}, {"k": 0}, {"business_unit": "x"}],
)
def test_a_wrong_request_is_refused(recommender: Recommender, wrong: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="request: "):
        recommender.recommend(replace(REQUEST, **wrong), None, NOW)


def test_an_empty_library_recommends_nothing(recommender: Recommender) -> None:
    answer = replace(recommender, playbooks=recommender.playbooks[:0]).recommend(REQUEST, interested_in("robots"), NOW)
    assert answer.items == ()
    assert dict(answer.filtered) == {}


@pytest.fixture(scope="module")
def real(encoder: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Recommender:
    """The security unit's content for Japan, Brazil and everywhere, with the bundled encoder."""
    playbooks = load_library().table
    kept = playbooks["business_units"].map(lambda units: units == ["security"]) & playbooks["language"].isin(
        ["en", "ja", "pt-BR"]
    )
    group = GROUP.model_copy(update={"business_units": {"security": BusinessUnit(horizon_days=180)}})
    texts = SentenceEncoder(encoder)
    vectors = library_vectors(texts, playbooks[kept], tmp_path_factory.mktemp("kept"), TOPICS)
    return Recommender(group, playbooks[kept], vectors, texts)


TOPICS = {
    "ransomware": "ransomware-boardroom-exercise",
    "zero trust": "zero-trust-access-blueprint",
    "phishing": "phishing-reporting-habit",
    "compliance audit": "audit-evidence-checklist",
}


@pytest.mark.parametrize(("market", "language"), [("JP", "ja"), ("BR", "pt-BR"), ("SE", "sv")])
def test_english_topics_find_content_in_any_language(real: Recommender, market: str, language: str) -> None:
    request = RecommendationRequest(market, language, k=1)
    found = {topic: families(real.recommend(request, interested_in(topic), NOW)) for topic in TOPICS}
    assert found == {topic: [family] for topic, family in TOPICS.items()}


@pytest.mark.parametrize("topic", ["フィッシング", "Phishing-Schulung", "钓鱼邮件"])
def test_topics_of_any_script_find_content(real: Recommender, topic: str) -> None:
    answer = real.recommend(RecommendationRequest("BR", "pt-BR"), interested_in(topic), NOW)
    assert families(answer)[0] == "phishing-reporting-habit"
    assert answer.items[0].language == "pt-BR"


def test_equal_questions_get_equal_answers_to_the_bit(real: Recommender) -> None:
    requests = [RecommendationRequest(market, language) for market, language in [("JP", "ja"), ("BR", "pt-BR")]]
    profile = interested_in("zero trust", "ransomware", industry="retail")
    first = [real.recommend(request, profile, NOW) for request in requests]
    assert [real.recommend(request, profile, NOW) for request in reversed(requests)] == first[::-1]
