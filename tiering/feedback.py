"""Feedback: the playbooks that were shown, and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, DateTime, Float, Integer, String, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from features.contracts import IMPRESSION_OUTCOMES, TABLES
from features.errors import InputError, NotFoundError
from tiering.schema import FEEDBACK, IMPRESSIONS

VIEWED = "viewed"
"""What came of an impression when somebody merely saw it."""

OUTCOMES = (VIEWED, *IMPRESSION_OUTCOMES)
"""What can come of an impression, the later the more."""


_DTYPES = {String: "str", DateTime: "datetime64[us]", Float: "float64", Integer: "Int64"}


@dataclass(frozen=True, slots=True)
class Impression:
    """One playbook shown; the columns of the contract's table ``impressions``.

    Parameters
    ----------
    impression_id : unique; the same id again is the same impression.
    account_id : None where the account is not known.
    shown_at : UTC, or with an offset.
    probability : in [0, 1], of this item at this position given those above.
    position : 1 for the first.
    """

    impression_id: str
    asset_id: str
    shown_at: datetime
    account_id: str | None = None
    request_id: str | None = None
    policy_version: str | None = None
    probability: float | None = None
    position: int | None = None
    market: str | None = None
    language: str | None = None
    persona: str | None = None
    stage: str | None = None
    business_unit: str | None = None
    contact_id: str | None = None
    team: str | None = None


@dataclass(frozen=True, slots=True)
class Feedback:
    """What came of an impression.

    Parameters
    ----------
    event_id : unique; the same id again is the same event.
    impression_id : of a recorded impression.
    outcome : one of OUTCOMES.
    occurred_at : UTC, or with an offset.
    """

    event_id: str
    impression_id: str
    outcome: str
    occurred_at: datetime


def record_impressions(connection: Connection, impressions: Sequence[Impression]) -> int:
    """Record impressions, and return how many were new."""
    rows = [asdict(one) | {"shown_at": in_utc(one.shown_at)} for one in impressions]
    return _insert_new(connection, IMPRESSIONS, rows)


def record_feedback(connection: Connection, events: Sequence[Feedback]) -> int:
    """Record what came of impressions, and return how many events were new.

    Raises
    ------
    NotFoundError
        If an impression was never recorded; nothing is recorded then.
    InputError
        If an outcome is unknown; nothing is recorded then.
    """
    for one in events:
        if one.outcome not in OUTCOMES:
            raise InputError(
                f"feedback {one.event_id!r}: outcome {one.outcome!r} is none of {', '.join(OUTCOMES)}; give one of them"
            )
    _check_impressions(connection, events)
    rows = [asdict(one) | {"occurred_at": in_utc(one.occurred_at)} for one in events]
    return _insert_new(connection, FEEDBACK, rows)


def impressions(connection: Connection) -> pd.DataFrame:
    """Return every impression of a known account in the form of the contract's table, sorted by time and id.

    ``viewed_at`` is when it was first seen; ``outcome`` is the furthest that came of it, ``outcome_at`` when that first
    did.
    """
    shown = _table(connection, IMPRESSIONS).dropna(subset=["account_id"])
    events = _table(connection, FEEDBACK).sort_values(["occurred_at", "event_id"], kind="stable")
    viewed = events[events["outcome"] == VIEWED].groupby("impression_id")["occurred_at"].first()
    further = events[events["outcome"] != VIEWED]
    reached = further["outcome"].map(OUTCOMES.index).sort_values(ascending=False, kind="stable")
    furthest = further.loc[reached.index].drop_duplicates("impression_id").set_index("impression_id")
    what = furthest[["outcome", "occurred_at"]].rename(columns={"occurred_at": "outcome_at"})
    rows = shown.join(viewed.rename("viewed_at"), on="impression_id").join(what, on="impression_id")
    columns = [name for name in TABLES["impressions"].columns if name in rows]
    return rows.sort_values(["shown_at", "impression_id"], ignore_index=True)[columns]


def in_utc(at: datetime) -> datetime:
    """Return an instant in UTC without an offset; one that has no offset is taken to be UTC."""
    return at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)


def _table(connection: Connection, table: Table) -> pd.DataFrame:
    """Return a whole table with its types, also where it is empty."""
    columns = list(table.columns)
    rows = pd.DataFrame.from_records(
        connection.execute(select(table)).all(), columns=[column.name for column in columns]
    )
    return rows.astype({column.name: _DTYPES[type(column.type)] for column in columns})


def _insert_new(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> int:
    """Insert the rows whose key is new, and return how many they were."""
    if not rows:
        return 0
    insert = sqlite.insert(table) if connection.dialect.name == "sqlite" else postgresql.insert(table)
    new = insert.on_conflict_do_nothing().returning(table.primary_key.columns[0])
    return len(connection.execute(new, rows).all())


def _check_impressions(connection: Connection, events: Sequence[Feedback]) -> None:
    named = sorted({one.impression_id for one in events})
    key = IMPRESSIONS.c.impression_id
    known = set(connection.scalars(select(key).where(key.in_(named))))
    unknown = [name for name in named if name not in known]
    if unknown:
        raise NotFoundError(
            f"feedback on impression {unknown[0]!r}: no such impression was recorded; give the impression_id that came "
            "with the recommendation"
        )
