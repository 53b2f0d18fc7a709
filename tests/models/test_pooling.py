"""Pooling: offsets drawn from a known distribution come back, small segments borrow, and intervals hold."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from models import merging
from models.pooling import Pooling, RowsHeldOut

SEGMENTS = 30


def world(spread: float, sizes: np.ndarray, seed: int, repeats: int = 1) -> tuple[RowsHeldOut, np.ndarray, np.ndarray]:
    """Rows held out of segments of some sizes, the segment of each row, and the true offsets."""
    random = np.random.default_rng(seed)
    truth = random.normal(0, spread, len(sizes))
    codes = np.arange(len(sizes)).repeat(sizes)
    log_odds = random.normal(-2, 1, len(codes))
    y = (random.random(len(codes)) < expit(log_odds + truth[codes])).astype(float)
    segments = np.array([f"s{code:02d}" for code in codes], dtype=object)
    held_out = RowsHeldOut(log_odds, y, np.ones(len(codes)))
    if repeats > 1:
        groups = np.arange(len(codes)).repeat(repeats)
        held_out = RowsHeldOut(log_odds.repeat(repeats), y.repeat(repeats), np.ones(len(groups)), groups)
    return held_out, segments.repeat(repeats), truth


def offsets(pooling: Pooling) -> tuple[np.ndarray, np.ndarray]:
    found = [pooling.offsets[name] for name in sorted(pooling.offsets)]
    return np.array([one.mean for one in found]), np.array([one.sd for one in found])


def test_large_segments_are_known() -> None:
    held_out, segments, truth = world(0.5, np.full(20, 4000), seed=0)
    means, sds = offsets(Pooling.fit(held_out, segments))
    np.testing.assert_allclose(means, truth, atol=0.2)
    assert sds.max() < 0.1


def test_small_segments_borrow() -> None:
    """The less is known of a segment, the nearer it is to 0 and the less sure its offset."""
    sizes = np.array([20, 200, 2000])
    log_odds = np.zeros(sizes.sum())
    y = np.concatenate([np.arange(size) % 4 != 0 for size in sizes]).astype(float)
    segments = np.array(["a", "b", "c"], dtype=object).repeat(sizes)
    means, sds = offsets(Pooling.fit(RowsHeldOut(log_odds, y, np.ones(len(y))), segments))
    assert 0 < means[0] < means[1] < means[2] < np.log(3) + 0.05
    assert sds[0] > sds[1] > sds[2] > 0


def test_rows_that_are_all_but_alike_count_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandth of a log-odd moves nothing that anybody would see."""
    held_out, segments, _ = world(0.4, np.array([30, 300, 3000, 30_000]), seed=5, repeats=2)
    merged = offsets(Pooling.fit(held_out, segments))
    monkeypatch.setattr(merging, "MERGED_WITHIN", 1e-9)
    one_by_one = offsets(Pooling.fit(held_out, segments))
    for found, expected in zip(merged, one_by_one, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_no_difference_makes_none() -> None:
    held_out, segments, _ = world(0.0, np.full(SEGMENTS, 300), seed=1)
    means, _ = offsets(Pooling.fit(held_out, segments))
    assert np.abs(means).max() < 0.12


@pytest.mark.parametrize("spread", [0.1, 0.4, 0.8])
def test_intervals_hold_the_truth(spread: float) -> None:
    """Of 90 % intervals about 90 % hold the true offset, in small segments as in large ones."""
    sizes = np.tile([15, 40, 150, 600, 2500], 6)
    held, small = [], []
    for seed in range(25):
        held_out, segments, truth = world(spread, sizes, seed=seed)
        means, sds = offsets(Pooling.fit(held_out, segments))
        inside = np.abs(truth - means) <= norm.ppf(0.95) * sds
        held.append(inside)
        small.append(inside[sizes <= 40])
    assert 0.85 <= np.mean(held) <= 0.95
    assert 0.85 <= np.mean(small) <= 0.96


def test_a_group_told_five_times_counts_once() -> None:
    once = Pooling.fit(*world(0.4, np.full(SEGMENTS, 200), seed=2)[:2])
    often = Pooling.fit(*world(0.4, np.full(SEGMENTS, 200), seed=2, repeats=5)[:2])
    np.testing.assert_allclose(offsets(once)[0], offsets(often)[0], atol=0.03)
    np.testing.assert_allclose(offsets(once)[1], offsets(often)[1], rtol=0.1)


def test_a_segment_never_seen_is_as_far_off_as_segments_are() -> None:
    pooling = Pooling.fit(*world(0.6, np.full(SEGMENTS, 1000), seed=3)[:2])
    mean, sd = pooling.of(np.array(["s01", "new"], dtype=object))
    assert mean[1] == 0
    assert sd[1] == pytest.approx(0.6, abs=0.2)
    assert sd[0] < sd[1] / 3


def test_the_order_of_rows_does_not_matter() -> None:
    held_out, segments, _ = world(0.4, np.full(SEGMENTS, 100), seed=4)
    order = np.random.default_rng(0).permutation(len(segments))
    shuffled = RowsHeldOut(held_out.log_odds[order], held_out.y[order], held_out.weight[order])
    one, other = Pooling.fit(held_out, segments), Pooling.fit(shuffled, segments[order])
    np.testing.assert_allclose(offsets(one), offsets(other), atol=1e-9)


def test_a_known_spread_is_not_learnt() -> None:
    """Segments that hardly differ are drawn together, but not where they are known to be far apart."""
    held_out, segments, truth = world(0.1, np.full(SEGMENTS, 300), seed=5)
    learnt, known = (Pooling.fit(held_out, segments, spread=spread) for spread in (None, 1.0))
    assert np.abs(offsets(known)[0]).mean() > 1.3 * np.abs(offsets(learnt)[0]).mean()
    assert known.unseen.sd == pytest.approx(1.0)
    assert np.abs(truth).mean() < np.abs(offsets(known)[0]).mean()


def test_a_group_in_several_segments_counts_once_in_each() -> None:
    """Three rows of a group in three segments tell as much as rows of three groups: no segment sees one twice."""
    held_out, segments, _ = world(0.4, np.full(3, 500), seed=6)
    together = RowsHeldOut(held_out.log_odds, held_out.y, held_out.weight, np.tile(np.arange(500), 3))
    found, alone = (offsets(Pooling.fit(rows, segments)) for rows in (together, held_out))
    np.testing.assert_allclose(found, alone, rtol=1e-9)


def test_doubt_adds_to_what_is_not_known() -> None:
    pooling = Pooling.fit(*world(0.4, np.full(3, 200), seed=7)[:2])
    names = np.array(["s00", "s01", "s02"], dtype=object)
    doubtful = pooling.in_doubt(names, np.array([0.0, 0.3, 0.3]))
    assert doubtful.offsets["s00"] == pooling.offsets["s00"]
    assert doubtful.offsets["s01"].mean == pooling.offsets["s01"].mean
    assert doubtful.offsets["s01"].sd == pytest.approx(np.hypot(pooling.offsets["s01"].sd, 0.3))
    assert doubtful.unseen.sd == pytest.approx(np.hypot(pooling.unseen.sd, np.sqrt(0.06)))
