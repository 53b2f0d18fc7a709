"""The benchmark of a million rows, with a few: bare LightGBM learns from the rows that Glocal learns from."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.million_rows import ROWS_BEFORE_STACKING, Snapshots, Stacked, measure
from models.landmarks import FAILURES_PER_SUCCESS

ROWS = 20_000


@pytest.fixture(scope="module")
def stacked() -> Stacked:
    return Stacked.of(Snapshots.draw(round(ROWS * ROWS_BEFORE_STACKING), 5))


def test_there_are_as_many_rows_as_are_told_and_none_would_be_left_out(stacked):
    y = stacked.training.y
    assert len(y) == pytest.approx(ROWS, rel=0.05)
    assert (1 - y).sum() <= FAILURES_PER_SUCCESS * y.sum()


def test_each_row_is_held_out_once(stacked):
    held_out = np.concatenate([rest for _, rest in stacked.folds])
    assert np.array_equal(np.sort(held_out), np.arange(len(stacked.training.y)))


def test_every_line_is_a_ratio_with_its_bar():
    section = measure(rows=4_000, signals=5, repeats=1)
    assert [line[0] for line in section.rows] == ["training", "training", "scoring"]
    for _, mine, _, theirs, ratio, bar, _ in section.rows:
        assert min(float(mine), float(theirs), float(ratio), float(bar)) >= 0
    assert {line[5] for line in section.rows} == {"1.50", "1.43"}
