"""Rankers: what of the permitted content comes first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.fit import Candidates, Fit, Need, fit_of


@dataclass(frozen=True, slots=True)
class Weight:
    """What it is worth, in cosine, that a playbook is declared for a value, and what it costs to be for others."""

    match: float
    mismatch: float


FACET_WEIGHTS = {
    "stage": Weight(0.10, -0.10),
    "persona": Weight(0.10, -0.05),
    "industry": Weight(0.08, -0.15),
    "business_unit": Weight(0.05, -0.10),
}
"""Against the 0.4 that a topic's own content reaches with the bundled encoder, and the 0.1 by which cosines scatter:
a topic decides, stage and persona decide among content on it, and furnaces are not shown to hospitals. The wrong
persona costs less than the wrong stage, since content is passed on within a committee."""

CONTEXT_WEIGHT = 0.5
"""Industry, stage and persona as a text say in general what the declared lists say exactly."""

MISSING_ROLE = 0.05
"""Half a persona: nobody asked for it."""

USED = -0.5
"""More than a topic is worth: what was used comes back where nothing else suits."""

OTHER_LANGUAGE = -0.05
LOCALISED = 0.02
"""Content in the reader's language, and made for the market, wins among equals only."""


class Ranker(Protocol):
    """Scores candidates; a candidate's score does not depend on which others there are."""

    def scores(self, need: Need, candidates: Candidates, /) -> NDArray[np.float64]:
        """Return finite scores of shape (n_candidates,); the higher, the earlier."""


@dataclass(frozen=True, slots=True)
class Similarity:
    """Ranks by what the content is about: nearness to the strongest interest and to the context, and declared fit."""

    def scores(self, need: Need, candidates: Candidates) -> NDArray[np.float64]:
        """Return similarity plus the declared weights, about -1 to 2."""
        fit = fit_of(need, candidates)
        facets = sum(
            (np.select([fit.facets[name] > 0, fit.facets[name] < 0], [weight.match, weight.mismatch], 0.0))
            for name, weight in FACET_WEIGHTS.items()
        )
        likeness = nearest_interest(need, fit) + CONTEXT_WEIGHT * fit.context_similarity
        reach = MISSING_ROLE * np.array([bool(role) for role in fit.missing_role], dtype=float)
        place = OTHER_LANGUAGE * fit.other_language + LOCALISED * fit.localised
        return np.asarray(likeness + facets + reach + place + USED * fit.used, dtype=np.float64)


def nearest_interest(need: Need, fit: Fit) -> NDArray[np.float64]:
    """Return the weighted cosine of the interest that each candidate serves best, shape (n,); 0 without interests.

    Notes
    -----
    The best one and not the sum: an account that reads about four things wants content on any of them, not content
    that lies between them.
    """
    if not need.interests:
        return np.zeros(len(fit.used))
    weights = np.array([interest.weight for interest in need.interests])
    return np.asarray((fit.interest_similarities * weights).max(axis=1))


@dataclass(frozen=True, slots=True)
class Popularity:
    """Ranks by how often a family was shown before.

    Parameters
    ----------
    shown : number of impressions by ``family_id``.
    """

    shown: Mapping[str, int] = field(default_factory=dict)

    def scores(self, _need: Need, candidates: Candidates) -> NDArray[np.float64]:
        """Return numbers of impressions."""
        return np.asarray(candidates.variants["family_id"].map(self.shown).fillna(0), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Newest:
    """Ranks by the date from which a variant is valid; what has none is oldest."""

    def scores(self, _need: Need, candidates: Candidates) -> NDArray[np.float64]:
        """Return days since 1970-01-01, 0 without a date."""
        days = (pd.to_datetime(candidates.variants["valid_from"]) - pd.Timestamp(0)) / pd.Timedelta(days=1)
        return np.asarray(days.fillna(0.0), dtype=np.float64)
