"""What is known of an account, and the short texts by which the library is searched for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf

from models.request import RecommendationRequest

FACETS = {"stage": "stages", "persona": "personas", "industry": "industries", "business_unit": "business_units"}
"""What a profile tells and a playbook is made for: field of the one, list column of the other."""

TOPICS_READ = 8
"""More topics than this say of an account that it reads everything."""

RECENT_TITLE_WEIGHT = 0.5
"""What somebody opened tells less of the next need than what the account searches for, and it was half our choice."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic in which the account shows intent.

    Parameters
    ----------
    name : as the source calls it, in any language.
    strength : on any scale, the same for all topics of the account; 0 or less, or no finite number: none.
    """

    name: str
    strength: float


@dataclass(frozen=True, slots=True)
class AccountProfile:
    """What is known of an account as of an instant; all of it may be missing.

    Parameters
    ----------
    industry, stage, persona, business_unit : in the words of the data, which the library's lists use too.
    topics : intent, in any order.
    missing_roles : roles that the decision needs and nobody holds yet.
    recent_titles : titles of what was lately opened or used there.
    used_families : ``family_id`` of what was already used with this account.
    """

    industry: str | None = None
    stage: str | None = None
    persona: str | None = None
    business_unit: str | None = None
    topics: tuple[Topic, ...] = ()
    missing_roles: tuple[str, ...] = ()
    recent_titles: tuple[str, ...] = ()
    used_families: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Interest:
    """One thing the account may want to read of.

    Parameters
    ----------
    text : to be encoded as a query.
    weight : in (0, 1]; the strongest topic has 1.
    is_topic : whether it is a topic of intent, which can be told to people as a reason.
    """

    text: str
    weight: float
    is_topic: bool


def asked_for(
    profile: AccountProfile | None, request: RecommendationRequest, stages: Sequence[str] = ()
) -> AccountProfile:
    """Return what is known with what the request says put over it.

    Parameters
    ----------
    profile : None for an unknown account: it is taken to stand at the first stage unless the request says otherwise.
    stages : of the group, in order.
    """
    known = profile or AccountProfile(stage=stages[0] if stages else None)
    return replace(
        known,
        stage=request.stage or known.stage,
        persona=request.persona or known.persona,
        business_unit=request.business_unit or known.business_unit,
    )


def context_text(profile: AccountProfile) -> str:
    """Put who is to be convinced of what, and when, into one text for the encoder; empty if nothing is known.

    Notes
    -----
    Bare values in this order searched best: labels, sentences, country, head count or what the account is to us all
    drew the search away from what the content is about. Markets are policy's and localisation's matter.
    """
    return "; ".join(as_words(value) for values in _context(profile).values() for value in values)


def known_facets(profile: AccountProfile) -> frozenset[str]:
    """Return which facets the context text speaks of."""
    return frozenset(facet for facet, values in _context(profile).items() if values)


def _context(profile: AccountProfile) -> dict[str, tuple[str, ...]]:
    """Return what is known per facet, in the order of the text; who is missing stands in for who is addressed."""
    known = {
        "industry": (profile.industry,),
        "stage": (profile.stage,),
        "persona": (profile.persona,) if profile.persona else profile.missing_roles,
        "business_unit": (profile.business_unit,),
    }
    return {facet: tuple(value for value in values if value) for facet, values in known.items()}


def interests(profile: AccountProfile) -> tuple[Interest, ...]:
    """Return what the account is interested in: its strongest topics, strongest first, then what it lately read.

    Notes
    -----
    Weights grow with the square root of strength: of two topics one half as strong is still well worth an answer.
    """
    topics = sorted(
        (topic for topic in profile.topics if 0 < topic.strength < inf), key=lambda t: (-t.strength, t.name)
    )
    strongest = topics[0].strength if topics else 1.0
    searched = (
        Interest(as_words(topic.name), (topic.strength / strongest) ** 0.5, is_topic=True)
        for topic in topics[:TOPICS_READ]
    )
    read = (Interest(title, RECENT_TITLE_WEIGHT, is_topic=False) for title in profile.recent_titles)
    return (*searched, *read)


def as_words(value: str) -> str:
    """Return a value such as ``financial_services`` as words."""
    return " ".join(value.replace("_", " ").split())
