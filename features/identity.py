"""The same company under several account ids: united where identifiers, or name and country, agree."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

SHARED_BY_AT_MOST = 5
"""An identifier on more accounts of one country than this names no single company (a mail provider, a placeholder)."""

_LEGAL_FORMS = re.compile(
    r"\b(ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated|kabushiki kaisha|kg|kk|limited|llc|llp|ltd|ltda"
    r"|nv|oy|plc|pte|pty|sa|sas|sarl|se|sl|spa|srl)\b|株式会社|有限会社|股份有限公司|有限责任公司|有限公司"
)


@dataclass(frozen=True, slots=True)
class _Key:
    """An identifier that two accounts of the same company share.

    Parameters
    ----------
    columns : what has to agree, all of it present.
    probability : that two accounts with the same values are one company; declared, not measured.
    """

    columns: tuple[str, ...]
    probability: float


_KEYS = (
    _Key(("lei",), 0.999),
    _Key(("duns",), 0.995),
    _Key(("registration_id", "country"), 0.99),
    _Key(("domain", "country"), 0.95),
    _Key(("plain_name", "country"), 0.9),
)
_IDENTIFIERS = ("lei", "duns")


def plain_name(name: str) -> str:
    """Return a company's name without case, accents, punctuation and legal form, in its own script."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(" " if not (c.isalnum() or unicodedata.combining(c)) else c for c in folded)
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if not _is_accent(c)))
    return " ".join(_LEGAL_FORMS.sub(" ", bare).split()) or " ".join(bare.split())


def resolve_accounts(accounts: pd.DataFrame) -> pd.DataFrame:
    """Unite accounts that are one company.

    Two accounts are one company where LEI, DUNS, registration number and country, domain and country, or plain name
    and country agree, unless their LEI or DUNS differ, or one is the parent of the other.

    Parameters
    ----------
    accounts : one row per account: ``account_id``, ``name``, ``country`` and, where known, ``lei``, ``duns``,
        ``registration_id``, ``domain``, ``parent_id``.

    Returns
    -------
    DataFrame with ``account_id``, ``entity_id`` (the smallest account id of the company) and ``probability`` in (0, 1]
    that the account belongs to it (1 where it stands alone), one row per account, sorted by ``account_id``.
    """
    rows = accounts.sort_values("account_id").reset_index(drop=True)
    if rows.empty:
        return pd.DataFrame({"account_id": [], "entity_id": [], "probability": []}).astype(
            {"account_id": "str", "entity_id": "str", "probability": "float64"}
        )
    keys = _comparable(rows)
    links = pd.concat([_links(keys, key) for key in _KEYS], ignore_index=True)
    links = links[~_contradicted(rows, keys, links)]
    pairs = coo_array((np.ones(len(links)), (links["left"], links["right"])), shape=(len(rows), len(rows)))
    _, component = connected_components(pairs, directed=False)
    ids = rows["account_id"]
    best = pd.concat([links[["left", "probability"]].set_axis(["row", "probability"], axis=1),
                      links[["right", "probability"]].set_axis(["row", "probability"], axis=1)])  # fmt: skip
    return pd.DataFrame(
        {
            "account_id": ids,
            "entity_id": ids.groupby(component).transform("min"),
            "probability": best.groupby("row")["probability"].max().reindex(rows.index).fillna(1.0),
        }
    )


def _is_accent(character: str) -> bool:
    """Tell Latin, Greek and Cyrillic accents, which may be left out, from vowel signs of other scripts."""
    return "̀" <= character <= "ͯ"


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the identifiers in the form in which they are compared; missing stays missing."""
    columns = {
        name: rows[name].astype("str").str.upper().str.replace(r"[^\w]", "", regex=True).where(rows[name].notna())
        for name in ("lei", "duns", "registration_id", "country")
        if name in rows
    }
    if "domain" in rows:
        domain = rows["domain"].astype("str").str.lower().str.replace(r"^(https?://)?(www\.)?|[/?#].*$", "", regex=True)
        columns["domain"] = domain.where(rows["domain"].notna())
    columns["plain_name"] = rows["name"].map(plain_name)
    return pd.DataFrame(columns).replace("", None)


def _links(keys: pd.DataFrame, key: _Key) -> pd.DataFrame:
    """Pair each account with the first that has the same values of a key."""
    if not set(key.columns) <= set(keys.columns):
        return pd.DataFrame({"left": [], "right": [], "probability": []}).astype({"left": int, "right": int})
    present = keys.dropna(subset=list(key.columns))
    same = present.groupby(list(key.columns), sort=False)
    rows = present.index.to_series()
    group = [present[column] for column in key.columns]
    first, size = rows.groupby(group, sort=False).transform("first"), same[key.columns[0]].transform("size")
    linked = (rows != first) & (size <= SHARED_BY_AT_MOST)
    return pd.DataFrame({"left": first[linked], "right": rows[linked], "probability": key.probability})


def _contradicted(rows: pd.DataFrame, keys: pd.DataFrame, links: pd.DataFrame) -> pd.Series:
    """Mark the links between accounts that cannot be one company."""
    left, right = links["left"].to_numpy(int), links["right"].to_numpy(int)
    wrong = np.zeros(len(links), dtype=bool)
    for name in _IDENTIFIERS:
        if name in keys:
            a, b = keys[name].to_numpy(object)[left], keys[name].to_numpy(object)[right]
            wrong |= pd.notna(a) & pd.notna(b) & (a != b)
    if "parent_id" in rows:
        ids, parents = rows["account_id"].to_numpy(object), rows["parent_id"].to_numpy(object)
        wrong |= (parents[left] == ids[right]) | (parents[right] == ids[left])
    return pd.Series(wrong, index=links.index)
