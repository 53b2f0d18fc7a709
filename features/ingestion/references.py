"""Between rows: copies of an id, references that meet nothing, and companies that are their own parents."""

from __future__ import annotations

import duckdb

from features.contracts import TABLES
from features.ingestion.rejects import reject, standing, typed_table
from features.ingestion.rules import CONFLICT, DUPLICATE, ORPHAN
from features.ingestion.sql import name

KEYS = "keys"
"""The schema of the keys of accepted rows: ``id``."""

_RATES_KEY = ("currency", "valid_from")


def reject_orphans(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Reject the rows whose required reference meets no accepted row.

    A row has followed a rejected parent row if that is where its reference leads.
    """
    for column, spec in TABLES[table].columns.items():
        if spec.required and spec.refers_to:
            parents = f"{KEYS}.{name(spec.refers_to)}"
            was_read = f"SELECT {name(TABLES[spec.refers_to].key or '')} FROM {typed_table(spec.refers_to)}"
            rows = (
                f"(FROM {standing(table)} AS child ANTI JOIN {parents} AS parent ON parent.id = child.{name(column)})"
            )
            followed = f"coalesce({name(column)} IN ({was_read}), false)"
            reject(connection, table, ORPHAN, rows, column=column, value=name(column), followed=followed)


def reject_copies(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Of the rows with one key keep the one loaded last, else the last in order; reject the others.

    A rejected row is a duplicate if it is the same as the one kept, else it conflicts with it.
    """
    contract = TABLES[table]
    key = _RATES_KEY if table == "rates" else (contract.key,) if contract.key else ()
    if not key:
        return
    keys = ", ".join(name(column) for column in key)
    loaded = "loaded_at DESC NULLS LAST, " if "loaded_at" in contract.columns else ""
    connection.execute(
        "CREATE OR REPLACE TABLE copies AS SELECT *, "
        f"row_number() OVER (PARTITION BY {keys} ORDER BY {loaded}_row DESC) AS _place FROM {standing(table)} "
        f"SEMI JOIN (SELECT {keys} FROM {standing(table)} GROUP BY {keys} HAVING count(*) > 1) USING ({keys})"
    )
    columns = [row[0] for row in connection.execute("DESCRIBE copies").fetchall()]
    same = " AND ".join(
        f"copy.{name(column)} IS NOT DISTINCT FROM kept.{name(column)}"
        for column in columns
        if not column.startswith("_")
    )
    both = f"copies AS copy JOIN (FROM copies WHERE _place = 1) AS kept USING ({keys})"
    for rule, test in ((DUPLICATE, f"({same})"), (CONFLICT, f"NOT ({same})")):
        rows = f"(SELECT copy.* FROM {both} WHERE copy._place > 1 AND {test})"
        reject(connection, table, rule, rows, column=key[0], value=name(key[0]))


def keep_keys(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Remember the keys of the accepted rows of a table, for those that refer to it."""
    if key := TABLES[table].key:
        connection.execute(f"CREATE TABLE {KEYS}.{name(table)} AS SELECT {name(key)} AS id FROM {standing(table)}")


def optional_references(table: str) -> tuple[tuple[str, str], ...]:
    """Return the columns of a table that may refer to nothing, each with the table that it refers to."""
    columns = TABLES[table].columns.items()
    return tuple((column, spec.refers_to) for column, spec in columns if spec.refers_to and not spec.required)


def parents_in_cycles(connection: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """Return the account with the smallest id of every cycle of parents, in order; its parent has to go."""
    parents = dict(
        connection.execute(
            f"SELECT account_id, parent_id FROM {standing('accounts')} "
            f"WHERE parent_id IN (FROM {KEYS}.accounts) ORDER BY account_id"
        ).fetchall()
    )
    cut: list[str] = []
    seen: dict[str, str] = {}
    for start in parents:
        path: list[str] = []
        account = start
        while account in parents and account not in seen:
            seen[account] = start
            path.append(account)
            account = parents[account]
        if seen.get(account) == start:
            cut.append(min(path[path.index(account) :]))
    return tuple(sorted(cut))
