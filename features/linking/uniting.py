"""From links to companies: the surest first, nothing that contradicts, decisions before all else."""

from __future__ import annotations

import pandas as pd

from features.linking.comparable import plain_identifier
from features.linking.evidence import DECISION, UNITE_AT, combined
from features.mergers import Companies

_IDENTIFIERS = ("lei", "duns")


def unite(accounts: pd.DataFrame, links: pd.DataFrame) -> pd.DataFrame:
    """Say which accounts are one company.

    Parameters
    ----------
    accounts : those that are known: ``account_id`` and, where known, ``lei``, ``duns`` and ``parent_id``.
    links : from `find_links`, with decisions as evidence 'decision' of probability 0 or 1; of other accounts too.

    Returns
    -------
    DataFrame with ``account_id``, ``entity_id`` (the smallest account id of the company) and ``probability`` in (0, 1]
    that the account belongs to it (1 where it stands alone), one row per account, sorted by ``account_id``.
    """
    ids = accounts["account_id"].astype("str")
    everybody = accounts.assign(account_id=ids).sort_values("account_id", ignore_index=True)
    known = pd.Index(everybody["account_id"])
    alone = pd.DataFrame({"account_id": known, "entity_id": known, "probability": 1.0})
    pairs = weigh_pairs(standing(links, known))
    if pairs.empty:
        return alone
    concerned = _concerned(everybody, known, pairs)
    rows = everybody.iloc[concerned].reset_index(drop=True)
    entity = pd.Series(rows["account_id"].to_numpy()[_companies(rows, pairs)], index=rows["account_id"], dtype="str")
    belonging = _belonging(pairs, entity).reindex(entity.index).fillna(1.0)
    alone.loc[concerned, "entity_id"] = entity.to_numpy()
    alone.loc[concerned, "probability"] = belonging.to_numpy()
    return alone


def standing(links: pd.DataFrame, known: pd.Index) -> pd.DataFrame:
    """Keep the evidence that stands when only some accounts are known: of known ones, by keys not yet too common."""
    # An index looks many up at once; isin of texts does so one by one.
    left, right, crowd = (known.get_indexer(pd.Index(links[end])) >= 0 for end in ("left_id", "right_id", "crowd_id"))
    return links[left & right & ~crowd]


def weigh_pairs(links: pd.DataFrame) -> pd.DataFrame:
    """Add up the evidence of each pair.

    Parameters
    ----------
    links : those that stand.

    Returns
    -------
    DataFrame with ``left_id``, ``right_id``, ``probability`` (0 or 1 where somebody decided) and ``decided``; what was
    decided first, then the surest.
    """
    ordered = links.sort_values(["left_id", "right_id", "evidence"], ignore_index=True)
    code = ordered.groupby(["left_id", "right_id"], sort=True).ngroup()
    pairs = ordered.groupby(code)[["left_id", "right_id"]].first()
    decisions = ordered["evidence"] == DECISION
    found = combined(ordered.loc[~decisions, "probability"], code[~decisions])
    decided = ordered.loc[decisions, "probability"].groupby(code[decisions]).first()
    pairs = pairs.assign(
        probability=decided.reindex(pairs.index).fillna(found), decided=pairs.index.isin(decided.index)
    )
    return pairs.sort_values(["decided", "probability", "left_id", "right_id"], ascending=[False, False, True, True])


def _concerned(everybody: pd.DataFrame, known: pd.Index, pairs: pd.DataFrame) -> list[int]:
    """Return the rows of the accounts with links and of those above them, in order: all others stay as they are."""
    above = known.get_indexer(pd.Index(everybody["parent_id"])) if "parent_id" in everybody else None
    ends = pd.Index(pd.concat([pairs["left_id"], pairs["right_id"]]))
    waiting = {int(row) for row in known.get_indexer(ends)}
    concerned: set[int] = set()
    while waiting:
        concerned |= waiting
        parents = set() if above is None else {int(above[row]) for row in waiting} - {-1}
        waiting = parents - concerned
    return sorted(concerned)


def _companies(rows: pd.DataFrame, pairs: pd.DataFrame) -> list[int]:
    """Unite the accounts pair by pair; return the first row of each row's company."""
    ids = pd.Index(rows["account_id"])
    ends = pairs.assign(left=ids.get_indexer(pairs["left_id"]), right=ids.get_indexer(pairs["right_id"]))
    apart = ends[ends["decided"] & (ends["probability"] == 0)]
    parents = ids.get_indexer(rows["parent_id"]).tolist() if "parent_id" in rows else [-1] * len(rows)
    companies = Companies(_identifiers(rows), parents, zip(apart["left"], apart["right"], strict=True))
    likely = ends.loc[ends["probability"] >= UNITE_AT, ["left", "right", "decided"]]
    for left, right, decided in likely.to_numpy(object):
        companies.unite(left, right, decided=bool(decided))
    return [companies.first(row) for row in range(len(rows))]


def _identifiers(rows: pd.DataFrame) -> list[frozenset[str]]:
    """Return what names each account all by itself: 'lei 5299...' and the like."""
    named = [name + " " + plain_identifier(rows[name]) for name in _IDENTIFIERS if name in rows]
    columns = [column.tolist() for column in named]
    return [frozenset(v for v in values if isinstance(v, str)) for values in zip(*columns, strict=True)] or [
        frozenset() for _ in range(len(rows))
    ]


def _belonging(pairs: pd.DataFrame, entity: pd.Series) -> pd.Series:
    """Return by account the probability of its surest link within its company."""
    within = pairs[pairs["left_id"].map(entity).eq(pairs["right_id"].map(entity)) & (pairs["probability"] > 0)]
    ends = pd.concat([within.set_index(end)["probability"] for end in ("left_id", "right_id")])
    surest: pd.Series = ends.groupby(level=0).max()
    return surest
