"""What recommending takes: the accounts, the library and the recommender, in memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from features.group import Group
from features.tables import open_tables
from features.workspace import Workspace
from models.encoder import load_encoder
from models.recommender import Recommender
from models.text_encoder import Encoder, SentenceEncoder
from models.vectors import library_vectors
from serving.accounts import AccountIndex
from serving.library import read_playbooks, with_changes
from serving.reading import read_accounts
from tiering.library import PlaybookChange

EncoderLoader = Callable[[Workspace], Encoder]


@dataclass(frozen=True, slots=True)
class Content:
    """One state of everything that a recommendation depends on.

    Parameters
    ----------
    accounts : what is known of them.
    recommender : of the library with all changes so far.
    cache : where the vectors of texts are kept.
    last_change : number of the last change to the library.
    """

    accounts: AccountIndex
    recommender: Recommender
    cache: Path
    last_change: int

    @property
    def group(self) -> Group:
        """The group of the last ingest."""
        return self.recommender.group

    @property
    def playbooks(self) -> pd.DataFrame:
        """The library, one row per variant."""
        return self.recommender.playbooks


def bundled_encoder(workspace: Workspace) -> Encoder:
    """Load the encoder that comes with Glocal."""
    return SentenceEncoder(load_encoder(cache_dir=workspace.encoders))


def load_content(workspace: Workspace, encoder: Encoder, changes: Sequence[PlaybookChange]) -> Content:
    """Read a workspace's accounts and library; its tables are closed again afterwards.

    Parameters
    ----------
    workspace : with ingested data.
    encoder : of texts.
    changes : all that were made to the library, in order.

    Raises
    ------
    InputError
        If nothing was ingested yet.
    """
    group = workspace.group()
    with open_tables(workspace) as tables:
        accounts = read_accounts(tables, group)
        playbooks = with_changes(read_playbooks(tables), changes)
    cache = workspace.encoders / "vectors"
    vectors = library_vectors(encoder, playbooks, cache, accounts.all_topics)
    recommender = Recommender(group, playbooks, vectors, encoder)
    return Content(accounts, recommender, cache, _last(changes, 0))


def changed(content: Content, changes: Sequence[PlaybookChange]) -> Content:
    """Return the content after further changes to the library; only texts that are new are encoded."""
    if not changes:
        return content
    old = content.recommender
    playbooks = with_changes(old.playbooks, changes)
    vectors = library_vectors(old.encoder, playbooks, content.cache, content.accounts.all_topics)
    recommender = replace(old, playbooks=playbooks, vectors=vectors)
    return replace(content, recommender=recommender, last_change=_last(changes, content.last_change))


def _last(changes: Sequence[PlaybookChange], before: int) -> int:
    return changes[-1].number if changes else before
