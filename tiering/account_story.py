"""The story of one account, in sentences of the reader's language, for the terminal and for a page alike."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from features.messages import (
    ACCOUNT_TEXTS,
    Speaker,
    change_sentence,
    reason_sentence,
    signal_meaning,
    speaker,
)
from models.hazards import ALL_LINES
from tiering.explanation import MARKET, Since, Step, UnitExplanation

MOST_SIGNALS = 3
"""Signals that are told of each step: as many as a person reads."""


LEAST_TOLD = 0.03
"""Log-odds: what moves the odds by less than three in a hundred is told together with everything else."""


@dataclass(frozen=True, slots=True)
class StoryStep:
    """One step from where all accounts start to the account's probability.

    Parameters
    ----------
    name : what it is about.
    odds : by how much it multiplies the odds; empty for the start.
    probability : after it.
    share : the same as a number, for a bar.
    because : the signals behind it.
    """

    name: str
    odds: str
    probability: str
    share: float
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Story:
    """What one business unit sees in an account.

    Parameters
    ----------
    title : the unit, the probability and over how many days it is.
    certainty : how sure the model is of accounts like it.
    by_day : by when, and how probable.
    steps : how the probability comes about, in the order in which it does.
    missing : what is not known.
    since : what changed since the release before; empty where there was none.
    """

    title: str
    certainty: str
    by_day: tuple[tuple[str, str], ...]
    steps: tuple[StoryStep, ...]
    missing: str
    since: tuple[str, ...]


def tell(unit: UnitExplanation, language: str) -> Story:
    """Tell how a business unit's probability for an account comes about.

    Parameters
    ----------
    unit : the explanation.
    language : BCP-47, of the reader.

    Raises
    ------
    InputError
        If Glocal does not speak the language.
    """
    speak = speaker(language)
    meanings = [signal_meaning(name, language) for name in unit.missing]
    return Story(
        title=speak.say(
            ACCOUNT_TEXTS["title"],
            business_unit=unit.business_unit,
            probability=_percent(speak, unit.probability),
            days=round(unit.horizon_days),
        ),
        certainty=speak.say(ACCOUNT_TEXTS["uncertain"])
        if math.isnan(unit.low)
        else speak.say(ACCOUNT_TEXTS["certainty"], low=_percent(speak, unit.low), high=_percent(speak, unit.high)),
        by_day=tuple(
            (speak.say(ACCOUNT_TEXTS["by_day"], days=days), _percent(speak, probability))
            for days, probability in unit.by_day.items()
        ),
        steps=_steps(speak, unit, language),
        missing=speak.say(ACCOUNT_TEXTS["missing"], what="; ".join(meanings)) if meanings else "",
        since=_since(speak, unit.since, unit.probability, language) if unit.since else (),
    )


def _steps(speak: Speaker, unit: UnitExplanation, language: str) -> tuple[StoryStep, ...]:
    """Start from a typical account, and put the families that hardly move anything into one step."""
    before = [step for step in unit.steps if step.name in ALL_LINES or step.name == MARKET]
    families = unit.steps[len(before) :]
    telling = [step for step in families if abs(step.contribution) >= LEAST_TOLD]
    steps = [_typical(speak, unit, before), *(_step(speak, step, language) for step in telling)]
    rest = sum(step.contribution for step in families[len(telling) :])
    if rest:
        odds, end = _times(speak, rest), unit.probability
        steps.append(StoryStep(speak.say(ACCOUNT_TEXTS["other"]), odds, _percent(speak, end), end))
    return tuple(steps)


def _typical(speak: Speaker, unit: UnitExplanation, before: Sequence[Step]) -> StoryStep:
    """Sum up what is the same for all accounts of a unit, kind and region."""
    parts = [(ACCOUNT_TEXTS["start"], _percent(speak, unit.start))]
    parts += [(ACCOUNT_TEXTS[step.name], _times(speak, step.contribution)) for step in before if step.contribution]
    return StoryStep(
        name=speak.say(ACCOUNT_TEXTS["typical"]),
        odds="",
        probability=_percent(speak, before[-1].probability),
        share=before[-1].probability,
        because=tuple(speak.say(ACCOUNT_TEXTS["part"], what=speak.say(what), how=how) for what, how in parts),
    )


def _step(speak: Speaker, step: Step, language: str) -> StoryStep:
    told = [one for one in step.signals if abs(one.contribution) >= LEAST_TOLD][:MOST_SIGNALS]
    return StoryStep(
        name=speak.name(step.name),
        odds=_times(speak, step.contribution),
        probability=_percent(speak, step.probability),
        share=step.probability,
        because=tuple(reason_sentence(one.signal, one.value, one.contribution, language) for one in told),
    )


def _since(speak: Speaker, since: Since, now: float, language: str) -> tuple[str, ...]:
    """Say what the probability was, and what moved it, leaving out what hardly did."""
    was = speak.say(
        ACCOUNT_TEXTS["since"],
        release=since.release,
        before=_percent(speak, since.probability),
        after=_percent(speak, now),
    )
    moved = [
        speak.say(ACCOUNT_TEXTS[code], times=speak.fixed(math.exp(log_odds), 2))
        for code, log_odds in (("since_model", since.by_model), ("since_market", since.by_market))
        if round(math.exp(log_odds), 2) != 1
    ]
    changed = [
        change_sentence(one.signal, one.before, one.after, math.exp(one.contribution), language)
        for one in since.signals
    ]
    return (was, *moved, *changed)


def _times(speak: Speaker, log_odds: float) -> str:
    return speak.say(ACCOUNT_TEXTS["times"], times=speak.fixed(math.exp(log_odds), 2))


def _percent(speak: Speaker, share: float) -> str:
    return speak.percent(share, 1)
