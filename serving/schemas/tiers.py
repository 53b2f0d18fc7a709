"""Tiers, accounts and releases as they are answered."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from serving.schemas.fields import Answer, Body, Locale, Market, Text
from serving.schemas.scores import UnitScoreAnswer

MOST_ROWS = 1_000
LARGEST_OFFSET = 1 << 31


class TiersQuery(Body):
    """Asks for the accounts of a release, some at a time.

    Parameters
    ----------
    business_unit : the leading one.
    release : the published one by default.
    """

    region: Text | None = None
    tier: Text | None = None
    country: Market | None = Field(default=None, description="ISO 3166-1 alpha-2", examples=["DE"])
    business_unit: Text | None = None
    release: Text | None = Field(default=None, examples=["r0001"])
    limit: int = Field(default=100, ge=1, le=MOST_ROWS)
    offset: int = Field(default=0, ge=0, le=LARGEST_OFFSET)
    locale: Locale = "en"


class TierRow(Answer):
    """One account of a release, with what its leading business unit sees in it.

    Parameters
    ----------
    tier : one of the group's, or ``none``.
    kind : ``new_logo``, ``cross_sell`` or ``upsell``; null where no business unit leads.
    probability : calibrated, of a success within the leading business unit's own horizon.
    probability_by_day : of a success by so many days from the release's cutoff, by the number of days.
    priority_value : what the tier adds over the planning window, in group currency.
    why_none : why the account is in no tier.
    """

    account_id: str
    name: str
    country: str
    region: str
    source: str | None
    source_id: str | None
    tier: str
    lead_business_unit: str | None
    kind: str | None
    probability: float | None
    probability_by_day: dict[str, float] | None
    expected_gross_profit: float | None
    expected_amount: float | None
    priority_value: float | None
    in_pipeline: bool | None
    why_none: str | None
    reasons: tuple[str, ...]


class ReleaseAnswer(Answer):
    """One release: an immutable tier list, and what it was made from.

    Parameters
    ----------
    status : ``draft``, ``published``, ``superseded`` or ``rolled_back``.
    models : version of the model of each kind that there is.
    counts : accounts per tier.
    """

    id: str
    status: str
    as_of: datetime
    created_at: datetime
    published_at: datetime | None
    bundle_version: str
    data_version: str
    code_version: str
    group_digest: str
    models: dict[str, str]
    counts: dict[str, int]


class TiersAnswer(Answer):
    """One page of a release's accounts, sorted by id.

    Parameters
    ----------
    next_offset : of the page after this; null on the last.
    """

    release: ReleaseAnswer
    accounts: tuple[TierRow, ...]
    next_offset: int | None


class AccountAnswer(Answer):
    """One account of the published release, as every business unit sees it.

    Parameters
    ----------
    aliases : all ids under which it is known.
    """

    release: ReleaseAnswer
    account_id: str
    aliases: tuple[str, ...]
    name: str
    country: str
    region: str
    source: str | None
    source_id: str | None
    tier: str
    lead_business_unit: str | None
    priority_value: float | None
    why_none: str | None
    scores: tuple[UnitScoreAnswer, ...]


class ReleasesAnswer(Answer):
    """All releases, the latest first."""

    releases: tuple[ReleaseAnswer, ...]
