"""The same company under several account ids, and the company above it: with probability, evidence and decisions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from features.errors import InputError
from features.linking.comparable import plain_domain, plain_identifier
from features.linking.decisions import Decisions
from features.linking.evidence import SHARED_BY_AT_MOST
from features.linking.links import find_links
from features.linking.parents import find_parents
from features.linking.uniting import unite
from features.names.plain import plain_name
from features.names.probability import SAME_AT, name_probabilities, without_home
from features.names.words import CompanyName, take_apart

__all__ = [
    "SAME_AT",
    "SHARED_BY_AT_MOST",
    "find_links",
    "find_parents",
    "plain_name",
    "resolve_accounts",
    "score_pairs",
]

_SAME_DOMAIN, _OTHER_DOMAIN = 19.0, 0.7
_OTHER_COUNTRY = 0.25
"""How much likelier it is of one company than of two that domains or countries are so; declared, not measured."""


def resolve_accounts(accounts: pd.DataFrame, decisions: Decisions | None = None) -> pd.DataFrame:
    """Unite accounts that are one company.

    LEI, DUNS, registration number and country, domain and country, and names within a country speak for it, each with
    its probability; the surest are united first, unless that brought different LEI or DUNS into one company, or an
    account together with one that stands above it. What somebody decided wins over all of this.

    Parameters
    ----------
    accounts : one row per account: ``account_id``, ``name``, ``country`` and, where known, ``lei``, ``duns``,
        ``registration_id``, ``domain``, ``parent_id``, and ``known_since``, the time from which on it was known.
    decisions : what people decided.

    Returns
    -------
    DataFrame with ``account_id``, ``entity_id`` (the smallest account id of the company) and ``probability`` in (0, 1]
    that the account belongs to it (1 where it stands alone), one row per account, sorted by ``account_id``.
    """
    links = find_links(accounts)
    return unite(accounts, links if decisions is None else decisions.over(links))


def score_pairs(pairs: pd.DataFrame) -> pd.Series:
    """Return how probable it is that two names are one company's.

    Parameters
    ----------
    pairs : ``name_left`` and ``name_right``, in any script, and, where known, ``country_left``, ``country_right``
        (ISO 3166-1 alpha-2), ``domain_left``, ``domain_right``.

    Returns
    -------
    Series of the same index
        In [0, 1]; 0 where a name is missing. From `SAME_AT` on two names are taken for one company's. Numbers tell
        companies apart ('Plant 12', 'Plant 13'), but not the funds and trusts of one manager ('Growth Fund IV').

    Raises
    ------
    InputError
        If a name's column is missing.
    """
    for column in ("name_left", "name_right"):
        if column not in pairs:
            raise InputError(
                f"pairs have no column {column!r}; their columns are {', '.join(map(str, pairs.columns)) or 'none'}; "
                "rename the ones that hold the two names to 'name_left' and 'name_right'"
            )
    country = {side: plain_identifier(_column(pairs, f"country_{side}")) for side in ("left", "right")}
    domain = {side: plain_domain(_column(pairs, f"domain_{side}")) for side in ("left", "right")}
    home = country["left"].where(country["left"] == country["right"], None)
    columns = zip(pairs["name_left"], pairs["name_right"], home, strict=True)
    by_name = name_probabilities([(_apart(one, at), _apart(other, at)) for one, other, at in columns])
    factor = np.where(_differ(country), _OTHER_COUNTRY, 1.0) * np.where(_differ(domain), _OTHER_DOMAIN, 1.0)
    factor *= np.where((domain["left"] == domain["right"]) & ~_differ(country), _SAME_DOMAIN, 1.0)
    return pd.Series(by_name * factor / (1 - by_name + by_name * factor), index=pairs.index, name="probability")


def _column(pairs: pd.DataFrame, name: str) -> pd.Series:
    return pairs[name] if name in pairs else pd.Series(None, index=pairs.index, dtype="object")


def _apart(name: object, country: object) -> CompanyName:
    """Take a name apart, without the country that the company is known to be in; a missing one has no words."""
    apart = take_apart(name if isinstance(name, str) else "")
    return without_home(apart, country) if isinstance(country, str) else apart


def _differ(values: dict[str, pd.Series]) -> pd.Series:
    """Tell where both values are there, and differ."""
    return values["left"].notna() & values["right"].notna() & (values["left"] != values["right"])
