"""What was known strictly before each cutoff, table by table: all that a signal may read."""

from __future__ import annotations

from dataclasses import dataclass, field

import ibis.expr.types as ir

from features.calendar import Calendar
from features.engines import Keeper

ACCOUNT = ("cutoff_no", "account_no")
"""What names a company at a cutoff."""

UNIT = (*ACCOUNT, "business_unit")
"""What names a company × BU at a cutoff."""


@dataclass(frozen=True, slots=True)
class Known:
    """The tables as they stood just before each cutoff: rows that were there, holding the values that were there.

    Every table has a row for each cutoff that knows it, with ``cutoff_no``, ``cutoff_day``, ``cutoff_second``, the
    ``account_no`` of the company as it was known then, and ``day``, that of the row or the first of its bucket.
    What most readers read is computed once and kept; leaving a ``with`` over this lets go of it.

    Parameters
    ----------
    calendar : the cutoffs.
    accounts : one row per company that existed; values that no history dates and nobody declared static are NULL.
    tree : the ultimate parent of each account, ``root_no``, itself where it has none; with ``country``, ``parent_no``.
    contacts : who was at an account; contacts without ``created_at`` are left out, for nobody knows since when.
    careers : where who is known ever to have been, whether they left or not: ``person_id``, ``account_no``,
        ``created_at``.
    activity : ``n``, ``last_second`` and ``last_talk_second`` of the events of the last 365 days, by bucket.
    quarter : what `features.activity` counts of those of the last 90 days, one row per company that had any.
    unit_activity : ``n``, ``talks`` and ``last_second`` of those that name a BU, by ``business_unit`` and bucket.
    people : who did something in the last 90 days, and how often in the last 30 and 90: ``contact_no``, ``n_30d``,
         ``n_90d``, ``shares``, and, where they were known to be at an account, their ``function``,
        ``seniority`` and ``buying_role``.
    unit_people : the same of events that name a BU, by ``business_unit``.
    assets : who handled which content in the last 180 days: ``asset_id``, ``contact_no``, ``last_second``, and ``n``,
        how often, opened mail aside.
    intent : ``strength`` (exact), ``n``, ``strongest`` and ``last_second`` by ``topic`` and bucket.
    opportunities : ``outcome``, ``closed_at`` and ``gross_profit`` only where closed before the cutoff, ``stage`` and
        ``amount`` as history had them.
    opportunity_history : the changes of stage and amount.
    opportunity_contacts : who was named on an opportunity.
    usage : ``value`` (exact), ``n``, and ``last_second``, of the last reading above nothing, by ``product`` and bucket.
    orders : each order.
    owned : which account had bought from which BU: ``account_no``, ``business_unit``, ``owned_since``.
    impressions : ``viewed_at``, ``outcome`` and ``outcome_at`` only as far as they had come.
    changes : when an account's record last changed: ``last_second``.
    attributes : the columns of ``accounts`` that are the user's own; NULL where neither static nor dated.
    opportunity_attributes : those of ``opportunities``; NULL where not declared static.
    keeper : of what was computed once.
    """

    calendar: Calendar
    accounts: ir.Table
    tree: ir.Table
    contacts: ir.Table
    careers: ir.Table
    activity: ir.Table
    quarter: ir.Table
    unit_activity: ir.Table
    people: ir.Table
    unit_people: ir.Table
    assets: ir.Table
    intent: ir.Table
    opportunities: ir.Table
    opportunity_history: ir.Table
    opportunity_contacts: ir.Table
    usage: ir.Table
    orders: ir.Table
    owned: ir.Table
    impressions: ir.Table
    changes: ir.Table
    attributes: tuple[str, ...]
    opportunity_attributes: tuple[str, ...]
    keeper: Keeper = field(repr=False)

    def __enter__(self) -> Known:
        return self

    def __exit__(self, *_: object) -> None:
        self.keeper.release()


def within(rows: ir.Table, days: int) -> ir.BooleanValue:
    """Tell which rows of a table of `Known` lie in the last days before their cutoff."""
    return rows.day >= rows.cutoff_day - days


def second(time: ir.TimestampValue) -> ir.IntegerValue:
    """Return the whole seconds from 1970 to a time."""
    return time.epoch_seconds().floor().cast("int64")


def days_since(rows: ir.Table, time: ir.Value) -> ir.FloatingValue:
    """Return the days, >= 0, from a time, or its second from 1970, to the cutoff of the row."""
    return (rows.cutoff_second - (time if time.type().is_integer() else second(time))) / 86_400
