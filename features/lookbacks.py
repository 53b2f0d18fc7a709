"""How far those look back who read a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lookback:
    """How far readers of a table look back.

    Parameters
    ----------
    name : of the look-back, for tables to be named by.
    windows : the days, ascending: the fewer windows, the fewer buckets. None: any of the calendar's, and for ever.
    """

    name: str
    windows: tuple[int, ...] | None = None


EVER = Lookback("ever")
YEAR = Lookback("year", (180, 365))
UNIT_YEAR = Lookback("unit_year", (30, 90, 365))
INTENT_YEAR = Lookback("intent_year", (30, 90, 365))
USAGE_YEAR = Lookback("usage_year", (30, 90, 180, 365))
QUARTER = Lookback("quarter", (7, 30, 90))
PEOPLE_QUARTER = Lookback("people_quarter", (30, 90))
HALF_YEAR = Lookback("half_year", (180,))
LOOKBACKS = (EVER, YEAR, UNIT_YEAR, INTENT_YEAR, USAGE_YEAR, QUARTER, PEOPLE_QUARTER, HALF_YEAR)
