"""SQL that turns any value into a canonical one: NULL where it cannot, so that no row stops a run."""

from __future__ import annotations

import re

import duckdb
from duckdb.func import SPECIAL

from features.contracts import DType
from features.countries import country_code
from features.ingestion.sql import NO_COUNTRY, text

_SPACE = r"[\s\x{85}\x{a0}\x{1680}\x{2000}-\x{200b}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}]"
"""White space of any script, for RE2."""

_NUMERIC = re.compile(r"U?(TINY|SMALL|HUGE|BIG)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN")
_TEMPORAL = re.compile(r"DATE|TIMESTAMP.*")
_NESTED = re.compile(r".*\[\d*\]|STRUCT.*|MAP.*|UNION.*")

WAREHOUSE_TYPES: dict[DType, str] = {
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "float64": "DOUBLE",
    "int64": "BIGINT",
    "array<string>": "VARCHAR[]",
}
"""What each type of the contract is in DuckDB."""

_MACROS = f"""
CREATE MACRO clean(x) AS nullif(CASE WHEN regexp_matches(x, '^{_SPACE}|{_SPACE}$')
    THEN regexp_replace(x, '^{_SPACE}+|{_SPACE}+$', '', 'g') ELSE x END, '');
CREATE MACRO clean_list(given) AS list_filter(list_transform(given, lambda x: clean(x)), lambda x: x IS NOT NULL);
CREATE MACRO language_tag(x) AS CASE
    WHEN regexp_full_match(x, '[A-Za-z]{{2,3}}([-_][A-Za-z0-9]{{2,8}})*') THEN array_to_string(list_transform(
        string_split(replace(x, '_', '-'), '-'),
        lambda part, i: CASE WHEN i > 1 AND length(part) = 2 THEN upper(part)
            WHEN length(part) = 4 THEN upper(part[1]) || lower(part[2:]) ELSE lower(part) END), '-')
    ELSE x END;
CREATE MACRO country_code(x) AS CASE WHEN clean(x) IS NOT NULL
    THEN coalesce(country_of(x), CAST(CAST('{NO_COUNTRY}' || x AS DATE) AS VARCHAR)) END;
"""


def prepare(connection: duckdb.DuckDBPyConnection) -> None:
    """Give a connection the functions that the SQL of this module, and users' expressions, need.

    ``country_code(x)`` fails on a text that names no country (DuckDB's own ``error()`` may not stand inside ``TRY``);
    ``country_of(x)`` is NULL there.
    """
    connection.execute("SET TimeZone = 'UTC'; SET autoinstall_known_extensions = false")
    # DuckDB takes an expression that stands twice out of the TRY around it, and would stop at its first failure.
    connection.execute("SET disabled_optimizers = 'common_subexpressions'")
    connection.create_function("country_of", country_code, ["VARCHAR"], "VARCHAR", null_handling=SPECIAL)
    connection.execute(_MACROS)


def as_given(value: str, dtype: str) -> str:
    """Write a value as it stands, text trimmed, NULL where it is missing.

    Parameters
    ----------
    value : SQL.
    dtype : DuckDB's type of it.
    """
    if _NUMERIC.fullmatch(dtype) or _TEMPORAL.fullmatch(dtype) or _NESTED.fullmatch(dtype):
        return value
    if dtype == "JSON":  # a column of numbers and texts; cast, a text would keep its quotes
        return f"clean({value} ->> '$')"
    return f"clean({value if dtype == 'VARCHAR' else f'CAST({value} AS VARCHAR)'})"


def converted(given: str, dtype: str, wanted: DType, time_formats: tuple[str, ...] = ()) -> str | None:
    """Write the canonical form of a value.

    Parameters
    ----------
    given : SQL of a value that `as_given` wrote.
    dtype : DuckDB's type of it.
    wanted : the canonical type.
    time_formats : to try on text before ISO 8601.

    Returns
    -------
    SQL that is NULL where the value has no such form; None where no value of this type has one.
    """
    is_text = not (_NUMERIC.fullmatch(dtype) or _TEMPORAL.fullmatch(dtype) or _NESTED.fullmatch(dtype))
    if wanted == "string":
        return None if _NESTED.fullmatch(dtype) else _string(given, dtype, is_text)
    if wanted == "array<string>":
        return _list(given, is_text) if is_text or dtype.endswith("]") else None
    if wanted == "timestamp":
        if is_text:
            return _time(given, time_formats)
        return f"TRY_CAST({given} AS TIMESTAMP)" if _TEMPORAL.fullmatch(dtype) else None
    if not (is_text or _NUMERIC.fullmatch(dtype)):
        return None
    number = f"TRY_CAST({given} AS DOUBLE)"
    return number if wanted == "float64" else _whole(number)


def attribute_type(dtype: str) -> DType:
    """Return the canonical type of a user's own attribute, by DuckDB's type of it."""
    if _NUMERIC.fullmatch(dtype):
        return "float64"
    return "timestamp" if _TEMPORAL.fullmatch(dtype) else "string"


def _string(given: str, dtype: str, is_text: bool) -> str:
    """Write text; a float that is a whole number, as ids become beside missing ones, without its '.0'."""
    if is_text:
        return given
    if dtype.startswith(("FLOAT", "DOUBLE", "DECIMAL")):
        return (
            f"CASE WHEN {given} = trunc({given}) AND abs({given}) < 1e15 "
            f"THEN CAST(CAST({given} AS BIGINT) AS VARCHAR) ELSE CAST({given} AS VARCHAR) END"
        )
    return f"CAST({given} AS VARCHAR)"


def _time(given: str, formats: tuple[str, ...]) -> str:
    """Write UTC without an offset; text without an offset is UTC."""
    iso = f"CAST(TRY_CAST({given} AS TIMESTAMPTZ) AS TIMESTAMP)"
    if not formats:
        return iso
    return f"coalesce(try_strptime({given}, [{', '.join(text(each) for each in formats)}]), {iso})"


def _list(given: str, is_text: bool) -> str:
    """Write a list; text may be '[a, b]', or values between commas, semicolons or bars."""
    if not is_text:
        return f"clean_list(TRY_CAST({given} AS VARCHAR[]))"
    return (
        f"clean_list(CASE WHEN starts_with({given}, '[') THEN TRY_CAST({given} AS VARCHAR[]) "
        f"ELSE regexp_split_to_array({given}, '[,;|]') END)"
    )


def _whole(number: str) -> str:
    return f"CASE WHEN {number} = trunc({number}) AND abs({number}) < 1e15 THEN CAST({number} AS BIGINT) END"
