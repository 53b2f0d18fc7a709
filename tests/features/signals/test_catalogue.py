"""The catalogue: every signal declared once, and said in a way that people understand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime

import pytest

from features.calendar import Calendar
from features.contracts import TABLES
from features.group import Group
from features.known import UNIT
from features.known_before import known_before
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
    with known_before(make_tables({"accounts": [account]}, NOW), Calendar((NOW,))) as known:
        for family in FAMILIES:
            computed = Counter[tuple[str, str]]()
            for compute in family.computes:
                for part in compute(known, group):
                    scope = "business_unit" if "business_unit" in part.columns else "account"
                    computed.update((scope, name) for name in part.columns if name not in UNIT)
            assert computed == Counter((signal.scope, signal.name) for signal in family.signals)


def test_sources_are_tables() -> None:
    assert {table for signal in BUILT_IN for table in signal.source} <= TABLES.keys()
    assert all(signal.source for signal in BUILT_IN)
