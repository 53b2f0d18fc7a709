"""Rows that are about the same thing, such as an account at several cutoffs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.leakage.sample import Flags


def never_changing(frame: pd.DataFrame, groups: pd.Series) -> list[int]:
    """Return the positions of the columns that hold one value, or none, all over each group."""
    group, first = _places(groups)
    if len(first) == len(frame):
        return []
    return [
        position
        for position in range(frame.shape[1])
        if _holds_one((codes := pd.factorize(_hashable(frame.iloc[:, position]))[0]), codes[first[group]])
    ]


def one_per_group(frame: pd.DataFrame, success: Flags, groups: pd.Series) -> tuple[pd.DataFrame, Flags]:
    """Return the first row of each group, and whether any of its rows is a success."""
    group, first = _places(groups)
    return frame.iloc[first].reset_index(drop=True), np.bincount(group, success, minlength=len(first)) > 0


def _places(groups: pd.Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the number of each row's group, and the position of each group's first row."""
    group = pd.factorize(groups, use_na_sentinel=False)[0]
    return group, np.unique(group, return_index=True)[1]


def _holds_one(codes: NDArray[np.intp], first: NDArray[np.intp]) -> bool:
    return bool((codes == first).all())


def _hashable(values: pd.Series) -> pd.Series:
    return values.astype("str") if values.dtype == object else values
