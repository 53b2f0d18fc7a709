"""Signals of what the account is: firmographics, the user's own attributes, and what of it is missing."""

from __future__ import annotations

import ibis.expr.types as ir

from features.contracts import ATTRIBUTE_PREFIX
from features.group import Group
from features.known import Known
from features.signals.signal import Signal
from features.tables import Tables

SIGNALS = (
    Signal("attributes_country", "country", "ISO 3166-1 code", category=True, missing="not recorded"),
    Signal("attributes_industry", "industry", "name", category=True, missing="not recorded, or of unknown date"),
    Signal("attributes_employees", "employees", "people", (0, None), "not recorded, or of unknown date"),
    Signal(
        "attributes_annual_revenue", "annual revenue", "group currency", (0, None), "not recorded, or of unknown date"
    ),
    Signal("attributes_age_days", "days since the account became known", "days", (0, None)),
    Signal("attributes_aliases", "ids under which the account is known", "ids", (1, None)),
    Signal("quality_missing", "of industry, employees, revenue and domain, how many are missing", "fields", (0, 4)),
)


def own_signals(tables: Tables) -> tuple[Signal, ...]:
    """Declare a signal for each of the user's own attributes of accounts."""
    accounts = tables["accounts"]
    return tuple(
        Signal(
            name=column,
            meaning=column.removeprefix(ATTRIBUTE_PREFIX).replace("_", " "),
            unit="the user's own",
            missing="not recorded, or of unknown date",
            category=not accounts[column].type().is_numeric(),
        )
        for column in tables.attributes("accounts")
    )


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account."""
    rows = known.accounts
    fields = (rows.industry, rows.employees, rows.annual_revenue, rows.domain)
    return rows.select(
        "account_id",
        *known.attributes,
        attributes_country=rows.country,
        attributes_industry=rows.industry,
        attributes_employees=rows.employees,
        attributes_annual_revenue=rows.annual_revenue,
        attributes_age_days=known.days_since(rows.existing_since),
        attributes_aliases=rows.aliases,
        quality_missing=sum(field.isnull().cast("int64") for field in fields),
    )
