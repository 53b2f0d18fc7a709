"""The command signals: what is known of one account, with its history."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.signals.catalogue import BUILT_IN
from features.tables import open_tables
from glocal.commands.signals import BARS, bars

AS_OF = "2026-07-02"


@pytest.fixture(scope="module")
def account(published: Any) -> str:
    """The account of r0001 with the most engagement."""
    snapshot = pd.read_parquet(published.snapshots / "r0001.parquet")
    return str(snapshot.sort_values(["engagement_events_90d", "account_id"])["account_id"].iloc[-1])


def test_the_latest_rows_are_those_that_were_scored(glocal: Any, published: Any, account: str) -> None:
    ran = glocal("signals", account, "--json", workspace=published.root)
    assert (ran.code, ran.err) == (0, "")
    document = json.loads(ran.out)
    scored = pd.read_parquet(published.snapshots / "r0001.parquet")
    scored = scored[scored["account_id"] == account].set_index("business_unit")
    latest = {
        row["business_unit"]: row
        for row in document["snapshots"]
        if row["cutoff"] == f"{scored['cutoff'].iloc[0]:%FT%T}"
    }
    assert latest.keys() == set(scored.index)
    for signal in BUILT_IN:
        for unit, value in scored[signal.name].items():
            found = latest[unit][signal.name]
            assert (pd.isna(value) and found is None) or found == value
    assert len({row["cutoff"] for row in document["snapshots"]}) > 6


def test_prints_families_with_their_history(glocal: Any, published: Any, account: str) -> None:
    ran = glocal("signals", account, workspace=published.root)
    assert ran.code == 0
    assert "engagement points of the last 90 days" in ran.out
    assert any(bar in ran.out for bar in BARS[1:])
    for family in {signal.family for signal in BUILT_IN} - {"advocacy", "usage", "response"}:
        assert f"\n{family}" in f"\n{ran.out}"


def test_of_one_business_unit_as_of_a_date_in_french(glocal: Any, published: Any, account: str) -> None:
    ran = glocal("--locale", "fr", "signals", account, "--as-of", "2026-01-01", "--business-unit", "cloud",
                 workspace=published.root)  # fmt: skip
    assert ran.code == 0
    assert "cloud" in ran.out
    assert "security" not in ran.out
    assert "there" not in ran.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nobody"], "there is no account 'nobody'"),
        (["ACCOUNT", "--as-of", "2036-01-01"], "the data end before"),
        (["ACCOUNT", "--business-unit", "cluod"], "business unit 'cluod' is not declared"),
    ],
)
def test_refusals(glocal: Any, published: Any, account: str, arguments: list[str], message: str) -> None:
    ran = glocal("signals", *(account if word == "ACCOUNT" else word for word in arguments), workspace=published.root)
    assert ran.code == 1
    assert message in ran.err
    assert "Traceback" not in ran.err


def test_an_account_that_was_not_there_yet_is_told(glocal: Any, published: Any) -> None:
    with open_tables(published) as tables:
        accounts = tables.own["accounts"].select("account_id", "created_at").to_pandas()
    youngest = accounts.sort_values("created_at").dropna()["account_id"].iloc[-1]
    ran = glocal("signals", youngest, "--as-of", "2021-06-01", workspace=published.root)
    assert ran.code == 0
    assert "was not there yet" in ran.out


class TestBars:
    def test_the_largest_is_as_high_as_a_line_and_a_gap_is_a_gap(self) -> None:
        assert bars(np.array([0, np.nan, 7, 14])) == "▁ ▅█"

    def test_of_one_height(self) -> None:
        assert bars(np.array([0.0, 0.0])) == "▁▁"

    def test_below_nothing(self) -> None:
        assert bars(np.array([-10.0, 0.0, 10.0])) == "▁▅█"
