"""What counts as engagement: which events the account's people did, what we did, and what machines did."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

CHANNELS = (
    "web", "email", "event", "webinar", "call", "meeting", "content", "ad", "social", "product", "support",
)  # fmt: skip
"""The channels that have a signal of their own; an event of any other counts in the totals."""

OURS = ("sent", "delivered", "bounced", "shown", "outbound")
"""Actions that are ours, not theirs."""

MACHINES = ("machine_open", "machine_click", "bot_open", "bot_click", "scanner_open", "scanner_click", "prefetch")
"""Actions of mail scanners and the like."""

OPENED = ("open", "opened")
"""Actions on mail that prove nobody: scanners and privacy proxies open mail too."""

POINTS = {
    "meeting": 150, "demo": 150, "attend": 100, "reply": 100, "download": 50, "share": 50, "forward": 50, "click": 30,
}  # fmt: skip
"""Points of the engagement score per action of theirs.

Any other is worth as much as a meeting where somebody spoke with us, else OTHER_POINTS; each of ours is worth 1.
"""

OTHER_POINTS = 10

PARTS = {
    "meetings": ("meeting", "call"),
    "events": ("event", "webinar"),
    "content": ("web", "content"),
    "mail": ("email",),
    "media": ("ad", "social"),
    "product": ("product", "support"),
}
"""The parts of the engagement score, by channel; a channel that is in none is in 'other', what we did in 'sent'."""

SCORE_PARTS = (*PARTS, "other", "sent")
SHARED = ("share", "forward")
"""Actions by which content travels inside an account."""

TALKS = ("meeting", "call")
"""Channels where somebody spoke with us."""


def is_ours(events: ir.Table) -> ir.BooleanValue:
    """Tell what we did."""
    return ibis.coalesce(events.action, "").isin(OURS)


def is_theirs(events: ir.Table) -> ir.BooleanValue:
    """Tell what the account's people did, neither we nor machines; an opened mail counts as nothing."""
    action = ibis.coalesce(events.action, "")
    return action.notin((*OURS, *MACHINES)) & ~is_opened(events)


def is_opened(events: ir.Table) -> ir.BooleanValue:
    """Tell opened mail, whoever or whatever opened it."""
    return (events.channel == "email") & ibis.coalesce(events.action, "").isin(OPENED)


def unit_measures(events: ir.Table) -> dict[str, ir.Value]:
    """Return what is counted of events about one BU: ``n``, ``talks``, and ``last_second`` that they did something."""
    theirs = is_theirs(events)
    return {
        "n": events.count(where=theirs).cast("int32"),
        "talks": events.count(where=theirs & events.channel.isin(TALKS)).cast("int32"),
        "last_second": events.second.max(where=theirs),
    }


def measures(events: ir.Table) -> dict[str, ir.Value]:
    """Return what is counted of events, by name: counts, points, and when things were done first or last."""
    theirs, ours = is_theirs(events), is_ours(events)
    points = ibis.cases(
        *((events.action == name, value) for name, value in POINTS.items()),
        (events.channel.isin(TALKS), POINTS["meeting"]),
        else_=OTHER_POINTS,
    )
    part = ibis.cases(*((events.channel.isin(channels), name) for name, channels in PARTS.items()), else_="other")
    counts = {
        "n": events.count(where=theirs),
        "sent": events.count(where=ours),
        "opened": events.count(where=is_opened(events)),
        "shares": events.count(where=theirs & events.action.isin(SHARED)),
        **{f"n_{channel}": events.count(where=theirs & (events.channel == channel)) for channel in CHANNELS},
        **{f"points_{name}": points.sum(where=theirs & (part == name)) for name in (*PARTS, "other")},
    }
    return {
        **{name: ibis.coalesce(count, 0).cast("int32") for name, count in counts.items()},
        "last_second": events.second.max(where=theirs),
        "first_share_second": events.second.min(where=theirs & events.action.isin(SHARED)),
        "last_talk_second": events.second.max(where=theirs & events.channel.isin(TALKS)),
    }
