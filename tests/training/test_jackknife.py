"""The jackknife: figures are those of scikit-learn, and their intervals hold as often as they say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.metrics import average_precision_score, roc_auc_score

from training.jackknife import PARTS, auc_and_precision, parts_of, ratio


@settings(deadline=None)
@given(seed=st.integers(0, 10_000), levels=st.integers(1, 30))
def test_figures_are_those_of_scikit_learn_with_and_without_each_part(seed: int, levels: int) -> None:
    random = np.random.default_rng(seed)
    score = random.integers(0, levels, 300).astype(float)
    success = random.random(300) < 0.3
    parts = parts_of(pd.Series(random.integers(0, 80, 300).astype(str)))
    auc, precision = auc_and_precision(success, score, parts)
    assert auc.each[0] == pytest.approx(roc_auc_score(success, score))
    assert precision.each[0] == pytest.approx(average_precision_score(success, score))
    for part in range(PARTS):
        left = parts != part
        assert auc.each[1 + part] == pytest.approx(roc_auc_score(success[left], score[left]))
        assert precision.each[1 + part] == pytest.approx(average_precision_score(success[left], score[left]))


def test_all_rows_of_an_account_are_in_one_part_and_parts_are_as_large_as_each_other() -> None:
    accounts = pd.Series([f"a{place % 100}" for place in range(1000)])
    parts = parts_of(accounts)
    assert pd.Series(parts).groupby(accounts).nunique().max() == 1
    assert np.bincount(parts).tolist() == [50] * PARTS
    shuffled = accounts.sample(frac=1, random_state=1)
    assert (parts_of(shuffled) == parts[shuffled.index]).all()


def test_intervals_hold_the_truth_where_the_rows_of_an_account_are_alike() -> None:
    """Accounts told five times each: nineteen of twenty intervals hold what is found in a large world."""

    def world(n: int, random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, pd.Series]:
        signal = random.normal(size=n)
        chance = expit(signal + random.normal(size=n) - 2)
        account = np.arange(n).repeat(5)
        return random.random(n).repeat(5) < chance.repeat(5), signal.repeat(5), pd.Series(account)

    success, score, accounts = world(200_000, np.random.default_rng(1))
    truth = auc_and_precision(success, score, parts_of(accounts))[0].each[0]
    rate = success.mean()
    held = []
    for seed in range(200):
        success, score, accounts = world(300, np.random.default_rng([2, seed]))
        parts = parts_of(accounts)
        auc = auc_and_precision(success, score, parts)[0].estimate(0, 1)
        share = ratio(success.astype(float), np.ones(len(success)), parts).estimate(0, 1)
        held.append((auc.low <= truth <= auc.high, share.low <= rate <= share.high))
    assert (np.mean(held, axis=0) >= 0.9).all()
    assert (np.mean(held, axis=0) <= 0.99).all()


def test_what_one_part_holds_alone_may_be_anything() -> None:
    success = np.arange(40) == 0
    parts = parts_of(pd.Series(np.arange(40).astype(str)))
    auc = auc_and_precision(success, np.arange(40.0), parts)[0].estimate(0, 1)
    assert (auc.low, auc.high) == (0, 1)
