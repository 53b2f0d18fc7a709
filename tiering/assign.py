"""Assignment: one tier and one leading business unit per account, so that what all tiers add together is largest."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.group import NO_TIER, OTHER_REGION, Group, Tier
from tiering.priority import Floats, money_at_stake, priority_values
from tiering.seats import UNSEATED, Ints, best_seats

NO_PROBABILITY = "no_probability"
NO_MONEY = "no_money"
NO_VALUE = "no_value"
NO_SEAT = "no_seat"
"""Why an account is in no tier: no model scores it, nobody knows what it is worth, no tier would add anything, or every
tier that would is full or not offered in its region."""

_UNLIMITED = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class _Rows:
    """Scores in the order of accounts and business units.

    Parameters
    ----------
    frame : one row per account × BU.
    index : the labels that the rows had.
    starts : shape (n_accounts,): the first row of each account.
    account : shape (n_rows,): the position of each row's account.
    """

    frame: pd.DataFrame
    index: pd.Index
    starts: Ints
    account: Ints

    @classmethod
    def of(cls, scores: pd.DataFrame) -> _Rows:
        frame = scores.sort_values(["account_id", "business_unit"])
        first = ~frame["account_id"].duplicated().to_numpy()
        return cls(frame.reset_index(drop=True), frame.index, np.flatnonzero(first), np.cumsum(first) - 1)

    def of_accounts(self, column: str) -> NDArray[np.object_]:
        """Return a column that is the same in all rows of an account, once per account."""
        return self.frame[column].to_numpy(dtype=object)[self.starts]


@dataclass(frozen=True, slots=True)
class _Choices:
    """What could be done with each account.

    Parameters
    ----------
    value : shape (n_accounts, n_tiers): the most that any of its BUs offers; -inf where none is known.
    row : shape (n_accounts, n_tiers): the row of that BU.
    region : shape (n_accounts,).
    """

    value: Floats
    row: Ints
    region: NDArray[np.object_]


def assign_tiers(scores: pd.DataFrame, group: Group) -> pd.DataFrame:
    """Give each account at most one tier, led by the business unit for which that tier adds most.

    The sum of priority values is the largest there is, within the capacities of each region. An account enters only
    tiers that add something, and none with a capacity that does not name its region; so region 'other' has none.

    Parameters
    ----------
    scores : ``account_id``, ``business_unit``, ``region``, ``probability`` (NaN: not scored), ``gross_profit`` and
        ``amount`` of a success (NaN: not known), one row per account × BU, in any order.
    group : business units and tiers.

    Returns
    -------
    DataFrame with one row per account, sorted by ``account_id``: ``tier``; ``lead_business_unit``, for an account in no
    tier the BU with the largest probability × money, missing where nothing is known; ``priority_value`` in group
    currency, for an account in no tier what the best tier offered in its region would have added with that lead, NaN
    where that is not known; ``why_none``, one of the codes above, missing for an account in a tier.

    Notes
    -----
    Equal values are decided by account id, then by the order of tiers, then by the name of the BU, so the result does
    not depend on the order of the rows.
    """
    rows = _Rows.of(scores)
    choices = _best_of_units(rows, group)
    tier = _seated(choices, group)
    seated = tier != UNSEATED
    lead = np.where(seated, choices.row[np.arange(len(tier)), tier], _most_expected(rows, group))
    return pd.DataFrame(
        {
            "account_id": rows.of_accounts("account_id"),
            "tier": np.array([*group.tiers, NO_TIER], dtype=object)[tier],
            "lead_business_unit": rows.frame["business_unit"].reindex(lead).to_numpy(),
            "priority_value": _values_if_leading(rows, tier, group).reindex(lead).to_numpy(),
            "why_none": pd.Series(_why_none(rows, choices), dtype="str").mask(seated),
        }
    ).astype({"account_id": "str", "tier": "str", "lead_business_unit": "str"})


def values_if_leading(scores: pd.DataFrame, assigned: pd.DataFrame, group: Group) -> pd.Series:
    """Return what each business unit would make of each account's tier if it led it.

    Parameters
    ----------
    scores : as `assign_tiers` wants them.
    assigned : what `assign_tiers` made of them.
    group : business units and tiers.

    Returns
    -------
    Series under the index of `scores`, in group currency: the priority value of the account's tier, for an account in
    none that of the best tier offered in its region; NaN where that is not known.
    """
    rows = _Rows.of(scores)
    tier = pd.Index(group.tiers).get_indexer(pd.Index(assigned["tier"])).astype(np.int64)
    values = _values_if_leading(rows, tier, group)
    return values.set_axis(rows.index).reindex(scores.index)


def _best_of_units(rows: _Rows, group: Group) -> _Choices:
    """Find, per account and tier, the most that one of its BUs offers, and the row of that BU."""
    known = priority_values(rows.frame, group)
    values = np.where(np.isnan(known), -np.inf, known)
    best = np.maximum.reduceat(values, rows.starts)
    position = np.where(values == best[rows.account], np.arange(len(values))[:, None], len(values))
    return _Choices(best, np.minimum.reduceat(position, rows.starts), rows.of_accounts("region"))


def _seated(choices: _Choices, group: Group) -> Ints:
    """Return the position of each account's tier, UNSEATED where it has none."""
    tiers = list(group.tiers.values())
    scarce = [position for position, tier in enumerate(tiers) if tier.capacity is not None]
    tier, fallback = _best_unlimited(choices, group)
    gains = choices.value[:, scarce] - fallback[:, None]
    for region in pd.unique(choices.region):
        here = np.flatnonzero(choices.region == region)
        capacities = np.array([_capacity(tiers[position], region) for position in scarce], dtype=np.int64)
        seats = best_seats(gains[here], capacities)
        tier[here] = np.where(seats == UNSEATED, tier[here], np.array([*scarce, UNSEATED])[seats])
    return tier


def _best_unlimited(choices: _Choices, group: Group) -> tuple[Ints, Floats]:
    """Return the best tier without a capacity, and what it adds: UNSEATED and 0 where none adds anything."""
    best = np.full(len(choices.value), UNSEATED, dtype=np.int64)
    added = np.zeros(len(choices.value))
    for position, tier in enumerate(group.tiers.values()):
        if tier.capacity is None:
            value = choices.value[:, position]
            best, added = np.where(value > added, position, best), np.maximum(value, added)
    return best, added


def _capacity(tier: Tier, region: str) -> int:
    """Return how many accounts of a region a tier takes."""
    if tier.capacity is None:
        return _UNLIMITED
    return 0 if region == OTHER_REGION else tier.capacity.get(region, 0)


def _offered(regions: NDArray[np.object_], group: Group) -> NDArray[np.bool_]:
    """Tell which tiers have any place in the region of each account, shape (n_accounts, n_tiers)."""
    codes, names = pd.factorize(regions)
    places = [[_capacity(tier, region) > 0 for tier in group.tiers.values()] for region in names]
    return np.array(places, dtype=bool).reshape(-1, len(group.tiers))[codes]


def _values_if_leading(rows: _Rows, tier: Ints, group: Group) -> pd.Series:
    """Return the value of the account's tier, else of the best tier offered, for each row."""
    values = priority_values(rows.frame, group)
    offered = _offered(rows.frame["region"].to_numpy(dtype=object), group) & ~np.isnan(values)
    best = np.where(offered, values, -np.inf).max(axis=1)
    own = tier[rows.account]
    value = np.where(own == UNSEATED, best, values[np.arange(len(values)), own])
    return pd.Series(np.where(np.isfinite(value), value, np.nan))


def _most_expected(rows: _Rows, group: Group) -> Ints:
    """Return the row of each account with the largest probability × money, else probability; -1: it has neither."""
    probability = rows.frame["probability"]
    worth = probability * money_at_stake(rows.frame, group)
    keys = pd.DataFrame({"account": rows.account, "worth": worth, "probability": probability})
    ranked = keys.dropna(subset=["probability"]).sort_values(
        ["account", "worth", "probability"], ascending=[True, False, False], kind="stable"
    )
    first = ranked.drop_duplicates("account")
    row = np.full(len(rows.starts), -1, dtype=np.int64)
    row[first["account"]] = first.index
    return row


def _why_none(rows: _Rows, choices: _Choices) -> NDArray[np.object_]:
    """Return the code of why each account would be in no tier."""
    scored = np.logical_or.reduceat(rows.frame["probability"].notna().to_numpy(), rows.starts)
    best = choices.value.max(axis=1)
    codes = [NO_PROBABILITY, NO_MONEY, NO_VALUE]
    return np.select([~scored, best == -np.inf, best <= 0], [np.array(c, dtype=object) for c in codes], NO_SEAT)
