"""Drift: silent while accounts stay alike, whatever their number, and loud where scores or one signal move."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.drift import EVERYWHERE, MOVED, SHIFTED, Reference, stability_index

Floats = NDArray[np.float64]
Seen = tuple[Floats, NDArray[np.object_], pd.DataFrame]


def seen(n: int, seed: int, revenue: float = 0.0, in_apac: float = 0.0) -> Seen:
    """Return scores made of two signals, of which that of revenue, or all scores of a region, may move."""
    rng = np.random.default_rng(seed)
    segments = rng.choice(np.array(["cloud × EMEA", "cloud × APAC"], dtype=object), n)
    parts = pd.DataFrame({"revenue": rng.normal(size=n) + revenue, "visits": rng.exponential(size=n)})
    return parts.sum(axis=1).to_numpy() - 3 + in_apac * (segments == "cloud × APAC"), segments, parts


def found(then: Seen, now: Seen) -> tuple[dict[str, float], dict[str, float]]:
    reference = Reference.of(*then)
    moved = {one.segment: one.index for one in reference.moved(now[0], now[1])}
    return moved, {one.signal: one.shift for one in reference.shifted(now[2])}


@given(seed=st.integers(0, 10_000), sizes=st.tuples(st.integers(400, 3_000), st.integers(400, 30_000)))
@settings(max_examples=60, deadline=None)
def test_nothing_is_said_of_accounts_that_are_alike(seed: int, sizes: tuple[int, int]) -> None:
    moved, shifted = found(seen(sizes[0], seed), seen(sizes[1], seed + 1))
    assert max(moved.values()) < MOVED / 2
    assert max(map(abs, shifted.values())) < SHIFTED


@pytest.mark.parametrize("n", [2_000, 200_000])
def test_a_small_change_is_none_however_many_rows_there_are(n: int) -> None:
    moved, shifted = found(seen(n, 0), seen(n, 1, revenue=0.1))
    assert max(moved.values()) < MOVED / 2
    assert shifted["revenue"] == pytest.approx(0.1, abs=0.08)


@pytest.mark.parametrize("n", [2_000, 200_000])
def test_a_signal_that_moves_scores_is_named(n: int) -> None:
    moved, shifted = found(seen(n, 0), seen(n, 1, revenue=1.0))
    assert moved[EVERYWHERE] > MOVED
    assert next(iter(shifted)) == "revenue"
    assert shifted["revenue"] == pytest.approx(1.0, abs=0.1)
    assert abs(shifted["visits"]) < SHIFTED


def test_a_segment_that_moves_is_named() -> None:
    moved, _ = found(seen(5_000, 0), seen(5_000, 1, in_apac=1.5))
    assert next(iter(moved)) == "cloud × APAC"
    assert moved["cloud × APAC"] > MOVED > moved["cloud × EMEA"]


def test_small_and_new_segments_are_left_out() -> None:
    then, now = seen(1_000, 0), seen(1_000, 1)
    now[1][:300] = "cloud × AMER"
    now[1][300:400] = "cloud × LATAM"
    moved, _ = found(then, now)
    assert set(moved) == {EVERYWHERE, "cloud × EMEA", "cloud × APAC"}


def test_what_is_kept_is_read_back() -> None:
    reference = Reference.of(*seen(1_000, 0))
    assert Reference.model_validate_json(reference.model_dump_json()) == reference


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), min_size=1, max_size=5))
def test_the_index_is_never_negative_and_nothing_against_itself(rows: list[list[float]]) -> None:
    shares = np.array(rows)
    index = stability_index(shares)
    assert index[0] == 0
    assert (index >= 0).all()
