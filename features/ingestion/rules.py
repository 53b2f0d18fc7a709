"""The rules that a row may break, by the names under which rejects are counted."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from features.contracts import Column

MALFORMED_LINE = "malformed line"
NOT_A_TIME = "not a time"
NOT_A_NUMBER = "not a number"
NOT_A_LIST = "not a list"
UNKNOWN_COUNTRY = "unknown country"
CONVERSION_FAILED = "conversion failed"
REQUIRED_MISSING = "required value missing"
NOT_ALLOWED = "value not allowed"
NOT_FINITE = "not finite"
OUT_OF_RANGE = "out of range"
CLOSED_MISSING = "closed_at missing"
CLOSED_BEFORE_CREATED = "closed_at before created_at"
NO_RATE = "no rate for the currency"
UNDECLARED_BUSINESS_UNIT = "business unit not in the group file"
ORPHAN = "orphan"
DUPLICATE = "duplicate"
CONFLICT = "conflicting duplicate"

REMEDIES: Mapping[str, str] = MappingProxyType(
    {
        MALFORMED_LINE: "give the file's delimiter, quote or encoding under 'options'",
        NOT_A_TIME: "give the format, as in strptime(engage_date, '%m/%d/%Y')",
        NOT_A_NUMBER: "give the decimal separator under 'options', or clean the value in the expression",
        NOT_A_LIST: "give a list, or text between commas",
        UNKNOWN_COUNTRY: "use country_code(...), or map the value with CASE",
        CONVERSION_FAILED: "let the expression deal with this value",
        REQUIRED_MISSING: "map a column that has it, or leave such rows out with a SELECT",
        NOT_ALLOWED: "map the value with CASE",
        NOT_FINITE: "make it NULL in the expression",
        OUT_OF_RANGE: "correct the value, or make it NULL in the expression",
        CLOSED_MISSING: "map closed_at, or make the outcome 'open'",
        CLOSED_BEFORE_CREATED: "check which columns the two come from",
        NO_RATE: "add the currency to table 'rates', from a date before its first amount",
        UNDECLARED_BUSINESS_UNIT: "declare it in the group file, or map the value with CASE",
        ORPHAN: "check that both exports write the id alike",
        DUPLICATE: "leave copies out with SELECT DISTINCT",
        CONFLICT: "map loaded_at, or leave older copies out with a SELECT",
    }
)
"""What to do about each rule."""


def conversion_rule(column: Column | None) -> str:
    """Return the rule that a value breaks which cannot be turned into what a column holds; None: an attribute."""
    if column is None:
        return CONVERSION_FAILED
    if column.country:
        return UNKNOWN_COUNTRY
    return {
        "timestamp": NOT_A_TIME,
        "float64": NOT_A_NUMBER,
        "int64": NOT_A_NUMBER,
        "array<string>": NOT_A_LIST,
        "string": CONVERSION_FAILED,
    }[column.dtype]
