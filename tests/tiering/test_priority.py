"""Priority values: hand-computed answers, and what must hold whatever the numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from features.group import Group
from tiering.priority import expected_gross_profit, lift, money_at_stake, priority_values, window_probability

PROPERTY = settings(deadline=None)
PROBABILITY = st.floats(1e-9, 1 - 1e-9)
EFFECT = st.floats(0, 10)


def window(p: float, horizon: float, planning: int) -> float:
    return float(window_probability(np.array([p]), np.array([horizon]), planning)[0])


def test_two_horizons_are_two_independent_chances() -> None:
    assert window(0.1, 90, 180) == pytest.approx(1 - 0.9**2)


@PROPERTY
@given(PROBABILITY, st.integers(1, 3650))
def test_a_window_of_one_horizon_changes_nothing(p: float, days: int) -> None:
    assert window(p, days, days) == pytest.approx(p, rel=1e-9)


@PROPERTY
@given(PROBABILITY, st.integers(1, 3650), st.integers(1, 3650), st.integers(1, 3650))
def test_a_longer_window_never_makes_success_less_likely(p: float, horizon: int, one: int, other: int) -> None:
    shorter, longer = sorted((one, other))
    assert 0 <= window(p, horizon, shorter) <= window(p, horizon, longer) <= 1


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_certainty_stays_certain(p: float) -> None:
    assert window(p, 90, 365) == p
    assert lift(np.array([p]), 0.7)[0] == 0


@PROPERTY
@given(PROBABILITY, EFFECT)
def test_lift_is_what_its_definition_says(p: float, effect: float) -> None:
    assert lift(np.array([p]), effect)[0] == pytest.approx(expit(logit(p) + effect) - p, rel=1e-5, abs=1e-12)


@PROPERTY
@given(PROBABILITY, EFFECT, EFFECT)
def test_more_effect_never_adds_less(p: float, one: float, other: float) -> None:
    less, more = sorted((one, other))
    assert 0 <= lift(np.array([p]), less)[0] <= lift(np.array([p]), more)[0] <= 1 - p + 1e-12


def test_rare_events_keep_their_digits() -> None:
    assert lift(np.array([1e-14]), 0.7)[0] == pytest.approx(1e-14 * np.expm1(0.7), rel=1e-9)


def scores(**columns: object) -> pd.DataFrame:
    return pd.DataFrame({"business_unit": ["cloud", "industrial", "cloud"], **columns})


def test_money_is_gross_profit_else_margin_else_amount(group: Group) -> None:
    rows = scores(gross_profit=[500.0, np.nan, np.nan], amount=[1000.0, 1000.0, 1000.0])
    assert expected_gross_profit(rows, group).tolist() == pytest.approx([500, np.nan, 700], nan_ok=True)
    assert money_at_stake(rows, group).tolist() == pytest.approx([500, 1000, 700])


def test_priority_value_by_hand(group: Group) -> None:
    rows = scores(probability=[0.05, np.nan, 0.02], gross_profit=[1e6, 1e6, np.nan], amount=[np.nan] * 3)
    values = priority_values(rows, group)
    yearly = 1 - 0.95 ** (365 / 90)
    by_tier = [(expit(logit(yearly) + tier.effect) - yearly) * 1e6 - tier.cost for tier in group.tiers.values()]
    assert values[0] == pytest.approx(by_tier)
    assert np.isnan(values[1:]).all()


@PROPERTY
@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0**-20, 0.5, 2.0, 2.0**30]))
def test_another_currency_is_another_unit_only(seed: int, rate: float) -> None:
    random = np.random.default_rng(seed)
    rows = scores(probability=random.random(3), gross_profit=random.lognormal(10, 2, 3), amount=[np.nan] * 3)
    tiers = {"only": {"cost": 100.0, "effect": 0.4}}
    units = {"cloud": {"horizon_days": 90}, "industrial": {"horizon_days": 540}}
    here = Group.model_validate({"business_units": units, "tiers": tiers})
    there = Group.model_validate({"business_units": units, "tiers": {"only": {"cost": 100.0 * rate, "effect": 0.4}}})
    converted = rows.assign(gross_profit=rows["gross_profit"] * rate)
    np.testing.assert_array_equal(priority_values(converted, there), priority_values(rows, here) * rate)
