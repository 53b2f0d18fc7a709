"""Assembly: every value lands in the row of its account, BU and cutoff, and nowhere else."""

from __future__ import annotations

from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from features.assembly import Spine

UNITS = ("cloud", "sec")


def spine_of(*existing: tuple[int, int], units: tuple[str, ...] = UNITS) -> Spine:
    """Return the spine of accounts that existed, as pairs of cutoff and account."""
    pairs = np.array(existing, dtype=np.int64).reshape(-1, 2)
    return Spine(pairs[:, 0], pairs[:, 1], units)


def table_of(rows: list[dict[str, Any]], **types: pa.DataType) -> pa.Table:
    keys = {"cutoff_no": pa.int32(), "account_no": pa.int32()}
    return pa.Table.from_pylist(rows, schema=pa.schema(list((keys | types).items())))


class TestSpine:
    SPINE = spine_of((0, 3), (0, 7), (1, 3), (1, 5), (1, 7))

    def test_a_value_of_the_account_stands_in_the_rows_of_all_its_units(self) -> None:
        rows = [{"cutoff_no": 1, "account_no": 7, "x": 2}, {"cutoff_no": 0, "account_no": 3, "x": 1}]
        part = self.SPINE.place(table_of(rows, x=pa.int64()))
        assert not part.by_unit
        assert self.SPINE.values(part, 0, "x").fillna(-1).tolist() == [1, 1, -1, -1]
        assert self.SPINE.values(part, 1, "x").fillna(-1).tolist() == [-1, -1, -1, -1, 2, 2]

    def test_a_value_of_a_unit_stands_in_one_row(self) -> None:
        rows = [
            {"cutoff_no": 1, "account_no": 5, "unit_no": 1, "x": 2.5},
            {"cutoff_no": 1, "account_no": 3, "unit_no": 0, "x": None},
            {"cutoff_no": 0, "account_no": 7, "unit_no": 0, "x": 1.5},
        ]
        part = self.SPINE.place(table_of(rows, unit_no=pa.int32(), x=pa.float64()))
        assert part.by_unit
        assert self.SPINE.values(part, 0, "x").fillna(-1).tolist() == [-1, -1, 1.5, -1]
        assert self.SPINE.values(part, 1, "x").fillna(-1).tolist() == [-1, -1, -1, 2.5, -1, -1]

    def test_rows_of_other_accounts_and_units_belong_nowhere(self) -> None:
        rows = [
            {"cutoff_no": 0, "account_no": 5, "unit_no": 1, "x": 1.0},
            {"cutoff_no": 1, "account_no": 99, "unit_no": 1, "x": 1.0},
            {"cutoff_no": 1, "account_no": 7, "unit_no": -1, "x": 1.0},
        ]
        part = self.SPINE.place(table_of(rows, unit_no=pa.int32(), x=pa.float64()))
        assert self.SPINE.values(part, 0, "x").isna().all()
        assert self.SPINE.values(part, 1, "x").isna().all()

    def test_names_stay_names(self) -> None:
        rows = [{"cutoff_no": 0, "account_no": 7, "x": "ビー"}, {"cutoff_no": 0, "account_no": 3, "x": None}]
        found = self.SPINE.values(self.SPINE.place(table_of(rows, x=pa.string())), 0, "x")
        assert found.dtype == "str"
        assert found.fillna("?").tolist() == ["?", "?", "ビー", "ビー"]

    @pytest.mark.parametrize("dtype", [pa.string(), pa.large_string(), pa.float64(), pa.int64(), pa.null()])
    def test_without_rows_all_is_missing(self, dtype: pa.DataType) -> None:
        found = self.SPINE.values(self.SPINE.place(table_of([], x=dtype)), 1, "x")
        assert found.isna().tolist() == [True] * 6

    def test_without_accounts_nothing_stands_anywhere(self) -> None:
        spine = spine_of()
        part = spine.place(table_of([{"cutoff_no": 0, "account_no": 3, "x": 1}], x=pa.int64()))
        assert len(spine.values(part, 0, "x")) == 0

    def test_a_cutoff_before_which_nobody_existed_has_no_rows(self) -> None:
        spine = spine_of((1, 3))
        part = spine.place(table_of([{"cutoff_no": 1, "account_no": 3, "x": 4}], x=pa.int64()))
        assert [spine.values(part, number, "x").tolist() for number in range(3)] == [[], [4.0, 4.0], []]


@given(seed=st.integers(0, 10_000))
@settings(max_examples=30, deadline=None, derandomize=True, phases=[Phase.generate])
def test_placing_agrees_with_looking_up(seed: int) -> None:
    """Rows in any order, for accounts and BUs that are ours or not: each value is found under its own key."""
    r = Random(seed)  # noqa: S311
    keys = [(cutoff, account) for cutoff in range(4) for account in range(9)]
    existing = sorted(r.sample(keys, r.randint(1, len(keys))))
    spine = spine_of(*existing)
    asked = [(*key, unit) for key in keys for unit in (0, 1, -1) if r.random() < 0.5]
    values = {key: r.random() for key in r.sample(asked, len(asked))}
    names = ("cutoff_no", "account_no", "unit_no", "x")
    rows = [dict(zip(names, (*key, value), strict=True)) for key, value in values.items()]
    part = spine.place(table_of(rows, unit_no=pa.int32(), x=pa.float64()))
    for cutoff in range(4):
        expected = [values.get((cutoff, account, unit)) for at, account in existing if at == cutoff for unit in (0, 1)]
        found = spine.values(part, cutoff, "x")
        assert [None if pd.isna(value) else value for value in found] == expected


class TestNumbers:
    SPINE = spine_of((0, 3), (0, 7), (1, 3))
    ROWS = ({"cutoff_no": 0, "account_no": 7, "x": 2.5}, {"cutoff_no": 0, "account_no": 3, "x": None})

    @pytest.mark.parametrize("nothing", [0.0, np.nan])
    @pytest.mark.parametrize("unit", [None, 1])
    def test_are_written_where_they_belong(self, nothing: float, unit: int | None) -> None:
        rows = [row | ({"unit_no": unit} if unit else {}) for row in self.ROWS]
        types = {"unit_no": pa.int32()} if unit else {}
        part = self.SPINE.place(table_of(rows, **types, x=pa.float64()))
        for cutoff, size in ((0, 4), (1, 2)):
            out, other = np.full(size, -9.0), np.full(size, -9.0)
            self.SPINE.numbers(part, cutoff, {"x": (out, nothing), "y": (other, nothing)})
            np.testing.assert_array_equal(out, self.SPINE.values(part, cutoff, "x").fillna(nothing))
            np.testing.assert_array_equal(other, -9.0)
