"""Messages: the same said in every language, with numbers as written there."""

from __future__ import annotations

import numpy as np
import pytest
from babel import Locale

from features.errors import InputError
from features.messages import (
    Speaker,
    languages,
    reason_sentence,
    recommendation_sentence,
    release_sentence,
    signal_texts,
    speaker,
)
from features.signals.catalogue import BUILT_IN

MEANINGS = {signal.name: signal.meaning for signal in BUILT_IN}


def test_signal_texts_are_all_that_is_declared() -> None:
    texts = signal_texts()
    assert len(set(texts)) == len(texts)
    assert set(MEANINGS.values()) | {s.missing for s in BUILT_IN if s.missing} < set(texts)
    assert {"not recorded", "none"} < set(texts)


@pytest.mark.parametrize(
    ("language", "end"),
    [("en", ": none"), ("fr", "\u00a0: aucun"), ("de", ": keine"), ("es", ": ninguno"), ("ja", "なし")],
)
def test_an_empty_list_of_names_is_said_to_be_one(language: str, end: str) -> None:
    assert reason_sentence("committee_missing", "", 0.5, language).endswith(end)


@pytest.mark.parametrize("value", [None, 0.25], ids=["missing", "number"])
def test_every_signal_can_be_a_reason_in_every_language(value: float | None) -> None:
    for language in languages():
        for signal in BUILT_IN:
            up, down = (reason_sentence(signal.name, value, sign * 0.5, language) for sign in (1, -1))
            assert up.startswith("↑ ")
            assert down == up.replace("↑", "↓")
            assert "{" not in up


class TestReasons:
    @pytest.mark.parametrize(
        ("signal", "value", "contribution", "sentence"),
        [
            ("hierarchy_accounts", 1234.0, 0.1, f"↑ {MEANINGS['hierarchy_accounts']}: 1,234"),
            ("hierarchy_accounts", 2.0, -0.1, f"↓ {MEANINGS['hierarchy_accounts']}: 2"),
            ("response_rate_365d", 0.25, 0.1, f"↑ {MEANINGS['response_rate_365d']}: 25%"),
            ("attributes_country", "DE", 0.1, "↑ country: DE"),
            ("intent_days_since_last", None, -0.1, f"↓ {MEANINGS['intent_days_since_last']}: none in the last year"),
            (
                "intent_days_since_last",
                float("nan"),
                -0.1,
                f"↓ {MEANINGS['intent_days_since_last']}: none in the last year",
            ),
            ("attribute_lead_score", 0.5, 0.1, "↑ lead score: 0.5"),
            ("attribute_{odd}", "{x}", 0.1, "↑ {odd}: {x}"),
            ("attribute_レベル", None, 0.1, "↑ レベル: not recorded"),
        ],
    )
    def test_in_english(self, signal: str, value: float | str | None, contribution: float, sentence: str) -> None:
        assert reason_sentence(signal, value, contribution, "en") == sentence


class TestOtherSentences:
    def test_a_name_of_the_data_is_no_template(self) -> None:
        sentence = recommendation_sentence("topic", {"topic": "{cloud} exit_costs"}, "en")
        assert sentence == "about {cloud} exit costs, in which the account shows intent"

    def test_a_note_writes_its_numbers(self) -> None:
        sentence = release_sentence("accounts_not_scored", {"accounts": 1234}, "en")
        assert sentence == "1,234 accounts have no probability and are in no tier"


class TestSpeaker:
    @pytest.mark.parametrize(
        ("value", "language", "written"),
        [
            (1234567.891, "en", "1,234,568"),
            (1234567.891, "de", "1.234.568"),
            (12.34, "de-CH", "12.3"),
            (12.34, "fr", "12,3"),
            (0.0001234, "fr", "0,000123"),
            (0.5, "ja", "0.5"),
            (-0.25, "es", "-0,25"),
            (0, "en", "0"),
            (np.int64(1234), "de", "1.234"),
            (np.float32(0.5), "de", "0,5"),
            ("DE", "de", "DE"),
        ],
    )
    def test_numbers(self, value: object, language: str, written: str) -> None:
        assert Speaker(Locale.parse(language, sep="-"), {}).number(value) == written

    @pytest.mark.parametrize(
        ("decimals", "language", "written"), [(0, "en", "12%"), (1, "en", "12.3%"), (1, "de", "12,3\xa0%")]
    )
    def test_percentages(self, decimals: int, language: str, written: str) -> None:
        assert Speaker(Locale.parse(language), {}).percent(0.1234, decimals) == written

    def test_values_are_put_into_the_translation(self) -> None:
        speak = Speaker(Locale.parse("de"), {"{n} of {all}": "{n} von {all}"})
        assert speak.say("{n} of {all}", n=1.5, all="{alle}") == "1,5 von {alle}"
        assert speak.say("never translated: {yes}", yes=True) == "never translated: True"

    def test_a_region_speaks_its_language(self) -> None:
        assert speaker("en-GB").locale == Locale("en", "GB")

    @pytest.mark.parametrize("language", ["tlh", "xx", "", "english please"])
    def test_an_unknown_language_is_refused_with_those_known(self, language: str) -> None:
        with pytest.raises(InputError, match=r"Glocal does not speak it; it speaks en"):
            speaker(language)
