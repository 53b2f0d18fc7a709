"""Recommendations: the one answer that the command line and the service give alike."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from features.errors import NotFoundError
from features.messages import recommendation_sentence, speaker
from features.tables import open_tables
from features.workspace import Workspace
from models.profile import AccountProfile, Topic
from models.recommendation import Recommendation, RecommendedItem
from models.request import RecommendationRequest, checked, vocabulary
from serving.accounts import KnownAccount, Named
from serving.content import Content, EncoderLoader, bundled_encoder, load_content
from serving.library import read_playbooks, with_changes
from serving.schemas.recommendations import (
    LanguageFallback,
    RecommendationAnswer,
    RecommendationItem,
    RecommendationQuery,
)
from tiering.feedback import Impression
from tiering.library import PlaybookChange
from tiering.store import Store

POLICY_VERSION = "similarity-1"
"""What ranks; it changes whenever the same library would be ranked otherwise."""


def answer_once(
    workspace: Workspace, query: RecommendationQuery, load_encoder: EncoderLoader = bundled_encoder
) -> RecommendationAnswer:
    """Answer one recommendation without a service; nothing is logged as shown.

    Parameters
    ----------
    workspace : with ingested data; published tiers are used if there are any.
    query : what is asked.
    load_encoder : loads the encoder of texts.

    Raises
    ------
    InputError
        If nothing was ingested yet, or the query names a value that there is not.
    """
    workspace.require_data()
    with Store(workspace.state_url) as store:
        changes = store.playbook_changes()
        _check(workspace, changes, query)
        return answer(load_content(workspace, load_encoder(workspace), changes), store, query)


def answer(content: Content, store: Store, query: RecommendationQuery) -> RecommendationAnswer:
    """Answer a recommendation.

    Parameters
    ----------
    content : accounts and library.
    store : tells which business unit leads an account, if tiers are published.
    query : what is asked.

    Raises
    ------
    InputError
        If the query names a market, language, persona, stage, business unit, channel, audience or locale that there is
        not.
    """
    speaker(query.locale)
    named = Named(query.account_id, query.source_id, query.domain, query.name)
    account = content.accounts.find(named, query.market)
    recommendation = content.recommender.recommend(
        _request(query), _profile(content, store, query, account), at=_now(content)
    )
    return _answered(query, account, recommendation)


def impressions(query: RecommendationQuery, answered: RecommendationAnswer, at: datetime) -> list[Impression]:
    """Return what an answer shows, as it is logged; the items are chosen for certain, not drawn.

    Parameters
    ----------
    query, answered : the question and its answer.
    at : when it was shown, UTC.
    """
    return [
        Impression(
            impression_id=impression_id(answered.request_id, item.asset_id),
            asset_id=item.asset_id,
            shown_at=at,
            account_id=answered.account_id or query.account_id,
            request_id=answered.request_id,
            policy_version=answered.policy_version,
            probability=1.0,
            position=position,
            market=query.market.strip().upper(),
            language=item.language,
            persona=query.persona,
            stage=query.stage,
            business_unit=query.business_unit,
        )
        for position, item in enumerate(answered.items, start=1)
    ]


def impression_id(request_id: str, asset_id: str) -> str:
    """Return the id of what a request showed, which feedback can tell without having been told."""
    return f"{request_id}:{asset_id}"


def _check(workspace: Workspace, changes: Sequence[PlaybookChange], query: RecommendationQuery) -> None:
    """Refuse what cannot be answered before the encoder is loaded, which takes seconds."""
    speaker(query.locale)
    with open_tables(workspace) as tables:
        playbooks = with_changes(read_playbooks(tables), changes)
    checked(_request(query), vocabulary(workspace.group(), playbooks))


def _request(query: RecommendationQuery) -> RecommendationRequest:
    return RecommendationRequest(
        market=query.market,
        language=query.language,
        k=query.k,
        account_id=query.account_id,
        persona=query.persona,
        stage=query.stage,
        business_unit=query.business_unit,
        channel=query.channel,
        audience=query.audience,
    )


def _profile(
    content: Content, store: Store, query: RecommendationQuery, account: KnownAccount | None
) -> AccountProfile | None:
    """Return what is known of an account, or else what the query says of it; None where that is nothing."""
    if account:
        unit = query.business_unit or _leading_unit(store, account.account_id)
        return content.accounts.profile(account.account_id, unit)
    if query.industry or query.topics:
        return AccountProfile(industry=query.industry, topics=tuple(Topic(name, 1.0) for name in query.topics))
    return None


def _leading_unit(store: Store, account_id: str) -> str | None:
    """Return the business unit that leads an account in the published tiers, if it is in them."""
    release = store.published()
    if release is None:
        return None
    try:
        return store.account(release.id, account_id).lead_business_unit
    except NotFoundError:
        return None


def _now(content: Content) -> datetime:
    """Return the present, or the end of the data if that is later: what has expired in the data has expired."""
    return max(datetime.now(UTC).replace(tzinfo=None), content.accounts.as_of)


def _answered(
    query: RecommendationQuery, account: KnownAccount | None, recommendation: Recommendation
) -> RecommendationAnswer:
    fallback = recommendation.fallback
    return RecommendationAnswer(
        request_id=uuid.uuid4().hex,
        account_id=account.account_id if account else None,
        account_known=account is not None,
        items=tuple(_item(item, query.locale) for item in recommendation.items),
        fallback=LanguageFallback(
            asked=fallback.asked, served=fallback.served, used=fallback.fell_back, reason=fallback.reason
        ),
        filtered=dict(recommendation.filtered),
        policy_version=POLICY_VERSION,
    )


def _item(item: RecommendedItem, locale: str) -> RecommendationItem:
    return RecommendationItem(
        asset_id=item.asset_id,
        family_id=item.family_id,
        title=item.title,
        layer=item.layer,
        language=item.language,
        kind=item.kind,
        format=item.format,
        channel=item.channel,
        score=item.score,
        reasons=tuple(recommendation_sentence(reason.code, reason.parameters, locale) for reason in item.reasons),
    )
