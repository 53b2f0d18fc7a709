"""Who has a value at all, and whether an honest column explains it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from features.leakage.finding import Finding
from features.leakage.sample import Flags
from features.leakage.view import Codes

UNEXPLAINED = 0.1
"""Of the rows that are filled, or that are not if those are fewer, the part that another column may get wrong."""

TELLS = 0.6
"""AUC of its values from which a column is more than whether it is filled."""


def explains_presence(finding: Finding, findings: Sequence[Finding]) -> bool:
    """Tell whether another column's values say who has a value in this one.

    Days since the last order are missing for who never ordered, and a count of orders tells who that is. A column of
    which itself only the presence tells explains nothing: leaks that were filled together would excuse each other.
    """
    filled = finding.column.filled
    if filled.all():
        return False
    return any(_says(one, filled) for one in findings if one is not finding and _holds_something(one))


def _holds_something(finding: Finding) -> bool:
    return finding.presence is None or finding.presence.beyond.auc >= TELLS


def _says(finding: Finding, filled: Flags) -> bool:
    told = finding.by("value")
    if told is None or told.view.codes.shape[1] > 1:
        return False
    return _wrong(told.view.codes[:, 0], filled) <= UNEXPLAINED


def _wrong(codes: Codes, filled: Flags) -> float:
    """Return how many rows the majority of each code gets wrong, over the fewer of the filled and the empty ones."""
    with_value = np.bincount(codes, filled)
    rows = np.bincount(codes)
    return float(np.minimum(with_value, rows - with_value).sum() / min(filled.sum(), (~filled).sum()))
