"""Changes to the playbook library while it is served."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, text

from tiering.feedback import in_utc
from tiering.schema import PLAYBOOK_CHANGES


@dataclass(frozen=True, slots=True)
class PlaybookChange:
    """One change to the library.

    Parameters
    ----------
    number : grows with every change.
    asset_id : whose.
    changed_at : UTC without an offset.
    document : the playbook from then on; None: it was deleted.
    """

    number: int
    asset_id: str
    changed_at: datetime
    document: Mapping[str, Any] | None


def change_playbook(connection: Connection, asset_id: str, document: Mapping[str, Any] | None, at: datetime) -> None:
    """Put a playbook into the library from an instant on, or delete it (no document)."""
    if connection.dialect.name == "postgresql":
        # One at a time, so that numbers are committed in their order; reading goes on. SQLite has one writer anyway.
        connection.execute(text(f"LOCK TABLE {PLAYBOOK_CHANGES.name} IN EXCLUSIVE MODE"))
    row = {"asset_id": asset_id, "changed_at": in_utc(at), "document": None if document is None else dict(document)}
    connection.execute(insert(PLAYBOOK_CHANGES).values(row))


def playbook_changes(connection: Connection, after: int = 0) -> list[PlaybookChange]:
    """Return the changes with a number above `after`, in order."""
    changes = select(PLAYBOOK_CHANGES).where(PLAYBOOK_CHANGES.c.number > after).order_by(PLAYBOOK_CHANGES.c.number)
    return [PlaybookChange(**row._mapping) for row in connection.execute(changes)]
