"""Numbered funds and trusts are their manager's, however the number is written; sites are not."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from features.names.vehicles import without_series
from features.names.words import take_apart

NUMBER = st.sampled_from(("3", "4", "III", "VIII", "Seven", "2019-1", "2021"))


def left(name: str, other: str) -> list[str]:
    return [word.text for word in without_series(take_apart(name), take_apart(other)).words]


@given(one=NUMBER, other=NUMBER, kind=st.sampled_from(("Growth Fund", "Capital Partners", "Mortgage Trust")))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_a_fund_loses_its_number_where_the_other_is_one_too(one: str, other: str, kind: str) -> None:
    assert left(f"Cedar {kind} {one}", f"Cedar {kind} {other}") == left(f"Cedar {kind}", f"Cedar {kind}")
    assert left(f"Cedar {kind} {one}", "Cedar Plant") != left(f"Cedar {kind}", "Cedar Plant")


@given(number=NUMBER)
@settings(max_examples=10, deadline=None, derandomize=True)
def test_a_site_keeps_its_number(number: str) -> None:
    name = f"Cedar Plant {number}"
    assert left(name, name) == [word.text for word in take_apart(name).words]


def test_a_number_in_front_belongs_to_the_name() -> None:
    assert left("First Capital Fund 2", "Second Capital Fund 2") == ["first", "capital", "fund"]
