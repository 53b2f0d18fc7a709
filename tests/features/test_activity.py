"""Activity: what their people did, what we did, what machines did, and what each is worth."""

from __future__ import annotations

from typing import Any

import ibis
import pandas as pd
import pytest

from features.activity import (
    CHANNELS,
    MACHINES,
    OPENED,
    OTHER_POINTS,
    OURS,
    PARTS,
    POINTS,
    SCORE_PARTS,
    SHARED,
    quarter_measures,
    quarter_totals,
    told_apart,
    unit_measures,
    year_measures,
)

SCHEMA = {"channel": "string", "action": "string", "contact_id": "string", "second": "int64"}

Event = tuple[str, str | None]


def events_of(*events: Event, who: str | None = "ann") -> ibis.Table:
    """Return events, the first in second 0, each a second after the other."""
    rows = [(*event, who, second) for second, event in enumerate(events)]
    return told_apart(ibis.memtable(pd.DataFrame(rows, columns=list(SCHEMA)), schema=SCHEMA))


def measured(*events: Event, who: str | None = "ann") -> dict[str, Any]:
    """Return what is counted of events, without zeros and what is missing."""
    rows = events_of(*events, who=who)
    found = rows.aggregate(**quarter_measures(rows) | year_measures(rows)).to_pandas().iloc[0].dropna()
    return {name: value for name, value in found.items() if value or name.endswith("second")}


@pytest.mark.parametrize(
    ("channel", "action", "whose"),
    [
        *(("email", action, "ours") for action in OURS),
        *(("email", action, "machine") for action in MACHINES),
        *(("email", action, "opened") for action in OPENED),
        ("content", "open", "theirs"),
        ("email", "click", "theirs"),
        ("email", None, "theirs"),
        ("web", "visit", "theirs"),
        ("call", "outbound", "ours"),
        ("ad", "shown", "ours"),
        ("fax", "whatever", "theirs"),
    ],
)
def test_whose_doing_it_was(channel: str, action: str | None, whose: str) -> None:
    found = events_of((channel, action)).select("theirs", "ours", "opened").to_pandas().iloc[0]
    assert [name for name, said in found.items() if said] == ([] if whose == "machine" else [whose])


def test_what_they_did_is_counted_by_channel() -> None:
    found = measured(*((channel, "visit") for channel in (*CHANNELS, "web", "fax")))
    assert found.pop("n") == len(CHANNELS) + 2
    counted = {name: count for name, count in found.items() if name.startswith("n_")}
    assert counted == dict.fromkeys((f"n_{channel}" for channel in CHANNELS), 1) | {"n_web": 2}


@pytest.mark.parametrize("event", [("email", None), ("email", "x"), ("fax", "visit"), ("support", "ticket")])
def test_an_action_that_nobody_named_is_worth_something(event: Event) -> None:
    assert OTHER_POINTS == 10
    assert {value for name, value in measured(event).items() if name.startswith("points_")} == {10}


@pytest.mark.parametrize(
    ("channel", "action", "part", "worth"),
    [
        ("meeting", "meeting", "meetings", 150), ("call", None, "meetings", 150), ("meeting", "held", "meetings", 150),
        ("event", "attend", "events", 100),
        ("webinar", "attend", "events", 100), ("web", "demo", "content", 150), ("content", "download", "content", 50),
        ("content", "share", "content", 50), ("email", "reply", "mail", 100), ("email", "click", "mail", 30),
        ("email", "forward", "mail", 50), ("ad", "click", "media", 30), ("social", "like", "media", 10),
        ("product", "login", "product", 10), ("support", "ticket", "product", 10), ("fax", "reply", "other", 100),
    ],
)  # fmt: skip
def test_what_each_is_worth(channel: str, action: str | None, part: str, worth: int) -> None:
    found = {name: value for name, value in measured((channel, action)).items() if name.startswith("points_")}
    assert found == {f"points_{part}": worth}


def test_what_we_and_machines_did_and_opened_mail_are_worth_nothing() -> None:
    """Ours is counted apart, and weighs 1 in the score; the rest is opened mail or nothing at all."""
    noise = measured(*(("email", action) for action in (*OURS, *MACHINES, *OPENED)))
    assert noise == {"sent": len(OURS), "opened": len(OPENED)}


def test_when_things_were_done() -> None:
    """The first share, the last talk and the last of all; what we did at last is none of them."""
    first = (("web", "visit"), ("email", "share"), ("call", None))
    found = measured(*first, ("content", "forward"), ("web", "visit"), ("call", "outbound"))
    assert (found["first_share_second"], found["last_talk_second"], found["last_second"]) == (1, 2, 4)
    assert found["shares"] == 2
    assert "last_second" not in measured(("email", "sent"), ("email", "open"))


def test_what_is_counted_of_a_business_unit() -> None:
    rows = events_of(("meeting", "meeting"), ("call", None), ("web", "visit"), ("call", "outbound"), ("email", "open"))
    found = rows.aggregate(**unit_measures(rows)).to_pandas().iloc[0].to_dict()
    assert found == {"n": 3, "talks": 2, "last_second": 2}


def test_what_is_younger_counts_more_in_the_score() -> None:
    """Of 10 points for each and one mail sent: 60 days ago once, 30 twice, 7 three times."""
    counts = {**{name: [1, 1, 1] for name in ("n", "sent", "opened", "shares")}, "first_share_second": [3, None, 2]}
    counts |= {f"n_{channel}": [1, 0, 1] for channel in CHANNELS}
    counts |= {f"points_{part}": [10, 10, 10] for part in (*PARTS, "other")}
    rows = ibis.memtable(pd.DataFrame({"day": [40, 70, 93], "cutoff_day": [100] * 3} | counts))
    found = rows.aggregate(**quarter_totals(rows)).to_pandas().iloc[0].to_dict()
    assert {found[f"points_{part}"] for part in (*PARTS, "other")} == {60}
    assert (found["points_sent"], found["n"], found["n_web"], found["first_share_second"]) == (6, 3, 2, 2)


def test_every_channel_is_in_one_part_of_the_score() -> None:
    placed = [channel for channels in PARTS.values() for channel in channels]
    assert sorted(placed) == sorted(CHANNELS)
    assert (*PARTS, "other", "sent") == SCORE_PARTS


def test_no_action_of_ours_or_of_a_machine_is_worth_points() -> None:
    assert not {*OURS, *MACHINES, *OPENED} & POINTS.keys()
    assert set(SHARED) <= POINTS.keys()
    assert min(*POINTS.values(), OTHER_POINTS) >= 10
