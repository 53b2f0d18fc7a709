"""The table of a look back says by how much Glocal is ahead, and plainly where that cannot be told."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest

from features.messages import languages, speaker
from features.workspace import Workspace
from glocal.hindsight_table import print_rankings
from glocal.session import Session, _console

NAN = (np.nan, np.nan, np.nan)


def rankings(growth_low: float, growth_high: float) -> pd.DataFrame:
    """Glocal, and revenue behind it by an interval of the growth."""
    growth = (0.1, growth_low, growth_high)
    rows = [("glocal", 0.6, *NAN, 0.5, *NAN), ("revenue", 0.4, 0.2, 0.1, 0.3, 0.4, *growth)]
    ends = ("", "_ahead", "_ahead_low", "_ahead_high")
    columns = ["ranking", *(f"{what}{end}" for what in ("amount", "growth") for end in ends)]
    return pd.DataFrame(rows, columns=columns)


def printed(table: pd.DataFrame, locale: str, tmp_path) -> str:
    out = io.StringIO()
    print_rankings(Session(Workspace(tmp_path), speaker(locale), _console(out), _console(io.StringIO())), table)
    return out.getvalue()


def test_says_by_how_much_and_between_what(tmp_path):
    told = printed(rankings(0.05, 0.15), "en", tmp_path)
    for words in ("40.0%", "20.0%", "10.0% – 30.0%", "5.0% – 15.0%"):
        assert words in told
    assert "cannot be told" not in told


@pytest.mark.parametrize(("low", "high"), [(-0.01, 0.21), (0.0, 0.2), (-0.2, 0.0)])
def test_says_where_it_cannot_be_told(low, high, tmp_path):
    told = printed(rankings(low, high), "en", tmp_path)
    assert "Whether the top of Glocal holds more of the growth than that of revenue cannot be told" in told
    assert told.count("cannot be told") == 1


@pytest.mark.parametrize("locale", [language for language in languages() if language != "en"])
def test_says_so_in_every_language(locale, tmp_path):
    told = printed(rankings(-0.1, 0.3), locale, tmp_path)
    speak = speaker(locale)
    sentence = "Whether the top of Glocal holds more of the growth than that of {ranking} cannot be told"
    for text in ("Glocal ahead by", sentence):
        assert speak.say(text, ranking=speak.say("revenue")) in told
        assert speak.say(text, ranking="revenue") != text.format(ranking="revenue")
