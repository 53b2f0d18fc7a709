"""Inputs: the same columns in the same order, whatever else a snapshot holds."""

from __future__ import annotations

import pandas as pd
import pytest

from features.errors import InputError
from models.inputs import SEGMENTS, model_inputs, model_kinds

SNAPSHOT = pd.DataFrame(
    {
        "kind": ["new_logo", "cross_sell", "upsell"],
        "region": ["EMEA", "APAC", "other"],
        "business_unit": ["cloud", "cloud", "工業"],
        "b": [1.0, 2.0, 3.0],
        "a": ["x", None, "y"],
        "further": [0, 0, 0],
    },
    index=[5, 6, 7],
)


def test_segments_then_signals_in_the_order_asked_for() -> None:
    inputs = model_inputs(SNAPSHOT[SNAPSHOT.columns[::-1]], ["a", "b"])
    assert list(inputs.columns) == [*SEGMENTS, "a", "b"]
    assert inputs.index.tolist() == [5, 6, 7]
    assert inputs["segment_business_unit"].tolist() == ["cloud", "cloud", "工業"]


def test_each_row_has_its_model() -> None:
    assert model_kinds(SNAPSHOT).tolist() == ["conversion", "expansion", "expansion"]


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(InputError, match="'renewal'"):
        model_kinds(SNAPSHOT.assign(kind="renewal"))


def test_missing_columns_are_named() -> None:
    with pytest.raises(InputError, match=r"2 of the 6 columns .* missing: 'nil', 'region'|'region', 'nil'"):
        model_inputs(SNAPSHOT.drop(columns="region"), ["a", "nil", "b"])
