"""Which business unit a row belongs to: as the data name it and the group file declares it, or the only one."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb

from features.contracts import DEFAULT_BUSINESS_UNIT
from features.errors import InputError
from features.group import Group
from features.ingestion.rejects import reject, standing
from features.ingestion.rules import UNDECLARED_BUSINESS_UNIT
from features.ingestion.sql import text, texts

SELLING = ("orders", "opportunities")
"""The tables that say which business units there are."""


@dataclass(frozen=True, slots=True)
class Units:
    """The business units.

    Parameters
    ----------
    names : all there are, in order.
    of_unnamed : the one to which a row that names none belongs; None: to none.
    """

    names: tuple[str, ...]
    of_unnamed: str | None

    def column(self) -> str:
        """Write a row's business unit; NULL for one that there is not."""
        unnamed = text(self.of_unnamed) if self.of_unnamed is not None else "NULL"
        own = f"WHEN business_unit IN {texts(self.names)} THEN business_unit"
        return f"CASE {own} WHEN business_unit IS NULL THEN {unnamed} END"


def business_units(
    connection: duckdb.DuckDBPyConnection, mapped: tuple[str, ...], group: Group | None, where: str
) -> Units:
    """Tell which business units there are.

    Parameters
    ----------
    mapped : the tables in the sources.
    group : as declared; None: the data decide.
    where : for messages.

    Raises
    ------
    InputError
        If the group declares several and no sale names any.
    """
    named = _named(connection, tuple(table for table in SELLING if table in mapped))
    if group is None:
        names = named or (DEFAULT_BUSINESS_UNIT,)
        return Units(names, names[0] if not named else None)
    declared = tuple(group.business_units)
    if len(declared) == 1:
        return Units(declared, declared[0])
    if not named and DEFAULT_BUSINESS_UNIT not in declared:
        raise InputError(
            f"{where}: no opportunity and no order names a business unit, and the group file declares "
            f"{', '.join(declared)}; map 'business_unit', or declare one only"
        )
    return Units(declared, None if named else DEFAULT_BUSINESS_UNIT)


def reject_undeclared(connection: duckdb.DuckDBPyConnection, table: str, units: Units) -> None:
    """Reject the sales of a business unit that the group file does not declare."""
    if table in SELLING:
        rows = f"(FROM {standing(table)} WHERE business_unit NOT IN {texts(units.names)})"
        reject(connection, table, UNDECLARED_BUSINESS_UNIT, rows, column="business_unit", value="business_unit")


def _named(connection: duckdb.DuckDBPyConnection, tables: tuple[str, ...]) -> tuple[str, ...]:
    """Return the business units that sales name, in order."""
    parts = " UNION ALL ".join(f"SELECT business_unit FROM {standing(table)}" for table in tables)
    found = connection.execute(
        f"SELECT DISTINCT business_unit FROM ({parts}) WHERE business_unit IS NOT NULL ORDER BY 1"
    )
    return tuple(row[0] for row in found.fetchall())
