"""What differs from one run of a plan to the next: the tables, the cutoffs, and which accounts were one company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from features.calendar import CUTOFF, Calendar
from features.companies import companies_at
from features.lookbacks import LOOKBACKS
from features.tables import Tables

_WINDOWS = {each.name: each.windows for each in LOOKBACKS}

_INT32 = {"of_day": "int32", "bucket": "int32", "cutoff_no": "int32", "own_no": "int32", "company_no": "int32"}
_CUTOFF_TYPES = dict(zip(CUTOFF, ("int32", "int32", "int64"), strict=True))

CUTOFFS, UNITED = "cutoffs", "united"
"""The given tables of the cutoffs, and of the accounts that were no company of their own."""

THERE = "there"
"""The table, computed before, that says which accounts existed: companies are made of them."""

SCHEMAS: Mapping[str, ibis.Schema] = {
    CUTOFFS: ibis.schema(_CUTOFF_TYPES),
    UNITED: ibis.schema({name: _INT32[name] for name in ("cutoff_no", "own_no", "company_no")}),
    **{f"buckets_{each.name}": ibis.schema({n: _INT32[n] for n in ("of_day", "bucket")}) for each in LOOKBACKS},
    **{f"ahead_{each.name}": ibis.schema({"bucket": "int32"} | _CUTOFF_TYPES) for each in LOOKBACKS},
}
"""The given tables that are made in Python."""


@dataclass(frozen=True)
class Given:
    """What a plan is run on.

    Parameters
    ----------
    tables : the canonical tables.
    calendar : the cutoffs.
    """

    tables: Tables
    calendar: Calendar

    @property
    def instants(self) -> Mapping[str, datetime]:
        """The times that plans speak of: the first and the last cutoff, and the end of the data."""
        return {"first": self.calendar.first, "last": self.calendar.last, "data_end": self.tables.data_end}

    @property
    def long_ago(self) -> int:
        """The day that stands for all that no window reaches."""
        return self.calendar.long_ago

    def rows(self, name: str, table: Callable[[str], ir.Table]) -> pa.Table:
        """Make one of SCHEMAS.

        Parameters
        ----------
        name : of the table.
        table : returns a table that was computed before.
        """
        if name == UNITED:
            return companies_at(self.tables, table(THERE))
        if name == CUTOFFS:
            return self.calendar.rows
        kind, _, lookback = name.partition("_")
        make = self.calendar.buckets if kind == "buckets" else self.calendar.ahead
        return make(_WINDOWS[lookback])
