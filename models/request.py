"""What is asked of the recommender, and which values there are to ask for."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

import pandas as pd

from features.contracts import AUDIENCES
from features.countries import codes
from features.errors import InputError
from features.group import Group
from models.language_tags import canonical_tag, check_language

MOST_ITEMS = 100


@dataclass(frozen=True, slots=True)
class RecommendationRequest:
    """The question which content to use for this account, market, persona and stage.

    Parameters
    ----------
    market : ISO 3166-1 alpha-2 country in which the content is to be used.
    language : BCP-47 language in which it is wanted.
    k : how many items at most, 1 to 100.
    account_id : for the record only; what is known of the account comes as its profile.
    persona, stage : soft: content made for them comes first.
    business_unit, channel, audience : hard: other content never appears.
    """

    market: str
    language: str
    k: int = 5
    account_id: str | None = None
    persona: str | None = None
    stage: str | None = None
    business_unit: str | None = None
    channel: str | None = None
    audience: str | None = None


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The values that a request may name, each sorted.

    Parameters
    ----------
    languages : canonical tags of the library.
    fallbacks : canonical tags for which the group declares others to stand in.
    """

    personas: tuple[str, ...]
    stages: tuple[str, ...]
    business_units: tuple[str, ...]
    channels: tuple[str, ...]
    languages: tuple[str, ...]
    fallbacks: tuple[str, ...]


def vocabulary(group: Group, playbooks: pd.DataFrame) -> Vocabulary:
    """Collect what the group declares and what the library names.

    Parameters
    ----------
    playbooks : rows of the canonical table, of any status and date.
    """
    return Vocabulary(
        personas=_sorted(group.personas, _listed(playbooks["personas"])),
        stages=_sorted(group.stages, _listed(playbooks["stages"])),
        business_units=_sorted(group.business_units, _listed(playbooks["business_units"])),
        channels=_sorted(playbooks["channel"].dropna()),
        languages=_sorted(map(canonical_tag, playbooks["language"])),
        fallbacks=_sorted(map(canonical_tag, group.languages.fallback)),
    )


def checked(request: RecommendationRequest, known: Vocabulary) -> RecommendationRequest:
    """Return the request with market and language in canonical form.

    Raises
    ------
    InputError
        If k is out of range, the market is no country, the language no language, or another value is unknown. Where
        neither group nor library names any persona (stage, channel), none is wrong.
    """
    if not 1 <= request.k <= MOST_ITEMS:
        raise InputError(f"request: k is {request.k}; give a number from 1 to {MOST_ITEMS}")
    _check("persona", request.persona, known.personas)
    _check("stage", request.stage, known.stages)
    _check("business_unit", request.business_unit, known.business_units)
    _check("channel", request.channel, known.channels)
    _check("audience", request.audience, AUDIENCES)
    language = check_language(request.language, {*known.languages, *known.fallbacks})
    return replace(request, market=_market(request.market), language=language)


def _market(code: str) -> str:
    market = code.strip().upper()
    if market not in codes():
        raise InputError(
            f"request: market {code!r} is no ISO 3166-1 alpha-2 country code; give one such as 'DE' or 'JP'"
        )
    return market


def _check(field: str, value: str | None, known: Collection[str]) -> None:
    if value is not None and known and value not in known:
        raise InputError(f"request: {field} {value!r} is unknown; give none, or one of: {', '.join(known)}")


def _listed(lists: pd.Series) -> Iterable[str]:
    """Return the values of all lists, missing lists left out."""
    return lists.explode().dropna()


def _sorted(*values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({value for some in values for value in some}))
