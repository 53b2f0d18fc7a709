"""Exports: what people and platforms get is what was scored, to the bit, in columns that stay."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from models.champion import load_champion
from serving.schemas.scores import ScoresQuery
from serving.scoring import load_scoring, score
from tiering.store import Store

SCORED = {
    "account_id",
    "kind",
    "probability",
    "expected_gross_profit",
    "priority_value",
    "in_pipeline",
    "reasons",
}
PER_ACCOUNT = SCORED | {"region", "tier", "lead_business_unit"}
PER_UNIT = SCORED | {"business_unit"}
KEYS = ["account_id", "business_unit"]


@pytest.fixture(scope="module")
def export(glocal, published, tmp_path_factory) -> Callable[..., Path]:
    """Return what exports r0001 to a file of a name."""
    folder = tmp_path_factory.mktemp("exports")

    def run(name: str, *options: str) -> Path:
        path = folder / name
        ran = glocal("export", "r0001", "--to", path, *options, workspace=published.root)
        assert (ran.code, ran.err) == (0, "")
        return path

    return run


@pytest.fixture(scope="module")
def accounts(export) -> pd.DataFrame:
    return pd.read_parquet(export("accounts.parquet"))


@pytest.fixture(scope="module")
def units(export) -> pd.DataFrame:
    return pd.read_parquet(export("units.parquet", "--detail"))


@pytest.fixture(scope="module")
def snapshot(published) -> pd.DataFrame:
    return pd.read_parquet(published.snapshots / "r0001.parquet")


def test_one_row_per_account(accounts, snapshot, published):
    assert set(accounts.columns) >= PER_ACCOUNT
    assert accounts["account_id"].is_unique
    assert set(accounts["account_id"]) == set(snapshot["account_id"])
    assert set(accounts["tier"]) == {*published.group().tiers, "none"}


def test_no_more_accounts_than_a_tier_has_places(accounts, published):
    group = published.group()
    counts = accounts.groupby(["tier", "region"]).size()
    for name, tier in group.tiers.items():
        if tier.capacity is not None:
            assert all(places <= tier.capacity.get(region, 0) for region, places in counts[name].items())


def test_one_row_per_account_and_unit_in_detail(units, snapshot):
    assert set(units.columns) >= PER_UNIT
    pd.testing.assert_frame_equal(
        units[[*KEYS, "kind", "in_pipeline"]],
        snapshot[[*KEYS, "kind", "in_pipeline"]].sort_values(KEYS, ignore_index=True),
    )


def test_an_account_s_row_is_that_of_its_leading_unit(accounts, units):
    told = ["kind", "probability", "expected_gross_profit", "priority_value", "in_pipeline", "reasons"]
    led = accounts.set_index(["account_id", "lead_business_unit"])[told]
    pd.testing.assert_frame_equal(led, units.set_index(KEYS)[told].loc[led.index], check_dtype=False, check_names=False)


def test_reasons_are_sentences_of_each_score(units):
    scored = units[units["probability"].notna()]
    assert len(scored) == len(units)
    assert scored["reasons"].str.contains("[↑↓] .+: .+").all()
    assert not scored["reasons"].str.contains("[↑↓] (?:business unit|region|kind of success): ").any()


def test_csv_tells_the_same_to_the_bit(export, units):
    read = pd.read_csv(export("units.csv", "--detail"), dtype={"account_id": "str"})
    for name in ("probability", "expected_gross_profit", "priority_value"):
        pd.testing.assert_series_equal(read[name], units[name], check_exact=True)
    assert read["reasons"].tolist() == units["reasons"].tolist()


@pytest.mark.parametrize("name", ["again.csv", "again.parquet"])
def test_is_the_same_each_time(export, name):
    assert export(name).read_bytes() == export(f"and {name}").read_bytes()


def test_is_what_is_served(published, units):
    with Store(published.state_url) as store:
        scoring = load_scoring(published, store.get("r0001"))
        ids = sorted(set(units["account_id"]))[::7]
        answer = score(scoring, store, ScoresQuery(account_ids=tuple(ids[:200])))
    exported = units.set_index(KEYS)
    served = [(account.account_id, unit) for account in answer.accounts for unit in account.scores]
    assert len(served) == 200 * len(published.group().business_units)
    for account_id, unit in served:
        row = exported.loc[(account_id, unit.business_unit)]
        assert (unit.probability, unit.expected_gross_profit) == (row["probability"], row["expected_gross_profit"])
        assert (unit.kind, unit.in_pipeline) == (row["kind"], row["in_pipeline"])


def test_each_row_scored_alone_gives_the_same_to_the_bit(published, snapshot, units):
    champion = load_champion(published)
    together = champion.score(snapshot)
    probabilities = together.set_index(KEYS)["probability"].sort_index()
    assert probabilities.equals(units.set_index(KEYS)["probability"].sort_index())
    for place in range(0, len(snapshot), len(snapshot) // 60):
        pd.testing.assert_frame_equal(
            champion.score(snapshot.iloc[[place]]), together.iloc[[place]], check_exact=True, check_categorical=False
        )
    few = snapshot.iloc[::-97]
    pd.testing.assert_frame_equal(champion.score(few), together.loc[few.index], check_exact=True)
    pd.testing.assert_frame_equal(champion.explain(few).iloc[:5], champion.explain(few.iloc[:5]), check_exact=True)


def test_speaks_the_language_asked_for(export, accounts):
    french = pd.read_parquet(export("french.parquet", "--language", "fr"))
    assert (french["reasons"] != accounts["reasons"]).all()
    pd.testing.assert_frame_equal(french.drop(columns="reasons"), accounts.drop(columns="reasons"))
