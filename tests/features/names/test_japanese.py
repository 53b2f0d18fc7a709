"""Japanese readings, and where there are none."""

from __future__ import annotations

import pytest

from features.names.japanese import read_in_japanese
from features.names.words import take_apart


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("三菱電機", "mitsubishi denki"),
        ("トヨタ自動車", "toyota jidosha"),
        ("日立製作所", "hitachi seisakusho"),
        ("東洋工業", "toyo kogyo"),
        ("7-ELEVEN 東京", "7 ELEVEN tokyo"),
    ],
)
def test_as_japanese_say_it(name: str, said: str) -> None:
    assert read_in_japanese(name) == said


@pytest.mark.parametrize("name", ["Hansen", "Газпром", "삼성전자", "中国石油天然气集团", ""])
def test_what_has_no_japanese_reading_has_none(name: str) -> None:
    assert read_in_japanese(name) is None


def test_the_legal_form_is_not_said() -> None:
    name = take_apart("三菱電機株式会社")
    assert name.japanese is not None
    assert [word.text for word in name.japanese.words] == ["mitsubishi", "denki"]
    assert take_apart("Hansen").japanese is None
