"""The log of what was shown: nothing is lost, nothing waits for a busy database, and feedback comes after it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from sqlalchemy import create_engine

from serving.shown import PATIENCE_SECONDS, ShownLog
from tiering.feedback import Impression
from tiering.store import Store

NOON = datetime.fromisoformat("2026-07-01T12:00")


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'state.db'}"


def shown(number):
    return Impression(f"i{number}", "asset", NOON, account_id="A1")


def test_many_at_once_are_all_written(url):
    with Store(url) as store:
        log = ShownLog(store)
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: log.add([shown(2 * number), shown(2 * number + 1)]), range(50)))
        log.settle()
        assert sorted(store.impressions()["impression_id"]) == sorted(f"i{number}" for number in range(100))
        log.stop(5)


def test_an_answer_does_not_wait_for_whoever_holds_the_database(url):
    with Store(url) as store:
        log = ShownLog(store)
        engine = create_engine(url)
        with engine.connect() as other:
            other.exec_driver_sql("BEGIN IMMEDIATE")
            started = time.monotonic()
            log.add([shown(1)])
            assert time.monotonic() - started < PATIENCE_SECONDS + 2
            assert store.impressions().empty
            other.rollback()
        engine.dispose()
        log.settle()
        assert len(store.impressions()) == 1
        log.stop(5)


def test_what_waits_is_written_before_the_end(url):
    with Store(url) as store:
        log = ShownLog(store)
        log.add([shown(1)])
        log.stop(5)
        assert len(store.impressions()) == 1
