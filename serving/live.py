"""What a running service has in memory, kept up to date with its workspace."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Lock, Thread

import duckdb

from features.errors import InputError
from features.workspace import Workspace
from models.text_encoder import Encoder
from serving.content import Content, EncoderLoader, bundled_encoder, changed, load_content
from serving.problems import NotReadyError
from serving.scoring import Scoring, load_scoring
from serving.shown import ShownLog
from serving.tiers import published
from tiering.release import Release
from tiering.store import Store

LOOK_SECONDS = 2.0
"""How often the service looks whether data were ingested, or a release published, since it last did."""

PATIENCE_SECONDS = 5.0
"""How long an ending service waits for what it is just loading."""

LOADING = "the service is still loading models and library; ask again in a few seconds"


@dataclass(frozen=True, slots=True)
class _Stamp:
    """Tells one state of the warehouse's file from another."""

    inode: int
    changed_ns: int


class Live:
    """Loads in the background, and hands out what is loaded.

    Changes to the library and a newly published release are seen by the next request, here and in every other process
    on the same store; newly ingested data a little later, while what was loaded before serves on.

    Parameters
    ----------
    workspace : what is served.
    load_encoder : loads the encoder of texts.
    """

    def __init__(self, workspace: Workspace, load_encoder: EncoderLoader = bundled_encoder) -> None:
        self._workspace = workspace
        self._load_encoder = load_encoder
        self._store: Store | None = None
        self._shown: ShownLog | None = None
        self._content: Content | None = None
        self._scoring: Scoring | None = None
        self._stamp: _Stamp | None = None
        self._why = LOADING
        self._content_lock = Lock()
        self._scoring_lock = Lock()
        self._stopped = Event()
        self._thread = Thread(target=self._keep_up, name="glocal-live", daemon=True)

    def start(self) -> None:
        """Begin to load."""
        self._thread.start()

    def stop(self) -> None:
        """End what goes on in the background, and let go of the store."""
        self._stopped.set()
        self._thread.join(timeout=PATIENCE_SECONDS)
        if self._shown:
            self._shown.stop(PATIENCE_SECONDS)
        if self._store:
            self._store.close()

    @property
    def store(self) -> Store:
        """The store of the workspace.

        Raises
        ------
        NotReadyError
            If it is not open yet.
        """
        if self._store is None:
            raise NotReadyError(self._why)
        return self._store

    @property
    def shown(self) -> ShownLog:
        """The log of what is shown.

        Raises
        ------
        NotReadyError
            If the store is not open yet.
        """
        if self._shown is None:
            raise NotReadyError(self._why)
        return self._shown

    def content(self) -> Content:
        """Return accounts and library, every change up to now included.

        Raises
        ------
        NotReadyError
            If they are not loaded yet.
        """
        content = self._content
        if content is None:
            raise NotReadyError(self._why)
        if self.store.playbook_changes(after=content.last_change):
            with self._content_lock:
                content = self._content = self._up_to_date(self._content or content)
        return content

    def scoring(self) -> Scoring:
        """Return models and snapshot of the release that is published now.

        Raises
        ------
        NotReadyError
            If the store is not open yet, or the release's models or its snapshot are missing.
        ConflictError
            If no release is published.
        """
        release = published(self.store)
        scoring = self._scoring
        if scoring is None or scoring.release.id != release.id:
            with self._scoring_lock:
                scoring = self._scoring
                if scoring is None or scoring.release.id != release.id:
                    scoring = self._scoring = self._load_scoring(release)
        return scoring

    def _load_scoring(self, release: Release) -> Scoring:
        try:
            return load_scoring(self._workspace, release)
        except InputError as error:  # true of the workspace, whatever was asked
            raise NotReadyError(str(error)) from error

    def why_not_ready(self) -> str | None:
        """Return what is missing for every kind of request to be answered; None: nothing."""
        try:
            self.content()
            self.scoring()
        except InputError as error:
            return str(error)
        return None

    def _keep_up(self) -> None:
        encoder = None
        try:
            while not self._stopped.is_set():
                try:
                    self._open()
                    encoder = encoder or self._load_encoder(self._workspace)
                    self._read_again(encoder)
                except InputError as error:
                    self._why = str(error)
                except duckdb.IOException:
                    self._why = f"workspace {self._workspace.root}: a command is writing to it; ask again later"
                self._stopped.wait(LOOK_SECONDS)
        finally:
            self._why = "the service stopped loading because of an error; see its log"

    def _open(self) -> None:
        """Open the store, once."""
        if self._store is None:
            self._store = Store(self._workspace.state_url)
            self._shown = ShownLog(self._store)

    def _read_again(self, encoder: Encoder) -> None:
        """Read what was ingested or published since the last look."""
        self._workspace.require_data()
        file = self._workspace.warehouse.stat()
        stamp = _Stamp(file.st_ino, file.st_mtime_ns)
        if self._content is None or stamp != self._stamp:
            fresh = load_content(self._workspace, encoder, self.store.playbook_changes())
            with self._content_lock:
                self._content, self._stamp = self._up_to_date(fresh), stamp
        if self.store.published():
            self.scoring()

    def _up_to_date(self, content: Content) -> Content:
        return changed(content, self.store.playbook_changes(after=content.last_change))
