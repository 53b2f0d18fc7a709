"""A playbook variant as it is put into the library."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, ConfigDict, Field, model_validator
from pydantic.config import JsonDict

from features.contracts import AUDIENCES, LAYERS, PLAYBOOK_KINDS, PLAYBOOK_STATUSES
from features.errors import InputError
from models.language_tags import check_language
from serving.schemas.fields import Answer, Body, LongText, Market, Moment, Text

_EXAMPLE: JsonDict = {
    "family_id": "exit-costs",
    "layer": "local",
    "language": "de-CH",
    "title": "Was ein Cloud-Ausstieg wirklich kostet",
    "body": "Drei Fragen, die ein Schweizer Einkauf vor der Verlängerung stellt.",
    "markets": ["CH"],
    "stages": ["evaluation"],
    "personas": ["economic_buyer"],
    "kind": "asset",
    "channel": "email",
    "format": "one_pager",
    "audience": "customer",
    "expires_at": "2027-03-31T00:00:00Z",
    "status": "approved",
}


def _one_of(values: tuple[str, ...]) -> tuple[AfterValidator, Any]:
    """Allow some values only, and say so in the API's description."""

    def check(value: str) -> str:
        if value not in values:
            raise ValueError(f"give one of {', '.join(values)}")
        return value

    return AfterValidator(check), Field(json_schema_extra={"enum": list(values)})


def _language(value: str) -> str:
    try:
        return check_language(value, ())
    except InputError as error:
        raise ValueError("this is no BCP-47 language; give one such as 'de-CH' or 'pt-BR'") from error


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    """Refuse a list of nothing, for which nobody would ever see the variant."""
    if not values:
        raise ValueError("this list is empty, so nobody would see the variant; give null for all")
    return values


_Markets = Annotated[tuple[Market, ...], AfterValidator(_some)]
_Names = Annotated[tuple[Text, ...], AfterValidator(_some)]


class PlaybookBody(Body):
    """One variant of a content family; a list that is left out or null means all.

    Parameters
    ----------
    valid_from, expires_at : shown from the one on, and no longer at the other.
    status : only what is approved, or has no status, is shown.
    external_id : in the system where the content lies.
    """

    model_config = ConfigDict(json_schema_extra={"example": _EXAMPLE})

    family_id: Text
    layer: Annotated[str, *_one_of(LAYERS)]
    language: Annotated[Text, AfterValidator(_language)]
    title: Text
    body: LongText
    markets: _Markets | None = Field(default=None, max_length=300)
    business_units: _Names | None = Field(default=None, max_length=300)
    industries: _Names | None = Field(default=None, max_length=300)
    stages: _Names | None = Field(default=None, max_length=300)
    personas: _Names | None = Field(default=None, max_length=300)
    kind: Annotated[str, *_one_of(PLAYBOOK_KINDS)] | None = None
    channel: Text | None = None
    format: Text | None = None
    audience: Annotated[str, *_one_of(AUDIENCES)] | None = None
    valid_from: Moment | None = None
    expires_at: Moment | None = None
    status: Annotated[str, *_one_of(PLAYBOOK_STATUSES)] | None = None
    external_id: Text | None = None

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.valid_from and self.expires_at and self.expires_at <= self.valid_from:
            raise ValueError(
                f"expires_at is {self.expires_at.isoformat()}, which is not after valid_from, "
                f"{self.valid_from.isoformat()}; give a later one"
            )
        return self


class PlaybookAnswer(Answer):
    """What was done to the library; the next request sees it."""

    asset_id: str
    change: Literal["put", "deleted"]
