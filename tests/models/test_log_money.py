"""Log money: known effects are found again, and what is missing or unknown is borne."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.log_money import LogMoney


@pytest.fixture(scope="module")
def fitted() -> LogMoney:
    """Amounts that grow with the root of revenue, are twice as high in 'nuage', and tenfold where size is unknown."""
    random = np.random.default_rng(1)
    revenue = np.exp(random.normal(15, 1, 4000))
    unit = np.array(["nuage", "工業"])[random.integers(0, 2, 4000)]
    unknown = random.random(4000) < 0.2
    log = 2 + 0.5 * np.log(revenue) * ~unknown + np.log(2) * (unit == "nuage") + 9.8 * unknown
    frame = pd.DataFrame({"revenue": np.where(unknown, np.nan, revenue), "unit": unit})
    return LogMoney.fit(frame, np.exp(log + random.normal(0, 0.3, 4000)), ["revenue", "absent"], ["unit"])


def at(fitted: LogMoney, revenue: float, unit: str | None) -> float:
    return float(fitted.predict(pd.DataFrame({"revenue": [revenue], "unit": pd.Series([unit], dtype="str")}))[0])


def test_known_effects_are_found_again(fitted: LogMoney) -> None:
    assert at(fitted, 1e8, "nuage") - at(fitted, 1e6, "nuage") == pytest.approx(0.5 * np.log(100), abs=0.05)
    assert at(fitted, 1e6, "nuage") - at(fitted, 1e6, "工業") == pytest.approx(np.log(2), abs=0.05)
    assert at(fitted, np.nan, "工業") == pytest.approx(11.8, abs=0.05)


def test_none_or_nothing_counts_as_missing(fitted: LogMoney) -> None:
    assert at(fitted, 0.0, "nuage") == at(fitted, -5.0, "nuage") == at(fitted, np.nan, "nuage")


def test_an_unknown_name_lies_between_the_known(fitted: LogMoney) -> None:
    unknown = at(fitted, 1e6, "neu")
    assert at(fitted, 1e6, "工業") < unknown < at(fitted, 1e6, "nuage")
    assert at(fitted, 1e6, None) == unknown


def test_columns_that_are_absent_are_not_read(fitted: LogMoney) -> None:
    assert fitted.reads == ("revenue", "unit")


def test_sizes_never_known_are_not_read() -> None:
    frame = pd.DataFrame({"revenue": [np.nan] * 40, "unit": ["a", "b"] * 20})
    assert LogMoney.fit(frame, np.arange(1.0, 41.0), ["revenue"], ["unit"]).reads == ("unit",)


def test_sizes_that_never_differ_are_not_read() -> None:
    frame = pd.DataFrame({"revenue": [0.1 + 0.2] * 40, "unit": ["a", "b"] * 20})
    assert LogMoney.fit(frame, np.arange(1.0, 41.0), ["revenue"], ["unit"]).reads == ("unit",)
