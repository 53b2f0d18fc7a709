"""The same company under several account ids: united where identifiers, or name and country, agree."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.mail_providers import MAIL_PROVIDERS
from features.mergers import Companies

SHARED_BY_AT_MOST = 5
"""An identifier on more accounts of one country than this names no single company (a mail provider, a placeholder)."""

_LEGAL_FORMS = re.compile(
    r"\b(ab|ag|as|bv|co|company|corp|corporation|gmbh|inc|incorporated|kabushiki kaisha|kg|kk|limited|llc|llp|ltd|ltda"
    r"|nv|oy|plc|pte|pty|sa|sas|sarl|se|sl|spa|srl|ао|зао|ооо|пао|株|有|주식회사|유한회사)\b"
    r"|株式会社|有限会社|股份有限公司|有限责任公司|有限公司"
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
    letters = "".join(c if _is_letter(c) else " " for c in folded.replace(".", ""))
    bare = unicodedata.normalize("NFC", "".join(c for c in letters if not _is_accent(c)))
    return " ".join(_LEGAL_FORMS.sub(" ", bare).split()) or " ".join(bare.split())


def resolve_accounts(accounts: pd.DataFrame) -> pd.DataFrame:
    """Unite accounts that are one company.

    Two accounts are one company where LEI, DUNS, registration number and country, domain and country, or plain name
    and country agree, the surest first, unless that brought different LEI or DUNS into one company, or an account
    together with one that stands above it.

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
    links = links.sort_values(["probability", "left", "right"], ascending=[False, True, True])
    company = _united(links, _identifiers(keys), _parents(rows))
    within = links[company[links["left"]] == company[links["right"]]]
    ends = pd.concat([within.set_index(end)["probability"] for end in ("left", "right")])
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "entity_id": rows["account_id"].to_numpy()[company],
            "probability": ends.groupby(level=0).max().reindex(rows.index).fillna(1.0),
        }
    )


def _united(links: pd.DataFrame, identifiers: list[frozenset[str]], parents: list[int]) -> NDArray[np.intp]:
    """Unite accounts link by link where nothing contradicts; return the first row of each row's company."""
    companies = Companies(identifiers, parents)
    for left, right in links[["left", "right"]].itertuples(index=False, name=None):
        companies.unite(left, right)
    return np.fromiter((companies.first(row) for row in range(len(parents))), np.intp, len(parents))


def _parents(rows: pd.DataFrame) -> list[int]:
    """Return the row of each account's parent, -1 where it has none among the rows."""
    if "parent_id" not in rows:
        return [-1] * len(rows)
    return [int(row) for row in pd.Index(rows["account_id"]).get_indexer(rows["parent_id"])]


def _identifiers(keys: pd.DataFrame) -> list[frozenset[str]]:
    """Return what names each account all by itself: 'lei 5299...' and the like."""
    named = [
        name + " " + keys[name] if name in keys else pd.Series(None, keys.index, dtype="str") for name in _IDENTIFIERS
    ]
    return [frozenset(value for value in values if isinstance(value, str)) for values in zip(*named, strict=True)]


def _is_accent(character: str) -> bool:
    """Tell Latin, Greek and Cyrillic accents, which may be left out, from vowel signs of other scripts."""
    return "\u0300" <= character <= "\u036f"


def _is_letter(character: str) -> bool:
    """Tell letters, digits, and the marks that some scripts write vowels with, from what only parts words."""
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _comparable(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the identifiers in the form in which they are compared; missing stays missing."""
    columns = {
        name: rows[name].astype("str").str.upper().str.replace(r"[^\w]", "", regex=True)
        for name in ("lei", "duns", "registration_id", "country")
        if name in rows
    }
    if "domain" in rows:
        bare = rows["domain"].astype("str").str.strip().str.lower()
        bare = bare.str.replace(r"^(https?://)?(www\.)?|[/?#].*$", "", regex=True)
        columns["domain"] = bare.mask(bare.isin(MAIL_PROVIDERS))
    columns["plain_name"] = rows["name"].map(plain_name).astype("str")
    return pd.DataFrame(columns).replace("", None)


def _links(keys: pd.DataFrame, key: _Key) -> pd.DataFrame:
    """Pair the accounts that have the same values of a key: left, right (rows, left < right) and probability."""
    if not set(key.columns) <= set(keys.columns):
        return pd.DataFrame({"left": [], "right": [], "probability": []}).astype({"left": int, "right": int})
    on = list(key.columns)
    present = keys[on].dropna()
    size = present.groupby(on)[on[0]].transform("size")
    few = present[(size > 1) & (size <= SHARED_BY_AT_MOST)].rename_axis("row").reset_index()
    pairs = few.merge(few, on=on, suffixes=("_left", "_right"))
    pairs = pairs[pairs["row_left"] < pairs["row_right"]]
    return pd.DataFrame({"left": pairs["row_left"], "right": pairs["row_right"], "probability": key.probability})
