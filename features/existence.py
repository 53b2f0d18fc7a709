"""Which accounts there were at each cutoff, as far as was known then."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
import ibis.expr.types as ir

from features.calendar import Calendar
from features.contracts import TABLES

Own = Mapping[str, ir.Table]

_PARENT = "parent_id"
"""The column of the account history that tells of parents; a value that is no account's id tells that there is none."""


def only_if(known: ir.BooleanValue, value: ir.Value) -> ir.Value:
    """Return a value where it was known, else NULL."""
    return ibis.ifelse(known, value, ibis.null(value.type()))


def numbered(own: Own, data_end: ir.TimestampValue, calendar: Calendar) -> ir.Table:
    """Return the accounts with their numbers, and since when each exists.

    An account exists from its ``created_at``, else from its first dated row, or from ``customer_since``. One of which
    nothing tells since when it exists is there at the end of the data only.

    Parameters
    ----------
    own : the tables of the contract as they were ingested.
    data_end : the day after the last thing that happened in the data.
    calendar : whose days are counted.

    Returns
    -------
    The columns of accounts; ``account_no``, their number from 0 in the order of their ids; ``existing_since``, NULL
    where nothing tells; and ``since_day``: the account is known at cutoffs after this day.
    """
    rows = own["accounts"].left_join(_first_rows(own), "account_id").drop("account_id_right")
    rows = rows.mutate(existing_since=ibis.least(ibis.coalesce(rows.created_at, rows.first_at), rows.customer_since))
    at_the_end = data_end - ibis.interval(microseconds=1)
    since = ibis.greatest(ibis.coalesce(rows.existing_since, at_the_end), rows.loaded_at)
    number = ibis.row_number().over(order_by=rows.account_id).cast("int32")
    return rows.mutate(account_no=number, since_day=calendar.day(since)).drop("first_at")


def existing(accounts: ir.Table, history: ir.Table, calendar: Calendar, cutoffs: ir.Table) -> ir.Table:
    """Return each account at each cutoff before which it existed.

    Parameters
    ----------
    accounts : as `numbered` gives them.
    history : the account history; the parent that it tells of goes before that of the account's own row.
    calendar : whose days are counted.
    cutoffs : as the calendar gives them.

    Returns
    -------
    The columns of ``accounts`` but ``since_day``, and of the cutoffs; ``customer_since``, ``parent_id`` and
    its ``parent_no`` only as far as they were known (a parent that did not exist yet was none).
    """
    there = accounts.inner_join(cutoffs, accounts.since_day < cutoffs.cutoff_day).drop("since_day")
    keys = ("cutoff_no", "account_id")
    there = there.left_join(_told_parents(history, calendar, cutoffs), list(keys)).drop(
        *(f"{key}_right" for key in keys)
    )
    own = only_if(ibis.coalesce(calendar.day(there.parent_since) < there.cutoff_day, True), there.parent_id)
    there = there.mutate(
        customer_since=only_if(calendar.day(there.customer_since) < there.cutoff_day, there.customer_since),
        parent_id=ibis.coalesce(there.told_parent, own),
    ).drop("told_parent")
    parents = there.select(at="cutoff_no", parent="account_id", parent_no="account_no")
    joined = there.left_join(parents, [there.cutoff_no == parents["at"], there.parent_id == parents.parent])
    return joined.drop("at", "parent_id").rename(parent_id="parent")


def parents_ever(own: Own) -> ir.Table:
    """Return every parent that an account has, or had by its history: account_id, parent_id."""
    accounts, history = own["accounts"], own["account_history"]
    told = history.filter(history["column"] == _PARENT)
    rows = ibis.union(accounts.select("account_id", "parent_id"), told.select("account_id", parent_id="value"))
    return rows.filter(rows.parent_id.notnull()).distinct()


def _told_parents(history: ir.Table, calendar: Calendar, cutoffs: ir.Table) -> ir.Table:
    """Return the parent that the history last told of before each cutoff: cutoff_no, account_id, told_parent."""
    rows = history.filter(history["column"] == _PARENT)
    since = ibis.greatest(calendar.day(rows.changed_at), calendar.day(rows.loaded_at))
    rows = rows.select("account_id", "changed_at", "value", since=since)
    each = rows.inner_join(cutoffs, rows.since < cutoffs.cutoff_day)
    last = ibis.struct({"at": each.changed_at, "value": each.value})
    return each.group_by("cutoff_no", "account_id").agg(told_parent=each.value.argmax(last))


def known_since(own: Own) -> ir.Table:
    """Say from when on each account is known, whatever the cutoff: account_id, known_since.

    An account exists at every cutoff after this; NULL: at the end of the data only.

    Parameters
    ----------
    own : the tables of the contract as they were ingested.
    """
    accounts = own["accounts"]
    rows = accounts.left_join(_first_rows(own), "account_id")
    since = ibis.least(ibis.coalesce(accounts.created_at, rows.first_at), accounts.customer_since)
    return rows.select("account_id", known_since=only_if(since.notnull(), ibis.greatest(since, accounts.loaded_at)))


def _first_rows(own: Own) -> ir.Table:
    """Say when anything dated is first known of each account without ``created_at``: account_id, first_at."""
    accounts = own["accounts"]
    undated = accounts.filter(~accounts.created_at.notnull()).select("account_id")
    times = [
        rows.select("account_id", at=ibis.greatest(rows[spec.time], rows.loaded_at))
        for name, spec in TABLES.items()
        if spec.time and name != "accounts" and "account_id" in (rows := own[name]).columns
    ]
    seen = ibis.union(*times).semi_join(undated, "account_id")
    return seen.group_by("account_id").agg(first_at=seen["at"].min())
