"""Live scores: the published release's models on the snapshot that it was scored from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.errors import InputError, NotFoundError
from features.group import Group
from features.version import code_version
from features.workspace import Workspace
from models.bundle import Bundle, load_bundle
from serving.schemas.scores import AccountScores, ScoresAnswer, ScoresQuery, UnitScoreAnswer, Versions
from tiering.export import reasons_in
from tiering.priority import expected_gross_profit
from tiering.refresh import snapshot_path
from tiering.release import Release
from tiering.scores import probabilities_by_day, score_rows
from tiering.store import Store

NAMED = 100
"""Unknown ids that a message repeats."""


@dataclass(frozen=True, slots=True, eq=False)
class Scoring:
    """What scoring takes, in memory.

    Parameters
    ----------
    release : the one whose scores these are.
    bundle : its models.
    snapshot : the one that it was scored from.
    rows : positions in the snapshot, by account id.
    group : its margins turn amounts into gross profit.
    """

    release: Release
    bundle: Bundle
    snapshot: pd.DataFrame
    rows: Mapping[str, NDArray[np.int64]]
    group: Group


def load_scoring(workspace: Workspace, release: Release) -> Scoring:
    """Load the models and the snapshot of a release.

    Raises
    ------
    InputError
        If either is missing or is not what was saved.
    """
    bundle = load_bundle(workspace.bundles / release.origin.bundle_version)
    path = snapshot_path(workspace, release.id)
    if not path.exists():
        raise InputError(
            f"release {release.id!r}: its snapshot {path} is missing; run 'glocal refresh' and publish anew"
        )
    snapshot = pd.read_parquet(path)
    places = snapshot.groupby("account_id", sort=False).indices
    rows = {str(account): np.asarray(at, dtype=np.int64) for account, at in places.items()}
    return Scoring(release, bundle, snapshot, rows, workspace.group())


def score(scoring: Scoring, store: Store, query: ScoresQuery) -> ScoresAnswer:
    """Score accounts, each the same to the bit whichever others are asked for.

    Parameters
    ----------
    scoring : of the published release.
    store : knows under which ids accounts go.
    query : what is asked.

    Raises
    ------
    NotFoundError
        If an account is not in the release.
    InputError
        If there is no such business unit or locale.
    """
    units = scoring.group.business_units
    if query.business_unit and query.business_unit not in units:
        known = ", ".join(sorted(units))
        raise InputError(
            f"body.business_unit: {query.business_unit!r} is unknown; give none for all, or one of: {known}"
        )
    found = _found(scoring, store, query.account_ids)
    scores = _scored(scoring, list(found.values()), query.business_unit)
    told = {str(name): _units(rows, query.locale) for name, rows in scores.groupby("account_id", sort=False)}
    return ScoresAnswer(
        versions=_versions(scoring),
        accounts=tuple(
            AccountScores(asked=asked, account_id=found[asked], scores=told[found[asked]])
            for asked in query.account_ids
        ),
    )


def _found(scoring: Scoring, store: Store, asked: Sequence[str]) -> dict[str, str]:
    """Return the account id of each id asked for.

    Raises
    ------
    NotFoundError
        If one is not in the release, or is in it without signals.
    """
    owners = {name: name if name in scoring.rows else store.owner(scoring.release.id, name) for name in asked}
    found = {name: account_id for name, account_id in owners.items() if account_id in scoring.rows}
    unknown = [name for name in owners if name not in found]
    if unknown:
        named = ", ".join(map(repr, unknown[:NAMED])) + (" …" if len(unknown) > NAMED else "")
        raise NotFoundError(
            f"body.account_ids: {len(unknown)} of {len(owners)} are not in release {scoring.release.id}: {named}; "
            "check the ids, or refresh and publish after the accounts were ingested"
        )
    return {name: account_id for name, account_id in found.items() if account_id is not None}


def _scored(scoring: Scoring, account_ids: Sequence[str], business_unit: str | None) -> pd.DataFrame:
    """Score the rows of some accounts, by account and business unit."""
    places = np.concatenate([scoring.rows[account_id] for account_id in dict.fromkeys(account_ids)])
    rows = scoring.snapshot.iloc[places]
    if business_unit:
        rows = rows[rows["business_unit"] == business_unit]
    scores = score_rows(scoring.bundle, rows, scoring.group.planning_days)
    return scores.assign(expected_gross_profit=expected_gross_profit(scores, scoring.group))


def _versions(scoring: Scoring) -> Versions:
    origin = scoring.release.origin
    return Versions(
        release=scoring.release.id,
        model_version=origin.bundle_version,
        as_of=origin.as_of,
        data_version=origin.data_version,
        code_version=code_version(),
    )


def _units(scores: pd.DataFrame, locale: str) -> tuple[UnitScoreAnswer, ...]:
    return tuple(_unit(row, locale) for row in scores.to_dict("records"))


def _unit(row: Mapping[Any, Any], locale: str) -> UnitScoreAnswer:
    return UnitScoreAnswer(
        business_unit=row["business_unit"],
        kind=row["kind"],
        probability=_number(row["probability"]),
        probability_by_day=probabilities_by_day(row["probability_by_day"]),
        expected_gross_profit=_number(row["expected_gross_profit"]),
        expected_amount=_number(row["amount"]),
        in_pipeline=row["in_pipeline"],
        reasons=reasons_in(row["reasons"], locale),
    )


def _number(value: float) -> float | None:
    """Return a number, None where it is not known."""
    return None if math.isnan(value) else value
