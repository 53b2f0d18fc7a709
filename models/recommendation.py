"""What the recommender answers: items, why each of them, in which language, and what was left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from models.localise import LanguageMatch, LanguageServed

ReasonCode = Literal[
    "topic",
    "stage",
    "persona",
    "industry",
    "business_unit",
    "missing_role",
    "market_variant",
    "profile",
    "market_default",
    "already_used",
]
"""Why an item is there, in the order in which reasons are given; each code but the last three has one parameter."""


@dataclass(frozen=True, slots=True)
class RecommendationReason:
    """One reason in no language; messages make a sentence of it.

    Parameters
    ----------
    parameters : ``topic``, ``stage``, ``persona``, ``industry``, ``business_unit``: the value that matched;
        ``missing_role``: ``role``; ``market_variant``: ``market``; the others have none.
    """

    code: ReasonCode
    parameters: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RecommendedItem:
    """One variant of a family.

    Parameters
    ----------
    language : canonical BCP-47 tag of the variant.
    language_match : how that compares with the asked language.
    score : comparable within one answer only; the higher, the better.
    reasons : at least one.
    """

    asset_id: str
    family_id: str
    title: str
    layer: str
    language: str
    language_match: LanguageMatch
    kind: str | None
    format: str | None
    channel: str | None
    score: float
    reasons: tuple[RecommendationReason, ...]


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An answer.

    Parameters
    ----------
    items : best first, at most k, each family once.
    fallback : asked against served language.
    filtered : variants left out per rule; ``language`` are those of families without a variant in the chain. All
        counts and the variants of the families left add up to the library.
    account_known : whether there was a profile.
    """

    items: tuple[RecommendedItem, ...]
    fallback: LanguageServed
    filtered: Mapping[str, int]
    account_known: bool
