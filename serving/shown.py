"""The log of what was shown, written beside the answers: whoever holds the database for long delays no answer."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Thread

from sqlalchemy.exc import OperationalError

from tiering.feedback import Impression
from tiering.store import Store

PATIENCE_SECONDS = 0.5
"""How long an answer waits for its impressions to be written; they are written soon, if not by then."""

RETRY_SECONDS = 1.0

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Impressions of one answer.

    Parameters
    ----------
    written : set once they are.
    """

    impressions: Sequence[Impression]
    written: Event = field(default_factory=Event)


class ShownLog:
    """Writes impressions in order, all that wait in one transaction.

    Adding a release holds an SQLite store for seconds; an answer that waited for it would leave a page empty.

    Parameters
    ----------
    store : where they are written.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._entries: SimpleQueue[_Entry] = SimpleQueue()
        self._stopped = Event()
        self._thread = Thread(target=self._write, name="glocal-shown", daemon=True)
        self._thread.start()

    def add(self, impressions: Sequence[Impression]) -> None:
        """Write impressions, by the time this returns or, if the database is busy, as soon as it is not."""
        entry = _Entry(impressions)
        self._entries.put(entry)
        entry.written.wait(PATIENCE_SECONDS)

    def settle(self) -> None:
        """Wait until all that was added before is written."""
        entry = _Entry(())
        self._entries.put(entry)
        entry.written.wait()

    def stop(self, seconds: float) -> None:
        """Write what was added before, and end; give up after some seconds."""
        self._stopped.set()
        self._entries.put(_Entry(()))
        self._thread.join(timeout=seconds)

    def _write(self) -> None:
        while not (self._stopped.is_set() and self._entries.empty()):
            entries = self._waiting()
            impressions = [impression for entry in entries for impression in entry.impressions]
            while not self._written(impressions):
                self._stopped.wait(RETRY_SECONDS)
            for entry in entries:
                entry.written.set()

    def _waiting(self) -> list[_Entry]:
        """Wait for an entry, and return it with all others that are there by then."""
        entries = [self._entries.get()]
        while True:
            try:
                entries.append(self._entries.get_nowait())
            except Empty:
                return entries

    def _written(self, impressions: Sequence[Impression]) -> bool:
        if not impressions:
            return True
        try:
            self._store.record_impressions(impressions)
        except OperationalError as error:
            _LOG.warning("impressions cannot be written yet: %s", error.orig)
            return False
        return True
