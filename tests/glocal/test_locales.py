"""--locale: the command line speaks the reader's language, numbers included."""

from __future__ import annotations

import pandas as pd
import pytest

from features.messages import languages, speaker
from tiering.store import Store

TRANSLATED = [language for language in languages() if language != "en"]


@pytest.mark.parametrize("locale", TRANSLATED)
class TestEveryLanguage:
    def test_titles_its_tables(self, glocal, published, locale):
        ran = glocal("--locale", locale, "releases", workspace=published.root)
        assert (ran.code, ran.err) == (0, "")
        speak = speaker(locale)
        for text in ("accounts", "published"):
            assert speak.say(text) != text
            assert speak.say(text) in ran.out

    def test_gives_reasons(self, glocal, published, tmp_path, locale):
        paths = {name: tmp_path / f"{name}.parquet" for name in ("en", locale)}
        for name, path in paths.items():
            assert glocal("--locale", name, "export", "r0001", "--to", path, workspace=published.root).code == 0
        told = {name: pd.read_parquet(path)["reasons"] for name, path in paths.items()}
        assert (told[locale] != told["en"]).all()


@pytest.mark.parametrize("locale", ["en", "de", "de-CH", "fr", "ja"])
def test_numbers_are_written_as_there(glocal, published, locale):
    with Store(published.state_url) as store:
        most = max(store.get("r0001").counts.values())
    assert most > 1000
    assert speaker(locale).number(most) in glocal("--locale", locale, "releases", workspace=published.root).out
