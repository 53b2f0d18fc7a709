"""The leak guard on worlds whose leaks are known: all are found, and nothing that is merely strong."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from features.leaks import COLUMNS, FEWEST, find_leaks

DATA = Path(__file__).parents[3] / "shared" / "data" / "bank_marketing"

LEAKS = {
    "signed_at": "filled_after",
    "contract_no": "filled_after",
    "win_reason": "filled_after",
    "status": "overwritten",
    "lead_score": "overwritten",
    "orders_of_the_quarter": "horizon_aggregate",
    "ledger_id": "encodes_outcome",
    "ticket": "encodes_outcome",
    "churn_score": "missingness",
    "loss_reason": "missingness",
    "final_score": "separates",
}


def world(rows: int, rate: float, seed: int) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """Return honest columns of every type, among them strong ones, with the outcome and the time of each row."""
    rng = np.random.default_rng(seed)
    intent, size = rng.normal(size=rows), rng.normal(size=rows)
    customer = rng.random(rows) < expit(size - 0.8)
    stage = np.where(rng.random(rows) < 0.1, rng.integers(1, 5, rows), 0)
    odds = 0.9 * intent + 0.6 * size + 1.2 * customer + np.array([0, 0.8, 1.5, 2.4, 3.4])[stage]
    success = odds + rng.logistic(size=rows)
    time = pd.Series(pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.uniform(0, 700, rows)), unit="D"))
    region = rng.choice(["EU", "US", "JP"], rows)
    frame = pd.DataFrame(
        {
            "intent": intent + 0.2 * rng.normal(size=rows),
            "visits": rng.poisson(np.exp(intent.clip(-3, 3))),
            "days_since_last_order": np.where(customer, rng.exponential(np.exp(5 - 0.4 * intent)), np.nan),
            "past_purchase": customer,
            "customer_since": time.where(customer) - pd.to_timedelta(rng.exponential(900, rows), unit="D"),
            "stage": pd.Series(np.array([None, "new", "demo", "offer", "negotiation"], dtype=object)[stage]),
            "region": pd.Categorical(region),
            "account_id": [f"{r}-{n:06d}" for r, n in zip(region, rng.permutation(rows), strict=True)],
            "employees": np.where(rng.random(rows) < 0.2, np.nan, np.round(np.exp(5 + size))),
            "opted_in": pd.array(np.where(rng.random(rows) < 0.1, None, rng.random(rows) < 0.4), dtype="boolean"),
            "constant": 1,
            "nothing": np.nan,
        }
    )
    return frame, pd.Series(success > np.quantile(success, 1 - rate)), time


def plant(success: pd.Series, time: pd.Series, coverage: float, noise: float, seed: int) -> dict[str, object]:
    """Return a column per kind of leak, known of so many successes, and wrongly of so many failures."""
    rng = np.random.default_rng(seed)
    rows, won = len(success), success.to_numpy()

    def marked() -> np.ndarray:
        return rng.random(rows) < np.where(won, coverage, noise)

    numbers = pd.Series(rng.integers(10**5, 10**6, rows))
    return {
        "signed_at": (time + pd.to_timedelta(rng.uniform(1, 90, rows), unit="D")).where(marked()),
        "contract_no": ("C" + numbers.astype("str")).where(marked()),
        "win_reason": pd.Series(rng.choice(["price", "fit"], rows)).where(marked()).astype("category"),
        "status": np.where(marked(), "customer", rng.choice(["lead", "qualified"], rows)),
        "lead_score": np.where(marked(), 100.0, np.round(rng.uniform(0, 99, rows))),
        "orders_of_the_quarter": np.where(marked(), 1 + rng.poisson(2, rows), 0),
        "ledger_id": np.where(marked(), "W", "L") + numbers.astype("str"),
        "ticket": 2 * numbers + marked(),
        "churn_score": np.where(rng.random(rows) < np.where(won, 0.1, 0.8), np.nan, rng.normal(size=rows)),
        "loss_reason": pd.Series(rng.choice(["price", "fit"], rows)).where((rng.random(rows) < 0.8) & ~won),
        "final_score": rng.normal(size=rows) + 2.8 * won,
    }


@pytest.mark.parametrize(("rows", "rate"), [(1_000, 0.1), (5_000, 0.02), (5_000, 0.5), (30_000, 0.05)])
@pytest.mark.parametrize("timed", [True, False])
class TestKnownWorlds:
    def test_honest_columns_stay(self, rows: int, rate: float, timed: bool) -> None:
        for seed in range(2):
            frame, success, time = world(rows, rate, seed)
            assert list(find_leaks(frame, success, time if timed else None)["column"]) == []

    def test_all_planted_at_once_are_found_and_nothing_else(self, rows: int, rate: float, timed: bool) -> None:
        frame, success, time = world(rows, rate, seed=2)
        leaks = plant(success, time, coverage=0.9, noise=0.002, seed=3)
        found = find_leaks(frame.assign(**leaks), success, time if timed else None)
        assert set(found["column"]) == set(LEAKS)


@pytest.mark.parametrize("leak", LEAKS)
def test_each_is_found_alone_and_called_what_it_is(leak: str) -> None:
    frame, success, time = world(8_000, 0.1, seed=4)
    values = plant(success, time, coverage=0.75, noise=0.004, seed=5)[leak]
    (found,) = find_leaks(frame.assign(**{leak: values}), success).to_dict("records")
    assert (found["column"], found["kind"]) == (leak, LEAKS[leak])
    assert found["evidence"]


def test_near_copies_do_not_hide_each_other() -> None:
    frame, success, time = world(4_000, 0.1, seed=6)
    score = pd.Series(plant(success, time, 0.9, 0.002, seed=7)["final_score"])
    copies = {"score": score, "score_in_percent": np.round(100 * score), "score_again": score + 0.01}
    assert set(find_leaks(frame.assign(**copies), success)["column"]) == set(copies)


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
def test_a_single_strong_driver_of_a_clean_world_stays(rate: float) -> None:
    rng = np.random.default_rng(8)
    driver = rng.normal(size=20_000)
    odds = {0.02: 1.5, 0.1: 1.7, 0.5: 2.1}[rate] * driver + rng.logistic(size=20_000)
    frame = pd.DataFrame({"driver": driver, **{f"noise_{n}": rng.normal(size=20_000) for n in range(5)}})
    assert find_leaks(frame, pd.Series(odds > np.quantile(odds, 1 - rate))).empty


class TestVerdict:
    @pytest.fixture(scope="class")
    @classmethod
    def case(cls) -> tuple[pd.DataFrame, pd.Series, pd.Series, pd.DataFrame]:
        frame, success, time = world(3_000, 0.1, seed=9)
        frame = frame.assign(**plant(success, time, 0.8, 0.004, seed=10))
        return frame, success, time, find_leaks(frame, success, time)

    def test_the_order_of_rows_and_columns_does_not_matter(self, case) -> None:
        frame, success, time, found = case
        order = np.random.default_rng(0).permutation(len(frame))
        mixed = frame.iloc[order, ::-1]
        again = find_leaks(mixed, success.iloc[order], time.iloc[order])
        assert set(again["column"]) == set(found["column"])

    def test_neither_do_names_nor_an_index_with_repeats(self, case) -> None:
        frame, success, time, found = case
        names = {name: f"列{number}" for number, name in enumerate(frame.columns)}
        again = find_leaks(frame.rename(columns=names).set_axis(np.zeros(len(frame), int)), success, time)
        pd.testing.assert_frame_equal(again.drop(columns="column"), found.drop(columns="column"))
        assert list(again["column"]) == [names[name] for name in found["column"]]

    def test_nor_does_noise(self, case) -> None:
        frame, success, time, found = case
        rng = np.random.default_rng(1)
        noise = {f"noise_{number}": rng.normal(size=len(frame)) for number in range(15)}
        assert set(find_leaks(frame.assign(**noise), success, time)["column"]) == set(found["column"])

    def test_it_is_the_same_again(self, case) -> None:
        frame, success, time, found = case
        pd.testing.assert_frame_equal(find_leaks(frame, success.astype("int64").to_numpy(), time), found)


class TestEdges:
    def test_too_few_successes_tell_nothing(self) -> None:
        success = np.arange(1_000) < FEWEST - 1
        found = find_leaks(pd.DataFrame({"outcome": success}), success)
        assert found.empty
        assert tuple(found.columns) == COLUMNS

    def test_no_columns(self) -> None:
        assert find_leaks(pd.DataFrame(index=range(100)), np.arange(100) < 50).empty

    def test_infinite_and_mixed_values(self) -> None:
        rng = np.random.default_rng(0)
        success = rng.random(2_000) < 0.2
        frame = pd.DataFrame(
            {
                "infinite": np.where(success, np.inf, rng.normal(size=2_000)),
                "mixed": pd.Series(["yes" if won else 7 for won in success], dtype=object),
                "lists": pd.Series([[number] for number in range(2_000)], dtype=object),
                "dates": pd.Series(pd.date_range("2024-01-01", periods=2_000, tz="Asia/Tokyo")).dt.date,
                "zoned": pd.Series(pd.date_range("2024-01-01", periods=2_000, tz="Asia/Tokyo")),
                "spans": pd.to_timedelta(rng.exponential(size=2_000), unit="D"),
            }
        )
        assert set(find_leaks(frame, success)["column"]) == {"infinite", "mixed"}

    def test_an_honest_id_of_a_repeated_thing_stays(self) -> None:
        rng = np.random.default_rng(0)
        thing = rng.integers(0, 400, 8_000)
        success = rng.random(8_000) < expit(2.5 * rng.normal(size=400) - 2)[thing]
        frame = pd.DataFrame({"id": [f"K{number:04d}" for number in thing], "noise": rng.normal(size=8_000)})
        assert find_leaks(frame, success).empty
        assert find_leaks(frame, success, groups=frame["id"]).empty

    def test_what_never_changes_in_a_group_is_judged_by_group(self) -> None:
        rng = np.random.default_rng(0)
        accounts = np.repeat(np.arange(1_500), 12)
        won = rng.random(1_500) < 0.3
        success = won[accounts] & (np.tile(np.arange(12), 1_500) == rng.integers(0, 12, 1_500)[accounts])
        frame = pd.DataFrame({"client_no": np.where(won, 7.0, np.nan)[accounts], "noise": rng.normal(size=18_000)})
        assert list(find_leaks(frame, success, groups=pd.Series(accounts))["column"]) == ["client_no"]

    @pytest.mark.parametrize("y", [[0, 1, 2], [0, 1, None], [0, 1]])
    def test_what_is_no_outcome_is_refused(self, y: list[float | None]) -> None:
        with pytest.raises(ValueError, match=r"y (?:holds|has)|and y has"):
            find_leaks(pd.DataFrame({"a": [1, 2, 3]}), pd.Series(y, dtype=object))


@pytest.mark.parametrize("timed", [True, False])
def test_bank_marketing(timed: bool) -> None:
    """Duration is of the call in which the outcome came; the economy's indices are strong and honest."""
    archive = DATA / "bank-additional.zip"
    if not archive.is_file():
        message = f"the data of the bank are not there; put bank-additional.zip into {DATA}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with zipfile.ZipFile(archive) as files, files.open("bank-additional/bank-additional-full.csv") as file:
        calls = pd.read_csv(file, sep=";")
    time = pd.Series(pd.date_range("2008-05-01", "2010-11-30", periods=len(calls))) if timed else None
    found = find_leaks(calls.drop(columns="y"), calls["y"] == "yes", time)
    assert list(found["column"]) == ["duration"]
