"""Differences between two releases."""

from dataclasses import replace

import pandas as pd
import pytest

from features.errors import NotFoundError
from features.group import NO_TIER
from tiering.diff import diff
from tiering.release import Plan
from tiering.store import Store


def test_a_release_does_not_differ_from_itself(store: Store, plan: Plan) -> None:
    store.add_draft(plan)
    assert diff(store, "r0001", "r0001").empty


def test_who_entered_left_and_moved(store: Store, plan: Plan) -> None:
    before = plan.accounts.set_index("account_id")
    tier = before["tier"]
    moved, left, gone = tier.index[tier == "programmatic"][:3]
    entered, fresh = tier.index[tier == NO_TIER][:2]
    after = before.copy()
    after.loc[moved, ["tier", "priority_value"]] = ["scale", before.loc[moved, "priority_value"] + 1000]
    after.loc[left, ["tier", "why_none"]] = [NO_TIER, "no_seat"]
    after.loc[[entered, fresh], "tier"] = "programmatic"
    old, new = before.drop(index=fresh).reset_index(), after.drop(index=gone).reset_index()
    for accounts in (old, new):
        listed = [rows[rows["account_id"].isin(accounts["account_id"])] for rows in (plan.scores, plan.aliases)]
        store.add_draft(replace(plan, accounts=accounts, scores=listed[0], aliases=listed[1]))
    rows = diff(store, "r0001", "r0002").set_index("account_id")
    assert rows["change"].to_dict() == {
        moved: "moved",
        left: "left",
        gone: "left",
        entered: "entered",
        fresh: "entered",
    }
    assert rows.loc[moved, ["from_tier", "to_tier"]].tolist() == ["programmatic", "scale"]
    assert rows.loc[moved, "priority_value_change"] == pytest.approx(1000)
    assert rows.loc[moved, "probability_change"] == 0
    assert pd.isna(rows.loc[gone, "priority_value_change"])
    assert rows.loc[gone, "name"] == before.loc[gone, "name"]
    assert rows.index.is_monotonic_increasing
    back = diff(store, "r0002", "r0001").set_index("account_id")
    assert back["change"].map({"entered": "left", "left": "entered", "moved": "moved"}).equals(rows["change"])


def test_an_unknown_release_is_said_to_be(store: Store, plan: Plan) -> None:
    store.add_draft(plan)
    with pytest.raises(NotFoundError, match="'r0002'"):
        diff(store, "r0001", "r0002")
