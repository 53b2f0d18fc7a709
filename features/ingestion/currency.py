"""Money of many currencies in that of the group, at the rate in force when a row's event happened."""

from __future__ import annotations

import duckdb

from features.contracts import TABLES
from features.ingestion.rejects import reject, standing
from features.ingestion.rules import NO_RATE
from features.ingestion.sql import name, text

MONEY = {
    "accounts": ("annual_revenue",),
    "opportunities": ("amount", "gross_profit"),
    "opportunity_history": ("amount",),
    "orders": ("amount", "gross_profit"),
}
"""The columns that hold money, by table."""


def group_currency(connection: duckdb.DuckDBPyConnection, mapped: tuple[str, ...], default: str) -> str:
    """Tell the group's currency where no group file does.

    Parameters
    ----------
    mapped : the tables in the sources.
    default : where no row names a currency.

    Returns
    -------
    Of the currencies that rows name and that have no rate, or the rate 1: the default, else the most frequent. Where
    there is none, the default.
    """
    money = " UNION ALL ".join(f"SELECT currency FROM {standing(table)}" for table in MONEY if table in mapped)
    rated = (
        f"SELECT currency FROM {standing('rates')} WHERE rate <> 1"
        if "rates" in mapped
        else "SELECT CAST(NULL AS VARCHAR)"
    )
    found = connection.execute(
        f"SELECT currency FROM ({money}) ANTI JOIN ({rated}) AS rated(currency) USING (currency) "
        f"WHERE currency IS NOT NULL GROUP BY currency ORDER BY currency <> {text(default)}, count(*) DESC, currency"
    ).fetchone()
    return str(found[0]) if found else default


def reject_without_rate(connection: duckdb.DuckDBPyConnection, table: str, currency: str, rates: bool) -> None:
    """Reject the rows whose money is in a currency for which no rate is in force.

    Parameters
    ----------
    currency : the group's.
    rates : whether the sources have rates.
    """
    if table not in MONEY:
        return
    money = " OR ".join(f"{name(column)} IS NOT NULL" for column in MONEY[table])
    foreign = f"currency <> {text(currency)} AND ({money})"
    rows = f"(FROM {with_rate(table, standing(table), rates)} WHERE {foreign} AND _rate IS NULL)"
    reject(connection, table, NO_RATE, rows, column="currency", value="currency")


def with_rate(table: str, rows: str, rates: bool) -> str:
    """Write rows with the rate in force at each, ``_rate`` (group currency per unit), NULL where there is none.

    The rate is that of the row's own time; what an account is has none, and takes the latest.
    """
    if not rates:
        return f"(SELECT *, CAST(NULL AS DOUBLE) AS _rate FROM {rows})"
    if table == "accounts":
        latest = f"(SELECT currency, arg_max(rate, valid_from) AS _rate FROM {standing('rates')} GROUP BY currency)"
        return f"(SELECT * FROM {rows} LEFT JOIN {latest} USING (currency))"
    known = f"(SELECT currency AS _currency, valid_from AS _valid_from, rate AS _rate FROM {standing('rates')})"
    return (
        f"(SELECT * EXCLUDE (_currency, _valid_from) FROM {rows} AS own ASOF LEFT JOIN {known} AS known "
        f"ON own.currency = known._currency AND own.{name(TABLES[table].time or '')} >= known._valid_from)"
    )


def in_group_currency(column: str, currency: str) -> str:
    """Write an amount of a row that `with_rate` wrote in the group's currency."""
    cell = name(column)
    return f"CASE WHEN currency <> {text(currency)} THEN {cell} * _rate ELSE {cell} END"
