"""The company above an account that names none: proposed from domains and names across countries."""

from __future__ import annotations

import pandas as pd

from features.linking.candidates import ranks
from features.linking.comparable import comparable
from features.names.words import CompanyName, Kind, take_apart

COLUMNS = ("account_id", "parent_id", "probability", "evidence")

_DOMAIN, _SAME_NAME, _NAME_WITHIN = "domain", "name", "name_within"
_DECLARED = {
    (_DOMAIN, _SAME_NAME): 0.95,
    (_DOMAIN, _NAME_WITHIN): 0.93,
    (_DOMAIN,): 0.8,
    (_NAME_WITHIN,): 0.7,
    (_SAME_NAME,): 0.7,
}
"""That the second account heads a group that the first belongs to; declared, not measured."""

_HEADS = 3
"""An account is compared with so many others of its domain, and of its first own word: those that were known first."""

_SHORT = 4
"""A name of fewer letters is too common to tell a group by it alone."""


def find_parents(accounts: pd.DataFrame) -> pd.DataFrame:
    """Propose the company above accounts that name none.

    An account is compared with the accounts of the same domain, or the same own words in the name, that were known
    before it: the same group in another country, or the group's name within a longer one.

    Parameters
    ----------
    accounts : as for `find_links`, and ``parent_id``.

    Returns
    -------
    DataFrame with ``account_id``, ``parent_id`` (the proposal), ``probability`` in (0, 1) and ``evidence`` ('domain',
    'name' for the same name, 'name_within' for a longer one, joined by '+'), all proposals of an account, the likeliest
    first. A proposal depends on its two accounts and on those known before them only, so that it can be found once: at
    a time at which a proposed parent is not known yet, the next one of the account counts.
    """
    rows = comparable(accounts)
    pairs = _pairs(rows)
    names = [take_apart(name) for name in rows["name"]] if len(pairs) else []
    country, domain = rows["country"].to_numpy(object), rows["domain"].to_numpy(object)
    ids = rows["account_id"].to_numpy(object)
    found = []
    for child, parent in pairs.itertuples(index=False, name=None):
        evidence = _evidence(
            names[child], names[parent], same_domain=domain[child] is not None and domain[child] == domain[parent]
        )
        if evidence and (country[child] != country[parent] or _NAME_WITHIN in evidence):
            found.append((ids[child], ids[parent], _DECLARED[evidence], "+".join(evidence)))
    proposals = pd.DataFrame(found, columns=list(COLUMNS)).astype(
        {"account_id": "str", "parent_id": "str", "probability": "float64", "evidence": "str"}
    )
    order = rows["account_id"].reset_index().set_index("account_id")["index"]
    return proposals.assign(known=proposals["parent_id"].map(order)).sort_values(
        ["account_id", "probability", "known"], ascending=[True, False, True], ignore_index=True
    )[list(COLUMNS)]


def _pairs(rows: pd.DataFrame) -> pd.DataFrame:
    """Pair each account without a parent with the first ones known of its domain or own words: child, parent."""
    numbered = rows.assign(row=range(len(rows)))
    found = []
    for column in ("domain", "first"):
        place = ranks(rows, (column,))
        heads = numbered[place <= _HEADS][["row", column]]
        children = numbered[rows["parent_id"].isna() & rows[column].notna()][["row", column]]
        both = children.merge(heads, on=column, suffixes=("_child", "_parent"))
        found.append(both.loc[both["row_parent"] < both["row_child"], ["row_child", "row_parent"]])
    return pd.concat(found).drop_duplicates().sort_values(["row_child", "row_parent"], ignore_index=True)


def _evidence(child: CompanyName, parent: CompanyName, *, same_domain: bool) -> tuple[str, ...]:
    """Say what speaks for a company being above another one."""
    ours, theirs = own_words(child), own_words(parent)
    more, less = _told(child), _told(parent)
    enough = same_domain or sum(map(len, theirs)) >= _SHORT
    by_name = ""
    if theirs and enough and ours == theirs and more == less:
        by_name = _SAME_NAME
    elif theirs and enough and ours[: len(theirs)] == theirs and less <= more:
        by_name = _NAME_WITHIN
    return tuple(each for each in (_DOMAIN if same_domain else "", by_name) if each)


def own_words(name: CompanyName) -> tuple[str, ...]:
    """Return the words that are a company's own, in order."""
    return tuple(word.text for word in name.words if word.kind is Kind.OWN)


def _told(name: CompanyName) -> frozenset[str]:
    """Return what a name tells of trades, places and numbers."""
    return frozenset(word.text for word in name.words if word.kind in (Kind.TRADE, Kind.PLACE, Kind.NUMBER))
