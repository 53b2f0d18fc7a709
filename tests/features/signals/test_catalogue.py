"""The catalogue: every signal declared once, and said in a way that people understand."""

from __future__ import annotations

import pytest

from features.signals.catalogue import BUILT_IN
from features.signals.signal import Signal


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
