"""One account's signals over time: the rows that whole snapshots have of it, from fewer rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from features.companies import accounts_before, companies_before
from features.errors import InputError
from features.group import Group
from features.one_account import NARROWED, account_signals_over_time, narrowed
from features.snapshots import build_snapshots
from features.tables import Tables

CUTOFF = datetime.fromisoformat("2024-06-01")
AS_OF = datetime.fromisoformat("2026-01-01")
STATIC = frozenset({("accounts", "attribute_segment"), ("opportunities", "attribute_product")})
CUTOFFS = (CUTOFF - timedelta(days=120), CUTOFF)


@given(seed=st.integers(0, 100_000))
@settings(max_examples=4, deadline=None, derandomize=True, phases=[Phase.generate])
def test_the_rows_are_those_of_the_whole(
    seed: int, make_tables: Callable[..., Tables], random_world: Callable[..., Any], group: Group
) -> None:
    tables = make_tables(random_world(seed, scale=2), AS_OF, STATIC)
    whole = pd.concat([snapshot for _, snapshot in build_snapshots(tables, group, CUTOFFS)])
    for account in ("a0", "a3"):
        found = account_signals_over_time(tables, group, account, CUTOFFS)
        expected = []
        for cutoff in CUTOFFS:
            company = companies_before(accounts_before(tables, cutoff)).set_index("account_id")["entity_id"]
            expected.append(whole[(whole["account_id"] == company.get(account)) & (whole["cutoff"] == cutoff)])
        rows = pd.concat(expected).sort_values(["cutoff", "business_unit"], ignore_index=True)
        pd.testing.assert_frame_equal(found, rows, check_exact=True)


def test_rows_of_accounts_that_have_nothing_to_do_with_it_are_left_out(
    make_tables: Callable[..., Tables], random_world: Callable[..., Any]
) -> None:
    tables = make_tables(random_world(3, scale=3), AS_OF, STATIC)
    narrow = narrowed(tables, ["a0"])
    for name, rows in narrow.own.items():
        if name in NARROWED:
            assert set(rows.account_id.to_pandas()) <= {"a0"}
        else:
            assert name == "events" or rows is tables.own[name]
    people = set(narrow.own["contacts"].to_pandas().query("account_id == 'a0'")["contact_id"])
    events = narrow.own["events"].to_pandas()
    assert 0 < len(events) < tables.own["events"].count().to_pandas()
    assert ((events["account_id"] == "a0") | events["contact_id"].isin(people)).all()


def test_an_account_that_is_not_there(
    make_tables: Callable[..., Tables], random_world: Callable[..., Any], group: Group
) -> None:
    tables = make_tables(random_world(3), AS_OF, STATIC)
    with pytest.raises(InputError, match=r"there is no account 'a00'; give the id .* a0"):
        account_signals_over_time(tables, group, "a00", CUTOFFS)


def test_none_before_it_existed(make_tables: Callable[..., Tables], group: Group) -> None:
    account = {"account_id": "a", "name": "A", "country": "DE", "created_at": CUTOFF - timedelta(days=60)}
    found = account_signals_over_time(make_tables({"accounts": [account]}, AS_OF), group, "a", CUTOFFS)
    assert set(found["cutoff"]) == {CUTOFF}
