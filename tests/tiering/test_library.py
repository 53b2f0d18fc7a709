"""Changes to the playbook library."""

from datetime import datetime

from tiering.store import Store


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
