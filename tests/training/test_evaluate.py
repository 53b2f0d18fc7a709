"""Metrics of rankings and probabilities."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from training.evaluate import calibration_bins, captured, expected_calibration_error, lift, measure

scores = st.lists(st.tuples(st.booleans(), st.integers(0, 5)), min_size=4, max_size=60).filter(
    lambda rows: 0 < sum(won for won, _ in rows) < len(rows)
)


def split(rows: list[tuple[bool, int]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([won for won, _ in rows]), np.array([float(score) for _, score in rows])


@given(rows=scores, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[bool, int]], seed: int) -> None:
    success, score = split(rows)
    order = np.random.default_rng(seed).permutation(len(rows))
    here, there = (measure(success[o], score[o], is_probability=False) for o in (slice(None), order))
    assert here.auc == pytest.approx(there.auc)
    assert here.lift_at_10 == pytest.approx(there.lift_at_10)
    assert here.average_precision == pytest.approx(there.average_precision)


@given(rows=scores)
def test_a_ranking_without_probabilities_has_none(rows: list[tuple[bool, int]]) -> None:
    success, score = split(rows)
    metrics = measure(success, score, is_probability=False)
    assert metrics.brier is None
    assert metrics.ece is None
    assert metrics.auc == pytest.approx(roc_auc_score(success, score))


def test_unknown_scores_come_last() -> None:
    success = np.array([True, True, False, False])
    score = np.array([2.0, 1.0, -np.inf, -np.inf])
    assert measure(success, score, is_probability=False).auc == 1.0


@given(rows=scores)
def test_all_of_a_ranking_holds_everything(rows: list[tuple[bool, int]]) -> None:
    success, score = split(rows)
    assert captured(success.astype(float), score, 1.0) == pytest.approx(1.0)
    assert lift(success, score, 1.0) == pytest.approx(1.0)


def test_ties_at_the_edge_count_by_what_fits() -> None:
    value = np.array([10.0, 1.0, 1.0, 1.0, 1.0])
    assert captured(value, np.array([9.0, 5.0, 5.0, 5.0, 5.0]), 0.4) == pytest.approx(11 / 14)
    assert captured(value, np.zeros(5), 0.4) == pytest.approx(0.4)


def test_a_ranking_of_the_truth_has_the_best_lift() -> None:
    success = np.arange(100) < 10
    assert lift(success, success.astype(float), 0.1) == pytest.approx(10.0)
    assert lift(success, -success.astype(float), 0.1) == pytest.approx(0.0)


def test_probabilities_that_come_true_have_no_calibration_error() -> None:
    probability = np.repeat([0.0, 0.5, 1.0], 20)
    success = np.concatenate([np.zeros(20), np.tile([0, 1], 10), np.ones(20)]).astype(bool)
    assert expected_calibration_error(success, probability, bins=3) == pytest.approx(0.0)
    assert expected_calibration_error(success, 1 - probability, bins=3) == pytest.approx(2 / 3)


@given(rows=scores)
def test_bins_hold_every_row_once(rows: list[tuple[bool, int]]) -> None:
    success, score = split(rows)
    bins = calibration_bins(success, score / 5)
    assert bins["rows"].sum() == len(rows)
    assert (bins["rows"] * bins["observed"]).sum() == pytest.approx(success.sum())
