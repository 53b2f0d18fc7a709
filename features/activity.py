"""What counts as engagement: which events the account's people did, what we did, and what machines did."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.known import total, within

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


def told_apart(events: ir.Table) -> ir.Table:
    """Add to events whose doing they were, and what they are worth.

    Parameters
    ----------
    events : ``channel`` and ``action``.

    Returns
    -------
    These columns, and ``ours``: what we did; ``opened``: opened mail, whoever or whatever opened it; ``theirs``: what
    the account's people did, neither we nor machines; ``shared``: what they passed on; ``talk``: where they spoke with
    us; ``worth``, the points of the score; and ``channel_no``, the place of the channel in CHANNELS, behind the last of
    any other: engines compare numbers faster than names.
    """
    action = ibis.coalesce(events.action, "")
    rows = events.mutate(
        ours=action.isin(OURS),
        opened=(events.channel == "email") & action.isin(OPENED),
        theirs=action.notin((*OURS, *MACHINES)) & ~((events.channel == "email") & action.isin(OPENED)),
    )
    worth = ibis.cases(
        *((action == name, value) for name, value in POINTS.items()),
        (rows.channel.isin(TALKS), POINTS["meeting"]),
        else_=OTHER_POINTS,
    )
    return rows.mutate(
        shared=rows.theirs & action.isin(SHARED),
        talk=rows.theirs & rows.channel.isin(TALKS),
        worth=ibis.ifelse(rows.theirs, worth, 0).cast("int16"),
        channel_no=_channel_no(rows.channel).cast("int16"),
    )


def _channel_no(channel: ir.StringValue) -> ir.IntegerValue:
    places = ((channel == name, place) for place, name in enumerate(CHANNELS))
    return ibis.cases(*places, else_=len(CHANNELS))


def unit_measures(events: ir.Table) -> dict[str, ir.Value]:
    """Return what is counted of events about one BU: ``n``, ``talks``, and ``last_second`` that they did something."""
    return {
        "n": events.count(where=events.theirs).cast("int32"),
        "talks": events.count(where=events.talk).cast("int32"),
        "last_second": events.second.max(where=events.theirs),
    }


def year_measures(events: ir.Table) -> dict[str, ir.Value]:
    """Return what is counted of the events of a year: ``n``, and the ``last_second`` and ``last_talk_second``."""
    return {
        "n": events.count(where=events.theirs).cast("int32"),
        "last_second": events.second.max(where=events.theirs),
        "last_talk_second": events.second.max(where=events.talk),
    }


def quarter_measures(events: ir.Table) -> dict[str, ir.Value]:
    """Return what is counted of the events of 90 days, by name: counts, points, and the ``first_share_second``."""
    theirs = events.theirs
    parts = {name: events.channel_no.isin([CHANNELS.index(channel) for channel in of]) for name, of in PARTS.items()}
    parts["other"] = events.channel_no == len(CHANNELS)
    counts = {
        "n": events.count(where=theirs),
        "sent": events.count(where=events.ours),
        "opened": events.count(where=events.opened),
        "shares": events.count(where=events.shared),
        **{f"n_{name}": events.count(where=theirs & (events.channel_no == no)) for no, name in enumerate(CHANNELS)},
        **{f"points_{name}": events.worth.sum(where=part) for name, part in parts.items()},
    }
    return {
        **{name: ibis.coalesce(count, 0).cast("int32") for name, count in counts.items()},
        "first_share_second": events.second.min(where=events.shared),
    }


def quarter_totals(rows: ir.Table) -> dict[str, ir.Value]:
    """Add up what `quarter_measures` counted, over rows of the last 90 days.

    The same names, ``points_sent``, and ``n_7d`` and ``n_30d``, as much of ``n`` as is that new. Of points, what
    happened in the last 30 days counts twice, what happened in the last 7 three times; whole numbers throughout, so the
    parts add up to the score exactly.
    """
    times = 1 + within(rows, 30).cast("int32") + within(rows, 7).cast("int32")
    counted = ("n", "sent", "opened", "shares", *(f"n_{channel}" for channel in CHANNELS))
    return {
        **{name: total(rows[name]) for name in counted},
        **{f"points_{part}": total(rows[f"points_{part}"] * times) for part in (*PARTS, "other")},
        "n_7d": total(rows.n, within(rows, 7)),
        "n_30d": total(rows.n, within(rows, 30)),
        "points_sent": total(rows.sent * times),
        "first_share_second": rows.first_share_second.min(),
    }
