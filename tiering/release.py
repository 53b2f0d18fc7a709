"""Releases: one immutable, versioned tier list, what it was made from, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import pandas as pd


class Status(StrEnum):
    """Where a release stands in its life: a draft is published, then superseded or rolled back."""

    DRAFT = "draft"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class Note:
    """What the reader of a release must know, free of any language.

    Parameters
    ----------
    code : what it is about, such as 'model_refused'.
    values : by name, what the sentence is filled with.
    """

    code: str
    values: Mapping[str, str | int | float]


@dataclass(frozen=True, slots=True)
class Origin:
    """All that it takes to make a release again.

    Parameters
    ----------
    as_of : the cutoff of the snapshot, UTC without an offset.
    bundle_version : of the models.
    data_version : digest of the rows.
    code_version : of Glocal.
    group_digest : of the group file.
    """

    as_of: datetime
    bundle_version: str
    data_version: str
    code_version: str
    group_digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A tier list that is not stored yet.

    Parameters
    ----------
    origin : what it was made from.
    accounts : one row per account, with ACCOUNT_COLUMNS.
    scores : one row per account × BU, with SCORE_COLUMNS.
    aliases : one row per id under which an account is known, its own included, with ALIAS_COLUMNS.
    models : version of the model of each kind that there is.
    counts : accounts per tier, in the group's order of tiers, then 'none'.
    notes : what its reader must know.
    """

    origin: Origin
    accounts: pd.DataFrame
    scores: pd.DataFrame
    aliases: pd.DataFrame
    models: Mapping[str, str]
    counts: Mapping[str, int]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Release:
    """A stored tier list.

    Parameters
    ----------
    id : sequential and readable, such as 'r0001'.
    status : where it stands.
    origin : what it was made from.
    created_at, published_at : UTC without an offset.
    supersedes : the release that was published before it.
    models : version of the model of each kind that there is.
    counts : accounts per tier.
    notes : what its reader must know.
    """

    id: str
    status: Status
    origin: Origin
    created_at: datetime
    published_at: datetime | None
    supersedes: str | None
    models: Mapping[str, str]
    counts: Mapping[str, int]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True)
class UnitScore:
    """One account seen by one business unit.

    Parameters
    ----------
    business_unit : whose score it is.
    kind : 'new_logo', 'cross_sell' or 'upsell'.
    probability : calibrated, of a success within the BU's own horizon; None where no model scores it.
    probability_by_day : JSON, of a success by each of `tiering.scores.CURVE_DAYS`; None likewise.
    expected_gross_profit, expected_amount : of a success, in group currency.
    priority_value : what the account's tier adds, or would add, if this BU led it.
    in_pipeline : whether the account has open pipeline in the BU.
    reasons : JSON as `models.explain` writes it.
    """

    business_unit: str
    kind: str
    probability: float | None
    probability_by_day: str | None
    expected_gross_profit: float | None
    expected_amount: float | None
    priority_value: float | None
    in_pipeline: bool
    reasons: str


@dataclass(frozen=True, slots=True)
class ListedAccount:
    """One account of a release, with its scores per business unit.

    Parameters
    ----------
    account_id, name, country, region : which it is.
    source, source_id : the CRM and its own id of the account.
    tier : one of the group's, or 'none'.
    lead_business_unit : who leads it; for tier 'none' who has most to expect of it.
    priority_value : what the tier adds; for tier 'none' what the best one offered would have added.
    why_none : why it is in no tier.
    aliases : all ids under which it is known.
    scores : one per BU, by name.
    """

    account_id: str
    name: str
    country: str
    region: str
    source: str | None
    source_id: str | None
    tier: str
    lead_business_unit: str | None
    priority_value: float | None
    why_none: str | None
    aliases: tuple[str, ...]
    scores: tuple[UnitScore, ...]


ACCOUNT_COLUMNS = (
    "account_id",
    "name",
    "country",
    "region",
    "source",
    "source_id",
    "tier",
    "lead_business_unit",
    "priority_value",
    "why_none",
)
SCORE_COLUMNS = (
    "account_id",
    "business_unit",
    "kind",
    "probability",
    "probability_by_day",
    "expected_gross_profit",
    "expected_amount",
    "priority_value",
    "in_pipeline",
    "reasons",
)
ALIAS_COLUMNS = ("alias_id", "account_id", "source_id", "domain")
