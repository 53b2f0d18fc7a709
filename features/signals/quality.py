"""Signals of data quality: what is missing of an account, and how stale each source of it is."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from features.group import Group
from features.known import ACCOUNT, days_since, total
from features.known_before import Known
from features.signals.joining import added
from features.signals.signal import Parts, Signal

_signal = partial(Signal, source=("accounts",))

SIGNALS = (
    _signal("quality_missing", "how many of industry, employees, revenue and domain are missing", "fields", (0, 4)),
    _signal(
        "quality_contacts_complete",
        "share of the known contacts whose function, seniority and buying role are all known",
        "share",
        (0, 1),
        "nobody is known",
        source=("contacts",),
    ),
    _signal(
        "quality_people_known",
        "share of the events of the last 90 days of which it is known whose doing they were",
        "share",
        (0, 1),
        "no event in the last 90 days",
        source=("events", "contacts"),
    ),
    _signal(
        "quality_days_since_change",
        "days since the account's record last changed",
        "days",
        (0, None),
        "no change was recorded",
        source=("account_history",),
    ),
)


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    rows = known.accounts
    fields = (rows.industry, rows.employees, rows.annual_revenue, rows.domain)
    missing = rows.select(*ACCOUNT, quality_missing=sum(field.isnull().cast("int64") for field in fields))
    return missing, _contacts(known), _events(known), _changes(known)


def _contacts(known: Known) -> ir.Table:
    rows = known.contacts
    complete = rows.function.notnull() & rows.seniority.notnull() & rows.buying_role.notnull()
    return rows.group_by(*ACCOUNT).agg(quality_contacts_complete=rows.count(where=complete) / rows.count())


def _events(known: Known) -> ir.Table:
    events, people = known.quarter.select(*ACCOUNT, "n"), known.people
    sums = added(events, people.group_by(*ACCOUNT).agg(of_people=total(people.n_90d)), ACCOUNT)
    return sums.select(*ACCOUNT, quality_people_known=ibis.coalesce(sums.of_people, 0) / sums.n.nullif(0))


def _changes(known: Known) -> ir.Table:
    rows = known.changes
    return rows.group_by(*ACCOUNT).agg(quality_days_since_change=days_since(rows, rows.last_second).min())
