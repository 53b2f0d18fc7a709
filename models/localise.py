"""Localisation: of each family the one variant that suits market and language best."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from features.contracts import LAYERS
from features.group import Languages
from models.language_tags import ancestors, canonical_tag, primary_of, script_of
from models.policy import is_open

LanguageMatch = Literal["asked", "same_language", "fallback"]
"""Served as asked; in another form of the same language (``de`` for ``de-CH``); in another language."""

FallbackReason = Literal["not_in_library", "not_permitted", "not_in_every_family"]
"""Nobody wrote anything in the language; policy forbids all of it here; some of the best content lacks it."""


@dataclass(frozen=True, slots=True)
class LanguageServed:
    """Which language was asked for, and which was served.

    Parameters
    ----------
    asked : canonical tag.
    served : canonical tags of the items, in the order in which they first appear.
    fell_back : whether any item is in another language than the asked one.
    reason : why, if so.
    """

    asked: str
    served: tuple[str, ...]
    fell_back: bool
    reason: FallbackReason | None = None


@dataclass(frozen=True, slots=True)
class _Step:
    """One language to try.

    Parameters
    ----------
    script : what is written otherwise will not do.
    alone : whether only the tag itself will do, and not what descends from it: another country's text comes after
        the plain language (for ``en-AU``: ``en-001``, ``en``, ``en-GB``).
    """

    tag: str
    script: str
    alone: bool = False


def localise(variants: pd.DataFrame, asked: str, languages: Languages) -> pd.DataFrame:
    """Choose one variant per family.

    The best is decided by language, in the order of the group's chain; then the more local layer, the fewer markets,
    the later ``valid_from`` and the smaller ``asset_id``.

    Parameters
    ----------
    variants : rows of the canonical table that policy leaves.
    asked : canonical language tag.
    languages : the group's fallbacks.

    Returns
    -------
    DataFrame with one row per family, sorted by ``family_id``; ``language`` is in canonical form, ``language_match``
    a LanguageMatch. A family without any variant in the chain has no row.
    """
    tags = variants["language"].map(canonical_tag)
    steps = _steps(asked, languages)
    nearness = {tag: _nearness(tag, steps) for tag in tags.unique()}
    within = tags.map(nearness).notna()
    rows = variants.assign(language=tags).loc[within]
    order = pd.DataFrame(
        {
            "family_id": rows["family_id"],
            "nearness": rows["language"].map(nearness).astype("float64"),
            "layer": rows["layer"].map({layer: -place for place, layer in enumerate(LAYERS)}),
            "markets": [np.inf if is_open(markets) else len(markets) for markets in rows["markets"]],
            "age": -pd.to_datetime(rows["valid_from"]).astype("datetime64[us]").astype("int64").astype("float64"),
            "asset_id": rows["asset_id"],
        },
        index=rows.index,
    )
    best = order.sort_values(list(order.columns), kind="stable").drop_duplicates("family_id").index
    chosen = rows.loc[best]
    return chosen.assign(language_match=[language_match(tag, asked) for tag in chosen["language"]])


def language_match(served: str, asked: str) -> LanguageMatch:
    """Say how near a served language is to the asked one, both in canonical form."""
    if served == asked:
        return "asked"
    kin = primary_of(served) == primary_of(asked) or served in ancestors(asked) or asked in ancestors(served)
    return "same_language" if kin and script_of(served) == script_of(asked) else "fallback"


def language_served(
    asked: str, served: Iterable[str], permitted: Collection[str], library: Collection[str]
) -> LanguageServed:
    """Say in which languages an answer is, and why not in the asked one.

    Parameters
    ----------
    asked : canonical tag.
    served : canonical tags of the items, in order.
    permitted, library : canonical tags of what policy leaves, and of all there is.
    """
    tags = tuple(dict.fromkeys(served))
    if all(language_match(tag, asked) != "fallback" for tag in tags):
        return LanguageServed(asked, tags, fell_back=False)
    reason: FallbackReason = "not_in_every_family"
    if all(language_match(tag, asked) == "fallback" for tag in permitted):
        reason = "not_permitted"
    if all(language_match(tag, asked) == "fallback" for tag in library):
        reason = "not_in_library"
    return LanguageServed(asked, tags, fell_back=True, reason=reason)


def _steps(asked: str, languages: Languages) -> tuple[_Step, ...]:
    """Return the languages to try: the group's chain, and in it what CLDR knows the asked one to descend from."""
    key = {canonical_tag(tag): tag for tag in languages.fallback}.get(asked, asked)
    chain = list(dict.fromkeys(map(canonical_tag, languages.chain(key))))
    declared = set(map(canonical_tag, languages.fallback.get(key, ())))
    own = ancestors(asked)
    place = next((place for place, tag in enumerate(chain) if tag in own), 1 + len(declared))
    chain[place:place] = [tag for tag in own if tag not in chain]
    own_only = set(own) - declared
    return tuple(
        _Step(tag, script_of(asked), alone="-" in tag) if tag in own_only else _Step(tag, script_of(tag))
        for tag in chain
    )


def _nearness(tag: str, steps: tuple[_Step, ...]) -> float | None:
    """Return how near a variant's language is to the asked one, 0 being that itself; None: not in the chain."""
    line = (tag, *ancestors(tag))
    for place, step in enumerate(steps):
        if step.tag in (line[:1] if step.alone else line) and script_of(tag) == step.script:
            return place + line.index(step.tag) / (len(line) + 1)
    return None
