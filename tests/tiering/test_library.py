"""Changes to the playbook library."""

import threading
from datetime import datetime

from tiering.library import change_playbook
from tiering.store import Store

NOON = datetime.fromisoformat("2026-07-01T12:00")


def test_changes_come_back_in_order(store: Store) -> None:
    at = datetime.fromisoformat("2026-07-01")
    document = {"title": "電力の手引き", "markets": ["JP"], "expires_at": None}
    store.put_playbook("p1", document, at)
    store.put_playbook("p1", document | {"title": "新しい手引き"}, at)
    store.delete_playbook("p2", at)
    first, second, third = store.playbook_changes()
    assert (first.asset_id, first.document, first.changed_at) == ("p1", document, at)
    assert second.document == document | {"title": "新しい手引き"}
    assert (third.asset_id, third.document) == ("p2", None)
    assert store.playbook_changes(after=second.number) == [third]
    assert store.playbook_changes(after=third.number) == []


def test_a_change_is_not_seen_before_one_with_a_smaller_number(store: Store) -> None:
    """Who has read up to a number never has to look back."""
    with store._writing.begin() as connection:
        change_playbook(connection, "first", {}, NOON)
        second = threading.Thread(target=store.put_playbook, args=("second", {}, NOON))
        second.start()
        second.join(0.5)
        assert store.playbook_changes() == []
    second.join()
    assert [change.asset_id for change in store.playbook_changes()] == ["first", "second"]
