"""What a recommendation is asked with, and what it answers."""

from __future__ import annotations

from pydantic import ConfigDict, Field
from pydantic.config import JsonDict

from features.contracts import AUDIENCES
from models.request import MOST_ITEMS
from serving.schemas.fields import Answer, Body, Locale, Text

_EXAMPLE: JsonDict = {
    "account_id": "A-1001",
    "market": "CH",
    "language": "de-CH",
    "k": 3,
    "persona": "economic_buyer",
    "stage": "evaluation",
}


class RecommendationQuery(Body):
    """Asks which content to use with an account, in a market, for a persona, at a stage.

    The account may be named by any of its ids, by the id that the CRM has for it, by domain or by name; the first that
    is known counts. Of one that is not known, what the request says is known: its industry, its topics.
    """

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    account_id: Text | None = Field(default=None, description="any of its ids")
    source_id: Text | None = Field(default=None, description="the CRM's own id of the account")
    domain: Text | None = Field(default=None, examples=["example.com"])
    name: Text | None = Field(default=None, description="of the company, in the market")
    industry: Text | None = Field(default=None, description="of an account that is not known")
    topics: tuple[Text, ...] = Field(default=(), max_length=50, description="of an account that is not known")
    market: Text = Field(description="ISO 3166-1 alpha-2", examples=["CH"])
    language: Text = Field(description="BCP-47", examples=["de-CH"])
    k: int = Field(default=5, strict=True, ge=1, le=MOST_ITEMS, description="how many items at most")
    persona: Text | None = Field(default=None, description="content made for it comes first")
    stage: Text | None = Field(default=None, description="content made for it comes first")
    business_unit: Text | None = Field(default=None, description="content of others never appears")
    channel: Text | None = Field(default=None, description="content for others never appears")
    audience: Text | None = Field(
        default=None, description="content for others never appears", json_schema_extra={"enum": [*AUDIENCES, None]}
    )
    locale: Locale = "en"


class RecommendationItem(Answer):
    """One playbook or asset, in the variant that suits the market and language.

    Parameters
    ----------
    score : larger is better; comparable within one answer only.
    reasons : why, in sentences of the reader's language.
    """

    asset_id: str
    family_id: str
    title: str
    layer: str
    language: str
    kind: str | None
    format: str | None
    channel: str | None
    score: float
    reasons: tuple[str, ...]


class LanguageFallback(Answer):
    """Which language was asked for, and which were served.

    Parameters
    ----------
    used : whether any item is in another language than the one asked for.
    reason : ``not_in_library``, ``not_permitted`` or ``not_in_every_family``, if so.
    """

    asked: str
    served: tuple[str, ...]
    used: bool
    reason: str | None


class RecommendationAnswer(Answer):
    """What `POST /v1/recommendations` answers, and ``glocal recommend --json`` prints.

    Parameters
    ----------
    request_id : to be sent back with feedback.
    account_id : under which the account is known.
    account_known : false: the market's default, or what fits the description given.
    items : best first; fewer than asked for where no more may be shown.
    fallback : whether other languages had to stand in.
    filtered : how many variants each rule kept away.
    policy_version : of what ranked.
    """

    request_id: str
    account_id: str | None
    account_known: bool
    items: tuple[RecommendationItem, ...]
    fallback: LanguageFallback
    filtered: dict[str, int]
    policy_version: str
