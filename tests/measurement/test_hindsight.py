"""Hindsight: in worlds whose answer is known, a ranking holds exactly what it should, within the window's edges."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from features.errors import InputError
from features.group import Group
from features.snapshots import build_snapshot
from features.tables import Tables
from measurement.hindsight import TODAY, Hindsight, look_back

SINCE, UNTIL, END = (datetime.fromisoformat(day) for day in ("2026-01-01", "2026-04-01", "2026-07-01"))
BEFORE = SINCE - (UNTIL - SINCE)
ACCOUNTS = 40
GREW = range(5, 9)
"""The tenth of the accounts that brought 1,010 after the cutoff; all others brought 10, as all did before."""


def group_of(*units: str) -> Group:
    return Group(
        regions={"EMEA": ("FR",)},
        business_units={unit: {"horizon_days": 90} for unit in units},
        tiers={"strategic": {"cost": 1, "effect": 0.1}},
    )


def account(number: int, **more: Any) -> dict[str, Any]:
    created = datetime.fromisoformat("2025-01-01")
    return {"account_id": f"a{number:02d}", "name": f"Nr {number}", "country": "FR", "created_at": created, **more}


def order(number: int, at: datetime, amount: float, unit: str = "default") -> dict[str, Any]:
    return {
        "order_id": f"{number} {at} {amount} {unit}",
        "account_id": f"a{number:02d}",
        "ordered_at": at,
        "amount": amount,
        "business_unit": unit,
    }


def steady() -> dict[str, list[dict[str, Any]]]:
    """Return accounts that each order for 10 in the window before and in the window after."""
    times = (SINCE - timedelta(days=30), SINCE + timedelta(days=30))
    return {
        "accounts": [account(number) for number in range(ACCOUNTS)],
        "orders": [order(number, at, 10.0) for number in range(ACCOUNTS) for at in times],
    }


def known_answer() -> dict[str, list[dict[str, Any]]]:
    rows = steady()
    rows["orders"] += [order(number, SINCE + timedelta(days=50), 1000.0) for number in GREW]
    return rows


Seen = Callable[..., Hindsight]


@pytest.fixture(scope="module")
def seen(make_tables: Callable[..., Tables]) -> Seen:
    """Return what looks back on a world, accounts ranked by what is expected of their number.

    All worlds have the same accounts before the cutoff, so they share the snapshot.
    """

    @cache
    def snapshot_of(units: tuple[str, ...]) -> pd.DataFrame:
        return build_snapshot(make_tables(known_answer(), END), group_of(*units), SINCE)

    def look(
        rows: dict[str, list[dict[str, Any]]],
        expected: Callable[[int], float] = lambda _: 0.0,
        until: datetime = UNTIL,
        units: tuple[str, ...] = ("default",),
        order_of_rows: int | None = None,
        others: Mapping[str, pd.Series] | None = None,
    ) -> Hindsight:
        snapshot = snapshot_of(units)
        if order_of_rows is not None:
            snapshot = snapshot.sample(frac=1, random_state=order_of_rows)
        by_row = snapshot["account_id"].str[1:].astype(int).map(expected).astype("float64")
        return look_back(make_tables(rows, END), snapshot, by_row, SINCE, until, others or {})

    return look


def ranking(found: Hindsight, name: str = "glocal") -> pd.Series:
    return found.rankings.set_index("ranking").loc[name]


def grew(number: int) -> float:
    return float(number in GREW)


def test_who_foresaw_it_holds_all_growth(seen: Seen) -> None:
    found = seen(known_answer(), grew)
    assert (found.accounts, found.total, found.growth) == (ACCOUNTS, ACCOUNTS * 10.0 + 4000.0, 4000.0)
    own = ranking(found)
    assert own["growth"] == pytest.approx(1.0)
    assert own["growth_lift"] == pytest.approx(10.0)
    assert own["amount"] == pytest.approx(4040 / 4400)
    assert own["amount_lift"] == pytest.approx(10 * 4040 / 4400)


def test_who_expects_the_opposite_holds_none(seen: Seen) -> None:
    own = ranking(seen(known_answer(), lambda number: -grew(number)))
    assert own["growth"] == 0.0
    assert own["amount"] == pytest.approx(40 / 4400)


def test_who_knows_nothing_holds_a_tenth(seen: Seen) -> None:
    found = seen(known_answer())
    for name in ("glocal", "revenue", "engagement_points"):
        assert ranking(found, name)["growth_lift"] == pytest.approx(1.0)
        assert ranking(found, name)["amount_lift"] == pytest.approx(1.0)


def test_today_s_rankings_stand_beside_it(seen: Seen) -> None:
    found = seen(known_answer(), grew)
    assert list(found.rankings["ranking"]) == ["glocal", "revenue", "engagement_points", "recency_frequency_monetary"]


def test_how_far_ahead_stands_with_its_interval(seen: Seen) -> None:
    """Four accounts of 40 hold all growth: who foresaw them is ahead of who knows nothing, whoever is left out."""
    found = seen(known_answer(), grew)
    behind = ranking(found, "revenue")
    assert behind["growth_ahead"] == pytest.approx(0.9)
    assert 0 < behind["growth_ahead_low"] <= behind["growth_ahead"] <= behind["growth_ahead_high"]
    assert behind["amount_ahead"] == pytest.approx(4040 / 4400 - 0.1)
    assert ranking(found)[["growth_ahead", "growth_ahead_low", "amount_ahead_high"]].isna().all()


def test_who_knows_no_more_is_not_ahead(seen: Seen) -> None:
    behind = ranking(seen(known_answer()), "engagement_points")
    assert behind["growth_ahead"] == pytest.approx(0.0)
    assert behind["growth_ahead_low"] <= 0 <= behind["growth_ahead_high"]


def scores_of(expected: Callable[[int], float], numbers: Sequence[int] = range(ACCOUNTS)) -> pd.Series:
    return pd.Series({f"a{number:02d}": expected(number) for number in numbers})


class TestARankingFromElsewhere:
    def test_of_the_same_order_is_level(self, seen: Seen) -> None:
        found = seen(known_answer(), lambda number: number % 7, others={"vendor": scores_of(lambda number: number % 7)})
        vendor = ranking(found, "vendor")
        assert vendor["growth"] == ranking(found)["growth"]
        assert vendor[["growth_ahead", "growth_ahead_low", "growth_ahead_high"]].tolist() == [0.0, 0.0, 0.0]

    def test_that_foresaw_it_is_ahead_of_who_knows_nothing(self, seen: Seen) -> None:
        found = seen(known_answer(), others={"vendor": scores_of(grew), "blind": scores_of(lambda _: -5.0)})
        assert ranking(found, "vendor")["growth"] == pytest.approx(1.0)
        assert ranking(found, "vendor")["growth_ahead"] == pytest.approx(-0.9)
        assert ranking(found, "blind")["growth_ahead"] == pytest.approx(0.0)
        assert list(found.rankings["ranking"]) == ["glocal", *TODAY, "vendor", "blind"]

    def test_places_accounts_that_it_does_not_know_last(self, seen: Seen) -> None:
        """It knows but the four that grew, and likes them little."""
        found = seen(known_answer(), others={"vendor": scores_of(lambda _: -1e9, GREW)})
        assert ranking(found, "vendor")["growth"] == pytest.approx(1.0)

    def test_ranks_a_company_as_high_as_the_best_of_its_accounts(self, seen: Seen) -> None:
        rows = known_answer()
        united = {"domain": "acme.example", "name": "Acme"}
        for number in (GREW[0], GREW[1]):
            rows["accounts"][number] |= united
        scores = scores_of(lambda number: float(number == GREW[1]))
        found = seen(rows, others={"vendor": scores})
        worst = seen(rows, others={"vendor": scores - 2 * (scores.index == f"a{GREW[1]:02d}")})
        assert ranking(found, "vendor")["growth"] > ranking(worst, "vendor")["growth"]

    def test_that_knows_no_account_is_refused(self, seen: Seen) -> None:
        with pytest.raises(InputError, match="vendor: none of its 2 accounts is in the release; give its account ids"):
            seen(known_answer(), others={"vendor": pd.Series({"x": 1.0, "y": 2.0})})

    @pytest.mark.parametrize("name", ["glocal", *TODAY])
    def test_with_the_name_of_another_is_refused(self, seen: Seen, name: str) -> None:
        with pytest.raises(InputError, match=f"{name}: hindsight calls another ranking so; give it another name"):
            seen(known_answer(), others={name: scores_of(grew)})


def test_an_account_of_which_nothing_is_expected_comes_last(seen: Seen) -> None:
    own = ranking(seen(known_answer(), lambda number: 1.0 if number in GREW else np.nan))
    assert own["growth"] == pytest.approx(1.0)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_rows_changes_nothing(seen: Seen, seed: int) -> None:
    rows = known_answer()
    rng = np.random.default_rng(seed)
    shuffled = {name: [values[place] for place in rng.permutation(len(values))] for name, values in rows.items()}

    def expected(number: int) -> float:
        return float(number % 7)

    first, second = seen(rows, expected), seen(shuffled, expected, order_of_rows=seed)
    assert (first.total, first.growth) == (second.total, second.growth)
    pd.testing.assert_frame_equal(first.rankings, second.rankings)


class TestTheWindow:
    @pytest.mark.parametrize(
        ("at", "growth"),
        [
            (SINCE, 500.0),
            (SINCE - timedelta(microseconds=1), 0.0),
            (UNTIL - timedelta(microseconds=1), 500.0),
            (UNTIL, 0.0),
        ],
    )
    def test_begins_at_the_cutoff_and_ends_before_its_end(self, seen: Seen, at: datetime, growth: float) -> None:
        rows = known_answer()
        rows["orders"].append(order(20, at, 500.0))
        assert seen(rows).growth == 4000.0 + growth

    @pytest.mark.parametrize(("at", "growth"), [(BEFORE, 10.0), (BEFORE - timedelta(microseconds=1), 1000.0)])
    def test_is_compared_with_the_equal_one_before(self, seen: Seen, at: datetime, growth: float) -> None:
        rows = known_answer()
        rows["orders"].append(order(GREW[0], at, 990.0))
        assert seen(rows).growth == 3000.0 + growth

    def test_may_be_shorter(self, seen: Seen) -> None:
        rows = known_answer()
        rows["orders"].append(order(20, SINCE + timedelta(days=5), 7.0))
        short = seen(rows, until=SINCE + timedelta(days=45))
        assert (short.since, short.until) == (SINCE, SINCE + timedelta(days=45))
        assert (short.total, short.growth) == (ACCOUNTS * 10.0 + 7.0, 7.0)

    @pytest.mark.parametrize("until", [SINCE, SINCE - timedelta(days=1), END + timedelta(days=1)])
    def test_that_holds_nothing_or_is_not_over_is_refused(self, seen: Seen, until: datetime) -> None:
        with pytest.raises(InputError, match=f"--until {until:%Y-%m-%d}: .*2026-01-01.*2026-07-01"):
            seen(known_answer(), until=until)

    def test_in_which_nobody_grew_is_refused(self, seen: Seen) -> None:
        with pytest.raises(InputError, match="from 2026-01-01 to 2026-04-01 no account grew; give a longer window"):
            seen(steady())


def test_returns_count_against_what_was_brought(seen: Seen) -> None:
    rows = known_answer()
    rows["orders"].append(order(GREW[0], SINCE + timedelta(days=51), -400.0))
    rows["orders"].append(order(20, SINCE + timedelta(days=51), -400.0))
    found = seen(rows)
    assert found.growth == 3600.0
    assert found.total == ACCOUNTS * 10.0 + 3600.0 - 10.0


def test_units_add_up_and_one_that_nobody_declared_does_not_count(seen: Seen) -> None:
    rows = known_answer()
    rows["orders"] += [order(20, SINCE + timedelta(days=5), 300.0, unit) for unit in ("cloud", "undeclared")]
    found = seen(rows, units=("default", "cloud"))
    assert (found.accounts, found.growth) == (ACCOUNTS, 4300.0)


def test_a_unit_that_has_opportunities_is_judged_by_those_that_were_won(seen: Seen) -> None:
    rows = known_answer()
    opportunity = {
        "account_id": "a20",
        "created_at": SINCE - timedelta(days=5),
        "closed_at": SINCE + timedelta(days=5),
        "business_unit": "cloud",
        "amount": 700.0,
    }
    rows["opportunities"] = [
        {**opportunity, "opportunity_id": outcome, "outcome": outcome} for outcome in ("won", "lost")
    ]
    rows["orders"].append(order(20, SINCE + timedelta(days=5), 99.0, "cloud"))
    assert seen(rows, units=("default", "cloud")).growth == 4700.0


def test_what_a_record_brings_that_was_united_later_is_its_company_s(seen: Seen) -> None:
    """A second record of the company, made after the cutoff and with a smaller id, is of the company listed then."""
    rows = known_answer()
    rows["accounts"][20] |= {"domain": "acme.example"}
    later = account(0, account_id="a-2", domain="acme.example", name="Nr 20", created_at=SINCE + timedelta(days=1))
    rows["accounts"].append(later)
    rows["orders"].append({**order(20, SINCE + timedelta(days=2), 600.0), "account_id": "a-2"})
    found = seen(rows, grew)
    assert (found.accounts, found.growth) == (ACCOUNTS, 4600.0)
