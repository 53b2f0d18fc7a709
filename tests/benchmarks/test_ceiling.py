"""The benchmark of the ceiling: its rows have their truth, and a ranking is as far below as it is."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from benchmarks import ceiling
from benchmarks.worth import expected_auc

pytestmark = pytest.mark.xdist_group("ceiling")


@pytest.fixture(scope="module")
def examples():
    return ceiling.last_examples(seed=3, accounts=200)


def test_every_row_that_is_judged_has_its_truth_and_few_cutoffs_are_learnt_from(examples):
    assert len(examples.test) > 100
    assert examples.test["truth"].between(0, 1).all()
    assert examples.train["cutoff"].nunique() == ceiling.CUTOFFS
    assert examples.train["cutoff"].max() < examples.test["cutoff"].min()
    assert "truth" not in examples.train


def test_says_how_far_below_the_ceiling_a_ranking_is():
    n = 40_000
    random = np.random.default_rng(0)
    truth = random.beta(1, 9, n)
    blurred = np.clip(truth + random.normal(0, 0.1, n), 0.01, 0.9)
    test = pd.DataFrame(
        {
            "account_id": np.arange(n),
            "business_unit": "cloud",
            "region": random.choice(["EMEA", "APAC"], n),
            "label": random.random(n) < truth,
            "truth": truth,
            "probability": np.clip(truth - 0.05, 0.001, 1),
            "within_horizon": blurred,
        }
    )
    kind, rows, ours, best, below, true, error, allowed, worst, _ = ceiling._line("conversion", test, truth)
    assert (kind, rows, best) == ("conversion", "40,000", true)
    assert float(ours) == pytest.approx(expected_auc(blurred, truth), abs=1e-4)
    assert float(below) == pytest.approx(float(best) - float(ours), abs=2e-4)
    assert float(below) > 0.05
    assert float(error) > float(allowed)
    assert worst.startswith("cloud × ")


def test_ranks_by_the_whole_horizon_of_which_the_truth_is_and_calibrates_by_what_was_seen(examples):
    """The slowest unit is judged before its horizon ends: its probabilities by then are lower than the truth's."""
    rows = ceiling.judged("expansion", examples)
    longer = rows["within_horizon"] - rows["probability"]
    assert (longer >= 0).all()
    horizon = np.array([examples.timelines[key].horizon_days for key in rows["business_unit"] + " × " + rows["kind"]])
    assert (longer[rows["followed_days"] >= horizon] == 0).all()
    assert (longer[rows["followed_days"] < horizon] > 0).all()
    assert (rows["followed_days"] < horizon).any()


def test_the_ceiling_of_groups_is_above_chance(tmp_path):
    paths = [ceiling._kept_group(tmp_path, seed, accounts=200) for seed in (4, 5)]
    assert [path.name for path in paths] == ["200-4.parquet", "200-5.parquet"]
    made = pd.read_parquet(paths[0])
    rows = made[made["kind"] == "new_logo"]
    said = ceiling.ceiling_of("conversion", paths, rows)
    assert expected_auc(said, rows["truth"].to_numpy(float)) > 0.6


def test_a_group_is_made_once(tmp_path):
    kept = tmp_path / "200-4.parquet"
    pd.DataFrame({"truth": [0.5]}).to_parquet(kept)
    before = kept.stat().st_mtime_ns
    assert ceiling._kept_group(tmp_path, seed=4, accounts=200) == kept
    assert kept.stat().st_mtime_ns == before
