"""Policy: which variants of the library may be shown at all, before anything is ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.request import RecommendationRequest

APPROVED = "approved"


@dataclass(frozen=True, slots=True, eq=False)
class Eligibility:
    """What policy leaves.

    Parameters
    ----------
    variants : the rows that may be shown, in the order of the library.
    filtered : how many variants each rule took away, in the order of the rules; a variant counts once, for the first
        rule it breaks, so that all counts and the rows left add up to the library.
    """

    variants: pd.DataFrame
    filtered: Mapping[str, int]


def eligible(playbooks: pd.DataFrame, request: RecommendationRequest, at: datetime) -> Eligibility:
    """Keep what is approved, valid and permitted for the request; persona, stage and industry forbid nothing.

    Parameters
    ----------
    playbooks : rows of the canonical table.
    request : of business unit, channel and audience only what is given is a rule; letter case matters in no market.
    at : UTC, without an offset. A variant is shown from ``valid_from`` on and no longer at ``expires_at``.

    Notes
    -----
    What the library leaves open forbids nothing: without a status a variant counts as approved, without markets,
    business units, channel or audience it is for all of them. An empty list is for none.
    """
    broken = _broken_rules(playbooks, request, at)
    kept = np.ones(len(playbooks), dtype=bool)
    filtered = {}
    for rule, breaks in broken.items():
        filtered[rule] = int((kept & breaks).sum())
        kept &= ~breaks
    return Eligibility(playbooks.loc[kept], {rule: count for rule, count in filtered.items() if count})


def _broken_rules(
    playbooks: pd.DataFrame, request: RecommendationRequest, at: datetime
) -> dict[str, NDArray[np.bool_]]:
    """Say per rule which rows break it."""
    now = pd.Timestamp(at)
    status = playbooks["status"]
    markets = playbooks["markets"].map(_upper, na_action="ignore")
    return {
        "not_approved": (status.notna() & (status != APPROVED)).to_numpy(bool),
        "expired": (playbooks["expires_at"] <= now).to_numpy(bool),
        "not_yet_valid": (playbooks["valid_from"] > now).to_numpy(bool),
        "market": ~_permits(markets, request.market.strip().upper()),
        "business_unit": ~_permits(playbooks["business_units"], request.business_unit),
        "audience": _differs(playbooks["audience"], request.audience),
        "channel": _differs(playbooks["channel"], request.channel),
    }


def _permits(lists: pd.Series, value: str | None) -> NDArray[np.bool_]:
    """Say which lists hold the value; a missing list holds everything."""
    if value is None:
        return np.ones(len(lists), dtype=bool)
    return np.array([is_open(values) or value in list(values) for values in lists], dtype=bool)


def _differs(column: pd.Series, value: str | None) -> NDArray[np.bool_]:
    if value is None:
        return np.zeros(len(column), dtype=bool)
    return (column.notna() & (column != value)).to_numpy(bool)


def is_open(values: Any) -> bool:
    """Say whether a cell of a list column is missing, which means all."""
    return values is None or (pd.api.types.is_scalar(values) and bool(pd.isna(values)))


def _upper(codes: object) -> object:
    return None if is_open(codes) else [str(code).strip().upper() for code in codes]  # type: ignore[attr-defined]
