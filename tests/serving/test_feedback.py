"""Feedback: sent twice, in parts and in any order, it comes to the same."""

from __future__ import annotations

import itertools
import math

from hypothesis import given, settings
from hypothesis import strategies as st

from tiering.feedback import OUTCOMES
from tiering.store import Store

run = itertools.count()


def send(served, events):
    answer = served.client.post("/v1/feedback", json={"events": events})
    assert answer.status_code == 200, answer.text
    return answer.json()


def outcomes(served, request_id):
    with Store(served.workspace.state_url) as store:
        rows = store.impressions()
    rows = rows[rows["request_id"] == request_id].sort_values("asset_id")
    return rows[["asset_id", "outcome", "outcome_at", "viewed_at"]].astype(str).to_numpy().tolist()


@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_any_order_and_any_repetition_come_to_the_same(served, data):
    number = next(run)
    pairs = [served.recommend(account_id="A006", k=3) for _ in range(2)]
    drawn = data.draw(
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from(OUTCOMES), st.integers(0, 59)), min_size=1, max_size=6)
    )
    shuffled = data.draw(st.permutations(range(len(drawn))))
    again = data.draw(st.lists(st.sampled_from(shuffled), max_size=4))
    for answer, order in zip(pairs, ([*range(len(drawn))], [*shuffled, *again]), strict=True):
        events = [
            {
                "event_id": f"{answer['request_id']}-{number}-{place}",
                "request_id": answer["request_id"],
                "account_id": "A006",
                "asset_id": answer["items"][drawn[place][0]]["asset_id"],
                "outcome": drawn[place][1],
                "occurred_at": f"2026-07-02T10:{drawn[place][2]:02d}:00+02:00",
            }
            for place in order
        ]
        cut = data.draw(st.integers(0, len(events)))
        sent = [send(served, part) for part in (events[:cut], events[cut:]) if part]
        assert sum(one["accepted"] for one in sent) == len(drawn)
        assert sum(one["duplicate"] for one in sent) == len(events) - len(drawn)
    assert outcomes(served, pairs[0]["request_id"]) == outcomes(served, pairs[1]["request_id"])


def test_what_another_program_showed_is_kept_too(served):
    event = {
        "event_id": "elsewhere-1",
        "account_id": "A008",
        "asset_id": "turbines-en",
        "outcome": "meeting",
        "occurred_at": "2026-07-03T08:00:00Z",
    }
    assert send(served, [event]) == {"accepted": 1, "duplicate": 0}
    assert send(served, [event]) == {"accepted": 0, "duplicate": 1}
    with Store(served.workspace.state_url) as store:
        rows = store.impressions()
    (row,) = rows[rows["account_id"] == "A008"].to_dict("records")
    assert (row["asset_id"], row["outcome"]) == ("turbines-en", "meeting")
    assert math.isnan(row["probability"])


def test_an_outcome_that_there_is_not_and_a_time_without_offset_are_refused(served):
    event = {"event_id": "e", "account_id": "A1", "asset_id": "x", "outcome": "used", "occurred_at": "2026-07-03T08Z"}
    for field, value in (("outcome", "liked"), ("occurred_at", "2026-07-03T08:00:00"), ("event_id", "")):
        answer = served.client.post("/v1/feedback", json={"events": [{**event, field: value}]})
        assert answer.status_code == 422
        assert answer.json()["error"]["where"] == f"body.events.0.{field}"


def test_what_was_shown_to_an_account_not_known_yet_keeps_its_id(served):
    answer = served.recommend(account_id="not known yet", k=1)
    assert answer["account_known"] is False
    with Store(served.workspace.state_url) as store:
        rows = store.impressions()
    assert rows.loc[rows["request_id"] == answer["request_id"], "account_id"].tolist() == ["not known yet"]


def test_a_time_beyond_the_calendar_is_refused(served):
    event = {"event_id": "e", "account_id": "A006", "asset_id": "a", "outcome": "used"}
    answer = served.client.post(
        "/v1/feedback", json={"events": [{**event, "occurred_at": "9999-12-31T23:59:59-12:00"}]}
    )
    assert answer.status_code == 422
    assert "body.events.0.occurred_at: in UTC this lies beyond the calendar" in answer.json()["error"]["message"]
