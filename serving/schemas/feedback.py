"""What came of content that was shown."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field
from pydantic.config import JsonDict

from serving.schemas.fields import Answer, Body, Moment, Text
from tiering.feedback import OUTCOMES

MOST_EVENTS = 1_000


_EXAMPLE: JsonDict = {
    "event_id": "E-1",
    "request_id": "0c9d5f1e2b7a4c1d",
    "account_id": "A-1001",
    "asset_id": "exit-costs--de-local-1",
    "outcome": "used",
    "occurred_at": "2026-07-01T09:30:00Z",
}


def _outcome(value: str) -> str:
    if value not in OUTCOMES:
        raise ValueError(f"give one of {', '.join(OUTCOMES)}")
    return value


class FeedbackEvent(Body):
    """One thing that happened with one asset at one account.

    Parameters
    ----------
    event_id : the sender's own; the same event sent again counts once.
    request_id : of the recommendation that showed the asset.
    """

    event_id: Text
    request_id: Text | None = None
    account_id: Text
    asset_id: Text
    outcome: Annotated[str, AfterValidator(_outcome), Field(json_schema_extra={"enum": list(OUTCOMES)})]
    occurred_at: Moment
    contact_id: Text | None = None
    team: Text | None = None


class FeedbackBatch(Body):
    """Events in any order; sending some of them again does no harm."""

    model_config = ConfigDict(json_schema_extra={"example": {"events": [_EXAMPLE]}})

    events: tuple[FeedbackEvent, ...] = Field(min_length=1, max_length=MOST_EVENTS)


class FeedbackAnswer(Answer):
    """How many events are new, and how many had been sent before."""

    accepted: int
    duplicate: int
