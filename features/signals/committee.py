"""Signals of the buying committee: who of those that a decision needs is known, and is engaged."""

from __future__ import annotations

from functools import partial
from typing import Any

import ibis
import ibis.expr.types as ir

from features.group import Group
from features.known import ACCOUNT, UNIT, Known, days_since, within
from features.signals.engagement import EXECUTIVES
from features.signals.joining import added
from features.signals.signal import Parts, Signal

READY_SHARE = 0.6
"""Of the roles that a decision needs, the share that practitioners want engaged, with somebody of the C level."""

_account = partial(Signal, source=("contacts",))
_unit = partial(
    Signal,
    missing="the business unit names no roles",
    scope="business_unit",
    source=("contacts", "events"),
)

SIGNALS = (
    _account("committee_contacts", "known contacts", "contacts", (0, None)),
    _account("committee_functions", "functions of the known contacts", "functions", (0, None)),
    _account("committee_levels", "levels of seniority of the known contacts", "levels", (0, 5)),
    _account("committee_countries", "countries of the known contacts", "countries", (0, None)),
    _account("committee_executives", "known contacts at C level or vice president", "contacts", (0, None)),
    _account("committee_new_90d", "contacts who became known in the last 90 days", "contacts", (0, None)),
    _account(
        "committee_days_since_new", "days since a contact last became known", "days", (0, None), "nobody is known"
    ),
    _account(
        "committee_came_along",
        "known contacts who were at another account before",
        "contacts",
        (0, None),
    ),
    _unit(
        "committee_known_share", "share of the buying committee's roles with a known contact", "share", (0, 1),
        source=("contacts",),
    ),
    _unit(
        "committee_engaged_share",
        "share of the buying committee's roles with an active contact in the last 90 days",
        "share",
        (0, 1),
    ),
    _unit("committee_missing", "roles of the buying committee without a known contact", "roles", category=True,
          source=("contacts",)),
    _unit(
        "committee_ready",
        "most of the buying committee and somebody of the C level active in the last 90 days (1 yes, 0 no)",
        "yes or no",
        (0, 1),
    ),
)  # fmt: skip


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    rows = known.contacts
    counts = rows.group_by(*ACCOUNT).agg(
        committee_contacts=rows.contact_no.nunique(),
        committee_functions=rows.function.nunique(),
        committee_levels=rows.seniority.nunique(),
        committee_countries=rows.country.nunique(),
        committee_executives=rows.count(where=rows.seniority.isin(EXECUTIVES)),
        committee_new_90d=rows.count(where=within(rows, 90)),
        committee_days_since_new=days_since(rows, rows.from_second).min(),
    )
    return counts, _came_along(known)


def business_unit_signals(known: Known, group: Group) -> Parts:
    """Compute how much of each BU's committee is known and engaged, and which roles are missing."""
    asked = known.accounts.select(*ACCOUNT).cross_join(_needed(group))
    found = added(asked, _roles(known), (*ACCOUNT, "role"))
    shares = found.group_by(*UNIT).agg(
        committee_known_share=found.count(where=found.known.notnull()) / found.roles.max(),
        committee_engaged_share=found.count(where=ibis.coalesce(found.engaged, False)) / found.roles.max(),
        **{
            f"missing_{place}": found.role.max(where=(found.place == place) & found.known.isnull())
            for place in range(_most_roles(group))
        },
    )
    rows = added(shares, _sponsors(known), ACCOUNT)
    missing = [rows[name] for name in shares.columns if name.startswith("missing_")]
    ready = (rows.committee_engaged_share >= READY_SHARE) & rows.sponsored.notnull()
    signals = rows.mutate(
        committee_missing=_listed(missing) if missing else ibis.null("string"),
        committee_ready=ready.cast("int64"),
    )
    return (signals.drop("sponsored", *(value.get_name() for value in missing)),)


def _roles(known: Known) -> ir.Table:
    """Say of which roles somebody is known, and whether anybody of them was active."""
    active = known.people.select("cutoff_no", "contact_no", active=True).distinct()
    rows = known.contacts.filter(known.contacts.buying_role.notnull())
    rows = added(rows, active, ("cutoff_no", "contact_no"))
    return rows.group_by(*ACCOUNT, role=rows.buying_role).agg(
        known=ibis.literal(True), engaged=ibis.coalesce(rows.active, False).any()
    )


def _sponsors(known: Known) -> ir.Table:
    """Say where somebody of the C level was active."""
    return known.people.filter(known.people.seniority == "c_level").select(*ACCOUNT, sponsored=True).distinct()


def _came_along(known: Known) -> ir.Table:
    """Count the contacts whose person was known at another account before: they may bring us along."""
    rows = known.contacts.filter(known.contacts.person_id.notnull())
    past = known.careers.select("cutoff_no", "person_id", before_no="account_no", before="created_at")
    met = rows.inner_join(past, ["cutoff_no", "person_id"])
    met = met.filter(met.before_no != met.account_no, met.before < met.created_at)
    return met.group_by(*ACCOUNT).agg(committee_came_along=met.contact_no.nunique())


def _listed(names: list[ir.StringValue]) -> ir.StringValue:
    """Write the names that there are, parted by commas; none: an empty text."""
    parts = [ibis.coalesce(name + ", ", "") for name in names]
    return sum(parts[1:], parts[0]).re_replace(", $", "")


def _most_roles(group: Group) -> int:
    return max((len(set(unit.committee)) for unit in group.business_units.values()), default=0)


def _needed(group: Group) -> ir.Table:
    """Return the roles that each BU's decisions need: business_unit, role, roles (how many there are), place."""
    rows: list[dict[str, Any]] = [
        {"business_unit": name, "role": role, "roles": len(set(unit.committee)), "place": place}
        for name, unit in group.business_units.items()
        for place, role in enumerate(sorted(set(unit.committee)))
    ]
    types = {"business_unit": "string", "role": "string", "roles": "int64", "place": "int64"}
    return ibis.memtable(rows, schema=types)
