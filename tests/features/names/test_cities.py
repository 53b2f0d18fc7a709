"""Cities by all their names."""

from __future__ import annotations

import pytest

from features.names.cities import cities_called


@pytest.mark.parametrize(
    ("one", "other"), [("munich", "munchen"), ("moskva", "moscow"), ("kharkov", "kharkiv"), ("tokio", "tokyo")]
)
def test_one_city(one: str, other: str) -> None:
    assert cities_called(one) & cities_called(other)


@pytest.mark.parametrize("word", ["hansen", "falcon", "x", "", "bank"])
def test_no_city(word: str) -> None:
    assert cities_called(word) == frozenset()


def test_what_belongs_to_a_city_is_called_after_it() -> None:
    assert cities_called("munchener") == cities_called("munchen")
