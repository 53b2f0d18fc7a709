"""How probable it is that two names are one company's, by a model fitted on simulated pairs."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

from features.names.evidence import Evidence, weigh
from features.names.words import CompanyName, Kind

MODEL = Path(__file__).with_name("model.txt")
"""Trees that ``python -m benchmarks.name_model`` grows and writes."""

SAME_AT = 0.47
"""Names are taken for one company's from here on: the middle of what is best for F1 on simulated pairs held out."""

OTHER_NUMBERS = 0.05
"""No more than this where the numbers in two names differ: funds, plants and shell companies are told apart by them."""


def name_probabilities(pairs: Iterable[tuple[CompanyName, CompanyName]]) -> NDArray[np.float64]:
    """Return the probability of each pair of names being one company's, in [0, 1]; 0 where a name has no words."""
    weighed = [weigh(one, other) if one.words and other.words else None for one, other in pairs]
    found = np.zeros(len(weighed))
    rows = [row for row, evidence in enumerate(weighed) if evidence is not None]
    if rows:
        evidence = [each for each in weighed if each is not None]
        found[rows] = np.minimum(
            np.asarray(_model().predict(_matrix(evidence), num_threads=1)), [_ceiling(e) for e in evidence]
        )
    return found


def without_home(name: CompanyName, country: str) -> CompanyName:
    """Leave out of a name the country that the company is known to be in, unless nothing else would remain."""
    home = f"LOC:{country.lower()}"
    rest = tuple(word for word in name.words if word.kind is not Kind.PLACE or home not in word.meanings)
    return CompanyName(rest, name.legal) if any(word.kind is not Kind.STOP for word in rest) else name


def _matrix(evidence: list[Evidence]) -> NDArray[np.float64]:
    return np.array([each.values() for each in evidence])


def _ceiling(evidence: Evidence) -> float:
    return OTHER_NUMBERS if evidence.numbers_on_both else 1.0


@lru_cache(maxsize=1)
def _model() -> lgb.Booster:
    return lgb.Booster(model_file=str(MODEL))
