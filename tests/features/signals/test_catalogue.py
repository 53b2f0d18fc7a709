"""The catalogue: every signal declared once, and said in a way that people understand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from features.group import Group
from features.known import known_before
from features.signals.catalogue import BUILT_IN, FAMILIES
from features.signals.signal import Signal
from features.tables import Tables

NOW = datetime.fromisoformat("2024-06-01")


def test_names_and_meanings_are_unique() -> None:
    assert len({signal.name for signal in BUILT_IN}) == len(BUILT_IN)
    assert len({signal.meaning for signal in BUILT_IN}) == len(BUILT_IN)


@pytest.mark.parametrize("signal", BUILT_IN, ids=lambda signal: signal.name)
def test_a_declaration_is_whole(signal: Signal) -> None:
    assert signal.name == signal.name.lower()
    assert signal.name.startswith(signal.family + "_")
    assert signal.meaning
    assert signal.unit
    lowest, highest = signal.range
    assert lowest is None or highest is None or lowest < highest
    assert signal.unit != "share" or signal.range == (0, 1)
    assert not signal.category or (signal.range == (None, None) and signal.missing)


def test_each_family_computes_what_it_declares_and_nothing_else(
    make_tables: Callable[..., Tables], group: Group
) -> None:
    account = {"account_id": "a", "name": "A", "country": "DE"}
    known = known_before(make_tables({"accounts": [account]}, NOW), NOW)
    for family in FAMILIES:
        declared = {
            scope: {signal.name for signal in family.signals if signal.scope == scope}
            for scope in ("account", "business_unit")
        }
        assert set(family.by_account(known, group).columns) == {"account_id", *declared["account"]}
        if family.by_business_unit:
            keys = {"account_id", "business_unit"}
            assert set(family.by_business_unit(known, group).columns) == keys | declared["business_unit"]
        else:
            assert not declared["business_unit"]
