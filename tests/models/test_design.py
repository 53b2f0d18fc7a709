"""The design matrix: what counts as a name, what as a number, and what becomes of the unknown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.design import Design

NAN = np.nan


def column(values: pd.Series) -> list[float]:
    frame = pd.DataFrame({"c": values})
    return Design.learn(frame).matrix(frame)[:, 0].tolist()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (pd.Series([1.5, NAN]), [1.5, NAN]),
        (pd.Series([True, False]), [1.0, 0.0]),
        (pd.Series([True, None], dtype="boolean"), [1.0, NAN]),
        (pd.Series([3, None], dtype="Int64"), [3.0, NAN]),
        (pd.Series([None, 2.5], dtype=object), [NAN, 2.5]),
        (pd.Series(["b", None, "a"]), [1.0, NAN, 0.0]),
        (pd.Series(["b", None, "a"], dtype=object), [1.0, NAN, 0.0]),
        (pd.Series(["日本", "Ελλάς", None], dtype="category"), [1.0, 0.0, NAN]),
        (pd.Series([10, 2, None], dtype="category"), [0.0, 1.0, NAN]),
        (pd.Series([None, None], dtype=object), [NAN, NAN]),
        (pd.Series([None, None], dtype="str"), [NAN, NAN]),
    ],
    ids=repr,
)
def test_numbers_stay_and_names_become_places(values: pd.Series, expected: list[float]) -> None:
    np.testing.assert_array_equal(column(values), expected)


@given(st.lists(st.one_of(st.none(), st.text(max_size=4)), min_size=1, max_size=20), st.randoms())
def test_names_get_the_same_place_in_any_order_and_however_stored(names: list[str | None], random) -> None:  # type: ignore[no-untyped-def]
    frame = pd.DataFrame({"c": pd.Series(names, dtype="str")})
    shuffled = names[:]
    random.shuffle(shuffled)
    other = Design.learn(pd.DataFrame({"c": pd.Series(shuffled, dtype=object)}))
    design = Design.learn(frame)
    assert design == other
    np.testing.assert_array_equal(design.matrix(frame), other.matrix(frame.astype("category")))


def test_a_name_never_seen_is_missing() -> None:
    design = Design.learn(pd.DataFrame({"c": ["a", "b"]}))
    assert np.isnan(design.matrix(pd.DataFrame({"c": ["c"]}))).all()


def test_a_category_without_names_is_none_for_the_trees() -> None:
    design = Design.learn(pd.DataFrame({"n": [1.0], "c": ["a"], "e": pd.Series([None], dtype="str")}))
    assert design.categories == [1]


def test_names_all_missing_may_come_as_numbers() -> None:
    design = Design.learn(pd.DataFrame({"c": ["a"]}))
    assert np.isnan(design.matrix(pd.DataFrame({"c": [NAN]}))).all()


@pytest.mark.parametrize(("then", "now"), [("a", 1.0), (1.0, "a")])
def test_a_column_that_changed_its_type_is_refused(then: object, now: object) -> None:
    design = Design.learn(pd.DataFrame({"size": [then]}))
    with pytest.raises(TypeError, match="'size' held n"):
        design.matrix(pd.DataFrame({"size": [now]}))


@pytest.mark.parametrize("value", [pd.Timestamp("2026-01-01"), {"a": 1}, [1, 2]], ids=repr)
def test_what_is_neither_number_nor_name_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="'seen'"):
        Design.learn(pd.DataFrame({"seen": [value]}))
