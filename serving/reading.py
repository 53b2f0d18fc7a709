"""Reads what is known of the accounts from the canonical tables into memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC
from itertools import islice
from typing import TypeVar

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.calendar import Calendar
from features.group import Group
from features.identity import plain_name
from features.known import second, within
from features.known_before import Known, known_before
from features.tables import Tables
from models.profile import TOPICS_READ, Topic
from serving.accounts import AccountIndex, KnownAccount, Lookup, plain_domain

TOPIC_DAYS = 90
RECENT_DAYS = 180
TITLES_READ = 5
"""How far back, and how many titles, tell what an account is busy with now."""

USED = ("used", "shared", "meeting")
"""Outcomes after which the same content again is no news."""

_NAMES = ("source_id", "domain", "name")

Key = TypeVar("Key")
Value = TypeVar("Value")


def read_accounts(tables: Tables, group: Group) -> AccountIndex:
    """Read everything that a recommendation may know of an account, as of the tables' end.

    Parameters
    ----------
    tables : open; they may be closed afterwards.
    group : whose business units' committees are looked at.
    """
    with known_before(tables, Calendar((tables.as_of,))) as known:
        return _read(tables, known, group)


def _read(tables: Tables, known: Known, group: Group) -> AccountIndex:
    rows = tables["accounts"].select("alias_id", "account_id", *_NAMES).order_by("alias_id").to_pandas()
    accounts = {account.account_id: account for account in _accounts(tables, known)}
    rows = rows[rows["account_id"].isin(accounts.keys())]
    handled = _handled(tables, known)
    return AccountIndex(
        as_of=tables.as_of,
        data_version=tables.data_version,
        accounts=accounts,
        aliases=dict(zip(rows["alias_id"], rows["account_id"], strict=True)),
        by_source_id=Lookup.of(list(_pairs(rows, "source_id"))),
        by_domain=Lookup.of([(plain_domain(domain), owner) for domain, owner in _pairs(rows, "domain")]),
        by_name=Lookup.of([(plain_name(name), owner) for name, owner in _pairs(rows, "name")]),
        committees={name: unit.committee for name, unit in group.business_units.items()},
        roles={key: frozenset(held) for key, held in _collected(_roles(known)).items()},
        topics=_topics(known),
        all_topics=tuple(known.intent.select("topic").distinct().order_by("topic").to_pandas()["topic"]),
        recent=_recent(handled, tables),
        used={key: frozenset(families) for key, families in _collected(_used(handled)).items()},
    )


def _pairs(rows: pd.DataFrame, column: str) -> Iterator[tuple[str, str]]:
    """Return what each row carries in a column, where it carries anything, with its account."""
    carried = rows.dropna(subset=[column])
    return zip(carried[column], carried["account_id"], strict=True)


def _accounts(tables: Tables, known: Known) -> Iterator[KnownAccount]:
    """Return every account that existed; what no history dates is taken as it is now, for now is what is asked."""
    raw = tables["accounts"]
    now = raw.group_by("account_id").agg(
        industry_now=raw.industry.argmin(raw.alias_id, where=raw.industry.notnull()),
    )
    rows = known.accounts.left_join(now, "account_id")
    frame = rows.select(
        "account_id",
        "name",
        "country",
        industry=ibis.coalesce(rows.industry, rows.industry_now),
    ).to_pandas()
    for row in frame.itertuples(index=False):
        industry = None if pd.isna(row.industry) else str(row.industry)
        yield KnownAccount(row.account_id, row.name, row.country, industry)


def _roles(known: Known) -> pd.DataFrame:
    contacts = _named(known, known.contacts)
    held = contacts.filter(contacts.buying_role.notnull()).select("account_id", "buying_role").distinct()
    frame: pd.DataFrame = held.order_by("account_id", "buying_role").to_pandas()
    return frame


def _topics(known: Known) -> Mapping[str, tuple[Topic, ...]]:
    """Return each account's strongest topics."""
    intent = _named(known, known.intent.filter(within(known.intent, TOPIC_DAYS)))
    total = intent.group_by("account_id", "topic").agg(strength=intent.strength.sum().cast("float64"))
    rank = ibis.row_number().over(group_by=total.account_id, order_by=[total.strength.desc(), total.topic])
    rows = total.mutate(rank=rank).filter(lambda row: row["rank"] < TOPICS_READ).order_by("account_id", "rank")
    frame = rows.to_pandas()
    named = map(Topic, frame["topic"], frame["strength"])
    return _under(zip(frame["account_id"], named, strict=True))


def _handled(tables: Tables, known: Known) -> ir.Table:
    """Return which content was opened or used with whom: account_id, asset_id, family_id, title, used, at."""
    shown, opened, books = _named(known, known.impressions), _named(known, known.assets), tables["playbooks"]
    came = shown.filter(shown.outcome.notnull())
    both = ibis.union(
        came.select("account_id", "asset_id", used=came.outcome.isin(USED), at=second(came.outcome_at)),
        opened.select("account_id", "asset_id", used=ibis.literal(value=False), at=opened.last_second),
    )
    return both.join(books.select("asset_id", "family_id", "title"), "asset_id")


def _named(known: Known, rows: ir.Table) -> ir.Table:
    """Put the id of the account beside its number."""
    return rows.inner_join(known.accounts.select("account_no", "account_id"), "account_no")


def _used(handled: ir.Table) -> pd.DataFrame:
    used = handled.filter(handled.used).select("account_id", "family_id").distinct()
    frame: pd.DataFrame = used.order_by("account_id", "family_id").to_pandas()
    return frame


def _recent(handled: ir.Table, tables: Tables) -> Mapping[str, tuple[str, ...]]:
    """Return the titles lately opened or used at each account, latest first."""
    since = int(tables.as_of.replace(tzinfo=UTC).timestamp()) - RECENT_DAYS * 86_400
    lately = handled.filter(handled["at"] >= since).group_by("account_id", "title").agg(last=handled["at"].max())
    frame = lately.order_by("account_id", ibis.desc("last"), "title").to_pandas()
    titles = _under(zip(frame["account_id"], frame["title"], strict=True))
    return {key: tuple(islice(values, TITLES_READ)) for key, values in titles.items()}


def _collected(frame: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Collect the second column under the first."""
    return _under(zip(frame.iloc[:, 0], frame.iloc[:, 1], strict=True))


def _under(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, tuple[Value, ...]]:
    """Collect the second of each pair under the first, in order."""
    found: defaultdict[Key, list[Value]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}
