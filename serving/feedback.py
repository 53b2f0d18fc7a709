"""Feedback: what came of content that was shown, by this service or elsewhere."""

from __future__ import annotations

from serving.recommendations import impression_id
from serving.schemas.feedback import FeedbackAnswer, FeedbackBatch, FeedbackEvent
from tiering.feedback import Feedback, Impression
from tiering.store import Store


def record(store: Store, batch: FeedbackBatch) -> FeedbackAnswer:
    """Record events; those recorded before change nothing, whatever the order.

    An event on something that was never logged as shown, because another program showed it, is its own evidence that
    it was shown: an impression without position and probability is recorded with it.
    """
    store.record_impressions([_shown(event) for event in batch.events])
    accepted = store.record_feedback([_came(event) for event in batch.events])
    return FeedbackAnswer(accepted=accepted, duplicate=len(batch.events) - accepted)


def _shown(event: FeedbackEvent) -> Impression:
    """Return the impression that an event is about; one that is logged stays as it was logged."""
    return Impression(
        impression_id=_impression(event),
        asset_id=event.asset_id,
        shown_at=event.occurred_at,
        account_id=event.account_id,
        request_id=event.request_id,
        contact_id=event.contact_id,
        team=event.team,
    )


def _came(event: FeedbackEvent) -> Feedback:
    return Feedback(
        event_id=event.event_id,
        impression_id=_impression(event),
        outcome=event.outcome,
        occurred_at=event.occurred_at,
    )


def _impression(event: FeedbackEvent) -> str:
    return impression_id(event.request_id or f"event:{event.event_id}", event.asset_id)
