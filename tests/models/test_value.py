"""The value model: known worlds, money in any currency, and honest answers where successes are few."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.errors import InputError
from models.value import ValueModel

MONEY = ["attributes_annual_revenue", "portfolio_mean_win"]


def successes(n: int, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Heavy-tailed gross profits that grow with revenue and differ by BU."""
    random = np.random.default_rng(seed)
    revenue = np.exp(random.normal(16, 1.5, n))
    frame = pd.DataFrame(
        {
            "business_unit": np.array(["cloud", "industrie", "医療"])[random.choice(3, n, p=[0.6, 0.35, 0.05])],
            "kind": np.array(["new_logo", "upsell"])[random.integers(0, 2, n)],
            "attributes_annual_revenue": np.where(random.random(n) < 0.3, np.nan, revenue),
            "attributes_employees": np.where(random.random(n) < 0.3, np.nan, np.round(revenue / 2e5)),
            "portfolio_mean_win": np.where(random.random(n) < 0.7, np.nan, revenue * 1e-3),
        }
    )
    scale = np.where(frame["business_unit"] == "cloud", 20.0, 60.0)
    return frame, scale * np.sqrt(revenue) * np.exp(random.normal(0, 1.0, n))


@pytest.fixture(scope="module")
def world() -> tuple[pd.DataFrame, np.ndarray]:
    return successes(3000)


@pytest.fixture(scope="module")
def model(world: tuple[pd.DataFrame, np.ndarray]) -> ValueModel:
    return ValueModel().fit(*world)


def test_predictions_add_up_to_what_came(model: ValueModel) -> None:
    frame, money = successes(20_000, seed=1)
    predicted = model.predict(frame)
    assert predicted.sum() == pytest.approx(money.sum(), rel=0.1)
    for unit in ("cloud", "industrie"):
        rows = (frame["business_unit"] == unit).to_numpy()
        assert predicted[rows].sum() == pytest.approx(money[rows].sum(), rel=0.12)
    assert np.corrcoef(np.log(predicted), np.log(money))[0, 1] > 0.5


@given(factor=st.floats(1e-4, 1e6), n=st.sampled_from([5, 29, 30, 400]))
@settings(max_examples=25, deadline=None)
def test_money_in_another_currency_is_predicted_in_it(factor: float, n: int) -> None:
    frame, money = successes(n)
    elsewhere = frame.assign(**{column: frame[column] * factor for column in MONEY})
    here, there = ValueModel().fit(frame, money), ValueModel().fit(elsewhere, money * factor)
    np.testing.assert_allclose(there.predict(elsewhere), factor * here.predict(frame), rtol=1e-6)
    only_target = ValueModel().fit(frame, money * factor)
    np.testing.assert_allclose(only_target.predict(frame), factor * here.predict(frame), rtol=1e-6)


@given(rows=st.lists(st.integers(0, 2999), min_size=1, max_size=30))
@settings(max_examples=30, deadline=None)
def test_alone_or_among_others_to_the_bit(
    model: ValueModel, world: tuple[pd.DataFrame, np.ndarray], rows: list[int]
) -> None:
    everyone = model.predict(world[0])
    assert np.array_equal(model.predict(world[0].iloc[rows]), everyone[rows])
    assert np.array_equal(model.predict(world[0].iloc[rows[:1]]), everyone[rows[:1]])


@pytest.mark.parametrize("n", [0, 1, 10, 3000])
def test_saved_and_loaded_to_the_bit(world: tuple[pd.DataFrame, np.ndarray], n: int) -> None:
    frame, money = world
    model = ValueModel().fit(frame[:n], money[:n])
    loaded = ValueModel.from_json(model.to_json())
    assert np.array_equal(loaded.predict(frame), model.predict(frame), equal_nan=True)
    assert loaded.to_json() == model.to_json()


def test_predictions_stay_within_what_was_seen_in_the_bu(
    model: ValueModel, world: tuple[pd.DataFrame, np.ndarray]
) -> None:
    frame, money = world
    rows = (frame["business_unit"] == "cloud").to_numpy()
    extreme = frame[rows].assign(attributes_annual_revenue=1e300)
    assert model.predict(extreme).max() <= money[rows].max()
    assert model.predict(extreme.assign(attributes_annual_revenue=1e-300)).min() >= money[rows].min()


def test_few_successes_give_the_mean_of_the_bu_drawn_to_that_of_all() -> None:
    frame = pd.DataFrame({"business_unit": ["a"] * 10 + ["b"] * 2, "kind": "new_logo"})
    model = ValueModel().fit(frame, np.array([100.0] * 10 + [700.0] * 2))
    a, b, unseen = model.predict(pd.DataFrame({"business_unit": ["a", "b", "c"], "kind": "upsell"}))
    assert unseen == pytest.approx(200.0)
    assert a == pytest.approx((10 * 100 + 10 * 200) / 20)
    assert b == pytest.approx((2 * 700 + 10 * 200) / 12)


def test_no_success_gives_no_number() -> None:
    frame, money = successes(5)
    assert np.isnan(ValueModel().fit(frame, np.full_like(money, np.nan)).predict(frame)).all()


@pytest.mark.parametrize("n", [10, 400])
def test_losses_lower_what_is_expected_never_below_0(n: int) -> None:
    frame, money = successes(n)
    loss = np.where(np.arange(n) % 3 == 0, -money, money)
    expected = ValueModel().fit(frame, money).predict(frame).mean()
    assert 0 <= ValueModel().fit(frame, loss).predict(frame).mean() < expected
    assert (ValueModel().fit(frame, -money).predict(frame) == 0).all()


def test_columns_that_are_absent_are_not_needed() -> None:
    frame, money = successes(200)
    bare = frame[["business_unit", "kind"]]
    model = ValueModel().fit(bare, money)
    assert np.isfinite(model.predict(bare)).all()
    assert model.reads == ("business_unit", "kind")


def test_a_column_that_went_missing_is_named(model: ValueModel, world: tuple[pd.DataFrame, np.ndarray]) -> None:
    with pytest.raises(InputError, match="'attributes_employees'"):
        model.predict(world[0].drop(columns="attributes_employees"))


@pytest.mark.parametrize("money", [[1.0], [1.0, np.inf]])
def test_wrong_money_is_refused(money: list[float]) -> None:
    with pytest.raises(ValueError, match="money"):
        ValueModel().fit(successes(2)[0], money)


def test_predicting_before_fitting_is_refused() -> None:
    with pytest.raises(ValueError, match="not fitted"):
        ValueModel().predict(successes(1)[0])
