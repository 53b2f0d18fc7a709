"""The playbook library: as it was ingested, with the changes made since."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pandas as pd

from features.contracts import TABLES
from features.errors import InputError, NotFoundError
from features.group import Group
from features.tables import Tables
from serving.schemas.playbooks import PlaybookBody
from tiering.library import PlaybookChange

COLUMNS = tuple(name for name in TABLES["playbooks"].columns if name != "loaded_at")
_TIMES = ("valid_from", "expires_at")
_KEY = "asset_id"


def read_playbooks(tables: Tables) -> pd.DataFrame:
    """Read the library as it was ingested, sorted by asset_id."""
    frame: pd.DataFrame = tables["playbooks"].select(*COLUMNS).order_by(_KEY).to_pandas()
    return _typed(frame)


def with_changes(playbooks: pd.DataFrame, changes: Iterable[PlaybookChange]) -> pd.DataFrame:
    """Return the library with changes made to it, the last one of each variant counting.

    Parameters
    ----------
    playbooks : one row per variant; it stays as it is.
    changes : in order.
    """
    last = {change.asset_id: change.document for change in changes}
    if not last:
        return playbooks
    kept = playbooks[~playbooks[_KEY].isin(last.keys())]
    put = [{**dict.fromkeys(COLUMNS), **document, _KEY: asset} for asset, document in last.items() if document]
    added = _typed(pd.DataFrame(put, columns=list(COLUMNS)))
    together = pd.concat([kept, added], ignore_index=True) if put else kept
    return together.sort_values(_KEY, ignore_index=True)


def document_of(body: PlaybookBody) -> dict[str, Any]:
    """Return a variant as it is kept."""
    return body.model_dump(mode="json")


def check_units(body: PlaybookBody, group: Group) -> None:
    """Check that a variant is for business units that there are.

    Raises
    ------
    InputError
        If one is unknown: nobody would ever see the variant, and nobody would know why.
    """
    for unit in body.business_units or ():
        if unit not in group.business_units:
            known = ", ".join(sorted(group.business_units))
            raise InputError(f"body.business_units: {unit!r} is unknown; give null for all, or some of: {known}")


def require(playbooks: pd.DataFrame, asset_id: str) -> None:
    """Check that the library has a variant.

    Raises
    ------
    NotFoundError
        If it has not.
    """
    if not (playbooks[_KEY] == asset_id).any():
        raise NotFoundError(f"playbook {asset_id!r}: the library has none with this asset_id; check the id")


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Give every column the type that it has in every library, an empty one included."""
    names = {
        name: "str"
        for name, column in TABLES["playbooks"].columns.items()
        if name in COLUMNS and column.dtype == "string"
    }
    times = {name: pd.to_datetime(frame[name]).astype("datetime64[us]") for name in _TIMES}
    lists = {
        name: frame[name].astype(object)
        for name, column in TABLES["playbooks"].columns.items()
        if column.dtype == "array<string>"
    }
    return frame.astype(names).assign(**times, **lists)
