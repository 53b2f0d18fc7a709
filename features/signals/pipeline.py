"""Signals of the pipeline: what is open in the BU, how old, at what stage, and how earlier ones ended."""

from __future__ import annotations

from functools import partial

import ibis
import ibis.expr.types as ir

from features.customers import exact
from features.group import OTHER_REGION, Group
from features.known import ACCOUNT, UNIT, days_since, second, within
from features.known_before import Known
from features.signals.joining import added
from features.signals.signal import Parts, Signal

LATELY_DAYS = 730
"""How far back wins and losses tell how things go now."""

_unit = partial(Signal, scope="business_unit", source=("opportunities",))
_dated = partial(Signal, scope="business_unit", source=("opportunities", "opportunity_history"))
_account = partial(Signal, source=("opportunities",))

SIGNALS = (
    _unit("pipeline_open", "open opportunities in this business unit", "opportunities", (0, None)),
    _unit(
        "pipeline_open_days",
        "days since this business unit's newest open opportunity was created",
        "days",
        (0, None),
        "none is open",
    ),
    _unit(
        "pipeline_pace",
        "age of this business unit's oldest open opportunity as a multiple of its usual time to a win",
        "ratio",
        (0, None),
        "none is open, or nothing was won in two years",
    ),
    _dated(
        "pipeline_open_amount",
        "amount open in this business unit",
        "group currency",
        missing="none is open, or no amount was recorded",
    ),
    _dated(
        "pipeline_stage",
        "stage of this business unit's newest open opportunity",
        "stage",
        missing="none is open, or no stage was recorded",
        category=True,
    ),
    _dated(
        "pipeline_stage_days",
        "days since an open opportunity of this business unit last changed",
        "days",
        (0, None),
        "none is open, or no change was recorded",
    ),
    _dated(
        "pipeline_moves_90d",
        "changes to this business unit's open opportunities in the last 90 days",
        "changes",
        (0, None),
    ),
    _unit(
        "pipeline_people",
        "people named on this business unit's open opportunities",
        "people",
        (0, None),
        source=("opportunities", "opportunity_contacts"),
    ),
    _unit("pipeline_wins_730d", "wins in this business unit in the last two years", "wins", (0, None)),
    _unit("pipeline_losses_730d", "losses in this business unit in the last two years", "losses", (0, None)),
    _unit("pipeline_win_rate", "win rate in this business unit", "share", (0, 1), "no opportunity was closed"),
    _unit(
        "pipeline_cycle_days",
        "mean days from opportunity to win in this business unit",
        "days",
        (0, None),
        "never won",
    ),
    _unit("pipeline_days_since_win", "days since the last win in this business unit", "days", (0, None), "never won"),
    _unit(
        "pipeline_days_since_loss", "days since the last loss in this business unit", "days", (0, None), "never lost"
    ),
    _unit(
        "pipeline_region_win_rate",
        "win rate of this business unit in the account's region over the last two years",
        "share",
        (0, 1),
        "no opportunity was closed there",
    ),
    _unit(
        "pipeline_region_cycle_days",
        "mean days from opportunity to win of this business unit in the account's region over the last two years",
        "days",
        (0, None),
        "nothing was won there",
    ),
    _account("pipeline_open_account", "open opportunities in all business units", "opportunities", (0, None)),
    _account("pipeline_wins_account", "wins in all business units", "wins", (0, None)),
)


def open_opportunities(known: Known) -> ir.Table:
    """Return the opportunities that sales is working on; an open renewal is none."""
    rows = known.opportunities
    return rows.filter(rows.outcome == "open", ibis.coalesce(rows.kind, "new") != "renewal")


def account_signals(known: Known, _group: Group) -> Parts:
    """Compute the signals of the account over all its BUs."""
    rows = known.opportunities
    is_open = (rows.outcome == "open") & (ibis.coalesce(rows.kind, "new") != "renewal")
    counts = rows.group_by(*ACCOUNT).agg(
        pipeline_open_account=rows.count(where=is_open),
        pipeline_wins_account=rows.count(where=rows.outcome == "won"),
    )
    return (counts,)


def business_unit_signals(known: Known, group: Group) -> Parts:
    """Compute the signals of account × BU."""
    current = added(_current(known), _usual_cycle(known), ("cutoff_no", "business_unit"))
    current = current.mutate(pipeline_pace=current.oldest / current.usual).drop("oldest", "usual")
    return _past(known), current, _regional(known, group)


def _past(known: Known) -> ir.Table:
    """Sum up how closed opportunities ended."""
    rows = _closed(known)
    won, lost = rows.outcome == "won", rows.outcome == "lost"
    return rows.group_by(*UNIT).agg(
        pipeline_wins_730d=rows.count(where=won & rows.lately),
        pipeline_losses_730d=rows.count(where=lost & rows.lately),
        pipeline_win_rate=won.cast("int64").sum() / rows.count(),
        pipeline_cycle_days=_mean_cycle(rows, won),
        pipeline_days_since_win=rows.ago.min(where=won),
        pipeline_days_since_loss=rows.ago.min(where=lost),
    )


def _current(known: Known) -> ir.Table:
    """Sum up what is open."""
    rows = open_opportunities(known)
    newest = ibis.struct({"at": rows.created_at, "id": rows.opportunity_id})
    age = days_since(rows, rows.created_at)
    current = rows.group_by(*UNIT).agg(
        pipeline_open=rows.count(),
        pipeline_open_days=age.min(),
        oldest=age.max(),
        pipeline_open_amount=exact(rows.amount).sum().cast("float64"),
        pipeline_stage=rows.stage.argmax(newest),
        pipeline_stage_days=days_since(rows, rows.stage_since).min(),
    )
    of_unit = rows.select(*UNIT, "opportunity_id")
    named = of_unit.inner_join(known.opportunity_contacts, ["cutoff_no", "opportunity_id"])
    people = named.group_by(*UNIT).agg(pipeline_people=named.contact_id.nunique())
    moved = of_unit.inner_join(known.opportunity_history, ["cutoff_no", "opportunity_id"])
    moves = moved.group_by(*UNIT).agg(pipeline_moves_90d=moved.count(where=within(moved, 90)))
    return added(added(current, people, UNIT), moves, UNIT)


def _regional(known: Known, group: Group) -> ir.Table:
    """Sum up how each BU does in the region of the account."""
    accounts = known.accounts
    regions = [(accounts.country.isin(countries), region) for region, countries in group.regions.items()]
    places = accounts.select(*ACCOUNT, at=ibis.cases(*regions, (ibis.literal(value=True), OTHER_REGION)))
    rows = _closed(known)
    rows = rows.filter(rows.lately).inner_join(places, list(ACCOUNT))
    won = rows.outcome == "won"
    regions = rows.group_by("cutoff_no", "business_unit", "at").agg(
        pipeline_region_win_rate=won.cast("int64").sum() / rows.count(),
        pipeline_region_cycle_days=_mean_cycle(rows, won),
    )
    return places.inner_join(regions, ["cutoff_no", "at"]).drop("at")


def _usual_cycle(known: Known) -> ir.Table:
    """Return the mean days from opportunity to win of each BU over the last two years: usual."""
    rows = _closed(known)
    rows = rows.filter(rows.lately)
    usual = _mean_cycle(rows, rows.outcome == "won").nullif(0)
    return rows.group_by("cutoff_no", "business_unit").agg(usual=usual)


def _closed(known: Known) -> ir.Table:
    """Return what was closed, with the days ago that it was, and whether that was lately: ago, lately."""
    rows = known.opportunities.filter(known.opportunities.outcome != "open")
    rows = rows.mutate(ago=days_since(rows, rows.closed_at))
    return rows.mutate(lately=rows.ago <= LATELY_DAYS)


def _mean_cycle(rows: ir.Table, won: ir.BooleanValue) -> ir.FloatingValue:
    """Return the mean days from opportunity to win, of whole seconds, so that it does not depend on their order."""
    seconds = second(rows.closed_at) - second(rows.created_at)
    return seconds.sum(where=won) / 86_400 / rows.count(where=won).nullif(0)
