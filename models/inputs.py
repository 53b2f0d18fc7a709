"""Inputs: which columns of a snapshot the models see, the same in training and in serving."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Literal, get_args

import pandas as pd

from features.errors import InputError

ModelKind = Literal["conversion", "expansion"]
MODEL_KINDS: tuple[ModelKind, ...] = get_args(ModelKind)
"""The two models: of a non-customer's first success, and of a customer's next."""

_MODEL_KIND_OF: Mapping[str, ModelKind] = MappingProxyType(
    {"new_logo": "conversion", "cross_sell": "expansion", "upsell": "expansion"}
)

KINDS = tuple(_MODEL_KIND_OF)
"""What an account can be to a business unit."""

SEGMENT_OF_UNIT = "segment_business_unit"
SEGMENT_OF_KIND = "segment_kind"
SEGMENT = "segment"
SEGMENTS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {SEGMENT_OF_UNIT: ("business_unit",), SEGMENT_OF_KIND: ("kind",), SEGMENT: ("business_unit", "region")}
)
"""Key columns that the models see: the name there, and the keys; SEGMENT is pooled, the others are categories."""

BETWEEN = " × "
"""What stands between the parts of a segment."""


def model_kinds(snapshot: pd.DataFrame) -> pd.Series:
    """Return which model each row of a snapshot is for, as str with the snapshot's index.

    Raises
    ------
    InputError
        If a row's kind is none that there is.
    """
    require_columns(snapshot, ["kind"])
    kinds = snapshot["kind"].map(_MODEL_KIND_OF)
    if kinds.isna().any():
        unknown = snapshot["kind"][kinds.isna()].iloc[0]
        raise InputError(f"snapshot: column 'kind' holds {unknown!r}; the kinds are {', '.join(_MODEL_KIND_OF)}")
    return kinds.astype("str")


def model_inputs(snapshot: pd.DataFrame, signals: Sequence[str]) -> pd.DataFrame:
    """Return what a propensity model sees of a snapshot.

    Parameters
    ----------
    snapshot : as features.snapshots.build_snapshot gives it; further columns are ignored.
    signals : names of the signals, in the order in which the model is to see them.

    Returns
    -------
    DataFrame with the columns SEGMENTS, then the signals, and the snapshot's index.

    Raises
    ------
    InputError
        If the snapshot lacks one of the columns.
    """
    require_columns(snapshot, [*dict.fromkeys(key for keys in SEGMENTS.values() for key in keys), *signals])
    segments = {name: _joined(snapshot, keys) for name, keys in SEGMENTS.items()}
    return pd.concat([pd.DataFrame(segments, index=snapshot.index), snapshot[list(signals)]], axis="columns")


def _joined(snapshot: pd.DataFrame, keys: Sequence[str]) -> pd.Series:
    """Return the names of some key columns as one."""
    joined = snapshot[keys[0]].astype("str")
    for key in keys[1:]:
        joined = joined + BETWEEN + snapshot[key].astype("str")
    return joined


def require_columns(snapshot: pd.DataFrame, columns: Collection[str]) -> None:
    """Check that a snapshot has columns.

    Raises
    ------
    InputError
        If one is missing.
    """
    missing = [column for column in columns if column not in snapshot.columns]
    if missing:
        named = ", ".join(repr(column) for column in missing[:5]) + (", …" if len(missing) > 5 else "")
        raise InputError(
            f"snapshot: {len(missing):,} of the {len(columns):,} columns that the model reads are missing: {named}; "
            "build the snapshot from the same tables and attributes as the model was trained on, or train anew"
        )
