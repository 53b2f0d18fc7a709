"""Signals of advocacy: how content travels inside the account."""

from __future__ import annotations

from functools import partial

import ibis.expr.types as ir

from features.group import Group
from features.known import ACCOUNT, within
from features.known_before import Known
from features.signals.joining import added
from features.signals.signal import Parts, Signal

_signal = partial(Signal, source=("events", "contacts"))

SIGNALS = (
    _signal("advocacy_shares_90d", "shares and forwards in the last 90 days", "events", (0, None), source=("events",)),
    _signal("advocacy_sharers_90d", "people who shared or forwarded in the last 90 days", "people", (0, None)),
    _signal(
        "advocacy_new_people_90d",
        "contacts who became known in the last 90 days, after somebody at the account had shared",
        "contacts",
        (0, None),
    ),
    _signal(
        "advocacy_shared_assets_180d", "assets that several people handled in the last 180 days", "assets", (0, None)
    ),
    _signal(
        "advocacy_widest_180d", "people who handled the most widely read asset of the last 180 days", "people",
        (0, None),
    ),
)  # fmt: skip


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account."""
    quarter = known.quarter.filter(known.quarter.shares > 0)
    shared = quarter.select(*ACCOUNT, advocacy_shares_90d="shares", first="first_share_second")
    people = known.people
    sharers = people.group_by(*ACCOUNT).agg(advocacy_sharers_90d=people.count(where=people.shares > 0))
    return shared.drop("first"), sharers, _newcomers(known, shared), _spread(known)


def _newcomers(known: Known, shared: ir.Table) -> ir.Table:
    """Count who became known after the first share of the last 90 days."""
    new = known.contacts.filter(within(known.contacts, 90))
    rows = added(new, shared.select(*ACCOUNT, "first"), ACCOUNT)
    return rows.group_by(*ACCOUNT).agg(advocacy_new_people_90d=rows.count(where=rows.from_second > rows["first"]))


def _spread(known: Known) -> ir.Table:
    """Count the people by asset."""
    rows = known.assets.filter(known.assets.n > 0)
    people = rows.select(*ACCOUNT, "asset_id", "contact_no").distinct()  # which engines do faster than counting so
    assets = people.group_by(*ACCOUNT, "asset_id").agg(people=people.contact_no.count())
    return assets.group_by(*ACCOUNT).agg(
        advocacy_shared_assets_180d=assets.count(where=assets.people > 1),
        advocacy_widest_180d=assets.people.max(),
    )
