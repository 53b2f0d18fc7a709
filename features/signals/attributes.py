"""Signals of what the account is: firmographics, and the user's own attributes."""

from __future__ import annotations

import ibis

from features.contracts import ATTRIBUTE_PREFIX
from features.group import Group
from features.known import ACCOUNT, UNIT, days_since
from features.known_before import Known
from features.signals.signal import Parts, Signal
from features.tables import Tables

SIGNALS = (
    Signal("attributes_country", "country", "ISO 3166-1 code", category=True, missing="not recorded"),
    Signal("attributes_industry", "industry", "name", category=True, missing="not recorded, or of unknown date"),
    Signal("attributes_employees", "employees", "people", (0, None), "not recorded, or of unknown date"),
    Signal(
        "attributes_annual_revenue", "annual revenue", "group currency", (0, None), "not recorded, or of unknown date"
    ),
    Signal("attributes_age_days", "days since the account became known", "days", (0, None), "of unknown date"),
    Signal("attributes_aliases", "ids under which the account is known", "ids", (1, None)),
)


OF_OPPORTUNITY = "opportunity_"
"""What the signal of an opportunity's attribute is called: this, then the column."""


def own_signals(tables: Tables) -> tuple[Signal, ...]:
    """Declare a signal for each of the user's own attributes of accounts and of opportunities."""
    return (
        *(_own_signal(tables, "accounts", column) for column in tables.attributes("accounts")),
        *(_own_signal(tables, "opportunities", column) for column in tables.attributes("opportunities")),
    )


def _own_signal(tables: Tables, table: str, column: str) -> Signal:
    called, of_account = column.removeprefix(ATTRIBUTE_PREFIX).replace("_", " "), table == "accounts"
    return Signal(
        name=column if of_account else OF_OPPORTUNITY + column,
        meaning=called if of_account else f"{called} of the newest opportunity",
        unit="the user's own",
        missing="not recorded, or of unknown date",
        scope="account" if of_account else "business_unit",
        category=not tables.own[table][column].type().is_numeric(),
        source=(table,),
    )


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    rows = known.accounts
    signals = rows.select(
        *ACCOUNT,
        *known.attributes,
        attributes_country=rows.country,
        attributes_industry=rows.industry,
        attributes_employees=rows.employees,
        attributes_annual_revenue=rows.annual_revenue,
        attributes_age_days=days_since(rows, rows.existing_since),
        attributes_aliases=rows.aliases,
    )
    return (signals,)


def business_unit_signals(known: Known, _group: Group) -> Parts:
    """Compute what the user's own attributes say of the newest opportunity of account × BU."""
    rows = known.opportunities
    newest = ibis.struct({"at": rows.created_at, "id": rows.opportunity_id})
    if not known.opportunity_attributes:
        return ()
    names = {OF_OPPORTUNITY + name: rows[name].argmax(newest) for name in known.opportunity_attributes}
    return (rows.group_by(*UNIT).agg(**names),)
