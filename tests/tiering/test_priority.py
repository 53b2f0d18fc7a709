"""Priority values: hand-computed answers, and what must hold whatever the numbers."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit, logit

from features.group import Group
from tiering.priority import expected_gross_profit, lift, money_at_stake, priority_values

PROPERTY = settings(deadline=None)
PROBABILITY = st.floats(1e-9, 1 - 1e-9)
EFFECT = st.floats(0, 10)


@pytest.mark.parametrize("p", [0.0, 1.0])
def test_certainty_stays_certain(p: float) -> None:
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
    rows = scores(window_probability=[0.05, np.nan, 0.02], gross_profit=[1e6, 1e6, np.nan], amount=[np.nan] * 3)
    values = priority_values(rows, group)
    by_tier = [(expit(logit(0.05) + tier.effect) - 0.05) * 1e6 - tier.cost for tier in group.tiers.values()]
    assert values[0] == pytest.approx(by_tier)
    assert np.isnan(values[1:]).all()


@PROPERTY
@given(st.integers(0, 2**32 - 1), st.sampled_from([2.0**-20, 0.5, 2.0, 2.0**30]))
def test_another_currency_is_another_unit_only(seed: int, rate: float) -> None:
    random = np.random.default_rng(seed)
    rows = scores(window_probability=random.random(3), gross_profit=random.lognormal(10, 2, 3), amount=[np.nan] * 3)
    tiers = {"only": {"cost": 100.0, "effect": 0.4}}
    units = {"cloud": {"horizon_days": 90}, "industrial": {"horizon_days": 540}}
    here = Group.model_validate({"business_units": units, "tiers": tiers})
    there = Group.model_validate({"business_units": units, "tiers": {"only": {"cost": 100.0 * rate, "effect": 0.4}}})
    converted = rows.assign(gross_profit=rows["gross_profit"] * rate)
    np.testing.assert_array_equal(priority_values(converted, there), priority_values(rows, here) * rate)
