"""The stored reasons of a score as sentences in a reader's language."""

from __future__ import annotations

from features.messages import reason_sentence
from models.explain import reasons_from_json


def score_reasons(stored: str, locale: str) -> tuple[str, ...]:
    """Return the sentences of a score's reasons, the strongest first.

    Parameters
    ----------
    stored : JSON as models.explain writes it.
    locale : BCP-47, of the reader.

    Raises
    ------
    InputError
        If Glocal does not speak the locale.
    """
    return tuple(
        reason_sentence(reason.signal, reason.value, reason.contribution, locale)
        for reason in reasons_from_json(stored)
    )
