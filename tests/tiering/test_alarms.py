"""Alarms: silent while all is as it was, and loud where accounts changed or earlier scores did not come true."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from features.group import Group
from features.messages import RELEASE_NOTES
from models.bundle import Bundle, BundleManifest, KindModels
from models.drift import SHIFTED
from models.hazards import HazardModel
from models.inputs import model_inputs
from models.landmarks import Followed, timeline_keys
from models.propensity import PropensityModel
from models.timeline import Timeline
from tiering.alarms import looked_back_on, performance_alarms, population_alarms
from tiering.release import Note, Origin, Release, Status
from tiering.scores import CURVE_DAYS, score_rows
from training.evidence import Seen

AS_OF = datetime.fromisoformat("2026-01-01")
DAY = timedelta(days=1)
SIGNALS = ("attributes_annual_revenue", "engagement_events_90d")


def told_of(note: Note) -> dict[str, Any]:
    """Return what a note's sentence is filled with."""
    return dict(asdict(note)["values"])


def accounts(n: int, seed: int) -> pd.DataFrame:
    """Return a snapshot in which revenue and events decide."""
    rng = np.random.default_rng(seed)
    return pd.DataFrame(
        {
            "account_id": [f"a{number:05d}" for number in range(n)],
            "business_unit": rng.choice(["cloud", "energy"], n),
            "cutoff": pd.Timestamp(AS_OF),
            "kind": "new_logo",
            "country": "FR",
            "region": rng.choice(["EMEA", "APAC"], n),
            "in_pipeline": False,
            "attributes_annual_revenue": rng.lognormal(16, 1, n),
            "engagement_events_90d": rng.poisson(2, n).astype(float),
        }
    )


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    rows = accounts(6_000, 0)
    inputs = model_inputs(rows, SIGNALS)
    score = np.log(rows["attributes_annual_revenue"]) - 16 + 0.5 * rows["engagement_events_90d"] - 4
    success = np.random.default_rng(1).random(len(rows)) < expit(score)
    lines = {key: Timeline.of_whole(90) for key in timeline_keys(inputs).unique()}
    estimator = PropensityModel(segment="segment", n_estimators=100, n_folds=2, n_jobs=1)
    places = np.arange(len(rows))
    model = HazardModel.learn(estimator, inputs, Followed.of_windows(success, 90), lines, places, places)
    manifest = BundleManifest(
        version="b0001",
        data_version="d1",
        code_version="c1",
        group_digest="g1",
        trained_as_of=AS_OF,
        learnt_until=AS_OF,
        cutoffs=(AS_OF,),
        signals=SIGNALS,
        refused={"expansion": "too few"},
    )
    return Bundle(manifest, {"conversion": KindModels(model, reference=Seen.by(model, rows, SIGNALS).reference)})


class TestPopulation:
    def alarms(self, bundle: Bundle, snapshot: pd.DataFrame) -> dict[str, list[Any]]:
        notes = population_alarms(bundle, snapshot, score_rows(bundle, snapshot, 365))
        told = {"scores_moved": "segment", "signal_shifted": "signal"}
        values = [(note.code, told_of(note)) for note in notes]
        return {code: [value[name] for of, value in values if of == code] for code, name in told.items()}

    @pytest.mark.parametrize("n", [300, 20_000])
    def test_accounts_that_are_alike_set_off_none(self, bundle: Bundle, n: int) -> None:
        assert self.alarms(bundle, accounts(n, 2)) == {"scores_moved": [], "signal_shifted": []}

    def test_a_source_that_writes_thousands_is_named(self, bundle: Bundle) -> None:
        snapshot = accounts(6_000, 2)
        snapshot["attributes_annual_revenue"] /= 1000
        found = self.alarms(bundle, snapshot)
        assert found["signal_shifted"] == ["attributes_annual_revenue"]
        assert "all" in found["scores_moved"]

    def test_a_region_whose_events_stopped_is_named(self, bundle: Bundle) -> None:
        snapshot = accounts(6_000, 2)
        snapshot.loc[snapshot["region"] == "APAC", "engagement_events_90d"] = 0.0
        found = self.alarms(bundle, snapshot)
        assert sorted(found["scores_moved"])[-2:] == ["cloud × APAC", "energy × APAC"]
        assert not any("EMEA" in segment for segment in found["scores_moved"])

    def test_a_bundle_that_kept_no_reference_says_nothing(self, bundle: Bundle) -> None:
        bare = Bundle(bundle.manifest, {"conversion": KindModels(bundle.of("conversion").propensity)})
        assert self.alarms(bare, accounts(300, 2).assign(engagement_events_90d=99.0)) == {
            "scores_moved": [],
            "signal_shifted": [],
        }

    def test_a_shift_is_told_in_times(self, bundle: Bundle) -> None:
        snapshot = accounts(6_000, 2).assign(attributes_annual_revenue=np.exp(18.0))
        notes = population_alarms(bundle, snapshot, score_rows(bundle, snapshot, 365))
        (told,) = [told_of(note) for note in notes if told_of(note).get("signal") == "attributes_annual_revenue"]
        assert told["times"] > np.exp(SHIFTED)


def release(as_of: datetime, number: int = 1) -> Release:
    origin = Origin(as_of, "b0001", "d1", "c1", "g1")
    return Release(f"r{number:04d}", Status.PUBLISHED, origin, as_of, as_of, None, {}, {}, ())


@pytest.fixture(scope="module")
def alarms_of(make_tables: Callable[..., Any]) -> Callable[..., tuple[Note, ...]]:
    """Return what looks back on 600 accounts, each expected with 0.1, of which some succeeded by region."""
    group = Group.model_validate(
        {"business_units": {"cloud": {"horizon_days": 180}}, "tiers": {"t": {"cost": 1, "effect": 1}}}
    )
    ids = [f"a{number:03d}" for number in range(600)]
    regions = pd.Series(np.where(np.arange(600) < 300, "EMEA", "APAC"), index=ids)
    curve = json.dumps({str(days): 0.1 * days / 90 for days in CURVE_DAYS})
    scores = pd.DataFrame(
        {"account_id": ids, "business_unit": "cloud", "kind": "new_logo", "probability_by_day": curve}
    )

    def look(emea: int, apac: int, day: float = 45.0, **changed: Any) -> tuple[Note, ...]:
        won = [*ids[:emea], *ids[300 : 300 + apac]]
        rows = {
            "accounts": [{"account_id": one, "name": one, "country": "DE", "created_at": AS_OF - DAY} for one in ids],
            "opportunities": [
                {
                    "opportunity_id": f"o{one}",
                    "account_id": one,
                    "created_at": AS_OF,
                    "closed_at": AS_OF + day * DAY,
                    "outcome": "won",
                    "business_unit": "cloud",
                }
                for one in won
            ],
        }
        tables = make_tables(rows, AS_OF + 100 * DAY)
        return performance_alarms(release(AS_OF), scores.assign(**changed), regions, 90, tables, group)

    return look


class TestPerformance:
    @pytest.mark.parametrize("came", [(30, 30), (25, 36), (38, 22)])
    def test_what_came_true_sets_off_none(self, alarms_of: Callable[..., Any], came: tuple[int, int]) -> None:
        assert alarms_of(*came) == ()

    @pytest.mark.parametrize("apac", [5, 75])
    def test_a_region_in_which_scores_did_not_come_true_is_named(
        self, alarms_of: Callable[..., Any], apac: int
    ) -> None:
        (note,) = alarms_of(30, apac)
        assert note.code == "performance_drift"
        assert told_of(note) == {
            "release": "r0001", "segment": "cloud × APAC", "expected": 30, "came": apac, "days": 90,
        }  # fmt: skip

    def test_what_came_after_the_days_does_not_count(self, alarms_of: Callable[..., Any]) -> None:
        assert {told_of(note)["segment"] for note in alarms_of(30, 30, day=95.0)} == {"cloud × EMEA", "cloud × APAC"}

    def test_who_had_no_probability_is_not_judged(self, alarms_of: Callable[..., Any]) -> None:
        assert alarms_of(0, 0, probability_by_day=None) == ()


def test_the_latest_release_that_is_old_enough_is_looked_back_on(make_tables: Callable[..., Any]) -> None:
    tables = make_tables({"accounts": []}, AS_OF)
    old, older, recent = (release(AS_OF - days * DAY, n) for n, days in enumerate((100, 200, 40), start=1))
    assert looked_back_on([older, old, recent], tables) == (old, 90)
    assert looked_back_on([older, recent], tables) == (older, 180)
    assert looked_back_on([recent], tables) == (recent, 30)
    assert looked_back_on([release(AS_OF - 29 * DAY)], tables) is None


def test_every_alarm_has_a_sentence() -> None:
    assert {"scores_moved", "signal_shifted", "performance_drift"} <= set(RELEASE_NOTES)
