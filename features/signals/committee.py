"""Signals of the buying committee: who of those that a decision needs is known, and is engaged."""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.types as ir

from features.group import Group
from features.known import Known
from features.signals.engagement import theirs
from features.signals.signal import Signal

SIGNALS = (
    Signal("committee_contacts", "known contacts", "contacts", (0, None)),
    Signal("committee_functions", "functions of the known contacts", "functions", (0, None)),
    Signal("committee_executives", "known contacts at C level or vice president", "contacts", (0, None)),
    Signal("committee_new_90d", "contacts who became known in the last 90 days", "contacts", (0, None)),
    Signal(
        "committee_known_share",
        "share of the buying committee's roles with a known contact",
        "share",
        (0, 1),
        "the business unit names no roles",
        "business_unit",
    ),
    Signal(
        "committee_engaged_share",
        "share of the buying committee's roles with an active contact in the last 90 days",
        "share",
        (0, 1),
        "the business unit names no roles",
        "business_unit",
    ),
)


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account."""
    contacts = known.contacts
    return contacts.group_by("account_id").agg(
        committee_contacts=contacts.contact_id.nunique(),
        committee_functions=contacts.function.nunique(),
        committee_executives=contacts.seniority.isin(("c_level", "vp")).sum(),
        committee_new_90d=known.within(contacts.created_at, 90).sum(),
    )


def business_unit_signals(known: Known, group: Group) -> ir.Table:
    """Compute the share of each BU's committee that is known and engaged."""
    events = theirs(known)
    active = events.filter(known.within(events.occurred_at, 90)).select("contact_id").distinct()
    contacts = known.contacts.left_join(active, "contact_id")
    roles = (
        contacts.filter(contacts.buying_role.notnull())
        .group_by("account_id", "buying_role")
        .agg(engaged=contacts.contact_id_right.notnull().max())
    )
    needed = _needed(group)
    asked = known.accounts.select("account_id").cross_join(needed)
    found = asked.left_join(roles, [asked.account_id == roles.account_id, asked.role == roles.buying_role])
    return found.group_by("account_id", "business_unit").agg(
        committee_known_share=found.buying_role.count() / found.roles.max(),
        committee_engaged_share=ibis.coalesce(found.engaged.cast("int64").sum(), 0) / found.roles.max(),
    )


def _needed(group: Group) -> ir.Table:
    """Return the roles that each BU's decisions need: business_unit, role, roles (how many there are)."""
    rows: list[dict[str, Any]] = [
        {"business_unit": name, "role": role, "roles": len(set(unit.committee))}
        for name, unit in group.business_units.items()
        for role in dict.fromkeys(unit.committee)
    ]
    return ibis.memtable(rows, schema={"business_unit": "string", "role": "string", "roles": "int64"})
