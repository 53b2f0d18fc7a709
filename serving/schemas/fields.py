"""Types of fields that several requests share."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from features.countries import codes

Text = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[^\x00]*$")]
"""An id or a name in any script; databases take no NUL."""

LongText = Annotated[str, StringConstraints(min_length=1, max_length=100_000, pattern=r"^[^\x00]*$")]

Locale = Annotated[Text, Field(description="the language in which to say reasons", examples=["en"])]


def _without_offset(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC).replace(tzinfo=None)
    except OverflowError as error:
        raise ValueError("in UTC this lies beyond the calendar; give a time from year 1 to 9999, or none") from error


def _market(code: str) -> str:
    market = code.strip().upper()
    if market not in codes():
        raise ValueError("this is no ISO 3166-1 alpha-2 code; give one such as 'DE' or 'JP'")
    return market


Moment = Annotated[AwareDatetime, AfterValidator(_without_offset)]
"""An instant with its offset from UTC; held as UTC without one."""


Market = Annotated[Text, AfterValidator(_market)]
"""An ISO 3166-1 alpha-2 code, in capitals."""


class Body(BaseModel):
    """What a request sends: no field that is not declared, no number that is none."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Answer(BaseModel):
    """What a request gets back."""

    model_config = ConfigDict(extra="forbid", frozen=True)
