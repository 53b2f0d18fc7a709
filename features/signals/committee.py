"""Signals of the buying committee: who of those that a decision needs is known, and is engaged."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import ibis
import ibis.expr.types as ir

from features.contracts import SENIORITIES
from features.group import Group
from features.known import ACCOUNT, days_since, within
from features.known_before import Known
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


_TYPES = {
    "business_unit": "string", "committee_known_share": "float64", "committee_engaged_share": "float64",
    "committee_missing": "string", "committee_ready": "int64",
}  # fmt: skip


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    rows = known.contacts
    counts = rows.group_by(*ACCOUNT).agg(
        committee_contacts=rows.count(),
        committee_functions=rows.function.nunique(),
        committee_levels=sum((rows.count(where=rows.seniority == level) > 0).cast("int32") for level in SENIORITIES),
        committee_countries=rows.country.nunique(),
        committee_executives=rows.count(where=rows.seniority.isin(EXECUTIVES)),
        committee_new_90d=rows.count(where=within(rows, 90)),
        committee_days_since_new=days_since(rows, rows.from_second).min(),
    )
    return counts, _came_along(known)


def business_unit_signals(known: Known, group: Group) -> Parts:
    """Compute how much of each BU's committee is known and engaged, and which roles are missing."""
    committees = {name: sorted(set(unit.committee)) for name, unit in group.business_units.items() if unit.committee}
    if not committees:
        return (_nothing(known),)
    everyone = known.keeper.keep(
        "committee", _flags(known, sorted({role for roles in committees.values() for role in roles}))
    )
    return (ibis.union(*(_committee(everyone, name, roles) for name, roles in committees.items()), distinct=False),)


def _nothing(known: Known) -> ir.Table:
    """Return the columns of a group of which no BU names roles, without rows."""
    values = {name: ibis.null(dtype) for name, dtype in _TYPES.items()}
    return known.accounts.filter(ibis.literal(value=False)).select(*ACCOUNT, **values)


def _flags(known: Known, roles: Sequence[str]) -> ir.Table:
    """Say of each account whether somebody of each role is known, and active, and anybody of the C level active."""
    active = known.people.select("cutoff_no", "contact_no", active=True).distinct()
    rows = added(known.contacts.filter(known.contacts.buying_role.isin(roles)), active, ("cutoff_no", "contact_no"))
    flags = rows.group_by(*ACCOUNT).agg(
        **{f"known {role}": (rows.buying_role == role).any() for role in roles},
        **{f"engaged {role}": ((rows.buying_role == role) & rows.active.notnull()).any() for role in roles},
    )
    people = known.people
    sponsors = people.group_by(*ACCOUNT).agg(sponsored=(ibis.coalesce(people.seniority, "") == "c_level").any())
    found = added(added(known.accounts.select(*ACCOUNT), flags, ACCOUNT), sponsors, ACCOUNT)
    return found.mutate(**{name: ibis.coalesce(found[name], False) for name in found.columns if name not in ACCOUNT})


def _committee(everyone: ir.Table, unit: str, roles: Sequence[str]) -> ir.Table:
    """Compute the signals of one BU from the flags of the roles that its decisions need."""
    engaged = sum(everyone[f"engaged {role}"].cast("int64") for role in roles) / len(roles)
    return everyone.select(
        *ACCOUNT,
        business_unit=ibis.literal(unit),
        committee_known_share=sum(everyone[f"known {role}"].cast("int64") for role in roles) / len(roles),
        committee_engaged_share=engaged,
        committee_missing=_listed([ibis.ifelse(everyone[f"known {role}"], "", f"{role}, ") for role in roles]),
        committee_ready=((engaged >= READY_SHARE) & everyone.sponsored).cast("int64"),
    )


def _came_along(known: Known) -> ir.Table:
    """Count the contacts whose person was known at another account before: they may bring us along."""
    jobs = known.careers
    now = known.contacts.select(*ACCOUNT, "contact_no").inner_join(
        jobs.select("cutoff_no", "contact_no", "person_id", "created_at"), ["cutoff_no", "contact_no"]
    )
    past = jobs.select("cutoff_no", "person_id", before_no="account_no", before="created_at")
    met = now.inner_join(past, ["cutoff_no", "person_id"])
    met = met.filter(met.before_no != met.account_no, met.before < met.created_at)
    return met.group_by(*ACCOUNT).agg(committee_came_along=met.contact_no.nunique())


def _listed(names: Sequence[ir.StringValue]) -> ir.StringValue:
    """Write names, each empty or with a comma behind it, in a row."""
    return sum(names[1:], names[0]).re_replace(", $", "")
