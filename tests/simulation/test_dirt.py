"""What is wrong with the exports, and how much of it."""

import numpy as np
import pandas as pd

from simulation.calendar import AS_OF
from simulation.dirt import COPIED, LATE, SPOILED, dirtied, loaded_late


def table(n: int) -> pd.DataFrame:
    words = pd.Series(pd.Categorical.from_codes([0, 1] * (n // 2), categories=pd.Index(["a", "b"])))
    return pd.DataFrame({"id": [f"E{i}" for i in range(n)], "word": words, "when": pd.Timestamp("2024-01-01")})


def test_good_rows_are_all_there_and_keep_their_order() -> None:
    good = table(10_000)
    dirty = dirtied(np.random.default_rng(1), good, {"word": "c", "when": None}, key="id")
    known = dirty[~dirty["id"].str.startswith("X") & ~dirty["id"].duplicated(keep=False)]
    kept = good.set_index("id").loc[known["id"]].reset_index()
    pd.testing.assert_frame_equal(known.reset_index(drop=True), kept, check_dtype=False, check_categorical=False)
    assert set(good["id"]) <= set(dirty["id"])
    assert known["id"].str[1:].astype(int).is_monotonic_increasing


def test_bad_rows_are_few_and_share_the_faults() -> None:
    dirty = dirtied(np.random.default_rng(1), table(10_000), {"word": "c", "when": None}, key="id")
    bad = dirty[dirty["id"].str.startswith("X")]
    assert len(bad) == round(SPOILED * 10_000)
    assert ((bad["word"] == "c") ^ bad["when"].isna()).all()
    assert bad["when"].isna().sum() == len(bad) // 2
    copies = dirty.duplicated().sum()
    assert 0.5 * COPIED < copies / 10_000 < 2 * COPIED


def test_missing_keys_can_be_a_fault() -> None:
    dirty = dirtied(np.random.default_rng(1), table(2_000), {"id": None, "word": None}, key="id")
    assert dirty["id"].isna().sum() == 5
    assert dirty["word"].isna().sum() == 5


def test_late_rows_come_after_what_they_tell_and_before_the_end() -> None:
    happened = np.full(20_000, AS_OF - np.timedelta64(20 * 86_400, "s"))
    loaded = loaded_late(np.random.default_rng(1), happened)
    late = ~np.isnat(loaded)
    assert 0.2 * LATE < late.mean() < LATE
    assert (loaded[late] > happened[late]).all()
    assert (loaded[late] < AS_OF).all()
