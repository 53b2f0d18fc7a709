"""Why an item is recommended, said in no language."""

from __future__ import annotations

import numpy as np

from models.fit import Fit, Need
from models.profile import FACETS
from models.recommendation import RecommendationReason

TOPIC_FLOOR = 0.25
"""The cosine from which content counts as being on a topic: with the bundled encoder and the simulated library eight in
ten pairs that belong together lie above it, and of those that do not four in a thousand. A wrong reason costs more
trust than a missing one."""


def reasons_of(need: Need, fit: Fit, row: int, market: str, *, account_known: bool) -> tuple[RecommendationReason, ...]:
    """Return why the candidate of a row is shown, the weightiest first, at least one.

    Parameters
    ----------
    row : position among the candidates.
    market : ISO 3166-1 alpha-2 country that was asked for.
    """
    reasons = [*_topic(need, fit, row), *_facets(need, fit, row)]
    if role := fit.missing_role[row]:
        reasons.append(RecommendationReason("missing_role", {"role": role}))
    if fit.localised[row]:
        reasons.append(RecommendationReason("market_variant", {"market": market}))
    if not account_known:
        reasons.append(RecommendationReason("market_default"))
    elif not reasons:
        reasons.append(RecommendationReason("profile"))
    if fit.used[row]:
        reasons.append(RecommendationReason("already_used"))
    return tuple(reasons)


def _topic(need: Need, fit: Fit, row: int) -> list[RecommendationReason]:
    """Name the topic that the item serves best, if it serves any."""
    topics = [place for place, interest in enumerate(need.interests) if interest.is_topic]
    similarity = fit.interest_similarities[row]
    weighted = [need.interests[place].weight * similarity[place] for place in topics]
    if not topics or similarity[best := topics[int(np.argmax(weighted))]] < TOPIC_FLOOR:
        return []
    return [RecommendationReason("topic", {"topic": need.interests[best].text})]


def _facets(need: Need, fit: Fit, row: int) -> list[RecommendationReason]:
    return [
        RecommendationReason(field, {field: getattr(need.profile, field)})  # type: ignore[arg-type]
        for field in FACETS
        if fit.facets[field].iloc[row] > 0
    ]
