"""Companies: which accounts there are to list, what they are called, and under which ids."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from features.companies import accounts_before, companies_before
from features.group import Group
from features.tables import Tables
from tiering.release import ALIAS_COLUMNS


@dataclass(frozen=True, slots=True)
class Companies:
    """The accounts of a release.

    Parameters
    ----------
    rows : one per account, sorted by ``account_id``: ``name``, ``country``, ``region``, ``source`` and ``source_id``,
        those of its smallest id.
    aliases : one per id under which an account is known, with ALIAS_COLUMNS; domains in lower case.
    """

    rows: pd.DataFrame
    aliases: pd.DataFrame


def list_companies(tables: Tables, group: Group, cutoff: datetime) -> Companies:
    """List every account that existed before a cutoff, as it was united then: the accounts of its snapshot.

    Parameters
    ----------
    tables : the canonical tables.
    group : regions.
    cutoff : UTC, without an offset.
    """
    there = accounts_before(tables, cutoff)
    records = there.select("account_id", "name", "country", "domain", "source", "source_id").to_pandas()
    records = records.merge(companies_before(there), on="account_id", validate="one_to_one")
    records = records.rename(columns={"account_id": "alias_id", "entity_id": "account_id"})
    records = records.sort_values(["account_id", "alias_id"], ignore_index=True)
    records["domain"] = records["domain"].str.lower()
    records["region"] = records["country"].map(group.region_of)
    rows = records.drop_duplicates("account_id", ignore_index=True)
    return Companies(
        rows=rows[["account_id", "name", "country", "region", "source", "source_id"]],
        aliases=records[list(ALIAS_COLUMNS)],
    )
