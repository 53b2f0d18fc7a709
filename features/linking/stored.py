"""The links of a workspace, as people read them: pair by pair, with all that speaks for it."""

from __future__ import annotations

import duckdb
import pandas as pd

from features.errors import InputError
from features.linking.uniting import standing, weigh_pairs
from features.workspace import Workspace


def read_pairs(workspace: Workspace, account: str | None = None) -> pd.DataFrame:
    """Return the pairs of accounts that may be one company.

    Parameters
    ----------
    workspace : with ingested data.
    account : of which the pairs are wanted, and those of accounts that are one company with it; None: all.

    Returns
    -------
    DataFrame with ``left_id``, ``left_name``, ``right_id``, ``right_name``, ``entity_id`` (the company where they are
    one, else missing), ``probability``, ``evidence`` (sort of evidence and its own probability, by pair), the surest
    first, decisions before all.

    Raises
    ------
    InputError
        If nothing was ingested, or there is no such account.
    """
    workspace.require_data()
    with duckdb.connect(str(workspace.warehouse), read_only=True) as connection:
        links = connection.table("links").df()
        rows = connection.sql("SELECT account_id, name, entity_id FROM accounts JOIN entities USING (account_id)").df()
    rows = rows.set_index("account_id")
    if account is not None and account not in rows.index:
        raise InputError(f"there is no account {account!r}; give the id that it has in the table accounts")
    stands = standing(links, rows.index)
    pairs = weigh_pairs(stands).drop(columns="decided")
    left, right = (pairs[end].map(rows["entity_id"]) for end in ("left_id", "right_id"))
    evidence: dict[tuple[str, str], list[tuple[str, float]]] = {}
    for left_id, right_id, kind, probability in stands[["left_id", "right_id", "evidence", "probability"]].to_numpy(
        object
    ):
        evidence.setdefault((left_id, right_id), []).append((kind, probability))
    keys = zip(pairs["left_id"], pairs["right_id"], strict=True)
    pairs = pairs.assign(
        left_name=pairs["left_id"].map(rows["name"]),
        right_name=pairs["right_id"].map(rows["name"]),
        entity_id=left.where(left == right, None),
        evidence=pd.Series([evidence[key] for key in keys], index=pairs.index, dtype="object"),
    )
    if account is None:
        return pairs
    company = rows.loc[account, "entity_id"]
    return pairs[(left == company) | (right == company)]
