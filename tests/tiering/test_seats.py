"""Seats: the best there is, against two other ways to find it, and the rules for ties."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from tiering.seats import UNSEATED, best_seats

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

PROPERTY = settings(deadline=None)
MONEY = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e9), st.floats(1e-6, 1.0))


@st.composite
def rooms(draw: st.DrawFn) -> tuple[Floats, Ints]:
    n, n_tiers = draw(st.integers(0, 9)), draw(st.integers(1, 3))
    gains = draw(arrays(np.float64, (n, n_tiers), elements=MONEY))
    return gains, draw(arrays(np.int64, n_tiers, elements=st.integers(0, 5)))


def total(gains: Floats, tier: Ints) -> float:
    seated = np.flatnonzero(tier != UNSEATED)
    return float(gains[seated, tier[seated]].sum())


def best_total(gains: Floats, capacities: Ints) -> float:
    """Solve it as an assignment of people to single chairs."""
    chairs = np.repeat(np.maximum(gains, 0), capacities, axis=1)
    people, taken = linear_sum_assignment(-chairs)
    return float(chairs[people, taken].sum())


@PROPERTY
@example((np.array([[0.0, 1.0, 0.0], [0.0, 1e-6, 2.0**20 * 10]]), np.array([0, 2, 0])))
@given(rooms())
def test_no_seating_is_better_and_no_tier_overflows(room: tuple[Floats, Ints]) -> None:
    gains, capacities = room
    tier = best_seats(gains, capacities)
    assert (np.bincount(tier[tier != UNSEATED], minlength=len(capacities)) <= capacities).all()
    open_gains = np.where(capacities > 0, np.maximum(gains, 0), 0)
    short = best_total(gains, capacities) - total(gains, tier)
    assert short <= 1e-12 * open_gains.max(initial=0) * (1 + capacities.sum())


@PROPERTY
@given(rooms())
def test_nobody_takes_a_seat_that_gains_nothing(room: tuple[Floats, Ints]) -> None:
    gains, capacities = room
    tier = best_seats(gains, capacities)
    seated = np.flatnonzero(tier != UNSEATED)
    assert (gains[seated, tier[seated]] > 0).all()


@pytest.mark.parametrize("unit", [5e-324, 1e-308, 1e300])
def test_the_unit_of_money_is_all_the_same(unit: float) -> None:
    assert best_seats(np.array([[2.0, 1.0], [3.0, 1.0]]) * unit, np.array([1, 1])).tolist() == [1, 0]


def test_the_best_for_a_tier_may_be_needed_elsewhere() -> None:
    gains = np.array([[10.0, 9.0], [8.0, 1.0]])
    assert best_seats(gains, np.array([1, 1])).tolist() == [1, 0]


def test_equals_are_seated_in_order() -> None:
    gains = np.tile([5.0, 3.0], (5, 1))
    assert best_seats(gains, np.array([2, 1])).tolist() == [0, 0, 1, UNSEATED, UNSEATED]


def test_minus_infinity_is_no_seat() -> None:
    gains = np.array([[-np.inf, 2.0], [1.0, -np.inf]])
    assert best_seats(gains, np.array([5, 5])).tolist() == [1, 0]


@pytest.mark.parametrize("capacities", [[40, 200], [600, 3_000]])
def test_many_accounts(capacities: list[int]) -> None:
    random = np.random.default_rng(0)
    gains = random.lognormal(8, 2, (8_000, 1)) * random.uniform([0.5, 0.2], [1.0, 0.6], (8_000, 2)) - [20_000, 2_000]
    tier = best_seats(gains, np.array(capacities))
    if sum(capacities) < 500:
        assert total(gains, tier) == pytest.approx(best_total(gains, np.array(capacities)), rel=1e-12)
    assert no_move_pays(gains, tier, capacities)


def no_move_pays(gains: Floats, tier: Ints, capacities: list[int]) -> bool:
    """Tell whether no two accounts could exchange what they have for more."""
    own = np.where(tier == UNSEATED, 0, gains[np.arange(len(tier)), tier])
    for place in range(len(capacities)):
        inside, outside = tier == place, tier != place
        for other in {*range(len(capacities)), UNSEATED} - {place}:
            there = outside & (tier == other)
            back = 0 if other == UNSEATED else gains[inside, other]
            if there.any() and inside.any():
                gain = (gains[there, place] - own[there]).max() + (back - own[inside]).max()
                if gain > 1e-6:
                    return False
    return True
