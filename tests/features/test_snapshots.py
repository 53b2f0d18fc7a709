"""Snapshots: no look-ahead, and what holds of every signal in any world."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import accumulate
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from features import snapshots
from features.contracts import TABLES
from features.group import Group
from features.signals.catalogue import catalogue
from features.signals.signal import Signal
from features.snapshots import KEYS, build_snapshot, build_snapshots
from features.tables import Tables

World = dict[str, list[dict[str, Any]]]
MakeTables = Callable[..., Tables]
MakeWorld = Callable[..., World]

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
STATIC = frozenset({("accounts", "attribute_segment"), ("opportunities", "attribute_product")})
OF_ALL = ["pipeline_pace", "pipeline_region_win_rate", "pipeline_region_cycle_days"]
"""Signals that compare an account with how things go elsewhere."""
DATED = tuple(name for name, table in TABLES.items() if table.time)
SEEDS = st.integers(0, 100_000)
CUTOFFS = st.sampled_from((CUTOFF, datetime.fromisoformat("2023-12-31T13:37:00.654321")))


def few(examples: int) -> Callable[[Any], Any]:
    return settings(max_examples=examples, deadline=None, derandomize=True, phases=[Phase.generate])


def snapshot_of(make_tables: MakeTables, world: World, group: Group, cutoff: datetime = CUTOFF) -> pd.DataFrame:
    return build_snapshot(make_tables(world, AS_OF, STATIC), group, cutoff)


class TestNoLookAhead:
    """Rows that happened or were loaded at the cutoff or later, and what later became of earlier ones."""

    @given(seed=SEEDS, cutoff=CUTOFFS)
    @few(10)
    def test_what_comes_later_changes_no_bit(
        self, seed: int, cutoff: datetime, make_tables: MakeTables, random_world: MakeWorld, group: Group
    ) -> None:
        world, donor = random_world(seed, cutoff), random_world(seed + 1, cutoff)
        before = snapshot_of(make_tables, world, group, cutoff)
        after = snapshot_of(make_tables, with_another_future(world, donor, seed, cutoff), group, cutoff)
        assert_frame_equal(before, after, check_exact=True)

    def test_the_other_future_differs_in_every_table(self, random_world: MakeWorld) -> None:
        """The property above would hold of a change that changes nothing."""
        differing = Counter[str]()
        added, removed = Counter[str](), Counter[str]()
        for seed in range(20):
            world = random_world(seed)
            other = with_another_future(world, random_world(seed + 1), seed)
            for name in DATED:
                old, new = (Counter(map(repr, rows[name])) for rows in (world, other))
                added[name] += (new - old).total()
                removed[name] += (old - new).total()
                differing[name] += old != new
        assert all(added[name] >= 20 and removed[name] >= 10 and differing[name] >= 15 for name in DATED)

    def test_the_other_future_is_seen_once_it_has_come(
        self, make_tables: MakeTables, random_world: MakeWorld, group: Group
    ) -> None:
        world = random_world(5, scale=3)
        worlds = (world, with_another_future(world, random_world(6, scale=3), 5))
        seen = CUTOFF + timedelta(days=120)
        one, other = (snapshot_of(make_tables, rows, group, seen).set_index(["account_id", "business_unit"])
                      for rows in worlds)  # fmt: skip
        common = one.index.intersection(other.index)
        assert len(common)
        changed = [name for name in one if not one.loc[common, name].equals(other.loc[common, name])]
        families = {name.partition("_")[0] for name in changed}
        assert families >= {"engagement", "pipeline", "portfolio", "usage", "intent", "committee", "hierarchy"}


class TestSeveralCutoffs:
    """Cutoffs that are worked out together share what they can, and nothing that they must not."""

    @given(seed=SEEDS, gaps=st.lists(st.sampled_from((1, 5, 7, 30, 60, 365, 400)), min_size=1, max_size=4))
    @few(5)
    def test_together_as_alone(
        self, seed: int, gaps: list[int], make_tables: MakeTables, random_world: MakeWorld, group: Group
    ) -> None:
        tables = make_tables(random_world(seed), AS_OF, STATIC)
        cutoffs = [CUTOFF - timedelta(days=days) for days in (0, *accumulate(gaps))]
        odd = CUTOFF - timedelta(days=3, hours=5, microseconds=1)
        together = dict(build_snapshots(tables, group, [*cutoffs, odd, odd]))
        assert sorted(together) == sorted({*cutoffs, odd})
        for cutoff, snapshot in together.items():
            assert_frame_equal(snapshot, build_snapshot(tables, group, cutoff), check_exact=True)

    def test_in_batches_as_together(
        self, make_tables: MakeTables, random_world: MakeWorld, group: Group, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        tables = make_tables(random_world(3), AS_OF, STATIC)
        cutoffs = [CUTOFF - timedelta(days=30 * months) for months in range(5)]
        together = dict(build_snapshots(tables, group, cutoffs))
        monkeypatch.setattr(snapshots, "ACCOUNTS_AT_ONCE", 2 * len(random_world(3)["accounts"]))
        told: list[str] = []
        in_batches = dict(build_snapshots(tables, group, cutoffs, told.append))
        assert told.count("reading what was known") == 3
        for cutoff, snapshot in in_batches.items():
            assert_frame_equal(snapshot, together[cutoff], check_exact=True)


class TestAnyWorld:
    @given(seed=SEEDS)
    @few(4)
    def test_signals_keep_to_their_declaration_and_neither_order_nor_strangers_matter(
        self, seed: int, make_tables: MakeTables, random_world: MakeWorld, group: Group
    ) -> None:
        world, strangers = random_world(seed), as_strangers(random_world(seed + 1))
        tables = make_tables(world, AS_OF, STATIC)
        alone = build_snapshot(tables, group, CUTOFF)
        signals = catalogue(tables)
        assert list(alone) == [*KEYS, *(signal.name for signal in signals)]
        assert [signal.name for signal in signals if not keeps_to_its_declaration(alone, signal)] == []
        r = Random(seed)  # noqa: S311
        mixed = {name: rows + strangers[name] for name, rows in world.items()}
        for rows in mixed.values():
            r.shuffle(rows)
        among = snapshot_of(make_tables, mixed, group)
        own = among[~among["account_id"].str.startswith("z")].reset_index(drop=True)
        assert len(own) < len(among)
        assert_frame_equal(alone.drop(columns=OF_ALL), own.drop(columns=OF_ALL), check_exact=True)

    @given(seed=SEEDS)
    @few(3)
    def test_a_company_is_all_its_aliases(
        self, seed: int, make_tables: MakeTables, random_world: MakeWorld, group: Group
    ) -> None:
        """What two united accounts did is worth what one account would have been that did it all."""
        world = apart(random_world(seed))
        world["accounts"][1] |= {"created_at": CUTOFF - timedelta(days=500), "loaded_at": None}
        world["account_history"] = [row for row in world["account_history"] if row["column"] != "parent_id"]
        whole = snapshot_of(make_tables, world, group)
        halves = snapshot_of(make_tables, with_alias(world, "a1", "b1", Random(seed)), group)  # noqa: S311
        aliases = halves.set_index("account_id")["attributes_aliases"]
        assert (aliases["a1"] == 2).all()
        assert "b1" not in aliases.index
        columns = [name for name in whole if name != "attributes_aliases"]
        assert_frame_equal(whole[columns], halves[columns], check_exact=True)


def keeps_to_its_declaration(frame: pd.DataFrame, signal: Signal) -> bool:
    values, (lowest, highest) = frame[signal.name], signal.range
    of_account = frame[["account_id", signal.name]].drop_duplicates()
    return (
        values.dtype == ("str" if signal.category else "float64")
        and (signal.missing is not None or bool(values.notna().all()))
        and (lowest is None or not (values < lowest).any())
        and (highest is None or not (values > highest).any())
        and (signal.category or bool(np.isfinite(values.dropna()).all()))
        and (signal.scope != "account" or len(of_account) == frame["account_id"].nunique())
    )


def as_strangers(world: World) -> World:
    """Rename everything so that nothing of it is related to another world."""
    ids = (
        "account_id",
        "parent_id",
        "contact_id",
        "person_id",
        "opportunity_id",
        "event_id",
        "order_id",
        "impression_id",
    )
    names = (*ids, "lei", "domain", "name")
    renamed = {
        table: [row | {key: f"z{row[key]}" for key in names if row.get(key) is not None} for row in rows]
        for table, rows in apart(world).items()
    }
    of_parents = (row for row in renamed["account_history"] if row["column"] == "parent_id")
    for row in of_parents:
        row["value"] = f"z{row['value']}"
    return renamed


def apart(world: World) -> World:
    """Take away all that unites accounts."""
    accounts = [
        row | {"name": f"Company {row['account_id']}", "lei": None, "domain": None} for row in world["accounts"]
    ]
    return world | {"accounts": accounts}


def with_alias(world: World, account: str, alias: str, r: Random) -> World:
    """Give an account a second record, and that record some of the account's rows and children."""
    of = next(row for row in world["accounts"] if row["account_id"] == account)
    split = {
        name: [
            row | {key: alias for key in ("account_id", "parent_id") if row.get(key) == account and r.random() < 0.5}
            for row in rows
            if row is not of
        ]
        for name, rows in world.items()
    }
    twin = of | {"lei": "LEI of both"}
    return split | {"accounts": [*split["accounts"], twin, twin | {"account_id": alias}]}


class TestKeys:
    """What an account is to a BU, where it is, and whether sales works it."""

    DAY = timedelta(days=1)

    def frame(self, make_tables: MakeTables, group: Group, **rows: Any) -> pd.DataFrame:
        rows["accounts"] = [
            {"name": row["account_id"], "country": "DE", "created_at": CUTOFF - 999 * self.DAY} | row
            for row in rows["accounts"]
        ]
        return snapshot_of(make_tables, rows, group).set_index(["account_id", "business_unit"])

    def test_kinds(self, make_tables: MakeTables, group: Group) -> None:
        won = {"outcome": "won", "created_at": CUTOFF - 9 * self.DAY, "closed_at": CUTOFF - self.DAY}
        order = {"business_unit": "sec", "ordered_at": CUTOFF - 50 * self.DAY}
        frame = self.frame(
            make_tables,
            group,
            accounts=[
                {"account_id": name}
                for name in ("elsewhere", "kept", "late", "new", "open", "renewed", "returned", "winner")
            ]
            + [{"account_id": "said", "customer_since": CUTOFF - self.DAY}]
            + [{"account_id": "said_later", "customer_since": CUTOFF}],
            opportunities=[
                won | {"opportunity_id": "1", "account_id": "winner", "business_unit": "cloud"},
                won | {"opportunity_id": "2", "account_id": "renewed", "business_unit": "cloud", "kind": "renewal"},
                won | {"opportunity_id": "3", "account_id": "elsewhere", "business_unit": "mystery"},
                won | {"opportunity_id": "4", "account_id": "late", "business_unit": "cloud", "loaded_at": CUTOFF},
                won | {"opportunity_id": "5", "account_id": "open", "business_unit": "cloud", "closed_at": CUTOFF},
            ],
            orders=[
                order | {"order_id": "1", "account_id": "kept", "amount": 5.0},
                order | {"order_id": "2", "account_id": "returned", "amount": 5.0},
                order
                | {"order_id": "3", "account_id": "returned", "amount": -5.0, "ordered_at": CUTOFF - 9 * self.DAY},
            ],
        )
        kinds = {account: tuple(of_units) for account, of_units in frame["kind"].groupby(level="account_id")}
        assert kinds == {
            "elsewhere": ("cross_sell", "cross_sell"),
            "kept": ("cross_sell", "upsell"),
            "late": ("new_logo", "new_logo"),
            "new": ("new_logo", "new_logo"),
            "open": ("new_logo", "new_logo"),
            "renewed": ("upsell", "cross_sell"),
            "returned": ("new_logo", "new_logo"),
            "said": ("cross_sell", "cross_sell"),
            "said_later": ("new_logo", "new_logo"),
            "winner": ("upsell", "cross_sell"),
        }
        assert frame["in_pipeline"][frame["in_pipeline"]].index.tolist() == [("open", "cloud")]

    def test_an_open_renewal_is_no_pipeline(self, make_tables: MakeTables, group: Group) -> None:
        opened = {"account_id": "a", "outcome": "open", "created_at": CUTOFF - self.DAY}
        frame = self.frame(
            make_tables,
            group,
            accounts=[{"account_id": "a"}],
            opportunities=[
                opened | {"opportunity_id": "1", "business_unit": "cloud", "kind": "renewal"},
                opened | {"opportunity_id": "2", "business_unit": "sec", "kind": "expansion"},
            ],
        )
        assert frame["in_pipeline"].to_dict() == {("a", "cloud"): False, ("a", "sec"): True}

    def test_a_country_in_no_region_is_in_region_other(self, make_tables: MakeTables, group: Group) -> None:
        frame = self.frame(
            make_tables,
            group,
            accounts=[{"account_id": "a", "country": "JP"}, {"account_id": "b", "country": "BR"}],
        )
        assert frame["region"].xs("sec", level="business_unit").to_dict() == {"a": "APAC", "b": "other"}

    def test_nothing_is_known_before_anything_happened(self, make_tables: MakeTables, group: Group) -> None:
        world = {"accounts": [{"account_id": "a", "name": "A", "country": "DE", "created_at": CUTOFF}]}
        frame = snapshot_of(make_tables, world, group)
        assert frame.empty
        assert not snapshot_of(make_tables, world, group, CUTOFF + timedelta(seconds=1)).empty


def with_another_future(world: World, donor: World, seed: int, cutoff: datetime = CUTOFF) -> World:
    """Delete, change and add what happens at a cutoff or later, with values of another world."""
    r = Random(seed)  # noqa: S311
    changed: World = {}
    for name, rows in world.items():
        news = [row for row in donor[name] if happens_later(name, row, cutoff)]
        earlier = [row for row in rows if not happens_later(name, row, cutoff)]
        left = [row for row in rows if happens_later(name, row, cutoff) and r.random() < 0.7]
        changed[name] = [
            *(another_end(name, dict(row), donor, r, cutoff) for row in earlier),
            *(row | r.choice(news) | key_of(name, row) if news and r.random() < 0.5 else row for row in left),
            *(row | new_key(name, row) for row in news),
        ]
        r.shuffle(changed[name])
    return changed


def happens_later(name: str, row: dict[str, Any], cutoff: datetime) -> bool:
    """Tell whether a row happened or was loaded at the cutoff or later."""
    times = [row[TABLES[name].time or ""], row["loaded_at"]]
    if name == "accounts" and row["customer_since"] is not None and row["customer_since"] < cutoff:
        times = times[1:]
    return any(time is not None and time >= cutoff for time in times)


def key_of(name: str, row: dict[str, Any]) -> dict[str, Any]:
    key = TABLES[name].key
    return {} if key is None else {key: row[key]}


def new_key(name: str, row: dict[str, Any]) -> dict[str, Any]:
    """Give a new row a key that sorts before all others: it must not become the id of an earlier company."""
    key = TABLES[name].key
    return {} if key is None else {key: "0" + row[key]}


def another_end(name: str, row: dict[str, Any], donor: World, r: Random, cutoff: datetime) -> dict[str, Any]:
    """Change what became of an earlier row at the cutoff or later, and what nobody dated."""
    ends = {
        "opportunities": ("closed_at", ("outcome", "closed_at", "gross_profit", "amount", "stage")),
        "impressions": ("outcome_at", ("viewed_at", "outcome", "outcome_at")),
        "contacts": ("left_at", ("left_at",)),
        "accounts": ("customer_since", ("customer_since",)),
    }
    if name in ends:
        time, columns = ends[name]
        like = [other for other in donor[name] if is_later(other[time], cutoff)]
        if is_later(row[time], cutoff) and like:
            end = r.choice(like)
            row |= {column: end[column] for column in columns}
    if name == "accounts":
        other = r.choice(donor["accounts"])
        row |= {column: other[column] for column in ("industry", "employees", "attribute_score")}
        if row["parent_since"] is not None and row["parent_since"] >= cutoff:
            row["parent_id"] = other["account_id"]
    return row


def is_later(time: datetime | None, cutoff: datetime) -> bool:
    return time is None or time >= cutoff
