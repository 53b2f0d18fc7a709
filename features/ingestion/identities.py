"""Writing what identity finds: links, companies, proposed parents, and what people decided."""

from __future__ import annotations

from typing import Any

import pandas as pd

from features.contracts import TABLES
from features.existence import known_since
from features.ingestion.sql import texts
from features.ingestion.warehouse import BUILT, built_table
from features.linking.decisions import Decisions
from features.linking.links import find_links
from features.linking.parents import find_parents
from features.linking.uniting import unite

IDENTITY_TABLES = ("decisions",)
"""What people say about identity: part of the data version, as the tables of the contract are."""

_TYPES = {"probability": "DOUBLE", "same": "BOOLEAN"}
_SHOWN = 3


def write_identities(backend: Any, decisions: Decisions) -> list[str]:
    """Find once, over all accounts, what holds for every time from which on the accounts concerned were known.

    Writes ``links(left_id, right_id, evidence, probability, crowd_id)``, ``entities(account_id, entity_id,
    probability)``, ``proposed_parents(account_id, parent_id, probability, evidence)`` and ``decisions(left_id,
    right_id, same, note)``.

    Parameters
    ----------
    backend : Ibis on the database under construction, with the tables of the contract.
    decisions : what people decided.

    Returns
    -------
    What a person should know, one sentence each.
    """
    accounts = _accounts(backend)
    links = decisions.over(find_links(accounts))
    made = [(each.left_id, each.right_id, each.same, each.note) for each in decisions.made]
    _write(backend, "links", links, ["left_id", "right_id", "evidence"])
    _write(backend, "entities", unite(accounts, links), ["account_id"])
    _write(backend, "proposed_parents", find_parents(accounts), ["account_id", "probability", "parent_id"])
    decided = pd.DataFrame(made, columns=["left_id", "right_id", "same", "note"])
    _write(backend, "decisions", decided, ["left_id", "right_id"])
    return _unknown(decisions.unknown(accounts["account_id"]))


def _accounts(backend: Any) -> pd.DataFrame:
    """Return all accounts with the time from which on each was known."""
    own = {name: backend.table(name, database=(BUILT, "main")) for name in TABLES}
    accounts = own["accounts"].select(
        "account_id", "name", "country", "lei", "duns", "registration_id", "domain", "parent_id"
    )
    since = known_since(own).rename(known_id="account_id")
    joined = accounts.left_join(since, accounts.account_id == since.known_id).drop("known_id")
    rows: pd.DataFrame = joined.to_pandas()
    return rows


def _write(backend: Any, name: str, rows: pd.DataFrame, order: list[str]) -> None:
    """Write one table with columns of known types, also where it has no rows."""
    backend.con.register("found", rows)
    cells = ", ".join(f'CAST("{c}" AS {_TYPES.get(c, "VARCHAR")}) AS "{c}"' for c in rows.columns)
    by = ", ".join(f'"{column}"' for column in order)
    backend.con.execute(f"CREATE TABLE {built_table(name)} AS SELECT {cells} FROM found ORDER BY {by}")
    backend.con.unregister("found")


def _unknown(accounts: list[str]) -> list[str]:
    if not accounts:
        return []
    shown = texts(accounts[:_SHOWN])
    sentence = "accounts in the file of decisions are not among the accounts, so what was decided has no effect"
    return [f"identity: {len(accounts):,} {sentence}: {shown}"]
