"""Group accounts: the ultimate parent of each account, with all that belong to it."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

LEVELS = 6
"""How far up parents are followed; deeper trees end there."""


def roots(accounts: ir.Table) -> ir.Table:
    """Return the ultimate parent of each account at each cutoff, itself where it has none.

    Parameters
    ----------
    accounts : ``cutoff_no``, ``account_no``, ``country`` and ``parent_no``.

    Returns
    -------
    These columns, and ``root_no``.
    """
    parents = accounts.select("cutoff_no", above_no="account_no", above_parent="parent_no")
    rows = accounts.select("cutoff_no", "account_no", "country", "parent_no")
    rows = rows.mutate(root_no=rows.account_no, next_no=rows.parent_no)
    for _ in range(LEVELS):
        joined = rows.left_join(parents, [("cutoff_no", "cutoff_no"), ("next_no", "above_no")])
        rows = joined.select(
            "cutoff_no",
            "account_no",
            "country",
            "parent_no",
            root_no=ibis.coalesce(joined.above_no, joined.root_no),
            next_no=joined.above_parent,
        )
    return rows.drop("next_no")
