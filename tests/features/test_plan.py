"""Plans: made once, kept, and run on whatever tables and cutoffs they are for."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from features import plan
from features.calendar import Calendar
from features.given import Given
from features.group import Group
from features.keeper import Keeper
from features.snapshots import build_snapshot
from features.tables import Tables

MakeTables = Callable[..., Tables]
MakeWorld = Callable[..., Any]

CUTOFF = datetime.fromisoformat("2024-06-01")
ODD = datetime.fromisoformat("2023-12-31T13:37:00.654321")
AS_OF = datetime.fromisoformat("2026-01-01")


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[Given]:
    """What plans were made for, from an empty memory on."""
    making, given = plan._made, []

    def make(about: Given, write: plan.Write) -> plan.Plan:
        given.append(about)
        return making(about, write)

    monkeypatch.setattr(plan, "_made", make)
    monkeypatch.setattr(plan, "_PLANS", {})
    return given


@pytest.fixture
def forgotten(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what empties the memory, as the end of the process would."""
    return lambda: monkeypatch.setattr(plan, "_PLANS", {})


def test_one_plan_for_other_rows_and_cutoffs_of_the_same_time_of_day(
    made: list[Given], forgotten: Callable[[], None], make_tables: MakeTables, random_world: MakeWorld, group: Group
) -> None:
    """And what it computes is what a plan of their own does."""
    first, other = (make_tables(random_world(seed, scale=2), AS_OF) for seed in (1, 2))
    build_snapshot(first, group, CUTOFF)
    again = build_snapshot(other, group, CUTOFF - timedelta(days=9))
    assert len(made) == 1
    forgotten()
    assert_frame_equal(again, build_snapshot(other, group, CUTOFF - timedelta(days=9)), check_exact=True)
    assert len(made) == 2


def test_another_plan_for_another_kind_of_tables_group_or_time_of_day(
    made: list[Given], make_tables: MakeTables, random_world: MakeWorld, group: Group
) -> None:
    world = random_world(1)
    tables = make_tables(world, AS_OF)
    build_snapshot(tables, group, CUTOFF)
    build_snapshot(tables, group, ODD)
    build_snapshot(make_tables(world, AS_OF, frozenset({("accounts", "industry")})), group, CUTOFF)
    more = world | {"accounts": [row | {"attribute_new": "x"} for row in world["accounts"]]}
    assert "attribute_new" in build_snapshot(make_tables(more, AS_OF), group, CUTOFF)
    units = {name: unit.model_copy(update={"horizon_days": 30}) for name, unit in group.business_units.items()}
    build_snapshot(tables, group.model_copy(update={"business_units": units}), CUTOFF)
    assert len(made) == 5


def test_each_table_is_let_go_after_its_last_reader(
    made: list[Given], make_tables: MakeTables, random_world: MakeWorld, group: Group
) -> None:
    build_snapshot(make_tables(random_world(1), AS_OF), group, CUTOFF)
    (only,) = plan._PLANS.values()
    kept = [step.name for step in only.steps if step.does == "keep"]
    dropped = {step.name: at for at, step in enumerate(only.steps) if step.does == "drop"}
    assert sorted(kept) == sorted(dropped)
    readers = {name: [at for at, step in enumerate(only.steps) if f'{plan.PREFIX}{name}"' in step.sql] for name in kept}
    assert all(max(readers[name]) < dropped[name] for name in kept)
    (united,) = (at for at, step in enumerate(only.steps) if (step.does, step.name) == ("give", "united"))
    assert united < dropped["there"]
    between = {name: only.steps[max(readers[name]) + 1 : dropped[name]] for name in kept if name != "there"}
    assert {step.does for steps in between.values() for step in steps} <= {"drop"}


class TestFolder:
    """Plans that are kept for the next process."""

    @pytest.fixture
    def tables(self, tmp_path: Path, make_tables: MakeTables, random_world: MakeWorld) -> Tables:
        return replace(make_tables(random_world(3), AS_OF), plans=tmp_path / "plans")

    @pytest.fixture
    def first(self, made: list[Given], tables: Tables, group: Group) -> pd.DataFrame:
        return build_snapshot(tables, group, CUTOFF)

    def test_the_next_process_reads_what_the_last_one_kept(
        self, made: list[Given], forgotten: Callable[[], None], tables: Tables, group: Group, first: pd.DataFrame
    ) -> None:
        forgotten()
        assert_frame_equal(first, build_snapshot(tables, group, CUTOFF), check_exact=True)
        assert len(made) == 1

    @pytest.mark.parametrize("text", ["", "{}", "[]", "[1]", '[{"does": "drop"}]', '[{"does": "keep", "na'])
    def test_a_spoilt_file_is_made_again(
        self, text: str, made: list[Given], forgotten: Callable[[], None], tables: Tables, group: Group,
        first: pd.DataFrame, tmp_path: Path,
    ) -> None:  # fmt: skip
        (kept,) = (tmp_path / "plans").rglob("*.json")
        kept.write_text(text)
        forgotten()
        assert_frame_equal(first, build_snapshot(tables, group, CUTOFF), check_exact=True)
        assert len(made) == 2
        assert len(json.loads(kept.read_text())) > 50

    def test_plans_of_another_version_are_removed(
        self, made: list[Given], forgotten: Callable[[], None], tables: Tables, group: Group, first: pd.DataFrame,
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        (before,) = (tmp_path / "plans").iterdir()
        forgotten()
        monkeypatch.setattr(plan, "_planner", lambda: "another")
        assert_frame_equal(first, build_snapshot(tables, group, CUTOFF), check_exact=True)
        assert len(made) == 2
        assert not before.exists()
        assert [path.name for path in (tmp_path / "plans").iterdir()] == ["another"]

    def test_a_folder_that_cannot_be_written_to_is_done_without(
        self, made: list[Given], tables: Tables, group: Group, tmp_path: Path
    ) -> None:
        (tmp_path / "plans").write_text("a file where the folder would be")
        assert len(build_snapshot(tables, group, CUTOFF))
        assert len(made) == 1


def test_a_name_is_given_once(make_tables: MakeTables, random_world: MakeWorld) -> None:
    tables = make_tables(random_world(1), AS_OF)
    keeper = Keeper(Given(tables, Calendar((CUTOFF,))), "test_", lambda _: None)
    keeper.keep("events", keeper.own("events"))
    with pytest.raises(ValueError, match="there is a table 'events' already"):
        keeper.keep("events", keeper.own("events"))


def test_what_is_told_is_told_again_at_every_run(
    make_tables: MakeTables, random_world: MakeWorld, group: Group
) -> None:
    tables, told, again = make_tables(random_world(1), AS_OF), [], []
    build_snapshot(tables, group, CUTOFF, told.append)
    build_snapshot(tables, group, CUTOFF, again.append)
    assert told == again
    assert told[0] == "reading what was known"
    assert "signals of intent" in told
