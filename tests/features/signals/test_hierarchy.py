"""The hierarchy: what happens in the group account, worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pandas as pd
import pytest

from features.group import Group
from features.group_accounts import LEVELS
from features.known_before import Known
from features.signals.engagement import account_signals as engagement_signals
from features.signals.hierarchy import SIGNALS, account_signals, business_unit_signals
from features.signals.portfolio import account_signals as portfolio_signals

CUTOFF = datetime.fromisoformat("2024-06-01")
DAY = timedelta(days=1)


def account(name: str, parent: str | None = None, country: str = "DE", **more: Any) -> dict[str, Any]:
    return {
        "account_id": name, "name": name, "country": country, "parent_id": parent, "created_at": CUTOFF - 999 * DAY,
    } | more  # fmt: skip


def event(account_id: str, days: float, action: str = "visit") -> dict[str, Any]:
    return {
        "event_id": f"{account_id} {days}", "account_id": account_id, "occurred_at": CUTOFF - days * DAY,
        "channel": "web", "action": action,
    }  # fmt: skip


def order(account_id: str, days: float, amount: float, **more: Any) -> dict[str, Any]:
    return {
        "order_id": f"{account_id} {days} {amount}", "account_id": account_id, "ordered_at": CUTOFF - days * DAY,
        "amount": amount, "business_unit": "cloud",
    } | more  # fmt: skip


TREE = [account("top"), account("mid", "top", "FR"), account("leaf", "mid"), account("twin", "mid"), account("lone")]
"""A head office in DE, a daughter in FR with two of its own in DE, and an account that belongs to nobody."""


@pytest.fixture(scope="module")
def found(signals_of: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    return signals_of(
        account_signals,
        accounts=TREE,
        events=[event("leaf", 1), event("leaf", 2), event("mid", 90), event("top", 91), event("twin", 1, "sent")],
        orders=[
            order("leaf", 365, 30.0), order("leaf", 1, 45.0), order("mid", 2, -20.0), order("top", 366, 999.0),
            order("twin", 9, 25.0), order("twin", 0, 999.0),
        ],
    )  # fmt: skip


def test_the_tree(found: pd.DataFrame) -> None:
    assert found["hierarchy_accounts"].to_dict() == {"top": 4, "mid": 4, "leaf": 4, "twin": 4, "lone": 1}
    assert found["hierarchy_countries"].to_dict() == {"top": 2, "mid": 2, "leaf": 2, "twin": 2, "lone": 1}
    assert found["hierarchy_is_parent"].to_dict() == {"top": 1, "mid": 0, "leaf": 0, "twin": 0, "lone": 0}
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "account"}


def test_events_at_the_others(found: pd.DataFrame) -> None:
    """Two events at leaf, one at mid; that at top is too old, and what we sent is nobody's doing."""
    assert found["hierarchy_events_90d"].to_dict() == {"top": 3, "mid": 2, "leaf": 1, "twin": 3, "lone": 0}
    assert found["hierarchy_active_90d"].to_dict() == {"top": 2, "mid": 1, "leaf": 1, "twin": 2, "lone": 0}
    assert found["hierarchy_active_countries_90d"].to_dict() == {"top": 2, "mid": 2, "leaf": 2, "twin": 2, "lone": 0}


def test_the_own_share(found: pd.DataFrame) -> None:
    shares = found["hierarchy_own_share_90d"].dropna().to_dict()
    assert shares == pytest.approx({"top": 0.0, "mid": 1 / 3, "leaf": 2 / 3, "twin": 0.0})


def test_siblings_have_the_same_parent(found: pd.DataFrame) -> None:
    """Leaf and twin under mid; mid is top's only daughter, and those without a parent are nobody's siblings."""
    assert found["hierarchy_siblings_90d"].to_dict() == {"top": 0, "mid": 0, "leaf": 0, "twin": 2, "lone": 0}


def test_the_head_office(signals_of: Callable[..., pd.DataFrame]) -> None:
    found = signals_of(
        account_signals,
        accounts=TREE,
        events=[event("top", 1), event("top", 90), event("top", 91), event("mid", 2), event("lone", 1)],
    )["hierarchy_head_office_90d"]
    assert found.dropna().to_dict() == {"mid": 2, "leaf": 2, "twin": 2}
    assert sorted(found.index) == ["leaf", "lone", "mid", "top", "twin"]


def test_what_the_group_account_ordered(found: pd.DataFrame) -> None:
    """Leaf ordered 75, twin 25, mid sent 20 back: 80 in all; the shares are of the 100 that were bought."""
    assert found["hierarchy_amount_365d"].to_dict() == {"top": 80, "mid": 100, "leaf": 5, "twin": 55, "lone": 0}
    assert found["hierarchy_own_amount_share"].dropna().to_dict() == {"top": 0, "mid": 0, "leaf": 0.75, "twin": 0.25}


def test_a_business_unit(signals_of: Callable[..., pd.DataFrame]) -> None:
    def deal(name: str, account_id: str, outcome: str, days: float = 1, **more: Any) -> dict[str, Any]:
        closed = None if outcome == "open" else CUTOFF - days * DAY
        return {
            "opportunity_id": name, "account_id": account_id, "created_at": CUTOFF - (days + 9) * DAY,
            "closed_at": closed, "outcome": outcome, "business_unit": "cloud",
        } | more  # fmt: skip

    found = signals_of(
        business_unit_signals,
        accounts=TREE,
        opportunities=[
            deal("1", "leaf", "won"), deal("2", "leaf", "won", 730), deal("3", "mid", "won", business_unit="sec"),
            deal("4", "leaf", "open"), deal("5", "leaf", "open"), deal("6", "top", "open"),
            deal("7", "mid", "open", kind="renewal"), deal("8", "lone", "open"), deal("9", "leaf", "won", 731),
            deal("10", "mid", "lost"), deal("11", "top", "won", 0),
        ],
        orders=[order("twin", 1, 1.0), order("mid", 5, 1.0), order("mid", 4, -1.0)],
    )  # fmt: skip
    cloud, sec = (found.xs(unit, level="business_unit") for unit in ("cloud", "sec"))
    assert cloud["hierarchy_bu_owners"].to_dict() == {"top": 2, "mid": 2, "leaf": 1, "twin": 1, "lone": 0}
    assert sec["hierarchy_bu_owners"].to_dict() == {"top": 1, "mid": 0, "leaf": 1, "twin": 1}
    assert cloud["hierarchy_bu_open"].to_dict() == {"top": 2, "mid": 4, "leaf": 2, "twin": 4, "lone": 0}
    assert cloud["hierarchy_bu_wins_730d"].to_dict() == {"top": 2, "mid": 2, "leaf": 0, "twin": 2, "lone": 0}
    assert sec["hierarchy_bu_wins_730d"].to_dict() == {"top": 1, "mid": 0, "leaf": 1, "twin": 1}
    assert cloud["hierarchy_bu_countries"].to_dict() == {"top": 1, "mid": 1, "leaf": 1, "twin": 1, "lone": 0}
    assert sec["hierarchy_bu_countries"].to_dict() == {"top": 1, "mid": 1, "leaf": 1, "twin": 1}
    assert set(found) == {signal.name for signal in SIGNALS if signal.scope == "business_unit"}


def test_site_country_and_group_view_agree(signals_of: Callable[..., pd.DataFrame]) -> None:
    """In a random forest: what an account sees at the others, and its own, is what all of its group did in sum."""
    r = Random(4)  # noqa: S311
    names = [f"a{number:02}" for number in range(30)]
    accounts = [
        account(name, r.choice([None, *names[max(number - 4, 0) : number]]), r.choice(("DE", "FR", "JP")))
        for number, name in enumerate(names)
    ]
    events = [event(r.choice(names), days / 2) for days in range(1, 300)]
    orders = [order(r.choice(names), days, float(r.randint(-5, 20))) for days in range(1, 500, 3)]

    def everything(known: Known, group: Group) -> Any:
        computes = (account_signals, engagement_signals, portfolio_signals)
        parts = (part for compute in computes for part in compute(known, group))
        return (known.tree.drop("country", "parent_no"), *parts)

    found = signals_of(everything, accounts=accounts, events=events, orders=orders).fillna(0)
    found["country"] = pd.Series({row["account_id"]: row["country"] for row in accounts})
    assert 2 < found["root_no"].nunique() < 20
    own = {"hierarchy_events_90d": "engagement_events_90d", "hierarchy_amount_365d": "portfolio_amount_365d"}
    for others, mine in own.items():
        by_country = found.groupby(["root_no", "country"])[mine].sum()
        of_group = by_country.groupby("root_no").sum()
        assert (found[others] + found[mine]).tolist() == found["root_no"].map(of_group).tolist()
        assert of_group.sum() == found[mine].sum() != 0
    for _, group in found.groupby("root_no"):
        active = group[group["engagement_events_90d"] > 0]
        assert group["hierarchy_accounts"].tolist() == [len(group)] * len(group)
        assert (group["hierarchy_active_90d"] + (group["engagement_events_90d"] > 0)).unique() == [len(active)]
        assert group["hierarchy_active_countries_90d"].unique() == [active["country"].nunique()]
        assert group["hierarchy_own_share_90d"].sum() == pytest.approx(1.0 if len(active) else 0.0)
        bought = (group["portfolio_amount_365d"] > 0).any()
        assert group["hierarchy_own_amount_share"].sum() == pytest.approx(1.0 if bought else 0.0)


def test_the_tree_is_followed_so_far(signals_of: Callable[..., pd.DataFrame]) -> None:
    """A chain as deep as is followed; a parent outside the data and one that came later are none."""
    chain = [account("c0"), *(account(f"c{level}", f"c{level - 1}") for level in range(1, LEVELS + 2))]
    others = [
        account("orphan", "nobody"),
        account("early", "late"),
        account("late", created_at=CUTOFF),
        account("free", "c0", parent_since=CUTOFF),
    ]

    def found_roots(known: Known, _group: Group) -> Any:
        names = known.accounts.select("cutoff_no", root_no="account_no", root_id="account_id")
        rows = known.tree.inner_join(names, ["cutoff_no", "root_no"])
        return (rows.select("cutoff_no", "account_no", "root_id"),)

    found = signals_of(found_roots, accounts=chain + others)["root_id"].to_dict()
    assert found.pop(f"c{LEVELS + 1}") == "c1"
    assert found == {f"c{level}": "c0" for level in range(LEVELS + 1)} | {
        "orphan": "orphan", "early": "early", "free": "free",
    }  # fmt: skip


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_an_alias_of_the_parent_is_the_parent(names: tuple[str, str], signals_of: Callable[..., pd.DataFrame]) -> None:
    one, other = names
    found = signals_of(
        account_signals,
        accounts=[account(one, lei="L"), account(other, lei="L", country="FR"), account("child", other)],
    )
    assert found["hierarchy_accounts"].to_dict() == {"a": 2, "child": 2}
    assert found["hierarchy_is_parent"].to_dict() == {"a": 1, "child": 0}
