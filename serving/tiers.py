"""Releases, their tiers and their accounts, as they are answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import pandas as pd

from features.errors import InputError
from features.group import NO_TIER, OTHER_REGION, Group
from features.messages import speaker
from serving.problems import ConflictError
from serving.schemas.scores import UnitScoreAnswer
from serving.schemas.tiers import AccountAnswer, ReleaseAnswer, ReleasesAnswer, TierRow, TiersAnswer, TiersQuery
from tiering.export import reasons_in
from tiering.queries import ListedColumn
from tiering.release import Release
from tiering.scores import probabilities_by_day
from tiering.store import Store

_FILTERS: Mapping[str, ListedColumn] = MappingProxyType(
    {"region": "region", "tier": "tier", "business_unit": "lead_business_unit"}
)
"""Which column of a release's accounts each field of the query filters by."""


def published(store: Store) -> Release:
    """Return the published release.

    Raises
    ------
    ConflictError
        If none is.
    """
    release = store.published()
    if release is None:
        raise ConflictError("no release is published; run 'glocal refresh', then 'glocal publish RELEASE'")
    return release


def tiers(store: Store, group: Group, query: TiersQuery) -> TiersAnswer:
    """Return one page of a release's accounts.

    Raises
    ------
    NotFoundError
        If there is no such release.
    ConflictError
        If none is named and none is published.
    InputError
        If there is no such region, tier, business unit or locale.
    """
    speaker(query.locale)
    release = store.get(query.release) if query.release else published(store)
    declared = {
        "region": (*group.regions, OTHER_REGION),
        "tier": (*group.tiers, NO_TIER),
        "business_unit": tuple(group.business_units),
    }
    for field, column in _FILTERS.items():
        value = getattr(query, field)
        if value is not None and value not in declared[field]:
            _check(field, value, declared[field], store.listed(release.id, column))
    rows = store.accounts(
        release.id,
        region=query.region,
        tier=query.tier,
        country=query.country,
        business_unit=query.business_unit,
        limit=query.limit + 1,
        offset=query.offset,
    )
    shown = rows.head(query.limit)
    return TiersAnswer(
        release=release_answer(release),
        accounts=tuple(_row(row, query.locale) for row in shown.to_dict("records")),
        next_offset=query.offset + query.limit if len(rows) > query.limit else None,
    )


def account(store: Store, account_id: str, locale: str) -> AccountAnswer:
    """Return an account of the published release by any of its ids.

    Raises
    ------
    NotFoundError
        If the release has no such account.
    ConflictError
        If none is published.
    InputError
        If Glocal does not speak the locale.
    """
    speaker(locale)
    release = published(store)
    listed = store.account(release.id, account_id)
    return AccountAnswer(
        release=release_answer(release),
        account_id=listed.account_id,
        aliases=listed.aliases,
        name=listed.name,
        country=listed.country,
        region=listed.region,
        source=listed.source,
        source_id=listed.source_id,
        tier=listed.tier,
        lead_business_unit=listed.lead_business_unit,
        priority_value=listed.priority_value,
        why_none=listed.why_none,
        scores=tuple(
            UnitScoreAnswer(
                business_unit=unit.business_unit,
                kind=unit.kind,
                probability=unit.probability,
                probability_by_day=probabilities_by_day(unit.probability_by_day),
                expected_gross_profit=unit.expected_gross_profit,
                expected_amount=unit.expected_amount,
                in_pipeline=unit.in_pipeline,
                reasons=reasons_in(unit.reasons, locale),
            )
            for unit in listed.scores
        ),
    )


def releases(store: Store) -> ReleasesAnswer:
    """Return all releases, the latest first."""
    return ReleasesAnswer(releases=tuple(map(release_answer, store.releases())))


def release_answer(release: Release) -> ReleaseAnswer:
    """Return a release as it is answered."""
    origin = release.origin
    return ReleaseAnswer(
        id=release.id,
        status=str(release.status),
        as_of=origin.as_of,
        created_at=release.created_at,
        published_at=release.published_at,
        bundle_version=origin.bundle_version,
        data_version=origin.data_version,
        code_version=origin.code_version,
        group_digest=origin.group_digest,
        models=dict(release.models),
        counts=dict(release.counts),
    )


def _row(row: Mapping[Any, Any], locale: str) -> TierRow:
    """Return one account, what is missing being null."""
    known = {str(name): None if pd.isna(value) else value for name, value in row.items()}
    told = {
        "reasons": reasons_in(known["reasons"] or "[]", locale),
        "probability_by_day": probabilities_by_day(known["probability_by_day"]),
    }
    return TierRow(**known | told)


def _check(field: str, value: str, declared: Sequence[str], listed: Sequence[str]) -> None:
    """Check that a value which the group does not declare now is one that the release lists."""
    if value not in listed:
        known = ", ".join(dict.fromkeys([*declared, *listed]))
        raise InputError(f"query.{field}: {value!r} is unknown; give none, or one of: {known}")
