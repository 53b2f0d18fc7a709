"""What scores are asked with, and what they answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from serving.schemas.fields import Answer, Body, Locale, Text

MOST_ACCOUNTS = 1_000


class ScoresQuery(Body):
    """Asks how likely, and worth how much, a success is at each of some accounts."""

    model_config = ConfigDict(json_schema_extra={"example": {"account_ids": ["A-1001", "A-1002"]}})

    account_ids: tuple[Text, ...] = Field(min_length=1, max_length=MOST_ACCOUNTS)
    business_unit: Text | None = Field(default=None, description="one only; all by default")
    locale: Locale = "en"


class UnitScoreAnswer(Answer):
    """One account as one business unit sees it.

    Parameters
    ----------
    kind : ``new_logo``, ``cross_sell`` or ``upsell``.
    probability : calibrated, of a success within the business unit's own horizon; null where no model scores it.
    probability_by_day : of a success by so many days from the release's cutoff, by the number of days; null likewise.
    expected_gross_profit, expected_amount : of a success, in group currency; null where not known.
    in_pipeline : sales work it already.
    reasons : what moved the probability most, in sentences.
    """

    business_unit: str
    kind: str
    probability: float | None
    probability_by_day: dict[str, float] | None
    expected_gross_profit: float | None
    expected_amount: float | None
    in_pipeline: bool
    reasons: tuple[str, ...]


class AccountScores(Answer):
    """All scores of one account.

    Parameters
    ----------
    asked : the id in the request.
    account_id : under which the account is known.
    """

    asked: str
    account_id: str
    scores: tuple[UnitScoreAnswer, ...]


class Versions(Answer):
    """All that it takes to replay a score."""

    release: str
    model_version: str
    as_of: datetime
    data_version: str
    code_version: str


class ScoresAnswer(Answer):
    """What `POST /v1/scores` answers, accounts in the order in which they were asked for."""

    versions: Versions
    accounts: tuple[AccountScores, ...]
