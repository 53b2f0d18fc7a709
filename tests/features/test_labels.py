"""Labels: who succeeded in the BU's window, by hand, and against a plain reading of the rules in Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features.contracts import TABLES
from features.group import Group
from features.labels import COLUMNS, Labels, build_labels
from features.snapshots import build_snapshot
from features.tables import Tables

Rows = list[dict[str, Any]]
MakeTables = Callable[..., Tables]

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)
SECOND = timedelta(seconds=1)
HORIZON = 90


@pytest.fixture(scope="module")
def labels_of(make_tables: MakeTables) -> Callable[..., pd.DataFrame]:
    """Return what labels accounts in the one BU 'cloud', given what each account is to it."""

    def compute(kinds: Mapping[str, str], unit: Mapping[str, Any] | None = None, **rows: Rows) -> pd.DataFrame:
        unit = {"horizon_days": HORIZON} | dict(unit or {})
        group = Group.model_validate({"business_units": {"cloud": unit}, "tiers": {"t": {"cost": 1, "effect": 1}}})
        rows["accounts"] = [account(name) for name in kinds]
        keys = pd.DataFrame({"account_id": list(kinds), "business_unit": "cloud", "kind": list(kinds.values())})
        return build_labels(make_tables(rows, AS_OF), group, keys, CUTOFF).set_index("account_id")

    return compute


def account(name: str, **more: Any) -> dict[str, Any]:
    return {"account_id": name, "name": name, "country": "DE", "created_at": CUTOFF - 999 * DAY} | more


def win(account_id: str, closed_at: datetime, number: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "opportunity_id": f"{account_id}{number}",
        "account_id": account_id,
        "created_at": CUTOFF - 99 * DAY,
        "closed_at": closed_at,
        "outcome": "won",
        "business_unit": "cloud",
    } | more


def order(account_id: str, days: float, amount: float, **more: Any) -> dict[str, Any]:
    return {
        "order_id": f"{account_id} {days} {amount}",
        "account_id": account_id,
        "ordered_at": CUTOFF + days * DAY,
        "amount": amount,
        "business_unit": "cloud",
    } | more


class TestJudgedByOpportunities:
    def test_the_window_holds_the_cutoff_and_not_its_end(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        end = CUTOFF + HORIZON * DAY
        times = {"before": CUTOFF - SECOND, "start": CUTOFF, "last": end - SECOND, "end": end}
        labels = labels_of(dict.fromkeys(times, "new_logo"), opportunities=[win(*row) for row in times.items()])
        assert labels["label"].to_dict() == {"before": False, "start": True, "last": True, "end": False}
        assert labels["succeeded_at"]["start"] == CUTOFF
        assert pd.isna(labels["succeeded_at"]["before"])

    @pytest.mark.parametrize("kind", ["new_logo", "cross_sell", "upsell"])
    def test_a_renewal_or_a_loss_never_labels(self, kind: str, labels_of: Callable[..., pd.DataFrame]) -> None:
        labels = labels_of(
            dict.fromkeys(("lost", "open", "other", "renewed", "unsaid"), kind),
            opportunities=[
                win("renewed", CUTOFF + DAY, kind="renewal"),
                win("lost", CUTOFF + DAY, outcome="lost"),
                win("other", CUTOFF + DAY, business_unit="sec"),
                win("open", None, outcome="open"),
                win("unsaid", CUTOFF + DAY, kind=None),
            ],
        )
        assert labels["label"].to_dict() == {
            "lost": False, "open": False, "other": False, "renewed": False, "unsaid": True,
        }  # fmt: skip

    def test_a_success_before_the_cutoff_never_labels_however_late_it_was_loaded(
        self, labels_of: Callable[..., pd.DataFrame]
    ) -> None:
        labels = labels_of(
            {"a": "new_logo", "b": "new_logo"},
            opportunities=[
                win("a", CUTOFF - DAY, loaded_at=CUTOFF + DAY),
                win("b", CUTOFF + DAY, loaded_at=CUTOFF + 300 * DAY),
            ],
        )
        assert labels["label"].to_dict() == {"a": False, "b": True}

    def test_money_of_all_successes_in_the_window(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        labels = labels_of(
            dict.fromkeys("abc", "upsell"),
            {"margin": 0.5},
            opportunities=[
                win("a", CUTOFF + DAY, 1, amount=100.0, gross_profit=30.0),
                win("a", CUTOFF + 2 * DAY, 2, amount=10.0),
                win("a", CUTOFF - DAY, 3, amount=1000.0),
                win("b", CUTOFF + DAY),
            ],
        )
        assert labels.loc["a", ["gross_profit", "amount"]].tolist() == [35.0, 110.0]
        assert labels.loc[["b", "c"], ["gross_profit", "amount"]].isna().all(axis=None)

    def test_without_a_margin_gross_profit_is_not_made_up(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        labels = labels_of({"a": "new_logo"}, opportunities=[win("a", CUTOFF, amount=100.0)])
        assert labels["amount"].tolist() == [100.0]
        assert labels["gross_profit"].isna().all()

    def test_target_opportunity_counts_what_is_opened(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        opened = {"open": {}, "renewal": {"kind": "renewal"}, "earlier": {"created_at": CUTOFF - SECOND}}
        labels = labels_of(
            dict.fromkeys(opened, "new_logo"),
            {"target": "opportunity"},
            opportunities=[
                win(name, None, **({"outcome": "open", "created_at": CUTOFF} | more)) for name, more in opened.items()
            ]
            + [win("earlier", CUTOFF + DAY, 2)],
        )
        assert labels["label"].to_dict() == {"open": True, "renewal": False, "earlier": False}

    def test_orders_do_not_count_where_the_unit_has_opportunities(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        labels = labels_of(
            {"a": "new_logo", "b": "new_logo"},
            opportunities=[win("b", CUTOFF + DAY)],
            orders=[order("a", 1, 10.0)],
        )
        assert labels["label"].to_dict() == {"a": False, "b": True}


class TestJudgedByOrders:
    def test_a_first_order_converts_unless_returned_within_90_days(
        self, labels_of: Callable[..., pd.DataFrame]
    ) -> None:
        labels = labels_of(
            dict.fromkeys(("bought", "end", "late", "partly", "returned", "start"), "new_logo"),
            orders=[
                order("bought", 5, 10.0),
                order("start", 0, 10.0),
                order("end", HORIZON, 10.0),
                *(order("returned", 5, 10.0), order("returned", 95, -10.0)),
                *(order("late", 5, 10.0), order("late", 95 + 1 / 86_400, -10.0)),
                *(order("partly", 5, 10.0), order("partly", 6, -9.0)),
            ],
        )
        assert labels["label"].to_dict() == {
            "bought": True, "end": False, "late": True, "partly": True, "returned": False, "start": True,
        }  # fmt: skip

    def test_growth_is_net_amount_above_the_equal_window_before(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        worlds = {
            "above": [(-HORIZON, 10.0), (HORIZON - 1, 10.01)],
            "equal": [(-1, 10.0), (1, 10.0)],
            "first": [(1, 10.0)],
            "long_ago": [(-HORIZON - 1, 99.0), (1, 10.0)],
            "netted": [(-1, 10.0), (1, 15.0), (2, -6.0)],
            "nothing": [(-1, -5.0)],
            "too_late": [(HORIZON, 10.0)],
        }
        labels = labels_of(
            dict.fromkeys(worlds, "upsell"),
            orders=[order(name, days, amount) for name, rows in worlds.items() for days, amount in rows],
        )
        assert labels["label"].to_dict() == {
            "above": True, "equal": False, "first": True, "long_ago": True, "netted": False, "nothing": False,
            "too_late": False,
        }  # fmt: skip

    def test_what_was_bought_before_counts_by_when_it_happened(self, labels_of: Callable[..., pd.DataFrame]) -> None:
        labels = labels_of(
            {"a": "upsell"},
            orders=[order("a", -1, 10.0, loaded_at=CUTOFF + 5 * DAY), order("a", 1, 9.0)],
        )
        assert labels["label"].tolist() == [False]

    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=8, deadline=None, derandomize=True, phases=[Phase.generate])
    def test_as_the_rules_read(self, seed: int, labels_of: Callable[..., pd.DataFrame]) -> None:
        r = Random(seed)  # noqa: S311
        kinds = {f"a{number}": r.choice(("new_logo", "cross_sell", "upsell")) for number in range(12)}
        days = (-91, -90, -30, -1, 0, 1, 40, 89, 90, 91, 130, 179, 200)
        orders = [
            order(
                r.choice(list(kinds)), r.choice(days), r.choice((-20.0, -10.0, 0.0, 10.0, 20.0)), order_id=str(number)
            )
            for number in range(40)
        ]
        labels = labels_of(kinds, orders=orders)
        assert labels["label"].to_dict() == {
            name: plain_label(kind, [row for row in orders if row["account_id"] == name])
            for name, kind in kinds.items()
        }


def plain_label(kind: str, orders: Rows) -> bool:
    """Judge one account by its orders."""

    def net(start: datetime, end: datetime) -> float:
        return sum(row["amount"] for row in orders if start <= row["ordered_at"] < end)

    end = CUTOFF + HORIZON * DAY
    if kind == "upsell":
        return net(CUTOFF, end) > max(net(CUTOFF - HORIZON * DAY, CUTOFF), 0)
    return any(
        row["amount"] > 0
        and CUTOFF <= row["ordered_at"] < end
        and net(row["ordered_at"], row["ordered_at"] + 90 * DAY + SECOND) > 0
        for row in orders
    )


class TestWhichRows:
    def group(self, **horizons: int) -> Group:
        units = {name: {"horizon_days": days} for name, days in horizons.items()}
        return Group.model_validate({"business_units": units, "tiers": {"t": {"cost": 1, "effect": 1}}})

    def keys(self, *accounts: str) -> pd.DataFrame:
        pairs = [(name, unit) for name in accounts for unit in ("long", "short")]
        return pd.DataFrame(pairs, columns=["account_id", "business_unit"]).assign(kind="new_logo")

    def test_a_window_that_has_not_ended_is_labelled_as_far_as_it_was_seen(self, make_tables: MakeTables) -> None:
        days = (AS_OF - CUTOFF).days
        rows = {
            "accounts": [account("a"), account("b")],
            "opportunities": [win("a", AS_OF - SECOND, business_unit="long"), win("b", AS_OF, business_unit="long")],
        }
        tables, group = make_tables(rows, AS_OF), self.group(short=days, long=days + 1)
        labels = build_labels(tables, group, self.keys("a", "b"), CUTOFF).set_index(["account_id", "business_unit"])
        assert labels["label"].to_dict() == {
            ("a", "long"): True, ("a", "short"): False, ("b", "long"): False, ("b", "short"): False,
        }  # fmt: skip
        assert (labels["followed_days"] == days).all()

    def test_accounts_are_followed_beyond_the_horizon(self, make_tables: MakeTables) -> None:
        late = CUTOFF + 120 * DAY
        rows = {
            "accounts": [account("a"), account("b")],
            "opportunities": [win("a", late, business_unit="short", amount=5.0)],
            "orders": [
                order("b", days, amount, business_unit="long") for days, amount in ((20, 9), (21, -9), (120, 10))
            ],
        }
        labels = build_labels(
            make_tables(rows, AS_OF), self.group(short=9, long=9), self.keys("a", "b"), CUTOFF
        ).set_index(["account_id", "business_unit"])
        assert not labels["label"].any()
        assert labels["amount"].isna().all()
        assert labels["succeeded_at"].dropna().to_dict() == {("a", "short"): late, ("b", "long"): late}
        assert not labels["whole_window"].any()

    @pytest.mark.parametrize(("kind", "target"), [("upsell", "win"), ("upsell", "opportunity"), ("cross_sell", "win")])
    def test_growth_of_orders_is_of_the_window_as_a_whole(
        self, kind: str, target: str, make_tables: MakeTables
    ) -> None:
        rows = {"accounts": [account("a"), account("b")], "orders": [order("a", 3, 5.0), order("b", 30, 5.0)]}
        group = Group.model_validate(
            {
                "business_units": {"cloud": {"horizon_days": 9, "target": target}},
                "tiers": {"t": {"cost": 1, "effect": 1}},
            }
        )
        keys = pd.DataFrame({"account_id": ["a", "b"], "business_unit": "cloud", "kind": kind})
        labels = build_labels(make_tables(rows, AS_OF), group, keys, CUTOFF)
        whole = kind == "upsell" and target == "win"
        assert labels["whole_window"].tolist() == [whole, whole]
        assert labels["label"].tolist() == [target == "win", False]
        later = [] if target == "opportunity" else [0] if whole else [0, 1]
        assert labels.index[labels["succeeded_at"].notna()].tolist() == later

    def test_openings_are_seen_where_they_lead_to_successes(self, make_tables: MakeTables) -> None:
        opened = {"before": -1, "renewed": 1, "first": 0, "late": 200, "other": 3}
        rows = {
            "accounts": [account(name) for name in opened],
            "opportunities": [
                win(name, None, outcome="open", created_at=CUTOFF + days * DAY, business_unit="short")
                for name, days in opened.items()
            ]
            + [win("first", None, 1, outcome="open", created_at=CUTOFF + 9 * DAY, business_unit="short")],
        }
        rows["opportunities"][1]["kind"] = "renewal"
        rows["opportunities"][4]["business_unit"] = "long"
        labels = build_labels(make_tables(rows, AS_OF), self.group(short=9, long=9), self.keys(*opened), CUTOFF)
        found = labels.dropna(subset="opened_at").set_index(["account_id", "business_unit"])["opened_at"]
        assert found.to_dict() == {
            ("first", "short"): CUTOFF,
            ("late", "short"): CUTOFF + 200 * DAY,
            ("other", "long"): CUTOFF + 3 * DAY,
        }
        assert labels["opened_followed_days"].tolist() == labels["followed_days"].tolist()

    @pytest.mark.parametrize(("table", "target"), [("orders", "win"), ("opportunities", "opportunity")])
    def test_openings_tell_nothing_where_they_are_the_success_or_lead_to_none(
        self, table: str, target: str, make_tables: MakeTables
    ) -> None:
        happened = order("a", 3, 5.0) if table == "orders" else win("a", None, outcome="open", created_at=CUTOFF + DAY)
        rows = {"accounts": [account("a")], table: [happened]}
        group = Group.model_validate(
            {
                "business_units": {"cloud": {"horizon_days": 9, "target": target}},
                "tiers": {"t": {"cost": 1, "effect": 1}},
            }
        )
        keys = pd.DataFrame({"account_id": ["a"], "business_unit": "cloud", "kind": "new_logo"})
        labels = build_labels(make_tables(rows, AS_OF), group, keys, CUTOFF)
        assert labels["opened_at"].isna().all()
        assert labels["opened_followed_days"].tolist() == [0.0]

    def test_nothing_seen_gives_no_rows_but_all_columns(self, make_tables: MakeTables) -> None:
        tables = make_tables({"accounts": [account("a")]}, AS_OF)
        labels = build_labels(tables, self.group(short=9, long=9), self.keys("a"), AS_OF)
        assert list(labels) == list(COLUMNS)
        assert labels.empty
        assert labels["label"].dtype == np.bool_

    def test_labels_stand_under_the_index_of_the_snapshot(self, make_tables: MakeTables) -> None:
        tables = make_tables(
            {"accounts": [account("a"), account("b")], "opportunities": [win("b", CUTOFF, business_unit="short")]},
            AS_OF,
        )
        keys = self.keys("a", "b").set_index(pd.Index([7, 5, 3, 1], name="row"))
        labels = build_labels(tables, self.group(short=9, long=9), keys, CUTOFF)
        assert labels.index.tolist() == [1, 3, 5, 7]
        assert labels["label"].to_dict() == {1: True, 3: False, 5: False, 7: False}

    def test_an_alias_that_came_later_brings_its_successes_to_the_company(self, make_tables: MakeTables) -> None:
        rows = {
            "accounts": [account("b", lei="L"), account("a", lei="L", created_at=CUTOFF + DAY), account("c")],
            "opportunities": [win("a", CUTOFF + 2 * DAY, business_unit="short"), win("c", AS_OF, business_unit="long")],
        }
        tables = make_tables(rows, AS_OF)
        labels = build_labels(tables, self.group(short=9, long=9), self.keys("b", "c"), CUTOFF)
        assert labels[labels["label"]][["account_id", "business_unit"]].to_numpy().tolist() == [["b", "short"]]

    def test_an_earlier_end_hides_what_is_loaded_after_it(self, make_tables: MakeTables) -> None:
        rows = {
            "accounts": [account("a"), account("b"), account("c")],
            "opportunities": [
                win("a", CUTOFF, business_unit="short"),
                win("b", CUTOFF, business_unit="short", loaded_at=CUTOFF + 10 * DAY),
            ],
            "orders": [
                order("c", 1, 10.0, business_unit="long"),
                order("c", 11, -10.0, business_unit="long"),
            ],
        }
        tables = make_tables(rows, AS_OF)
        group, keys = self.group(short=9, long=9), self.keys("a", "b", "c")
        then = build_labels(replace(tables, as_of=CUTOFF + 10 * DAY), group, keys, CUTOFF)
        now = build_labels(tables, group, keys, CUTOFF)
        assert then.loc[then["label"], "account_id"].tolist() == ["a", "c"]
        assert now.loc[now["label"], "account_id"].tolist() == ["a", "b"]

    @given(seed=st.integers(0, 10_000))
    @settings(max_examples=2, deadline=None, derandomize=True, phases=[Phase.generate])
    def test_an_earlier_end_is_as_if_nothing_had_come_after_it(
        self, seed: int, make_tables: MakeTables, random_world: Callable[[int], dict[str, Rows]], group: Group
    ) -> None:
        world, end = random_world(seed), CUTOFF + 200 * DAY
        tables = make_tables(world, AS_OF)
        snapshot = build_snapshot(tables, group, CUTOFF)
        cut = {
            name: [row for row in rows if all((row[key] or CUTOFF) < end for key in (TABLES[name].time, "loaded_at"))]
            for name, rows in world.items()
        }
        labels = [
            build_labels(then, group, snapshot, CUTOFF) for then in (replace(tables, as_of=end), make_tables(cut, end))
        ]
        assert set(labels[0]["business_unit"]) == {"cloud", "sec"}
        assert_frame_equal(*labels, check_exact=True)

    def test_many_cutoffs_as_one_by_one(
        self,
        make_tables: MakeTables,
        random_world: Callable[..., dict[str, Rows]],
        group: Group,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """Two are read at once, and one of another time of day by itself."""
        world = random_world(3, CUTOFF, scale=8)
        monkeypatch.setattr("features.snapshots.ACCOUNTS_AT_ONCE", 2 * len(world["accounts"]))
        tables = make_tables(world, AS_OF)
        cutoffs = [CUTOFF - 9 * DAY, CUTOFF, CUTOFF + 7.25 * DAY, AS_OF]
        labels = Labels.after(tables, group, cutoffs)
        succeeded = []
        for cutoff in cutoffs:
            snapshot = build_snapshot(tables, group, cutoff)
            found = labels.of(snapshot, cutoff)
            assert_frame_equal(found, build_labels(tables, group, snapshot, cutoff), check_exact=True)
            succeeded.append(int(found["label"].sum()))
        assert sum(count > 0 for count in succeeded) >= 2
        assert succeeded[-1] == 0
