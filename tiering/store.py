"""The store: releases, impressions, feedback and playbook changes in one database that several processes share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Literal, Self

import pandas as pd

from features.errors import InputError
from features.workspace import Workspace
from tiering import feedback, library, lifecycle, queries
from tiering.engine import exists, open_engine, writing
from tiering.feedback import Feedback, Impression
from tiering.library import PlaybookChange
from tiering.release import ListedAccount, Plan, Release


class Store:
    """Everything that is kept between runs but data and models. Every method is one transaction.

    Parameters
    ----------
    url : of an SQLite file or a PostgreSQL database, as SQLAlchemy writes it; tables that it lacks are created.

    Raises
    ------
    InputError
        If nothing can be opened there.
    """

    def __init__(self, url: str) -> None:
        self._engine = open_engine(url)
        self._writing = writing(self._engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def drafting(self, plan: Plan) -> Iterator[Release]:
        """Add a draft that is stored when the block ends, and not at all if it raises."""
        with self._writing.begin() as connection:
            yield lifecycle.add_draft(connection, plan)

    def add_draft(self, plan: Plan) -> Release:
        """Store a plan as a draft under the next id, all of it or nothing."""
        with self.drafting(plan) as release:
            return release

    def publish(self, release_id: str) -> Release:
        """Publish a draft; what was published before is superseded.

        Raises
        ------
        NotFoundError
            If there is no such release.
        InputError
            If it is no draft.
        """
        with self._writing.begin() as connection:
            return lifecycle.publish(connection, release_id)

    def rollback(self) -> Release:
        """Take back the published release and return the one before it, published again.

        Raises
        ------
        InputError
            If none is published, or none was before it.
        """
        with self._writing.begin() as connection:
            return lifecycle.rollback(connection)

    def get(self, release_id: str) -> Release:
        """Return a release.

        Raises
        ------
        NotFoundError
            If there is none with this id.
        """
        with self._engine.begin() as connection:
            return lifecycle.get(connection, release_id)

    def published(self) -> Release | None:
        """Return the published release, if any."""
        with self._engine.begin() as connection:
            return lifecycle.published(connection)

    def releases(self) -> list[Release]:
        """Return all releases, the latest first."""
        with self._engine.begin() as connection:
            return lifecycle.every(connection)

    def accounts(
        self,
        release_id: str,
        *,
        region: str | None = None,
        tier: str | None = None,
        country: str | None = None,
        business_unit: str | None = None,
        limit: int | None = None,
        offset: int = 0,
    ) -> pd.DataFrame:
        """Return the accounts of a release, sorted by id; see `tiering.queries.accounts`.

        Raises
        ------
        NotFoundError
            If there is no such release.
        """
        with self._engine.begin() as connection:
            lifecycle.get(connection, release_id)
            return queries.accounts(
                connection,
                release_id,
                region=region,
                tier=tier,
                country=country,
                business_unit=business_unit,
                limit=limit,
                offset=offset,
            )

    def listed(self, release_id: str, column: queries.ListedColumn) -> tuple[str, ...]:
        """Return the regions, tiers or leading business units that the accounts of a release are in."""
        with self._engine.begin() as connection:
            return queries.listed(connection, release_id, column)

    def owner(self, release_id: str, name: str) -> str | None:
        """Return the account that goes by an id, its own or else a CRM's; None where that is none, or several."""
        with self._engine.begin() as connection:
            return queries.owner(connection, release_id, name)

    def scores(self, release_id: str) -> pd.DataFrame:
        """Return every score of a release; see `tiering.queries.scores`.

        Raises
        ------
        NotFoundError
            If there is no such release.
        """
        with self._engine.begin() as connection:
            lifecycle.get(connection, release_id)
            return queries.scores(connection, release_id)

    def account(self, release_id: str, account_id: str) -> ListedAccount:
        """Return one account of a release by any of its ids, with its scores.

        Raises
        ------
        NotFoundError
            If there is no such release, or no such account in it.
        """
        with self._engine.begin() as connection:
            lifecycle.get(connection, release_id)
            return queries.account(connection, release_id, account_id)

    def find(self, release_id: str, by: Literal["account_id", "source_id", "domain"], value: str) -> tuple[str, ...]:
        """Return the ids of the accounts known under an id, a CRM's id or a domain, sorted."""
        with self._engine.begin() as connection:
            return queries.find(connection, release_id, by, value)

    def record_impressions(self, impressions: Sequence[Impression]) -> int:
        """Record playbooks shown, and return how many were not recorded before."""
        with self._writing.begin() as connection:
            return feedback.record_impressions(connection, impressions)

    def record_feedback(self, events: Sequence[Feedback]) -> int:
        """Record what came of impressions, and return how many events were not recorded before.

        Raises
        ------
        NotFoundError
            If an impression was never recorded; nothing is recorded then.
        InputError
            If an outcome is unknown; nothing is recorded then.
        """
        with self._writing.begin() as connection:
            return feedback.record_feedback(connection, events)

    def impressions(self) -> pd.DataFrame:
        """Return impressions and what came of them as the contract's table; see `tiering.feedback.impressions`."""
        with self._engine.begin() as connection:
            return feedback.impressions(connection)

    def put_playbook(self, asset_id: str, document: Mapping[str, Any], at: datetime | None = None) -> None:
        """Put a playbook, JSON, into the library from now or a given instant on."""
        with self._writing.begin() as connection:
            library.change_playbook(connection, asset_id, document, at or datetime.now(UTC))

    def delete_playbook(self, asset_id: str, at: datetime | None = None) -> None:
        """Take a playbook out of the library from now or a given instant on."""
        with self._writing.begin() as connection:
            library.change_playbook(connection, asset_id, None, at or datetime.now(UTC))

    def playbook_changes(self, after: int = 0) -> list[PlaybookChange]:
        """Return the changes to the library with a number above `after`, in order."""
        with self._engine.begin() as connection:
            return library.playbook_changes(connection, after)


def open_store(workspace: Workspace) -> Store:
    """Open the store of a workspace that has one; nothing is created.

    Raises
    ------
    InputError
        If nothing was ingested, or no release was made yet.
    """
    workspace.require_data()
    if not exists(workspace.state_url):
        raise InputError(f"workspace {workspace.root}: no release was made yet; run 'glocal refresh' first")
    return Store(workspace.state_url)
