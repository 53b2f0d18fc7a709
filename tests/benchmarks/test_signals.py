"""The yardsticks of speed compute what they are compared with."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.big_group import END, GROUP, Size, open_group, warehouse
from benchmarks.signals import comparisons
from benchmarks.signals_by_hand import signals_by_hand
from benchmarks.signals_by_pandas import read_frames, signals_by_pandas
from features.signals.catalogue import BUILT_IN
from features.snapshots import build_snapshot

SIZE = Size(accounts=400, events=60_000)
CUTOFF = datetime(END.year, END.month, 1)  # noqa: DTZ001


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("big_group")


@pytest.fixture(scope="module")
def ours(folder: Path) -> pd.DataFrame:
    with open_group(folder, SIZE) as tables:
        return build_snapshot(tables, GROUP, CUTOFF)


def assert_same(ours: pd.DataFrame, theirs: pd.DataFrame) -> None:
    assert list(theirs) == list(ours)
    pd.testing.assert_frame_equal(theirs, ours, check_dtype=False, rtol=1e-9, atol=1e-9)


def test_the_group_has_something_to_say_of_every_signal_but_of_aliases(ours: pd.DataFrame) -> None:
    silent = [signal.name for signal in BUILT_IN if ours[signal.name].nunique(dropna=False) < 2]
    assert silent == ["attributes_aliases"]


def test_sql_by_hand_gives_the_same(folder: Path, ours: pd.DataFrame) -> None:
    assert_same(ours, signals_by_hand(warehouse(folder, SIZE), GROUP, CUTOFF))


def test_pandas_gives_the_same(folder: Path, ours: pd.DataFrame) -> None:
    assert_same(ours, signals_by_pandas(read_frames(warehouse(folder, SIZE)), GROUP, CUTOFF))


def test_sizes_are_those_that_are_asked_for() -> None:
    large, many, _, small = comparisons()
    assert (large.one.size.accounts * len(GROUP.business_units), large.one.size.events) == (1_000_000, 50_000_000)
    assert (many.one.size.accounts * len(GROUP.business_units), many.one.size.events) == (100_000, 5_000_000)
    assert (many.one.cutoffs, many.other.cutoffs, small.one.size.events) == (24, 1, 1_000_000)
