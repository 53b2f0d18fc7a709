"""Assignment: known answers, brute force on small worlds, and what must hold in every world."""

from collections import Counter
from collections.abc import Callable
from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.group import NO_TIER, Group
from tiering.assign import NO_MONEY, NO_PROBABILITY, NO_SEAT, NO_VALUE, assign_tiers, values_if_leading
from tiering.priority import priority_values

UNITS = {"cloud": {"horizon_days": 90}, "industrial": {"horizon_days": 540}}
PROPERTY = settings(max_examples=40, deadline=None)
UNKNOWN = st.just(float("nan"))

TIERS = st.fixed_dictionaries(
    {
        "strategic": st.fixed_dictionaries(
            {
                "capacity": st.dictionaries(st.sampled_from(["EMEA", "APAC"]), st.integers(0, 2)),
                "cost": st.floats(0, 5000),
                "effect": st.floats(0, 2),
            }
        ),
        "scale": st.fixed_dictionaries(
            {
                "capacity": st.dictionaries(st.sampled_from(["EMEA", "APAC"]), st.integers(0, 2)),
                "cost": st.floats(0, 1000),
                "effect": st.floats(0, 1),
            }
        ),
    },
    optional={"programmatic": st.fixed_dictionaries({"cost": st.floats(0, 100), "effect": st.floats(0, 0.2)})},
)


@st.composite
def worlds(draw: st.DrawFn, most: int = 5) -> tuple[pd.DataFrame, Group]:
    rows = [
        {
            "account_id": f"a{i}",
            "business_unit": unit,
            "region": region,
            "window_probability": draw(st.one_of(st.floats(0.001, 0.9), UNKNOWN, st.just(0.25))),
            "gross_profit": draw(st.one_of(st.floats(1, 1e5), UNKNOWN, st.just(1e4))),
            "amount": draw(st.one_of(st.floats(1, 1e5), UNKNOWN)),
        }
        for i in range(draw(st.integers(0, most)))
        for region in [draw(st.sampled_from(["EMEA", "EMEA", "APAC", "other"]))]
        for unit in UNITS
    ]
    columns = ["account_id", "business_unit", "region", "window_probability", "gross_profit", "amount"]
    scores = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(columns[3:], "float64"))
    scores["probability"] = scores["window_probability"]
    declared = {"regions": {"EMEA": ["FR"], "APAC": ["JP"]}, "business_units": UNITS, "tiers": draw(TIERS)}
    return scores, Group.model_validate(declared)


def places(group: Group, tier: str, region: str) -> int:
    capacity = group.tiers[tier].capacity
    return 10**9 if capacity is None else capacity.get(region, 0)


def brute_force(scores: pd.DataFrame, group: Group) -> float:
    """Return the largest total over every way to give tiers to accounts."""
    values = pd.DataFrame(priority_values(scores, group)).groupby(scores["account_id"]).max().fillna(-np.inf)
    offers = [[*offer, 0.0] for offer in values.to_numpy().tolist()]
    regions = scores.groupby("account_id")["region"].first().tolist()
    room = {(k, where): places(group, tier, where) for k, tier in enumerate(group.tiers) for where in set(regions)}
    totals = [
        sum(offer[tier] for offer, tier in zip(offers, tiers, strict=True))
        for tiers in product(range(len(group.tiers) + 1), repeat=len(offers))
        if all(n <= room.get(seat, 99) for seat, n in Counter(zip(tiers, regions, strict=True)).items())
    ]
    return max(totals)


@PROPERTY
@given(worlds(most=4))
def test_nothing_is_better(world: tuple[pd.DataFrame, Group]) -> None:
    scores, group = world
    assigned = assign_tiers(scores, group)
    total = assigned.loc[assigned["tier"] != NO_TIER, "priority_value"].sum()
    assert total == pytest.approx(brute_force(scores, group), rel=1e-9, abs=1e-6)


@PROPERTY
@given(worlds())
def test_one_row_per_account_within_the_capacities(world: tuple[pd.DataFrame, Group]) -> None:
    scores, group = world
    assigned = assign_tiers(scores, group)
    assert assigned["account_id"].tolist() == sorted(scores["account_id"].unique())
    region = assigned["account_id"].map(scores.groupby("account_id")["region"].first())
    for (tier, where), n in assigned.groupby(["tier", region]).size().items():
        assert tier == NO_TIER or n <= places(group, tier, where)
    assert (assigned.loc[assigned["tier"] != NO_TIER, "priority_value"] > 0).all()
    assert ((assigned["tier"] == NO_TIER) == assigned["why_none"].notna()).all()


@PROPERTY
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(world: tuple[pd.DataFrame, Group], random: object) -> None:
    scores, group = world
    shuffled = scores.sample(frac=1, random_state=random.randrange(2**32))  # type: ignore[attr-defined]
    expected = assign_tiers(scores, group)
    pd.testing.assert_frame_equal(assign_tiers(shuffled, group), expected, check_exact=True)
    values = values_if_leading(shuffled, expected, group)
    pd.testing.assert_series_equal(values.sort_index(), values_if_leading(scores, expected, group), check_exact=True)


@PROPERTY
@given(worlds())
def test_the_leader_offers_the_most_and_has_the_account_s_value(world: tuple[pd.DataFrame, Group]) -> None:
    scores, group = world
    assigned = assign_tiers(scores, group).set_index("account_id")
    values = values_if_leading(scores, assigned.reset_index(), group)
    lead = scores["business_unit"] == scores["account_id"].map(assigned["lead_business_unit"])
    led = values[lead].set_axis(scores.loc[lead, "account_id"])
    in_tier = assigned.index[assigned["tier"] != NO_TIER]
    np.testing.assert_array_equal(led, assigned["priority_value"].loc[led.index])
    most = values.groupby(scores["account_id"]).max()
    assert (led[in_tier] == most[in_tier]).all()


@PROPERTY
@given(worlds(), st.data())
def test_being_worth_more_never_means_less_effort(world: tuple[pd.DataFrame, Group], data: st.DataObject) -> None:
    """The total is convex in what an account is worth, with its tier's lift as the slope; so effort can only rise.

    (No such thing holds of the probability: the nearly certain gain little, and leave a tier for it.)
    """
    scores, group = world
    alone = scores[scores["business_unit"] == "cloud"].reset_index(drop=True)
    before = assign_tiers(alone, group)
    if before.empty:
        return
    position = data.draw(st.integers(0, len(before) - 1))
    richer = alone.copy()
    richer.loc[position, ["gross_profit", "amount"]] *= data.draw(st.floats(1.5, 100))
    after = assign_tiers(richer, group)
    effects = {NO_TIER: 0.0} | {name: tier.effect for name, tier in group.tiers.items()}
    assert effects[after.loc[position, "tier"]] >= effects[before.loc[position, "tier"]] - 1e-9


def one_account(**values: float) -> pd.DataFrame:
    row = {"probability": 0.2, "gross_profit": 1e6, "amount": 2e6} | values
    row["window_probability"] = row["probability"]
    return pd.DataFrame([{"account_id": "a", "business_unit": "cloud", "region": "EMEA", **row}])


def test_why_none(group: Group) -> None:
    def why(scores: pd.DataFrame, of: Group = group) -> str:
        return str(assign_tiers(scores, of).loc[0, "why_none"])

    nobody_pays = group.model_copy(update={"tiers": {"strategic": group.tiers["strategic"]}})
    assert why(one_account(probability=np.nan)) == NO_PROBABILITY
    assert why(one_account(gross_profit=np.nan, amount=np.nan)) == NO_MONEY
    assert why(one_account(gross_profit=1.0, amount=1.0)) == NO_VALUE
    assert why(one_account().assign(region="other"), nobody_pays) == NO_SEAT
    assert why(one_account().assign(region="APAC"), nobody_pays) == NO_SEAT


def test_region_other_gets_only_what_has_no_capacity(group: Group) -> None:
    assert assign_tiers(one_account(), group).loc[0, "tier"] == "strategic"
    assert assign_tiers(one_account().assign(region="other"), group).loc[0, "tier"] == "programmatic"


def test_in_no_tier_the_bu_with_most_to_expect_leads(group: Group) -> None:
    scores = pd.concat([one_account(gross_profit=10.0), one_account(gross_profit=9.0, probability=0.5)])
    scores["business_unit"] = ["cloud", "industrial"]
    assigned = assign_tiers(scores.reset_index(drop=True), group)
    assert assigned.loc[0, "lead_business_unit"] == "industrial"
    assert assigned.loc[0, "priority_value"] < 0


def test_nearly_certain_accounts_are_left_to_themselves(group: Group) -> None:
    """Ranking by p · g would put the first in the only seat; the second is where effort adds more."""
    scores = pd.concat([one_account(probability=0.999), one_account(probability=0.1).assign(account_id="b")])
    scores = scores.reset_index(drop=True).assign(business_unit="industrial")
    one_seat = group.tiers["strategic"].model_copy(update={"capacity": {"EMEA": 1}})
    assigned = assign_tiers(scores, group.model_copy(update={"tiers": {"strategic": one_seat}}))
    assert assigned["tier"].tolist() == [NO_TIER, "strategic"]


def test_twenty_thousand_accounts(make_scores: Callable[..., pd.DataFrame], group: Group) -> None:
    assigned = assign_tiers(make_scores(20_000), group)
    region = pd.Series(assigned["tier"].value_counts())
    assert region["strategic"] == 7
    assert region["scale"] == 27
