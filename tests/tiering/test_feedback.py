"""Impressions and what came of them: recorded once, read back as the contract's table."""

from datetime import UTC, datetime, timedelta, timezone

import pandas as pd
import pytest

from features.contracts import TABLES
from features.errors import InputError, NotFoundError
from tiering.feedback import OUTCOMES, Feedback, Impression
from tiering.store import Store

NOON = datetime.fromisoformat("2026-07-01T12:00")


def shown(number: int, **values: str) -> Impression:
    return Impression(f"i{number}", "asset-ü", NOON, account_id="a1", probability=0.5, position=number, **values)


def came(event: str, outcome: str, hours: int, impression: str = "i1") -> Feedback:
    return Feedback(event, impression, outcome, NOON + timedelta(hours=hours))


def test_the_same_again_changes_nothing(store: Store) -> None:
    assert store.record_impressions([shown(1), shown(2)]) == 2
    assert store.record_impressions([shown(2, market="FR"), shown(3)]) == 1
    assert store.record_feedback([came("e1", "opened", 1)]) == 1
    assert store.record_feedback([came("e1", "opened", 9), came("e2", "used", 2)]) == 1
    rows = store.impressions().set_index("impression_id")
    assert rows.index.tolist() == ["i1", "i2", "i3"]
    assert pd.isna(rows.loc["i2", "market"])


def test_one_event_twice_in_one_call_counts_once(store: Store) -> None:
    store.record_impressions([shown(1)])
    assert store.record_feedback([came("e1", "opened", 1), came("e1", "opened", 1)]) == 1


def test_nothing_is_something(store: Store) -> None:
    assert store.record_impressions([]) == 0
    assert store.record_feedback([]) == 0
    assert store.impressions().empty


def test_the_furthest_outcome_counts_from_when_it_first_came(store: Store) -> None:
    store.record_impressions([shown(1), shown(2), shown(3)])
    store.record_feedback(
        [
            came("e1", "meeting", 5),
            came("e2", "meeting", 3),
            came("e3", "opened", 1),
            came("e4", "viewed", 2),
            came("e5", "viewed", 1),
            came("e6", "viewed", 7, "i2"),
        ]
    )
    rows = store.impressions().set_index("impression_id")
    assert rows.loc["i1", ["outcome", "outcome_at", "viewed_at"]].tolist() == [
        "meeting",
        NOON + timedelta(hours=3),
        NOON + timedelta(hours=1),
    ]
    assert rows.loc["i2", "viewed_at"] == NOON + timedelta(hours=7)
    assert pd.isna(rows.loc["i2", "outcome"])
    assert rows.loc["i3", ["outcome", "outcome_at", "viewed_at"]].isna().all()


def test_it_is_the_contract_s_table(store: Store) -> None:
    store.record_impressions([shown(1), Impression("i2", "asset", NOON)])
    rows = store.impressions()
    assert set(rows.columns) <= set(TABLES["impressions"].columns)
    assert set(TABLES["impressions"].required) <= set(rows.columns)
    assert rows["impression_id"].tolist() == ["i1"]


def test_offsets_become_utc(store: Store) -> None:
    tokyo = timezone(timedelta(hours=9))
    store.record_impressions([Impression("i1", "asset", NOON.replace(tzinfo=tokyo), account_id="a")])
    store.record_feedback([Feedback("e1", "i1", "used", NOON.replace(tzinfo=UTC))])
    row = store.impressions().loc[0]
    assert (row["shown_at"], row["outcome_at"]) == (datetime.fromisoformat("2026-07-01T03:00"), NOON)


def test_feedback_on_nothing_is_refused_whole(store: Store) -> None:
    store.record_impressions([shown(1)])
    with pytest.raises(NotFoundError, match="'i9'"):
        store.record_feedback([came("e1", "opened", 1), came("e2", "opened", 1, "i9")])
    assert store.impressions()["outcome"].isna().all()


def test_an_unknown_outcome_is_refused(store: Store) -> None:
    store.record_impressions([shown(1)])
    with pytest.raises(InputError, match=f"'loved'.*{', '.join(OUTCOMES)}"):
        store.record_feedback([came("e1", "loved", 1)])
