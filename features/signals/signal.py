"""What a signal is: declared once, and read by the docs, the reasons shown to people, and the tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import ibis.expr.types as ir

Scope = Literal["account", "business_unit"]

Parts = tuple[ir.Table, ...]
"""What a family computes: tables with the keys of account or account × BU, rows only where there is something."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One column of a snapshot.

    Parameters
    ----------
    name : the column; lower case with underscores, the family first.
    meaning : what it says, in plain English; the key of its translations.
    unit : what it counts.
    range : the smallest and the largest value there can be, either open.
    missing : what it means that there is no value; None: there always is one.
    scope : whether its value is the account's, the same for all BUs, or that of account × BU.
    category : whether its values are names, not numbers.
    source : the canonical tables that it is worked out from.
    """

    name: str
    meaning: str
    unit: str
    range: tuple[float | None, float | None] = (None, None)
    missing: str | None = None
    scope: Scope = "account"
    category: bool = False
    source: tuple[str, ...] = ("accounts",)

    @property
    def family(self) -> str:
        """The family it belongs to: the first word of its name."""
        return self.name.partition("_")[0]
