"""Reasons: the strongest first, the same whatever the order of columns, and none that is none."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.explain import Reason, reasons_from_json, reasons_to_json, top_reasons
from models.hazards import ALL_LINES

CONTRIBUTIONS = pd.DataFrame(
    {"b": [0.5, 0.0], "a": [-0.5, 0.0], "c": [0.9, -0.1], "d": [0.1, 0.0], **dict.fromkeys(ALL_LINES, -9.0)},
    index=["x", "y"],
)
VALUES = pd.DataFrame({"a": ["日本", None], "b": [2.0, 1.0], "c": [np.nan, 3.0], "d": [True, False]})


def test_the_strongest_come_first_and_ties_by_name() -> None:
    first, second = top_reasons(CONTRIBUTIONS, VALUES, k=3)
    assert first == (Reason("c", None, 0.9), Reason("a", "日本", -0.5), Reason("b", 2.0, 0.5))
    assert second == (Reason("c", 3.0, -0.1),)


def test_the_direction_is_that_of_the_contribution() -> None:
    assert [reason.direction for reason in top_reasons(CONTRIBUTIONS, VALUES)[0]] == ["raises", "lowers", "raises"]


parts = st.lists(st.floats(-5, 5), min_size=4, max_size=4)


@given(rows=st.lists(parts, max_size=8), k=st.integers(1, 6), order=st.permutations(range(4)))
def test_no_reason_left_out_is_stronger(rows: list[list[float]], k: int, order: list[int]) -> None:
    names = ["w", "x", "y", "z"]
    table = pd.DataFrame(rows, columns=names, dtype=float)
    reasons = top_reasons(table, table, k)
    assert reasons == top_reasons(table[[names[place] for place in order]], table, k)
    for given_reasons, row in zip(reasons, rows, strict=True):
        strengths = [abs(reason.contribution) for reason in given_reasons]
        assert strengths == sorted((abs(part) for part in row if part), reverse=True)[:k]
        assert all(reason.value == reason.contribution for reason in given_reasons)


def test_rows_of_a_refused_model_have_none() -> None:
    table = pd.DataFrame({"a": [np.nan], "baseline": [np.nan]})
    assert top_reasons(table, table) == [()]


@given(
    st.lists(
        st.builds(
            Reason,
            st.text(),
            st.one_of(st.none(), st.text(), st.floats(allow_nan=False, allow_infinity=False)),
            st.floats(-20, 20),
        )
    )
)
def test_json_gives_back_the_same(reasons: list[Reason]) -> None:
    assert reasons_from_json(reasons_to_json(tuple(reasons))) == tuple(reasons)


@pytest.mark.parametrize(("rows", "k"), [(1, 3), (2, 0)])
def test_wrong_arguments_are_refused(rows: int, k: int) -> None:
    with pytest.raises(ValueError, match="give"):
        top_reasons(CONTRIBUTIONS, VALUES.head(rows), k)
