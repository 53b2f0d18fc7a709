"""How probable it is that two names are one company's, by a model fitted on simulated pairs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.names.evidence import Evidence, weigh
from features.names.words import CompanyName, Kind

MODEL = Path(__file__).with_name("model.txt")
"""Trees that ``python -m benchmarks.name_model`` grows and writes."""

SAME_AT = 0.4
"""Names are taken for one company's from here on: best for labelled and simulated pairs that the fit did not see."""

OTHER_NUMBERS = 0.05
"""No more than this where the numbers in two names differ: plants and shell companies are told apart by them."""


def name_probabilities(pairs: Iterable[tuple[CompanyName, CompanyName]]) -> NDArray[np.float64]:
    """Return the probability of each pair of names being one company's, in [0, 1]; 0 where a name has no words.

    A name in Chinese characters is read in Chinese and in Japanese when the other is in other letters; the likelier
    counts.
    """
    of_each = [_readings(one, other) for one, other in pairs]
    found = np.zeros(len(of_each))
    weighed, rows = [], []
    for row, readings in enumerate(of_each):
        for one, other in readings:
            if one.words and other.words:
                weighed.append(weigh(one, other))
                rows.append(row)
    if rows:
        told = np.asarray(_model().predict(_matrix(weighed), num_threads=1))
        np.maximum.at(found, rows, np.minimum(told, [_ceiling(each) for each in weighed]))
    return found


def without_home(name: CompanyName, country: str) -> CompanyName:
    """Leave out of a name the country that the company is known to be in, unless nothing else would remain."""
    home = f"LOC:{country.lower()}"
    rest = tuple(word for word in name.words if word.kind is not Kind.PLACE or home not in word.meanings)
    japanese = without_home(name.japanese, country) if name.japanese else None
    words = rest if any(word.kind is not Kind.STOP for word in rest) else name.words
    return replace(name, words=words, japanese=japanese)


def _readings(one: CompanyName, other: CompanyName) -> Iterator[tuple[CompanyName, CompanyName]]:
    """Go through how two names may be read; two that are both in Chinese characters or kana need no reading."""
    yield one, other
    if one.japanese and not other.japanese:
        yield one.japanese, other
    elif other.japanese and not one.japanese:
        yield one, other.japanese


def _matrix(evidence: list[Evidence]) -> NDArray[np.float64]:
    return np.array([each.values() for each in evidence])


def _ceiling(evidence: Evidence) -> float:
    return OTHER_NUMBERS if evidence.numbers_on_both else 1.0


@lru_cache(maxsize=1)
def _model() -> lgb.Booster:
    return lgb.Booster(model_file=str(MODEL))
