"""What is said to people, in their language: message catalogues, numbers, and the sentences of reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from numbers import Real
from pathlib import Path
from types import MappingProxyType

from babel import Locale, UnknownLocaleError
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from features.contracts import ATTRIBUTE_PREFIX
from features.errors import InputError
from features.signals.catalogue import BUILT_IN
from features.signals.signal import Signal

CATALOGUES = Path(__file__).parent / "locales"
SOURCE_LANGUAGE = "en"
"""The language in which the code is written: its texts are the keys of the catalogues."""

NOT_RECORDED = "not recorded"
NONE = "none"
RAISES = "↑ {meaning}: {value}"
LOWERS = "↓ {meaning}: {value}"
"""What moved a score up, and what moved it down."""

RECOMMENDATION_REASONS = MappingProxyType(
    {
        "topic": "about {topic}, in which the account shows intent",
        "stage": "made for the stage {stage}",
        "persona": "addresses the {persona}",
        "industry": "made for the industry {industry}",
        "business_unit": "belongs to the business unit {business_unit}",
        "missing_role": "speaks to a role that the decision needs and nobody is known to hold: {role}",
        "market_variant": "written for the market {market}",
        "profile": "nearest to what is known of the account",
        "market_default": "suits the market; the account is not known",
        "already_used": "already used with this account",
    }
)
"""Why a playbook is recommended, by the code of the reason; what stands in braces is the reason's parameter."""

RELEASE_NOTES = MappingProxyType(
    {
        "model_refused": "there is no {kind} model: {reason}",
        "trained_on_later_data": "the models learnt from data up to {trained_as_of}, which is later than {as_of}: "
        "this list knows more than one could have known then",
        "units_not_learnt": "the models learnt nothing of {business_units}, which is not scored; remedy: glocal train",
        "amount_stands_in": "gross profit is not known in {business_units}, so the expected amount stands in for it",
        "scores_moved": "{kind} scores in {segment} are spread otherwise than when the models were judged "
        "(stability index {index}): look for what changed in the data, and train again",
        "signal_shifted": "the signal {signal} alone makes {kind} {times} times as likely on average as when the "
        "models were judged: check its source, and train again",
        "performance_drift": "{release} expected {expected} successes in {segment} within {days} days, and {came} "
        "came: do not rely on its scores there before training again",
        "accounts_not_scored": "{accounts} accounts have no probability and are in no tier",
        "accounts_in_no_region": "{accounts} accounts are in a country of no region, and in no tier with a capacity",
    }
)
"""What the reader of a release must know, by the code of the note."""

ACCOUNT_TEXTS = MappingProxyType(
    {
        "title": "{business_unit}: {probability} within {days} days",
        "certainty": "Accounts like this one come to between {low} and {high} on average. That is how sure the model "
        "is of such accounts; no method knows it of a single one.",
        "uncertain": "There were too few accounts to say how sure this is.",
        "by_day": "within {days} days",
        "typical": "a typical account of this business unit, kind and region",
        "other": "everything else",
        "start": "all accounts that the models learnt from",
        "segment": "business unit and kind of account",
        "timing": "pace of the business unit",
        "blending": "start of the models: the middle of the field, not its mean",
        "calibration": "correction found on accounts held out",
        "pooling": "what is known of this region beyond the signals",
        "part": "{what}: {how}",
        "times": "× {times}",
        "missing": "Not known, and it would tell: {what}",
        "since": "In {release} it was {before}, now it is {after}.",
        "since_model": "Other models score the same account × {times}.",
        "since_market": "Its kind, region or market moved it × {times}.",
        "changed": "{meaning}: {before} → {after}, × {times}",
    }
)
"""What is told of one account and how its probability comes about, by code; factors are of the odds."""

SEGMENTS = (
    Signal("segment_business_unit", "business unit", "name", category=True),
    Signal("segment_kind", "kind of success", "name", category=True),
)
"""What the models know of a row besides its signals."""

_SIGNALS = {signal.name: signal for signal in (*SEGMENTS, *BUILT_IN)}


@dataclass(frozen=True, slots=True)
class Speaker:
    """Speaks one language.

    Parameters
    ----------
    locale : for numbers.
    texts : the translation of each English text; none for English.
    """

    locale: Locale
    texts: Mapping[str, str]

    def say(self, text: str, **values: object) -> str:
        """Return a text in this language, numbers written as there; a text that nobody translated stays English."""
        spoken = {name: self.number(value) if _is_number(value) else value for name, value in values.items()}
        return self.name(text).format(**spoken)

    def name(self, name: str) -> str:
        """Return a name of the data, such as a stage, as it is called in this language; braces in it mean nothing."""
        return self.texts.get(name) or name

    def number(self, value: object) -> str:
        """Write a number with about three significant digits, and all digits before the decimal point."""
        if not isinstance(value, Real):
            return str(value)
        number = float(value)
        size = abs(number)
        pattern = "#,##0" if size >= 100 or size == 0 else "#,##0.#" if size >= 1 else "@##"
        return format_decimal(number, format=pattern, locale=self.locale)

    def fixed(self, value: float, decimals: int) -> str:
        """Write a number with so many decimals."""
        return format_decimal(value, format="#,##0." + "0" * decimals, locale=self.locale)

    def percent(self, share: float, decimals: int = 0) -> str:
        """Write a share as a percentage."""
        pattern = Locale.parse(self.locale).percent_formats[None].pattern
        precise = pattern.replace("0", "0." + "0" * decimals, 1) if decimals else pattern
        return format_percent(share, format=precise, locale=self.locale)


def languages() -> tuple[str, ...]:
    """Return the languages in which texts for people exist."""
    return (SOURCE_LANGUAGE, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


@lru_cache(maxsize=16)
def speaker(language: str) -> Speaker:
    """Return who speaks a language, or its base language where only that has a catalogue.

    Raises
    ------
    InputError
        If there is no catalogue for it.
    """
    try:
        locale = Locale.parse(language, sep="-")
    except (ValueError, UnknownLocaleError) as error:
        raise _unknown(language) from error
    if locale.language not in languages():
        raise _unknown(language)
    if locale.language == SOURCE_LANGUAGE:
        return Speaker(locale, {})
    with (CATALOGUES / f"{locale.language}.po").open("rb") as file:
        catalogue = read_po(file, locale=locale.language)
    return Speaker(locale, {str(m.id): str(m.string) for m in catalogue if m.id and m.string})


def reason_sentence(signal: str, value: float | str | None, contribution: float, language: str) -> str:
    """Say why a signal moved a score.

    Parameters
    ----------
    signal : its name; one that the catalogue of signals lacks is a user's own attribute and keeps its name.
    value : what the account has; None or NaN where it is missing.
    contribution : in log-odds.
    language : BCP-47, of the reader.
    """
    speak = speaker(language)
    declared = _SIGNALS.get(signal)
    return speak.say(
        RAISES if contribution >= 0 else LOWERS,
        meaning=signal_meaning(signal, language),
        value=_spoken_value(speak, declared, value),
    )


def signal_meaning(signal: str, language: str) -> str:
    """Say what a signal means; one that the catalogue of signals lacks is a user's own attribute and keeps its name.

    Parameters
    ----------
    signal : its name.
    language : BCP-47, of the reader.
    """
    declared = _SIGNALS.get(signal)
    return speaker(language).say(declared.meaning) if declared else _own_name(signal)


def change_sentence(
    signal: str, before: float | str | None, after: float | str | None, times: float, language: str
) -> str:
    """Say how a signal's change moved a score.

    Parameters
    ----------
    signal : its name.
    before, after : its values; None or NaN where missing.
    times : by how much the odds are multiplied, > 0.
    language : BCP-47, of the reader.
    """
    speak, declared = speaker(language), _SIGNALS.get(signal)
    return speak.say(
        ACCOUNT_TEXTS["changed"],
        meaning=signal_meaning(signal, language),
        before=_spoken_value(speak, declared, before),
        after=_spoken_value(speak, declared, after),
        times=speak.fixed(times, 2),
    )


def recommendation_sentence(code: str, parameters: Mapping[str, str], language: str) -> str:
    """Say why a playbook is recommended.

    Parameters
    ----------
    code : a key of RECOMMENDATION_REASONS.
    parameters : what the text's braces stand for; names of the data such as stages lose their underscores.
    language : BCP-47, of the reader.
    """
    speak = speaker(language)
    named = {name: speak.name(value.replace("_", " ")) for name, value in parameters.items()}
    return speak.say(RECOMMENDATION_REASONS[code], **named)


def release_sentence(code: str, values: Mapping[str, str | int | float], language: str) -> str:
    """Say what the reader of a release must know.

    Parameters
    ----------
    code : a key of RELEASE_NOTES.
    values : what the text's braces stand for.
    language : BCP-47, of the reader.
    """
    return speaker(language).say(RELEASE_NOTES[code], **values)


def signal_texts() -> tuple[str, ...]:
    """Return every text that a reason can be made of, each once."""
    signals = _SIGNALS.values()
    missing = (signal.missing for signal in signals if signal.missing)
    return tuple(dict.fromkeys((RAISES, LOWERS, NOT_RECORDED, NONE, *(signal.meaning for signal in signals), *missing)))


def _spoken_value(speak: Speaker, signal: Signal | None, value: float | str | None) -> str:
    if value is None or value != value:
        return speak.say((signal and signal.missing) or NOT_RECORDED)
    if value == "":
        return speak.say(NONE)
    if isinstance(value, str):
        return speak.name(value.replace("_", " ")) if signal and signal.category else value
    return speak.percent(value) if signal and signal.unit == "share" else speak.number(value)


def _own_name(signal: str) -> str:
    """Return what the user calls an attribute of their own."""
    return signal.removeprefix(ATTRIBUTE_PREFIX).replace("_", " ")


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _unknown(language: str) -> InputError:
    return InputError(f"language {language!r}: Glocal does not speak it; it speaks {', '.join(languages())}")
