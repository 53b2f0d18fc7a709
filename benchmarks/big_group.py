"""A large synthetic group, written straight into a warehouse by SQL: for measuring speed, not for learning from."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import duckdb
import ibis

from features.contracts import TABLES
from features.group import DEFAULT_TIERS, BusinessUnit, Group
from features.tables import Tables, read_tables

if TYPE_CHECKING:
    from collections.abc import Iterator

START, END = datetime.fromisoformat("2022-01-01"), datetime.fromisoformat("2025-01-01")
"""Between which everything happens but the founding of accounts and the coming of contacts, which began earlier."""

ROLES = ("champion", "economic_buyer", "legal", "technical_evaluator", "user")

GROUP = Group(
    regions={"AMER": ("BR", "MX", "US"), "APAC": ("AU", "IN", "JP"), "EMEA": ("DE", "ES", "FR", "GB", "IT")},
    business_units={
        "cloud": BusinessUnit(horizon_days=90, committee=ROLES),
        "health": BusinessUnit(horizon_days=365, committee=ROLES[:3]),
        "industrial": BusinessUnit(horizon_days=540, committee=(ROLES[1], ROLES[3])),
        "security": BusinessUnit(horizon_days=180),
    },
    tiers=DEFAULT_TIERS,
)
"""The group file of the group; accounts in SG are in none of its regions."""

PLAYBOOKS = 200
_BEFORE = 1000
"""Days before START in which accounts and contacts came to be known."""

_MAIL = ["sent", "sent", "delivered", "open", "open", "machine_open", "click", "reply", "forward", "bounced"]
_OTHER = ["visit", "visit", "visit", "view", "download", "attend", "share", "demo", "outbound", "bot_click", None]
_CHANNELS = [
    *["web"] * 5, *["email"] * 5, *["content"] * 2, *["ad"] * 2, "event", "webinar", "call", "meeting", "social",
    "product", "support", "podcast",
]  # fmt: skip
_COUNTRIES = ["US", "US", "US", "DE", "DE", "FR", "GB", "JP", "BR", "IN", "AU", "ES", "IT", "MX", "SG"]
_SQL_TYPES = {
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "float64": "DOUBLE",
    "int64": "BIGINT",
    "array<string>": "VARCHAR[]",
}


@dataclass(frozen=True, slots=True)
class Size:
    """How large a group is.

    Parameters
    ----------
    accounts : how many, each with four business units, 6 contacts, 4 orders and 1.5 opportunities.
    events : how many over three years; a tenth as many intent signals, a twentieth usage, a fiftieth impressions.
    seed : of everything that is drawn.
    """

    accounts: int
    events: int
    seed: int = 1

    @property
    def file(self) -> str:
        """What its warehouse is called."""
        return f"group-{self.accounts}-{self.events}-{self.seed}.duckdb"


@dataclass(frozen=True, slots=True)
class _Made:
    """How a table is made: from which rows, and its columns as SQL; those it does not name are NULL."""

    rows: str
    columns: Mapping[str, str]


def make_group(path: Path, size: Size) -> None:
    """Write the warehouse of a group; the same size gives the same rows."""
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    with duckdb.connect(str(unfinished)) as connection:
        _define(connection, size)
        for name, made in _tables(size).items():
            connection.execute(f"CREATE TABLE {name} AS {_select(name, made)}")
        connection.execute("CREATE TABLE entities AS SELECT account_id, account_id AS entity_id FROM accounts")
        connection.execute(
            "CREATE TABLE links "
            "(left_id VARCHAR, right_id VARCHAR, evidence VARCHAR, probability DOUBLE, crowd_id VARCHAR)"
        )
        connection.execute("CREATE TABLE static_columns AS SELECT 'accounts' AS table_name, 'industry' AS column_name")
        connection.execute(
            f"CREATE TABLE ingest_facts AS SELECT * FROM (VALUES ('as_of', '{END.isoformat()}'), "
            f"('data_version', '{path.stem}')) facts(key, value)"
        )
    unfinished.rename(path)


@contextmanager
def open_group(folder: Path, size: Size) -> Iterator[Tables]:
    """Open the tables of a group, made first if the folder lacks it; plans are kept as in a workspace."""
    connection = ibis.duckdb.connect(warehouse(folder, size), read_only=True)
    try:
        yield replace(read_tables(connection), plans=folder / "plans")
    finally:
        connection.disconnect()


def warehouse(folder: Path, size: Size) -> Path:
    """Return the warehouse of a group, made first if the folder lacks it."""
    path = folder / size.file
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        make_group(path, size)
    return path


def _define(connection: duckdb.DuckDBPyConnection, size: Size) -> None:
    """Define what draws: a whole number below n, a share, one of a list, and a time within some days."""
    for macro in (
        f"draw(i, salt, n) AS CAST(hash(i, salt, {size.seed}) % CAST(n AS UBIGINT) AS BIGINT)",
        f"share(i, salt) AS (hash(i, salt, {size.seed}) % 1000003) / 1000003.0",
        "one_of(i, salt, list) AS list_extract(list, 1 + draw(i, salt, len(list)))",
        "after(moment, i, salt, days) AS moment + to_seconds(draw(i, salt, days * 86400))",
        (
            "since_start(i, salt, before, days) AS "
            f"after(TIMESTAMP '{START}' - to_days(CAST(before AS INTEGER)), i, salt, days)"
        ),
        # what is dated by its place in the table comes in the order of time, as exports do, a day more or less
        (
            f"in_turn(i, of, salt) AS TIMESTAMP '{START}' + to_seconds(CAST(i * {_SPAN - 86_400} / of AS BIGINT) "
            "+ draw(i, salt, 86400))"
        ),
        "late(moment, i, salt) AS CASE WHEN draw(i, salt, 100) < 3 THEN after(moment, i, salt + 1, 20) END",
        # a few accounts do most of what is done
        f"busy(i, salt) AS CAST(floor({size.accounts} * pow(share(i, salt), 3)) AS BIGINT) * 7919 % {size.accounts}",
        "account(n) AS '001Hs' || lpad(CAST(n AS VARCHAR), 10, '0')",
        "contact(n) AS '003Hs' || lpad(CAST(n AS VARCHAR), 10, '0')",
        "opportunity(n) AS '006Hs' || lpad(CAST(n AS VARCHAR), 10, '0')",
        "asset(n) AS 'play-' || n",
        f"colleague(a, i, salt) AS contact(a + {size.accounts} * draw(i, salt, 6))",
        "unit(i, salt) AS one_of(i, salt, " + _list(sorted(GROUP.business_units)) + ")",
    ):
        connection.execute(f"CREATE TEMP MACRO {macro}")


_SPAN = int((END - START) // timedelta(seconds=1))


def _list(values: list[str | None] | list[str]) -> str:
    return "[" + ", ".join("NULL" if value is None else f"'{value}'" for value in values) + "]"


def _select(name: str, made: _Made) -> str:
    columns = {
        column: made.columns.get(column, f"CAST(NULL AS {_SQL_TYPES[declared.dtype]})")
        for column, declared in TABLES[name].columns.items()
    }
    return "SELECT " + ", ".join(f'{sql} AS "{column}"' for column, sql in columns.items()) + f" FROM {made.rows}"


def _tables(size: Size) -> Mapping[str, _Made]:
    """Say how each table is made, in the order of the contract."""
    made = {
        "accounts": _accounts(size),
        "account_history": _account_history(size),
        "contacts": _contacts(size),
        "events": _events(size),
        "intent": _intent(size),
        "opportunities": _opportunities(size),
        "opportunity_history": _opportunity_history(),
        "opportunity_contacts": _opportunity_contacts(size),
        "usage": _usage(size),
        "orders": _orders(size),
        "playbooks": _playbooks(),
        "impressions": _impressions(size),
        "rates": _Made("range(0) t(i)", {}),
    }
    return MappingProxyType(made)


def _accounts(size: Size) -> _Made:
    created = f"since_start(i, 1, {_BEFORE}, {_BEFORE + 900})"
    return _Made(
        f"range({size.accounts}) t(i)",
        {
            "account_id": "account(i)",
            "name": "one_of(i, 2, ['Nord', 'Stella', 'Kawa', 'Prime', 'Atlas']) || ' ' || i || ' GmbH'",
            "country": f"one_of(i, 3, {_list(_COUNTRIES)})",
            "domain": "CASE WHEN draw(i, 4, 10) < 8 THEN 'n' || i || '.example' END",
            "lei": "CASE WHEN draw(i, 5, 10) < 3 THEN '5299' || lpad(CAST(i AS VARCHAR), 16, '0') END",
            "industry": "one_of(i, 6, ['retail', 'banking', 'energy', 'health', 'transport', NULL])",
            "employees": "CAST(draw(i, 7, 5000) AS DOUBLE)",
            "annual_revenue": "CAST(draw(i, 8, 900000000) AS DOUBLE)",
            "parent_id": "CASE WHEN draw(i, 9, 10) < 3 AND i % 10 > 0 THEN account(i - i % (CASE WHEN draw(i, 10, 2) "
            "= 0 THEN 10 ELSE 5 END) - CASE WHEN i % 5 = 0 THEN 5 ELSE 0 END) END",
            "parent_since": "CASE WHEN draw(i, 11, 10) < 3 THEN since_start(i, 12, 300, 1200) END",
            "created_at": f"CASE WHEN draw(i, 13, 50) > 0 THEN {created} END",
            "customer_since": "CASE WHEN draw(i, 14, 25) = 0 THEN since_start(i, 15, 800, 1500) END",
            "loaded_at": f"late({created}, i, 16)",
        },
    )


def _account_history(size: Size) -> _Made:
    return _Made(
        f"(SELECT i, draw(i, 20, {size.accounts}) AS a, since_start(i, 21, 500, 1590) AS moment, one_of(i, 22, "
        f"['industry', 'employees', 'annual_revenue', 'owner']) AS name FROM range({3 * size.accounts}) t(i))",
        {
            "account_id": "account(a)",
            "changed_at": "moment",
            "column": "name",
            "value": "CASE WHEN name IN ('industry', 'owner') THEN one_of(i, 23, ['retail', 'banking', 'mining']) "
            "WHEN draw(i, 24, 50) = 0 THEN one_of(i, 25, ['unknown', '-1', 'nan']) ELSE CAST(draw(i, 26, 100000) AS "
            "VARCHAR) END",
            "loaded_at": "late(moment, i, 27)",
        },
    )


def _contacts(size: Size) -> _Made:
    people = 6 * size.accounts
    created = f"since_start(i, 31, {_BEFORE}, {_BEFORE + 1080})"
    return _Made(
        f"range({people}) t(i)",
        {
            "contact_id": "contact(i)",
            "account_id": f"account(i % {size.accounts})",
            # one in forty had another job before, under the same person_id
            "person_id": f"CASE WHEN draw(i, 32, 5) > 0 THEN 'person-' || CASE WHEN draw(i, 33, 40) = 0 "
            f"THEN (i + 12347) % {people} ELSE i END END",
            "created_at": f"CASE WHEN draw(i, 34, 20) > 0 THEN {created} END",
            "left_at": f"CASE WHEN draw(i, 35, 10) = 0 THEN after({created}, i, 36, 900) END",
            "function": "one_of(i, 37, ['it', 'finance', 'operations', 'legal', 'hr', NULL])",
            "seniority": "one_of(i, 38, ['c_level', 'vp', 'director', 'manager', 'manager', 'contributor', NULL])",
            "buying_role": f"one_of(i, 39, {_list([*ROLES, None, None])})",
            "country": f"one_of(i, 40, {_list(_COUNTRIES)})",
            "loaded_at": f"late({created}, i, 41)",
        },
    )


def _events(size: Size) -> _Made:
    return _Made(
        f"(SELECT i, busy(i, 50) AS a, in_turn(i, {size.events}, 51) AS moment, one_of(i, 52, {_list(_CHANNELS)}) "
        f"AS way FROM range({size.events}) t(i))",
        {
            "event_id": "'ev-' || i",
            "account_id": "account(a)",
            "occurred_at": "moment",
            "channel": "way",
            "action": f"CASE way WHEN 'email' THEN one_of(i, 53, {_list(_MAIL)}) WHEN 'ad' THEN "
            f"one_of(i, 54, ['shown', 'shown', 'click']) WHEN 'meeting' THEN 'meeting' ELSE "
            f"one_of(i, 55, {_list(_OTHER)}) END",
            "contact_id": "CASE WHEN draw(i, 56, 10) < 7 THEN colleague(a, i, 57) END",
            "asset_id": "CASE WHEN way IN ('web', 'email', 'content') AND draw(i, 58, 10) < 4 "
            f"THEN asset(draw(i, 59, {PLAYBOOKS})) END",
            "campaign_id": "'campaign-' || draw(i, 60, 500)",
            "business_unit": "CASE WHEN draw(i, 61, 10) < 4 THEN unit(i, 62) END",
            "loaded_at": "late(moment, i, 63)",
        },
    )


def _intent(size: Size) -> _Made:
    n = size.events // 10
    return _Made(
        f"(SELECT i, in_turn(i, {n}, 70) AS moment FROM range({n}) t(i))",
        {
            "account_id": "account(busy(i, 71))",
            "observed_at": "moment",
            "topic": "'topic ' || draw(i, 72, 30)",
            "strength": "CASE WHEN draw(i, 73, 20) = 0 THEN 0.0 ELSE draw(i, 74, 10000) / 100.0 END",
            "source": "one_of(i, 75, ['reviews', 'publishers', 'search', NULL])",
            "loaded_at": "late(moment, i, 76)",
        },
    )


def _opportunities(size: Size) -> _Made:
    n = size.accounts * 3 // 2
    return _Made(
        f"(SELECT *, after(moment, i, 80, 300) AS ends FROM (SELECT i, draw(i, 81, {size.accounts}) AS a, "
        f"in_turn(i, {n}, 82) AS moment FROM range({n}) t(i)))",
        {
            "opportunity_id": "opportunity(i)",
            "account_id": "account(a)",
            "created_at": "moment",
            "outcome": f"CASE WHEN ends >= TIMESTAMP '{END}' OR draw(i, 83, 10) = 0 THEN 'open' WHEN draw(i, 84, 10) "
            "< 4 THEN 'won' ELSE 'lost' END",
            "closed_at": f"CASE WHEN ends < TIMESTAMP '{END}' AND draw(i, 83, 10) > 0 THEN ends END",
            "stage": "one_of(i, 85, ['discovery', 'proposal', 'closing'])",
            "kind": "one_of(i, 86, ['new', 'new', 'expansion', 'renewal', NULL])",
            "business_unit": "unit(i, 87)",
            "region": "one_of(i, 92, ['AMER', 'EMEA', NULL])",
            "amount": "draw(i, 88, 30000000) / 100.0",
            "gross_profit": "CASE WHEN draw(i, 89, 2) = 0 THEN draw(i, 90, 9000000) / 100.0 END",
            "loaded_at": "late(moment, i, 91)",
        },
    )


def _opportunity_history() -> _Made:
    return _Made(
        "(SELECT *, 4 * row_number() OVER (ORDER BY opportunity_id) + step AS i FROM (SELECT opportunity_id, "
        "created_at, step FROM opportunities, range(3) s(step)))",
        {
            "opportunity_id": "opportunity_id",
            "changed_at": "after(created_at, i, 100, 1 + 100 * step)",
            "stage": "one_of(i, 101, ['discovery', 'proposal', 'closing', NULL])",
            "amount": "CASE WHEN draw(i, 102, 4) > 0 THEN draw(i, 103, 30000000) / 100.0 END",
            "loaded_at": "late(created_at, i, 104)",
        },
    )


def _opportunity_contacts(size: Size) -> _Made:
    return _Made(
        "(SELECT *, 2 * row_number() OVER (ORDER BY opportunity_id) + step AS i FROM (SELECT opportunity_id, "
        "account_id, created_at, step FROM opportunities, range(2) s(step)))",
        {
            "opportunity_id": "opportunity_id",
            "contact_id": f"colleague(CAST(right(account_id, 10) AS BIGINT) % {size.accounts}, i, 110)",
            "added_at": "CASE WHEN draw(i, 111, 20) > 0 THEN after(created_at, i, 112, 200) END",
            "loaded_at": "late(created_at, i, 113)",
        },
    )


def _usage(size: Size) -> _Made:
    n = size.events // 20
    return _Made(
        f"(SELECT i, in_turn(i, {n}, 120) AS moment FROM range({n}) t(i))",
        {
            "account_id": "account(busy(i, 121))",
            "observed_at": "moment",
            "product": "'product ' || draw(i, 122, 8)",
            "metric": "one_of(i, 123, ['seats', 'calls', 'storage'])",
            "value": "CASE WHEN draw(i, 124, 20) = 0 THEN 0.0 ELSE draw(i, 125, 1000000) / 1000.0 END",
            "loaded_at": "late(moment, i, 126)",
        },
    )


def _orders(size: Size) -> _Made:
    """Orders, and for one in sixteen a return of all or part of it."""
    n = 4 * size.accounts
    ordered = (
        f"SELECT i, 'order-' || i AS id, busy(i, 130) AS a, in_turn(i, {n}, 131) AS moment, "
        f"draw(i, 132, 5000000) / 100.0 AS amount FROM range({n}) t(i)"
    )
    return _Made(
        f"(WITH o AS ({ordered}) FROM o UNION ALL SELECT i, 'return-' || i, a, after(moment, i, 133, 150), "
        "CASE WHEN draw(i, 134, 2) = 0 THEN -amount ELSE -round(amount / 3, 2) END FROM o "
        f"WHERE draw(i, 135, 16) = 0 AND after(moment, i, 133, 150) < TIMESTAMP '{END}')",
        {
            "order_id": "id",
            "account_id": "account(a)",
            "ordered_at": "moment",
            "amount": "amount",
            "gross_profit": "CASE WHEN draw(i, 136, 2) = 0 THEN round(amount / 4, 2) END",
            "business_unit": "unit(i, 137)",
            "product": "CASE WHEN draw(i, 138, 10) > 0 THEN 'product ' || draw(i, 139, 8) END",
            "loaded_at": "late(moment, i, 140)",
        },
    )


def _playbooks() -> _Made:
    return _Made(
        f"range({PLAYBOOKS}) t(i)",
        {
            "asset_id": "asset(i)",
            "family_id": "asset(i)",
            "layer": "'global'",
            "language": "'en'",
            "title": "'Playbook ' || i",
            "body": "'What to know, say, show and do.'",
        },
    )


def _impressions(size: Size) -> _Made:
    n = size.events // 50
    led = "draw(i, 150, 10) < 3"
    return _Made(
        f"(SELECT i, busy(i, 151) AS a, in_turn(i, {n}, 152) AS moment FROM range({n}) t(i))",
        {
            "impression_id": "'shown-' || i",
            "account_id": "account(a)",
            "asset_id": f"asset(draw(i, 153, {PLAYBOOKS}))",
            "shown_at": "moment",
            "probability": "0.2",
            "position": "CAST(1 AS BIGINT)",
            "viewed_at": "after(moment, i, 154, 5)",
            "contact_id": "CASE WHEN draw(i, 155, 2) = 0 THEN colleague(a, i, 156) END",
            "outcome": f"CASE WHEN {led} THEN one_of(i, 157, ['opened', 'used', 'shared', 'meeting']) END",
            "outcome_at": f"CASE WHEN {led} THEN after(moment, i, 158, 40) END",
            "loaded_at": "late(moment, i, 159)",
        },
    )
