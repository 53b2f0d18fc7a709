"""Labelled examples: each is of its BU's own cutoff, and labelled by what happened within that BU's horizon."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from features.group import BusinessUnit, Group
from features.snapshots import build_snapshot
from features.tables import Tables
from models.inputs import MODEL_KINDS
from training.examples import Examples, first_happening, gather
from training.fit import fit_kind

START, AS_OF = datetime.fromisoformat("2025-07-01"), datetime.fromisoformat("2026-07-01")
HORIZONS = {"cloud": 30, "energy": 75}
GROUP = Group(
    regions={"EMEA": ("FR",)},
    business_units={name: BusinessUnit(horizon_days=days) for name, days in HORIZONS.items()},
    tiers={"strategic": {"cost": 1, "effect": 0.1}},
)


def _rows() -> dict[str, list[dict[str, Any]]]:
    """Return accounts that win now and then, late ones after the end of what may be looked at included."""
    rng = np.random.default_rng(0)
    accounts = [{"account_id": f"a{n}", "name": f"Nr {n}", "country": "FR", "created_at": START} for n in range(8)]
    opportunities = []
    for number in range(120):
        created = START + timedelta(hours=int(rng.integers(0, 24 * 400)))
        opportunities.append(
            {
                "opportunity_id": f"o{number}",
                "account_id": f"a{int(rng.integers(0, 8))}",
                "created_at": created,
                "closed_at": created + timedelta(hours=int(rng.integers(1, 24 * 40))),
                "outcome": "won" if rng.random() < 0.4 else "lost",
                "business_unit": ("cloud", "energy")[number % 2],
                "amount": 100.0,
            }
        )
    return {"accounts": accounts, "opportunities": opportunities}


@pytest.fixture(scope="module")
def tables(make_tables) -> Tables:
    return replace(make_tables(_rows(), AS_OF + timedelta(days=60)), as_of=AS_OF)


@pytest.fixture(scope="module")
def examples(tables) -> Examples:
    return gather(tables, GROUP)


@pytest.fixture(scope="module")
def parts(examples) -> Mapping[str, pd.DataFrame]:
    return {"train": examples.train, "test": examples.test}


@pytest.fixture(scope="module")
def until(examples) -> datetime:
    return examples.splits.until


def test_each_account_unit_and_cutoff_is_there_once(examples, parts):
    keys = pd.concat(parts.values())[["account_id", "business_unit", "cutoff"]]
    assert not keys.duplicated().any()
    for part, rows in parts.items():
        for unit, split in examples.splits.units.items():
            own = rows[rows["business_unit"] == unit]
            assert tuple(sorted(own["cutoff"].unique())) == tuple(map(pd.Timestamp, getattr(split, part)))
            assert (own.groupby("cutoff")["account_id"].nunique() == 8).all()


def test_labels_are_what_happened_in_the_unit_s_own_window(parts, until):
    won = [row for row in _rows()["opportunities"] if row["outcome"] == "won"]
    rows = pd.concat([rows.assign(end=end) for rows, end in ((parts["train"], until), (parts["test"], AS_OF))])
    for row in rows.to_dict("records"):
        horizon = timedelta(days=HORIZONS[row["business_unit"]])
        window = row["cutoff"], min(row["cutoff"] + horizon, row["end"])
        successes = [
            one
            for one in won
            if (one["account_id"], one["business_unit"]) == (row["account_id"], row["business_unit"])
            and window[0] <= one["closed_at"] < window[1]
            and one["created_at"] < row["end"]
        ]
        assert row["label"] == bool(successes)
        assert row["amount"] == 100.0 * len(successes) if successes else np.isnan(row["amount"])
    assert 0 < rows["label"].mean() < 1


def test_what_is_judged_comes_after_all_that_was_learnt(parts, until):
    ends = {part: rows["cutoff"] + pd.to_timedelta(rows["followed_days"], unit="D") for part, rows in parts.items()}
    assert (ends["train"] == until).all()
    assert parts["train"]["succeeded_at"].max() < until <= parts["test"]["cutoff"].min()
    assert (ends["test"] == AS_OF).all()


def test_what_came_after_learning_had_ended_changes_nothing_that_is_learnt(make_tables, examples, until):
    rows = _rows()
    rows["opportunities"] = [
        row | {"outcome": "won", "closed_at": max(row["closed_at"], until)} if row["closed_at"] >= until else row
        for row in rows["opportunities"]
    ]
    others = replace(make_tables(rows, AS_OF + timedelta(days=60)), as_of=AS_OF)
    again = gather(others, GROUP)
    pd.testing.assert_frame_equal(again.train, examples.train)
    assert not again.test["label"].equals(examples.test["label"])


def test_signals_are_those_of_the_snapshot(tables, parts):
    rows = parts["test"]
    cutoff = rows["cutoff"].max()
    keys = ["account_id", "business_unit"]
    alone = build_snapshot(tables, GROUP, cutoff.to_pydatetime()).set_index(keys)
    found = rows[rows["cutoff"] == cutoff].set_index(keys)
    pd.testing.assert_frame_equal(found[alone.columns], alone.loc[found.index])


def test_each_cutoff_is_computed_once(tables, examples):
    told: list[str] = []
    short = replace(tables, as_of=START + timedelta(days=240))
    found = gather(short, GROUP, told.append)
    cutoffs = {*found.splits.cutoffs("train"), *found.splits.cutoffs("test")}
    labelled = [text.split(": ")[1] for text in told if text.startswith("labels")]
    assert labelled == [f"{cutoff:%Y-%m-%d}" for cutoff in sorted(cutoffs)]
    assert told.count("reading what was known") == 1


def test_history_begins_with_the_first_thing_that_happened(make_tables):
    rows = _rows()
    first = min(row["created_at"] for row in rows["opportunities"])
    assert first_happening(make_tables(rows, AS_OF)) == first
    nothing = {"accounts": rows["accounts"]}
    assert first_happening(make_tables(nothing, AS_OF)) == AS_OF


def test_a_unit_whose_horizon_is_too_long_is_left_out(tables):
    found = gather(replace(tables, as_of=START + timedelta(days=160)), GROUP)
    assert set(found.train["business_unit"]) == {"cloud"}
    assert list(found.splits.left_out) == ["energy"]
    assert "a horizon of 75 days takes" in found.splits.left_out["energy"]


def test_data_that_begin_later_are_refused(tables):
    with pytest.raises(InputError, match=r"as of 2024-01-01: the data begin on 2025-07-.*; give a later date"):
        gather(replace(tables, as_of=datetime.fromisoformat("2024-01-01")), GROUP)


def test_too_short_a_history_gives_no_examples_and_the_reason(tables):
    found = gather(replace(tables, as_of=START + timedelta(days=60)), GROUP)
    assert found.splits.cutoffs("train") == found.splits.cutoffs("test") == ()
    assert found.splits.left_out == {}
    for kind in MODEL_KINDS:
        refused = fit_kind(kind, found, (), seed=0).refused
        assert refused is not None
        for unit, days in HORIZONS.items():
            assert f"{unit}: successes are known over" in refused
            assert f"a horizon of {days} days" in refused
