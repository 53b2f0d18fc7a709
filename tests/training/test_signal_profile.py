"""Profiles of signals: what is missing, how values spread, and drift, worked out by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from features.signals.signal import Signal
from training.signal_page import write_signal_page
from training.signal_profile import ROWS_LOOKED_AT, SignalWatch

NUMBER = Signal("engagement_n", "things <done>", "things", (0, None), "nothing was done")
NAME = Signal("attributes_colour", "colour", "name", category=True, missing="not recorded")
CUTOFF = datetime.fromisoformat("2025-01-01")


def snapshot(shift: float, colours: tuple[str, ...]) -> pd.DataFrame:
    values = np.arange(1000, dtype=float) + shift
    values[:100] = np.nan
    return pd.DataFrame(
        {
            "region": pd.Series(np.where(np.arange(1000) % 2 == 0, "EMEA", "APAC"), dtype="str"),
            "engagement_n": values,
            "attributes_colour": pd.Series(np.resize(np.array(colours, dtype=object), 1000), dtype="str"),
        }
    )


@pytest.fixture
def watch() -> SignalWatch:
    seen = SignalWatch((NUMBER, NAME))
    seen.see(CUTOFF, snapshot(0, ("red", "blue")))
    seen.see(CUTOFF + timedelta(days=30), snapshot(0, ("red", "blue")))
    seen.see(CUTOFF + timedelta(days=60), snapshot(500, ("blue", "blue", "blue", "green")))
    return seen


def test_what_does_not_move_does_not_drift(watch: SignalWatch) -> None:
    for profile in watch.profiles():
        assert profile.drift[:2] == pytest.approx([0, 0], abs=0.01)
        assert profile.drift[2] > 0.25


def test_missing_middle_and_regions(watch: SignalWatch) -> None:
    number, name = watch.profiles()
    assert number.missing == pytest.approx([0.1] * 3)
    assert number.middle == pytest.approx([549.5, 549.5, 1049.5])
    assert set(number.regions) == {"EMEA", "APAC"}
    spread = number.regions["EMEA"]
    assert (spread.missing, spread.middle) == pytest.approx((0.1, 1049))
    assert spread.low < spread.middle < spread.high
    assert name.regions["APAC"].common == "blue"
    assert name.middle[0] == pytest.approx(0.5)


def test_large_snapshots_are_looked_at_in_part() -> None:
    watch = SignalWatch((NUMBER,))
    watch.see(CUTOFF, pd.concat([snapshot(0, ("red",))] * 8, ignore_index=True))
    assert watch.profiles()[0].missing[0] == pytest.approx(0.1, abs=0.02)
    assert ROWS_LOOKED_AT < 8000


def test_nothing_seen_is_no_profile() -> None:
    watch = SignalWatch((NUMBER,))
    assert watch.profiles() == []
    watch.see(CUTOFF, snapshot(0, ("red",)).iloc[:0])
    assert watch.profiles() == []


def test_the_page_shows_every_signal_and_escapes_texts(watch: SignalWatch, tmp_path) -> None:
    page = tmp_path / "new" / "signals.html"
    write_signal_page(watch.profiles(), watch.cutoffs, page)
    text = page.read_text(encoding="utf-8")
    for expected in ("engagement_n", "attributes_colour", "things &lt;done&gt;", "EMEA", "3 cutoffs", "2025-03-02"):
        assert expected in text
    assert text.count("<polyline") == 4
    assert "much" in text
