"""The life of a release: added as a draft, published, superseded, rolled back; a transaction's work per function."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Row, Table, insert, select, update

from features.errors import InputError, NotFoundError
from tiering.release import ACCOUNT_COLUMNS, ALIAS_COLUMNS, SCORE_COLUMNS, Note, Origin, Plan, Release, Status
from tiering.schema import RELEASE_ACCOUNTS, RELEASE_ALIASES, RELEASE_SCORES, RELEASE_SEQUENCE, RELEASES

_ROWS_AT_ONCE = 20_000


def add_draft(connection: Connection, plan: Plan) -> Release:
    """Store a plan as a draft under the next id."""
    number = connection.scalars(
        update(RELEASE_SEQUENCE).values(number=RELEASE_SEQUENCE.c.number + 1).returning(RELEASE_SEQUENCE.c.number)
    ).one()
    release_id = f"r{number:04d}"
    head = {
        "id": release_id,
        "number": number,
        "status": Status.DRAFT.value,
        **asdict(plan.origin),
        "created_at": _now(),
        "models": dict(plan.models),
        "counts": dict(plan.counts),
        "notes": [{"code": note.code, "values": dict(note.values)} for note in plan.notes],
    }
    connection.execute(insert(RELEASES).values(head))
    for table, rows, columns in (
        (RELEASE_ACCOUNTS, plan.accounts, ACCOUNT_COLUMNS),
        (RELEASE_SCORES, plan.scores, SCORE_COLUMNS),
        (RELEASE_ALIASES, plan.aliases, ALIAS_COLUMNS),
    ):
        _insert_rows(connection, table, rows[list(columns)], release_id)
    return get(connection, release_id)


def publish(connection: Connection, release_id: str) -> Release:
    """Publish a draft; what was published before is superseded.

    Raises
    ------
    NotFoundError
        If there is no such release.
    InputError
        If it is no draft.
    """
    _hold(connection)
    release = get(connection, release_id)
    if release.status is not Status.DRAFT:
        raise InputError(
            f"release {release_id!r}: its status is {release.status.value!r}, and only a draft can be published; "
            "make a new one with 'glocal refresh'"
        )
    former = published(connection)
    if former:
        _change(connection, former.id, status=Status.SUPERSEDED.value)
    supersedes = former.id if former else None
    _change(connection, release_id, status=Status.PUBLISHED.value, published_at=_now(), supersedes=supersedes)
    return get(connection, release_id)


def rollback(connection: Connection) -> Release:
    """Take back the published release, and publish again the one that it superseded.

    Returns
    -------
    The release that is published now.

    Raises
    ------
    InputError
        If none is published, or the published one superseded none.
    """
    _hold(connection)
    current = published(connection)
    if current is None:
        raise InputError("no release is published, so there is nothing to roll back; see 'glocal releases'")
    if current.supersedes is None:
        raise InputError(
            f"release {current.id!r}: its status is 'published' and none was published before it, so there is nothing "
            "to go back to; publish another draft in its place"
        )
    _change(connection, current.id, status=Status.ROLLED_BACK.value)
    _change(connection, current.supersedes, status=Status.PUBLISHED.value)
    return get(connection, current.supersedes)


def get(connection: Connection, release_id: str) -> Release:
    """Return a release.

    Raises
    ------
    NotFoundError
        If there is none with this id.
    """
    row = connection.execute(select(RELEASES).where(RELEASES.c.id == release_id)).one_or_none()
    if row is None:
        ids = connection.scalars(select(RELEASES.c.id).order_by(RELEASES.c.number.desc()).limit(5)).all()
        raise NotFoundError(f"release {release_id!r}: there is none; the latest are: {', '.join(ids) or 'none yet'}")
    return _release(row)


def published(connection: Connection) -> Release | None:
    """Return the published release, if any."""
    row = connection.execute(select(RELEASES).where(RELEASES.c.status == Status.PUBLISHED.value)).one_or_none()
    return None if row is None else _release(row)


def every(connection: Connection) -> list[Release]:
    """Return all releases, the latest first."""
    return [_release(row) for row in connection.execute(select(RELEASES).order_by(RELEASES.c.number.desc()))]


def _hold(connection: Connection) -> None:
    """Keep other processes from changing releases until this transaction ends; SQLite's writers are alone anyway."""
    connection.execute(select(RELEASE_SEQUENCE).with_for_update())


def _change(connection: Connection, release_id: str, **values: str | datetime | None) -> None:
    connection.execute(update(RELEASES).where(RELEASES.c.id == release_id).values(values))


def _insert_rows(connection: Connection, table: Table, rows: pd.DataFrame, release_id: str) -> None:
    for records in _records(rows):
        connection.execute(insert(table), [{"release_id": release_id, **record} for record in records])


def _records(rows: pd.DataFrame) -> Iterator[list[Mapping[str, Any]]]:
    """Yield rows as mappings, None where a value is missing, some at a time."""
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        part = rows.iloc[start : start + _ROWS_AT_ONCE].astype(object)
        yield part.where(part.notna(), None).to_dict("records")  # type: ignore[misc]  # its stubs allow any key


def _release(row: Row[Any]) -> Release:
    return Release(
        id=row.id,
        status=Status(row.status),
        origin=Origin(row.as_of, row.bundle_version, row.data_version, row.code_version, row.group_digest),
        created_at=row.created_at,
        published_at=row.published_at,
        supersedes=row.supersedes,
        models=row.models,
        counts=row.counts,
        notes=tuple(Note(note["code"], note["values"]) for note in row.notes),
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
