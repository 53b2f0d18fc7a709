"""The database behind the store: SQLite in a file or PostgreSQL, made ready for several processes at once."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from filelock import FileLock
from sqlalchemy import Column, Connection, Engine, create_engine, event, func, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.schema import CreateColumn

from features.errors import InputError
from tiering.schema import METADATA, RELEASE_SEQUENCE

_WAIT_SECONDS = 60
"""How long a writer waits for another one: adding a release of a million accounts takes about as long."""

_SCHEMA_LOCK = 6106_2026
"""Any number that no other program uses: keeps two processes from creating the tables at once on PostgreSQL."""


def open_engine(url: str) -> Engine:
    """Open the database and create the tables that it lacks.

    Parameters
    ----------
    url : as SQLAlchemy writes it, such as ``sqlite:////srv/state.db`` or ``postgresql://user:password@host/name``.

    Returns
    -------
    Engine. On SQLite a transaction of `writing` is alone in writing from its start, so that it cannot fail half-way
    because of another; readers meanwhile see what was there before.

    Raises
    ------
    InputError
        If the URL is none, is of another database, its driver is not installed, or nothing answers there.
    """
    parsed = _checked(url)
    try:
        engine = create_engine(parsed, connect_args=_connect_args(parsed))
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(
            f"state database {parsed}: its driver is not installed ({error}); install glocal[postgresql]"
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", partial(_prepare_sqlite, parsed.database))
        event.listen(engine, "begin", _begin_sqlite)
    try:
        if _lacks_tables(engine):
            with writing(engine).begin() as connection:
                _create_tables(connection)
    except OperationalError as error:
        reason = " ".join(str(error.orig).split())
        raise InputError(f"state database {parsed}: it cannot be opened: {reason}; check GLOCAL_STATE_URL") from error
    return engine


def exists(url: str) -> bool:
    """Tell whether there may be a database: of SQLite's, whose opening creates a file, whether the file is there.

    Raises
    ------
    InputError
        If the URL is none, or is of another database.
    """
    parsed = _checked(url)
    return parsed.get_backend_name() != "sqlite" or bool(parsed.database and Path(parsed.database).exists())


def writing(engine: Engine) -> Engine:
    """Return the engine with transactions that write."""
    return engine.execution_options(writes=True)


def _checked(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(f"state database {url!r}: this is no URL; give one like sqlite:////srv/state.db") from error
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise InputError(f"state database {parsed}: Glocal keeps its state in SQLite or PostgreSQL; give such a URL")
    return parsed


def _connect_args(url: URL) -> dict[str, int]:
    return {"timeout": _WAIT_SECONDS} if url.get_backend_name() == "sqlite" else {}


def _prepare_sqlite(path: str | None, connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Leave transactions to SQLAlchemy, let readers and a writer work side by side, and hold references."""
    connection.isolation_level = None
    cursor = connection.cursor()
    if path and cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        with FileLock(f"{path}.lock", timeout=_WAIT_SECONDS):  # SQLite's own waiting does not cover this change
            cursor.execute("PRAGMA journal_mode = WAL")
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _lacks_tables(engine: Engine) -> bool:
    """Look without writing, so that nobody who only reads waits for a writer."""
    with engine.begin() as connection:
        if not METADATA.tables.keys() <= set(inspect(connection).get_table_names()):
            return True
        return bool(_lacking_columns(connection))


def _lacking_columns(connection: Connection) -> list[Column[Any]]:
    """Return the columns that came after the database was made."""
    looked_at = inspect(connection)
    return [
        column
        for table in METADATA.sorted_tables
        for column in table.columns
        if column.name not in {there["name"] for there in looked_at.get_columns(table.name)}
    ]


def _create_tables(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_SCHEMA_LOCK)))
    METADATA.create_all(connection)
    for column in _lacking_columns(connection):
        # SQLAlchemy leaves changes of a table to Alembic; what releases lacked so far were columns that may be empty.
        definition = CreateColumn(Column(column.name, column.type)).compile(connection)
        connection.execute(text(f"ALTER TABLE {column.table.name} ADD COLUMN {definition}"))
    if connection.scalar(select(func.count()).select_from(RELEASE_SEQUENCE)) == 0:
        connection.execute(insert(RELEASE_SEQUENCE).values(name="releases", number=0))
