"""How the tables of what was known before each cutoff are read: their keys, their windows, and days gone by."""

from __future__ import annotations

import ibis.expr.types as ir

ACCOUNT = ("cutoff_no", "account_no")
"""What names a company at a cutoff."""

UNIT = (*ACCOUNT, "business_unit")
"""What names a company × BU at a cutoff."""


def within(rows: ir.Table, days: int) -> ir.BooleanValue:
    """Tell which rows of a table of `Known` lie in the last days before their cutoff."""
    return rows.day >= rows.cutoff_day - days


def total(counts: ir.NumericValue, where: ir.BooleanValue | None = None) -> ir.FloatingValue:
    """Add up counts, as float64: exact below 2^53, and faster than as the integers that engines add up in."""
    added: ir.FloatingValue = counts.cast("float64").sum(where=where)
    return added


def second(time: ir.TimestampValue) -> ir.IntegerValue:
    """Return the whole seconds from 1970 to a time."""
    return time.epoch_seconds().floor().cast("int64")


def days_since(rows: ir.Table, time: ir.Value) -> ir.FloatingValue:
    """Return the days, >= 0, from a time, or its second from 1970, to the cutoff of the row."""
    return (rows.cutoff_second - (time if time.type().is_integer() else second(time))) / 86_400
