"""Accounts in the form in which they are compared, in the order in which they became known."""

from __future__ import annotations

import pandas as pd

from features.mail_providers import MAIL_PROVIDERS
from features.names.keys import NameKeys, name_keys

IDENTIFIERS = ("lei", "duns", "registration_id")
_JAPAN = "JP"
READ = ("account_id", "name", "country", *IDENTIFIERS, "domain", "parent_id", "known_since")
"""What is read of an account; all but the first three may be missing."""


def comparable(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return accounts as they are compared.

    Parameters
    ----------
    accounts : ``account_id``, ``name``, ``country`` and any of `READ`.

    Returns
    -------
    DataFrame in the order in which the accounts became known (those without ``known_since`` last, then by id), with
    ``account_id``, ``name``, ``country``, ``lei``, ``duns``, ``registration_id``, ``domain``, ``parent_id`` and one
    column per key of the name; what is missing, or names nobody, is None.
    """
    rows = accounts.reindex(columns=list(READ)).sort_values(["known_since", "account_id"], ignore_index=True)
    columns = {column: rows[column].astype("object") for column in ("account_id", "parent_id")}
    columns |= {column: plain_identifier(rows[column]) for column in (*IDENTIFIERS, "country")}
    columns["domain"] = plain_domain(rows["domain"])
    columns["name"] = rows["name"].astype("object").where(rows["name"].notna(), "")
    made = pd.DataFrame(columns).join(_name_columns(columns["name"], columns["country"] == _JAPAN))
    return made.astype("object").where(made.notna(), None)


def plain_identifier(values: pd.Series) -> pd.Series:
    """Return identifiers in capitals, without what only parts their digits; missing where nothing remains."""
    bare = values.astype("str").str.upper().str.replace(r"[^\w]", "", regex=True)
    return bare.where(values.notna() & (bare != ""), None)


def plain_domain(values: pd.Series) -> pd.Series:
    """Return the domains of web addresses; missing where they are those of mail providers."""
    bare = values.astype("str").str.strip().str.lower()
    bare = bare.str.replace(r"^(https?://)?(www\.)?|[/?#].*$", "", regex=True)
    return bare.where(values.notna() & (bare != "") & ~bare.isin(MAIL_PROVIDERS), None)


def _name_columns(names: pd.Series, in_japan: pd.Series) -> pd.DataFrame:
    """Return the keys of names; each distinct name is taken apart once."""
    both = pd.MultiIndex.from_arrays([names, in_japan.astype("bool")])
    codes, distinct = pd.factorize(both)
    keys = [name_keys(name, in_japan=japanese) for name, japanese in distinct]
    return pd.DataFrame(keys, columns=list(NameKeys._fields), dtype="object").take(codes).reset_index(drop=True)
