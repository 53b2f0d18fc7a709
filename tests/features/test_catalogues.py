"""The message catalogues: whole, and true to their texts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from babel.messages import Catalog
from babel.messages.pofile import read_po

from features.messages import (
    ACCOUNT_TEXTS,
    CATALOGUES,
    RECOMMENDATION_REASONS,
    RELEASE_NOTES,
    SOURCE_LANGUAGE,
    languages,
    reason_sentence,
    recommendation_sentence,
    signal_texts,
    speaker,
)
from features.signals.catalogue import FAMILIES
from glocal.commands.tiers import MONEY
from models.baselines import BASELINES, recency_frequency_monetary
from simulation.contacts import ROLES
from simulation.requests import STAGES
from simulation.words import INDUSTRIES
from tiering.release import Status
from training.backtest import LOGISTIC_REGRESSION

COMMAND_LINE = Path(__file__).parents[2] / "glocal"
LANGUAGES = tuple(language for language in languages() if language != SOURCE_LANGUAGE)
NO_BREAK = "\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"

KINDS = ("new_logo", "cross_sell", "upsell")
SAID_OF_DATA = (
    *STAGES,
    *ROLES,
    *INDUSTRIES,
    *KINDS,
    *Status,
    *BASELINES,
    *(family.name for family in FAMILIES),
    recency_frequency_monetary.__name__,
    LOGISTIC_REGRESSION,
    "glocal",
)
"""Names that the command line and the reasons say without their underscores."""


def _spoken(tree: ast.AST) -> Iterator[ast.expr]:
    """Return what is given to say, table and progress: each text, title and column."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
            continue
        if call.func.attr in ("say", "table", "progress"):
            yield from _branches(call.args[0])
        if call.func.attr == "table":
            assert isinstance(call.args[1], ast.List), ast.unparse(call)
            yield from (branch for column in call.args[1].elts for branch in _branches(column))


def _branches(text: ast.expr) -> Iterator[ast.expr]:
    if isinstance(text, ast.IfExp):
        yield from (*_branches(text.body), *_branches(text.orelse))
    else:
        yield text


def _command_line() -> list[ast.expr]:
    files = sorted(COMMAND_LINE.rglob("*.py"))
    assert files
    return [text for file in files for text in _spoken(ast.parse(file.read_text(encoding="utf-8")))]


def _literals() -> list[str]:
    return [str(text.value) for text in _command_line() if isinstance(text, ast.Constant) and text.value]


def _texts() -> set[str]:
    return {
        *signal_texts(),
        *RECOMMENDATION_REASONS.values(),
        *RELEASE_NOTES.values(),
        *ACCOUNT_TEXTS.values(),
        *(name.replace("_", " ") for name in SAID_OF_DATA),
        *MONEY.values(),
        *_literals(),
    }


def _catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def _translations(language: str) -> dict[str, str]:
    return {str(message.id): str(message.string or "") for message in _catalogue(language) if message.id}


def _placeholders(text: str) -> list[str]:
    return sorted(field for _, field, _, _ in Formatter().parse(text) if field is not None)


def test_the_design_s_languages_are_spoken() -> None:
    assert set(LANGUAGES) == {"de", "es", "fr", "ja"}


def test_every_kind_of_text_is_found() -> None:
    """One of each that the collecting must see: a sentence, a column, a branch, a title, a progress."""
    assert {"Note: {note}", "led by", "champion", "Tiers", "Refreshing", "rolled back"} <= _texts()


def test_what_is_said_is_written_out_or_a_name_of_the_data() -> None:
    """A text that is put together at run time is in no catalogue; it would stay English and nobody would see it."""
    computed = {ast.unparse(text) for text in _command_line() if not isinstance(text, ast.Constant)}
    known = {text for text in computed if ".say(" in text or text.endswith(".replace('_', ' ')")}
    assert computed - known == {"text", "MONEY[money]", "story.title"}


@pytest.mark.parametrize("language", LANGUAGES)
class TestEveryCatalogue:
    def test_translates_every_text(self, language: str) -> None:
        translated = {text for text, translation in _translations(language).items() if translation.strip()}
        assert sorted(_texts() - translated) == []

    def test_holds_no_text_that_nobody_says(self, language: str) -> None:
        assert sorted(_translations(language).keys() - _texts()) == []
        assert list(_catalogue(language).obsolete) == []

    def test_holds_no_guess(self, language: str) -> None:
        catalogue = _catalogue(language)
        assert [message.id for message in catalogue if message.fuzzy and message.id] == []
        assert not catalogue.fuzzy

    def test_names_its_language_and_plural_forms(self, language: str) -> None:
        header = dict(_catalogue(language).mime_headers)
        assert header["Language"] == language
        assert header["Content-Type"] == "text/plain; charset=utf-8"
        assert re.fullmatch(r"nplurals=\d; plural=.+;", header["Plural-Forms"])

    def test_keeps_the_placeholders(self, language: str) -> None:
        changed = {
            text: translation
            for text, translation in _translations(language).items()
            if _placeholders(text) != _placeholders(translation)
        }
        assert changed == {}

    def test_can_be_filled(self, language: str) -> None:
        for text in _texts():
            values = {name: f"«{name}»" for name in _placeholders(text)}
            said = speaker(language).say(text, **values)
            assert all(value in said for value in values.values()), said
            assert "{" not in said

    def test_keeps_commands_and_arrows(self, language: str) -> None:
        kept = re.compile(r"glocal (?:--workspace|[a-z]+ \{).*|glocal promote|[↑↓]|\b\w+\.yaml")
        for text, translation in _translations(language).items():
            assert all(part in translation for part in kept.findall(text)), translation

    def test_leaves_no_sentence_in_english(self, language: str) -> None:
        same = {text for text, translation in _translations(language).items() if text == translation}
        assert [text for text in same if len(re.findall(r"[a-z]{2,}", re.sub(r"\{\w+\}", "", text))) > 2] == []

    def test_is_typed_as_the_language_is(self, language: str) -> None:
        ill_typed = {
            "fr": rf"(?<![{NO_BREAK}])[:;!?%»](?!\w)|«(?![{NO_BREAK}])|'",
            "de": r"\d%|[\"'«»]",
            "es": r"\d%|[\"'“”]|(?<!\w)[?!]",
            "ja": r"[\u3040-\u30ff\u4e00-\u9fff}][,.:;!?()]|[,.:;!?()][\u3040-\u30ff\u4e00-\u9fff]|[\uff61-\uff9f]",
        }[language]
        assert [t for t in _translations(language).values() if re.search(ill_typed, t)] == []


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "↑ employees: 12,345"),
        ("de", "↑ Mitarbeitende: 12.345"),
        ("de-CH", "↑ Mitarbeitende: 12’345"),
        ("es", "↑ empleados: 12.345"),
        ("fr", "↑ effectif\N{NO-BREAK SPACE}: 12\N{NARROW NO-BREAK SPACE}345"),
        ("fr-CA", "↑ effectif\N{NO-BREAK SPACE}: 12\N{NO-BREAK SPACE}345"),
        ("ja", "↑ 従業員数：12,345"),
    ],
)
def test_thousands_are_written_as_in_the_language(language: str, sentence: str) -> None:
    assert reason_sentence("attributes_employees", 12_345.0, 0.4, language) == sentence


@pytest.mark.parametrize(
    ("language", "number"),
    [("en", "1.5"), ("de", "1,5"), ("de-CH", "1.5"), ("es", "1,5"), ("es-MX", "1.5"), ("fr", "1,5"), ("ja", "1.5")],
)
def test_decimals_are_written_as_in_the_language(language: str, number: str) -> None:
    assert reason_sentence("intent_surge", 1.5, -0.2, language).endswith(number)


@pytest.mark.parametrize(
    ("language", "share"),
    [
        ("en", "50%"),
        ("de", "50\N{NO-BREAK SPACE}%"),
        ("es", "50\N{NO-BREAK SPACE}%"),
        ("fr", "50\N{NO-BREAK SPACE}%"),
        ("ja", "50%"),
    ],
)
def test_shares_are_written_as_in_the_language(language: str, share: str) -> None:
    assert reason_sentence("committee_known_share", 0.5, 0.1, language).endswith(share)


@pytest.mark.parametrize(
    ("language", "missing"),
    [
        ("en", "no customer"),
        ("de", "kein Kunde"),
        ("es", "no es cliente"),
        ("fr", "pas client"),
        ("ja", "顧客ではない"),
    ],
)
@pytest.mark.parametrize("value", [None, float("nan")])
def test_what_is_missing_is_said_in_the_language(language: str, missing: str, value: float | None) -> None:
    assert reason_sentence("portfolio_days_customer", value, -0.1, language).endswith(missing)


@pytest.mark.parametrize(
    ("language", "persona"),
    [("en", "economic buyer"), ("de", "wirtschaftlicher Entscheider"), ("es", "comprador económico"), ("ja", "決裁者")],
)
def test_names_of_the_data_are_said_in_the_language(language: str, persona: str) -> None:
    assert persona in recommendation_sentence("persona", {"persona": "economic_buyer"}, language)
