"""The recommender: which localised content to use with an account, now."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from features.group import Group
from models.fit import Candidates, Need, fit_of
from models.language_tags import canonical_tag
from models.localise import language_served, localise
from models.policy import eligible
from models.profile import AccountProfile, asked_for, context_text, interests, known_facets
from models.ranker import Ranker, Similarity
from models.recommendation import Recommendation, RecommendationReason, RecommendedItem
from models.recommendation_reasons import reasons_of
from models.request import RecommendationRequest, Vocabulary, checked, vocabulary
from models.text_encoder import Encoder
from models.vectors import LibraryVectors, query_vectors


@dataclass(frozen=True, eq=False)
class Recommender:
    """Recommends from one library; it keeps no state, so equal questions get equal answers, to the bit.

    Parameters
    ----------
    group : its languages, stages, personas and business units.
    playbooks : rows of the canonical table, of any status and date; nobody may change them afterwards.
    vectors : of these playbooks.
    encoder : the one that made the vectors.
    ranker : what puts permitted content in order.
    """

    group: Group
    playbooks: pd.DataFrame
    vectors: LibraryVectors
    encoder: Encoder
    ranker: Ranker = field(default_factory=Similarity)

    @cached_property
    def known(self) -> Vocabulary:
        """The values that a request may name."""
        return vocabulary(self.group, self.playbooks)

    def recommend(self, request: RecommendationRequest, profile: AccountProfile | None, at: datetime) -> Recommendation:
        """Return the best permitted content, policy before localisation before ranking.

        Parameters
        ----------
        request : as it came in.
        profile : what is known of the account at that time; None if the account is unknown, which gives what suits
            market, business unit, stage and persona of the request.
        at : UTC, without an offset.

        Raises
        ------
        InputError
            If the request names a market, language, persona, stage, business unit, channel or audience that there is
            not, or k is out of range.
        """
        request = checked(request, self.known)
        permitted = eligible(self.playbooks, request, at)
        chosen = localise(permitted.variants, request.language, self.group.languages)
        lacking = int((~permitted.variants["family_id"].isin(chosen["family_id"])).sum())
        items = self._ranked(self._need(profile, request), chosen, request, account_known=profile is not None)
        return Recommendation(
            items=items,
            fallback=language_served(
                request.language,
                [item.language for item in items],
                set(map(canonical_tag, permitted.variants["language"])),
                self.known.languages,
            ),
            filtered={**permitted.filtered, **({"language": lacking} if lacking else {})},
            account_known=profile is not None,
        )

    def _need(self, profile: AccountProfile | None, request: RecommendationRequest) -> Need:
        wanted = asked_for(profile, request, self.group.stages)
        wishes = interests(wanted)
        vectors, facets = self.vectors, known_facets(wanted)
        return Need(
            profile=wanted,
            interests=wishes,
            interest_vectors=query_vectors(self.encoder, [wish.text for wish in wishes], vectors.interest_centre),
            context_vector=query_vectors(
                self.encoder, [context_text(wanted)], vectors.context_centres.get(facets, vectors.interest_centre)
            ),
        )

    def _ranked(
        self, need: Need, chosen: pd.DataFrame, request: RecommendationRequest, *, account_known: bool
    ) -> tuple[RecommendedItem, ...]:
        """Return the k best variants; ties in the order of asset_id."""
        scores = self.ranker.scores(need, self._candidates(chosen))
        best = np.lexsort((chosen["asset_id"].to_numpy(str), -scores))[: request.k]
        shown = chosen.iloc[best]
        fit = fit_of(need, self._candidates(shown))
        return tuple(
            _item(
                variant,
                float(scores[best[row]]),
                reasons_of(need, fit, row, request.market, account_known=account_known),
            )
            for row, variant in enumerate(shown.itertuples(index=False))
        )

    def _candidates(self, variants: pd.DataFrame) -> Candidates:
        return Candidates(variants, self.vectors.of_families(list(variants["family_id"])))


def _item(variant: Any, score: float, reasons: tuple[RecommendationReason, ...]) -> RecommendedItem:
    return RecommendedItem(
        asset_id=variant.asset_id,
        family_id=variant.family_id,
        title=variant.title,
        layer=variant.layer,
        language=variant.language,
        language_match=variant.language_match,
        kind=_given(variant.kind),
        format=_given(variant.format),
        channel=_given(variant.channel),
        score=score,
        reasons=reasons,
    )


def _given(value: Any) -> str | None:
    return None if pd.isna(value) else str(value)
