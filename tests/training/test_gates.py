"""Gates: each closes for what it is there for, and stays open for a model that says the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit, logit

from models.drift import MOVED, SHIFTED, Moved, Shifted
from training.gates import GATES, Evidence, GateReport, judge

COUNTRIES = {"FR": "EMEA", "DE": "EMEA", "US": "AMER", "BR": "AMER", "JP": "APAC", "SG": "APAC"}


def truthful(accounts: int = 3_000, cutoffs: int = 3, seed: int = 0) -> Evidence:
    """Return the evidence of a model that knows the probabilities, each account's alike at every cutoff."""
    rng = np.random.default_rng(seed)
    countries = np.array(list(COUNTRIES))[rng.integers(0, 6, accounts)]
    score = np.repeat(rng.normal(-3.3, 1.0, accounts), cutoffs) + rng.normal(0, 0.2, accounts * cutoffs)
    rows = pd.DataFrame(
        {
            "account_id": np.repeat([f"a{number}" for number in range(accounts)], cutoffs),
            "business_unit": np.repeat(rng.choice(["cloud", "energy"], accounts), cutoffs),
            "country": np.repeat(countries, cutoffs),
            "label": rng.random(accounts * cutoffs) < expit(score),
            "probability": expit(score),
            "again": expit(score + rng.normal(0, 0.1, len(score))),
            "champion": expit(score + rng.normal(0, 0.3, len(score))),
        }
    )
    return Evidence(rows.assign(region=rows["country"].map(COUNTRIES)), champion="b0001")


def closed(evidence: Evidence) -> set[str]:
    return {verdict.gate for verdict in judge(evidence) if not verdict.open}


def with_rows(evidence: Evidence, **columns: object) -> Evidence:
    return replace(evidence, rows=evidence.rows.assign(**columns))


def shifted(probability: pd.Series, by: float) -> pd.Series:
    return pd.Series(expit(logit(probability) + by), index=probability.index)


@pytest.fixture(scope="module")
def good() -> Evidence:
    return truthful()


def test_all_are_open_to_who_says_the_truth() -> None:
    """In 40 worlds: each gate may be closed by chance in one of twenty."""
    found = [closed(truthful(seed=seed)) for seed in range(40)]
    for gate in GATES:
        assert sum(gate in one for one in found) <= 3, gate


@pytest.mark.parametrize("accounts", [40, 300])
def test_few_accounts_are_no_reason_to_close_calibration(accounts: int) -> None:
    found = [closed(truthful(accounts, seed=seed)) for seed in range(30)]
    assert sum("calibration" in one for one in found) <= 3


def test_worse_than_the_champion(good: Evidence) -> None:
    rng = np.random.default_rng(1)
    noisy = expit(logit(good.rows["probability"]) + rng.normal(0, 0.8, len(good.rows)))
    assert "champion" in closed(with_rows(good, probability=noisy, champion=good.rows["probability"]))
    assert "champion" not in closed(with_rows(good, champion=noisy))


def test_there_is_nothing_to_compare_with(good: Evidence) -> None:
    assert "champion" not in closed(replace(good, champion=None))
    verdicts = {one.gate: one for one in judge(with_rows(good, champion=np.nan))}
    assert verdicts["champion"].open
    assert "b0001 cannot be compared" in verdicts["champion"].finding


@pytest.mark.parametrize("by", [-0.6, 0.6])
def test_badly_calibrated_overall(good: Evidence, by: float) -> None:
    assert "calibration" in closed(with_rows(good, probability=shifted(good.rows["probability"], by)))


def test_badly_calibrated_in_one_large_segment(good: Evidence) -> None:
    there = (good.rows["region"] == "APAC") & (good.rows["business_unit"] == "cloud")
    wrong = good.rows["probability"].mask(there, shifted(good.rows["probability"], 1.3))
    (verdict,) = [one for one in judge(with_rows(good, probability=wrong)) if one.gate == "calibration"]
    assert not verdict.open
    assert "cloud × APAC" in verdict.finding


def test_a_constant_is_calibrated_and_worth_nothing(good: Evidence) -> None:
    rate = good.rows["label"].mean()
    found = closed(with_rows(good, probability=rate, again=rate, champion=np.nan))
    assert "skill" in found
    assert "calibration" not in found


def test_scores_that_jump(good: Evidence) -> None:
    rng = np.random.default_rng(1)
    jumped = expit(logit(good.rows["probability"]) + rng.normal(0, 1.0, len(good.rows)))
    assert closed(with_rows(good, again=jumped)) == {"steadiness"}


@pytest.mark.parametrize(("column", "name"), [("region", "APAC"), ("country", "JP")])
def test_a_blind_spot(good: Evidence, column: str, name: str) -> None:
    """Calibrated there as well, and no worse on average: only the order within it is lost."""
    there = good.rows[column] == name
    rate = good.rows.loc[there, "label"].mean()
    drawn = np.random.default_rng(1).normal(0, 0.01, len(good.rows))
    blind = good.rows["probability"].mask(there, expit(logit(rate) + drawn))
    verdicts = {one.gate: one for one in judge(with_rows(good, probability=blind, again=blind, champion=np.nan))}
    assert not verdicts["coverage"].open
    assert ("region APAC" if column == "region" else "language ja") in verdicts["coverage"].finding
    assert verdicts["calibration"].open
    assert verdicts["skill"].open


def test_signals_that_know_the_outcome(good: Evidence) -> None:
    (verdict,) = [one for one in judge(replace(good, suspects=("attributes_invoice",))) if one.gate == "leakage"]
    assert not verdict.open
    assert "attributes_invoice" in verdict.finding


def test_drifted_data(good: Evidence) -> None:
    assert closed(replace(good, moved=(Moved("all", MOVED * 1.01, 900),))) == {"drift"}
    assert closed(replace(good, shifted=(Shifted("attributes_annual_revenue", -1.01 * SHIFTED),))) == {"drift"}
    assert closed(replace(good, moved=(Moved("all", MOVED, 900),), shifted=(Shifted("usage_trend", SHIFTED),))) == set()


def test_a_report_names_what_is_closed(good: Evidence) -> None:
    verdicts = judge(replace(good, suspects=("attributes_invoice",)))
    report = GateReport(champion="b0001", verdicts={"conversion": verdicts})
    assert set(report.closed) == {"conversion, leakage"}
    assert len(report.findings) == len(GATES)
    assert GateReport.model_validate_json(report.model_dump_json()) == report
