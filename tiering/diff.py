"""Differences: which accounts entered, left or changed tiers from one release to another."""

from __future__ import annotations

import pandas as pd

from features.group import NO_TIER
from tiering.store import Store

_TOLD = ["name", "region", "tier", "lead_business_unit", "priority_value", "probability"]


def diff(store: Store, before: str, after: str) -> pd.DataFrame:
    """List the accounts whose tier is not the same in two releases.

    Parameters
    ----------
    store : with both releases.
    before, after : their ids.

    Returns
    -------
    DataFrame sorted by ``account_id``: ``name`` and ``region`` (as in `after`, where it is there), ``change``
    ('entered': was in no tier; 'left': is in none; 'moved'), ``from_tier``, ``to_tier``, ``from_business_unit``,
    ``to_business_unit`` (the leading ones), ``priority_value_change`` in group currency and ``probability_change``,
    NaN where one of the two is not known. An account that a release does not list is in no tier there.

    Raises
    ------
    NotFoundError
        If there is no such release.
    """
    old, new = (store.accounts(release_id).set_index("account_id")[_TOLD] for release_id in (before, after))
    both = old.merge(new, how="outer", left_index=True, right_index=True, suffixes=("_old", "_new")).sort_index()
    from_tier, to_tier = both["tier_old"].fillna(NO_TIER), both["tier_new"].fillna(NO_TIER)
    change = pd.Series("moved", index=both.index, dtype="str")
    change = change.mask(from_tier == NO_TIER, "entered").mask(to_tier == NO_TIER, "left")
    rows = pd.DataFrame(
        {
            "name": both["name_new"].fillna(both["name_old"]),
            "region": both["region_new"].fillna(both["region_old"]),
            "change": change,
            "from_tier": from_tier,
            "to_tier": to_tier,
            "from_business_unit": both["lead_business_unit_old"],
            "to_business_unit": both["lead_business_unit_new"],
            "priority_value_change": both["priority_value_new"] - both["priority_value_old"],
            "probability_change": both["probability_new"] - both["probability_old"],
        }
    )
    return rows[from_tier != to_tier].reset_index(names="account_id")
