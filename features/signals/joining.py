"""Joining what has a row only where there is something."""

from __future__ import annotations

from collections.abc import Sequence

import ibis.expr.types as ir


def added(rows: ir.Table, more: ir.Table, keys: Sequence[str]) -> ir.Table:
    """Add columns where there are any for the row; other rows get NULL."""
    return rows.left_join(more, list(keys)).drop(*(f"{key}_right" for key in keys))
