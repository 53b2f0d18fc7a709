"""What is read of the accounts: of all their ids together, of the right time, and what the committee lacks."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from features.group import Group
from models.profile import Topic
from serving.accounts import Named, plain_domain
from serving.reading import RECENT_DAYS, TITLES_READ, TOPIC_DAYS, read_accounts

AS_OF = datetime.fromisoformat("2026-07-01")
GROUP = Group(
    business_units={"cloud": {"horizon_days": 90, "committee": ("economic_buyer", "user", "legal")}},
    tiers={"programmatic": {"cost": 1, "effect": 0.1}},
)


def days_ago(days):
    return AS_OF - timedelta(days=days)


@pytest.fixture
def read(make_tables):
    def read_rows(**rows):
        accounts = [
            {"account_id": "b", "name": "Bär AG", "country": "CH", "domain": "baer.ch", "created_at": days_ago(900)},
            {"account_id": "a", "name": "BAR", "country": "CH", "domain": "baer.ch", "created_at": days_ago(800)},
        ]
        return read_accounts(make_tables({"accounts": accounts, **rows}, AS_OF), GROUP)

    return read_rows


def intent(account, topic, strength, days):
    return {"account_id": account, "topic": topic, "strength": strength, "observed_at": days_ago(days)}


def test_topics_of_all_ids_are_added_and_old_ones_left_out(read):
    index = read(
        intent=[
            intent("a", "cloud", 2.0, 5),
            intent("b", "cloud", 2.0, TOPIC_DAYS),
            intent("b", "robots", 3.0, 5),
            intent("a", "steam", 99.0, TOPIC_DAYS + 1),
        ]
    )
    assert index.profile("a", None).topics == (Topic("cloud", 4.0), Topic("robots", 3.0))
    assert index.all_topics == ("cloud", "robots", "steam")


def test_roles_that_nobody_holds_are_missing_in_the_order_of_the_group(read):
    index = read(
        contacts=[
            {"contact_id": "1", "account_id": "b", "created_at": days_ago(9), "buying_role": "user"},
            {
                "contact_id": "2",
                "account_id": "a",
                "created_at": days_ago(9),
                "left_at": days_ago(2),
                "buying_role": "legal",
            },
        ]
    )
    assert index.profile("a", "cloud").missing_roles == ("economic_buyer", "legal")
    assert index.profile("a", None).missing_roles == ()


def test_what_was_used_and_what_was_lately_opened(read):
    books = [
        {"asset_id": f"p{n}", "family_id": f"f{n}", "layer": "global", "language": "en", "title": f"T{n}", "body": "B"}
        for n in range(TITLES_READ + 3)
    ]

    def shown(number, outcome, days):
        return {
            "impression_id": f"i{number}",
            "account_id": "b",
            "asset_id": f"p{number}",
            "shown_at": days_ago(days + 1),
            "outcome": outcome,
            "outcome_at": days_ago(days),
        }

    opened = [
        {"event_id": f"e{n}", "account_id": "a", "asset_id": f"p{n}", "channel": "web", "occurred_at": days_ago(n + 1)}
        for n in range(2, TITLES_READ + 3)
    ]
    index = read(playbooks=books, events=opened, impressions=[shown(0, "used", RECENT_DAYS + 1), shown(1, "opened", 1)])
    profile = index.profile("a", None)
    assert profile.used_families == {"f0"}
    assert profile.recent_titles == tuple(f"T{n}" for n in range(1, TITLES_READ + 1))


def test_an_account_is_found_by_each_of_its_names(read):
    index = read()
    for named in (Named("a"), Named("b"), Named(domain="WWW.baer.ch:443"), Named(name="Bär")):
        found = index.find(named, "CH")
        assert found is not None
        assert found.account_id == "a"
    assert index.find(Named(name="Bär"), "DE") is None
    assert index.find(Named("c", "d", "e.com", "f"), "CH") is None
    assert index.find(Named(), "CH") is None


@pytest.mark.parametrize(
    "domain", ["baer.ch", "Baer.CH.", "https://www.baer.ch/a?b#c", "http://baer.ch:8080", " baer.ch "]
)
def test_plain_domains(domain):
    assert plain_domain(domain) == "baer.ch"
