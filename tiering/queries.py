"""What stands in a release: its accounts, their scores, and under which ids and domains they are known."""

from __future__ import annotations

from typing import Any, Literal

import pandas as pd
from sqlalchemy import Connection, Select, and_, exists, func, select

from features.errors import NotFoundError
from tiering.release import ACCOUNT_COLUMNS, SCORE_COLUMNS, ListedAccount, UnitScore
from tiering.schema import RELEASE_ACCOUNTS, RELEASE_ALIASES, RELEASE_SCORES

LEAD_COLUMNS = (
    "kind",
    "probability",
    "probability_by_day",
    "expected_gross_profit",
    "expected_amount",
    "in_pipeline",
    "reasons",
)
"""What `accounts` takes from the score of the leading business unit."""

_NUMBERS = ("probability", "expected_gross_profit", "expected_amount", "priority_value")

ListedColumn = Literal["region", "tier", "lead_business_unit"]


def accounts(
    connection: Connection,
    release_id: str,
    *,
    region: str | None = None,
    tier: str | None = None,
    country: str | None = None,
    business_unit: str | None = None,
    limit: int | None = None,
    offset: int = 0,
) -> pd.DataFrame:
    """Return the accounts of a release, sorted by id, with what their leading business unit sees in them.

    Parameters
    ----------
    region, tier, country, business_unit : only those; the business unit is the leading one.
    limit, offset : at most so many, after so many.

    Returns
    -------
    DataFrame with ACCOUNT_COLUMNS and LEAD_COLUMNS; the latter are missing where no business unit leads, but for
    ``in_pipeline``, which then tells whether the account has open pipeline in any.
    """
    a, s, worked = RELEASE_ACCOUNTS.c, RELEASE_SCORES.c, RELEASE_SCORES.alias("worked").c
    led = and_(s.release_id == a.release_id, s.account_id == a.account_id, s.business_unit == a.lead_business_unit)
    anywhere = exists().where(
        worked.release_id == a.release_id, worked.account_id == a.account_id, worked.in_pipeline.is_(True)
    )
    lead = {name: s[name] for name in LEAD_COLUMNS} | {
        "in_pipeline": func.coalesce(s.in_pipeline, anywhere).label("in_pipeline")
    }
    wanted = {a.region: region, a.tier: tier, a.country: country, a.lead_business_unit: business_unit}
    statement = (
        select(*(a[name] for name in ACCOUNT_COLUMNS), *(lead[name] for name in LEAD_COLUMNS))
        .select_from(RELEASE_ACCOUNTS.outerjoin(RELEASE_SCORES, led))
        .where(a.release_id == release_id, *(column == value for column, value in wanted.items() if value is not None))
        .order_by(a.account_id)
        .limit(limit)
        .offset(offset)
    )
    return _frame(connection, statement, (*ACCOUNT_COLUMNS, *LEAD_COLUMNS)).astype({"in_pipeline": "boolean"})


def listed(connection: Connection, release_id: str, column: ListedColumn) -> tuple[str, ...]:
    """Return the different values of a column of a release's accounts, sorted."""
    value = RELEASE_ACCOUNTS.c[column]
    rows = select(value).distinct().where(RELEASE_ACCOUNTS.c.release_id == release_id, value.is_not(None))
    return tuple(connection.scalars(rows.order_by(value)))


def scores(connection: Connection, release_id: str) -> pd.DataFrame:
    """Return every score of a release with SCORE_COLUMNS, sorted by account and business unit."""
    c = RELEASE_SCORES.c
    statement = (
        select(*(c[name] for name in SCORE_COLUMNS))
        .where(c.release_id == release_id)
        .order_by(c.account_id, c.business_unit)
    )
    return _frame(connection, statement, SCORE_COLUMNS).astype({"in_pipeline": "bool"})


def account(connection: Connection, release_id: str, account_id: str) -> ListedAccount:
    """Return one account by any of its ids or the CRM's, with its scores.

    Raises
    ------
    NotFoundError
        If the release has no such account.
    """
    entity = owner(connection, release_id, account_id)
    if entity is None:
        raise NotFoundError(f"release {release_id!r}: it has no account {account_id!r}; check the id")
    a, s, n = RELEASE_ACCOUNTS.c, RELEASE_SCORES.c, RELEASE_ALIASES.c
    row = connection.execute(
        select(*(a[name] for name in ACCOUNT_COLUMNS)).where(a.release_id == release_id, a.account_id == entity)
    ).one()
    units = connection.execute(
        select(*(s[name] for name in SCORE_COLUMNS[1:]))
        .where(s.release_id == release_id, s.account_id == entity)
        .order_by(s.business_unit)
    )
    aliases = connection.scalars(
        select(n.alias_id).where(n.release_id == release_id, n.account_id == entity).order_by(n.alias_id)
    )
    return ListedAccount(
        **row._mapping, aliases=tuple(aliases), scores=tuple(UnitScore(**unit._mapping) for unit in units)
    )


def owner(connection: Connection, release_id: str, name: str) -> str | None:
    """Return the account that goes by an id of its own, else by a CRM's; None where that is none, or several."""
    found = find(connection, release_id, "account_id", name) or find(connection, release_id, "source_id", name)
    return found[0] if len(found) == 1 else None


def find(
    connection: Connection, release_id: str, by: Literal["account_id", "source_id", "domain"], value: str
) -> tuple[str, ...]:
    """Return the ids of the accounts known under an id, a CRM's id or a domain, sorted."""
    c = RELEASE_ALIASES.c
    column = {"account_id": c.alias_id, "source_id": c.source_id, "domain": c.domain}[by]
    known_as = value.lower() if by == "domain" else value
    statement = select(c.account_id).distinct().where(c.release_id == release_id, column == known_as)
    return tuple(connection.scalars(statement.order_by(c.account_id)))


def _frame(connection: Connection, statement: Select[Any], columns: tuple[str, ...]) -> pd.DataFrame:
    """Return rows with their types, also where there are none."""
    rows = connection.execute(statement).all()
    frame = pd.DataFrame.from_records(rows, columns=list(columns))
    return frame.astype({name: "float64" if name in _NUMBERS else "str" for name in columns if name != "in_pipeline"})
