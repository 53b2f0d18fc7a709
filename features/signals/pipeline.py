"""Signals of the pipeline: what is open in the BU, how old, at what stage, and how earlier ones ended."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from features.customers import exact
from features.group import Group
from features.known import Known
from features.signals.signal import Signal

SIGNALS = (
    Signal(
        "pipeline_open", "open opportunities in this business unit", "opportunities", (0, None), scope="business_unit"
    ),
    Signal(
        "pipeline_open_days",
        "days since this business unit's newest open opportunity was created",
        "days",
        (0, None),
        "none is open",
        "business_unit",
    ),
    Signal(
        "pipeline_open_amount",
        "amount open in this business unit",
        "group currency",
        missing="none is open, or no amount was recorded",
        scope="business_unit",
    ),
    Signal(
        "pipeline_stage",
        "stage of this business unit's newest open opportunity",
        "stage",
        missing="none is open, or no stage was recorded",
        scope="business_unit",
        category=True,
    ),
    Signal(
        "pipeline_stage_days",
        "days since an open opportunity of this business unit last changed",
        "days",
        (0, None),
        "none is open, or no change was recorded",
        "business_unit",
    ),
    Signal(
        "pipeline_people",
        "people named on this business unit's open opportunities",
        "people",
        (0, None),
        scope="business_unit",
    ),
    Signal(
        "pipeline_wins_730d",
        "wins in this business unit in the last two years",
        "wins",
        (0, None),
        scope="business_unit",
    ),
    Signal(
        "pipeline_losses_730d",
        "losses in this business unit in the last two years",
        "losses",
        (0, None),
        scope="business_unit",
    ),
    Signal(
        "pipeline_win_rate",
        "win rate in this business unit",
        "share",
        (0, 1),
        "no opportunity was closed",
        "business_unit",
    ),
    Signal(
        "pipeline_days_since_win",
        "days since the last win in this business unit",
        "days",
        (0, None),
        "never won",
        "business_unit",
    ),
    Signal(
        "pipeline_days_since_loss",
        "days since the last loss in this business unit",
        "days",
        (0, None),
        "never lost",
        "business_unit",
    ),
    Signal("pipeline_open_account", "open opportunities in all business units", "opportunities", (0, None)),
    Signal("pipeline_wins_account", "wins in all business units", "wins", (0, None)),
)


def open_opportunities(known: Known) -> ir.Table:
    """Return the opportunities that sales is working on; an open renewal is none."""
    rows = known.opportunities
    return rows.filter(rows.outcome == "open", ibis.coalesce(rows.kind, "new") != "renewal")


def account_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of the account over all its BUs."""
    rows = known.opportunities
    is_open = (rows.outcome == "open") & (ibis.coalesce(rows.kind, "new") != "renewal")
    return rows.group_by("account_id").agg(
        pipeline_open_account=is_open.sum(),
        pipeline_wins_account=(rows.outcome == "won").sum(),
    )


def business_unit_signals(known: Known, _group: Group) -> ir.Table:
    """Compute the signals of account × BU."""
    history, current = _past(known), _current(known)
    joined = history.outer_join(current, ["account_id", "business_unit"])
    return joined.select(
        *(name for name in (*history.columns[2:], *current.columns[2:])),
        account_id=ibis.coalesce(joined.account_id, joined.account_id_right),
        business_unit=ibis.coalesce(joined.business_unit, joined.business_unit_right),
    )


def _past(known: Known) -> ir.Table:
    """Sum up how closed opportunities ended."""
    rows = known.opportunities.filter(known.opportunities.outcome != "open")
    won, lost = rows.outcome == "won", rows.outcome == "lost"
    recent = known.within(rows.closed_at, 730)
    return rows.group_by("account_id", "business_unit").agg(
        pipeline_wins_730d=(won & recent).sum(),
        pipeline_losses_730d=(lost & recent).sum(),
        pipeline_win_rate=won.cast("int64").mean(),
        pipeline_days_since_win=known.days_since(rows.closed_at.max(where=won)),
        pipeline_days_since_loss=known.days_since(rows.closed_at.max(where=lost)),
    )


def _current(known: Known) -> ir.Table:
    """Sum up what is open."""
    rows = open_opportunities(known)
    named = rows.select("opportunity_id", "account_id", "business_unit").inner_join(
        known.opportunity_contacts, "opportunity_id"
    )
    people = named.group_by("account_id", "business_unit").agg(pipeline_people=named.contact_id.nunique())
    newest = ibis.struct({"at": rows.created_at, "id": rows.opportunity_id})
    current = rows.group_by("account_id", "business_unit").agg(
        pipeline_open=rows.count(),
        pipeline_open_days=known.days_since(rows.created_at.max()),
        pipeline_open_amount=exact(rows.amount).sum().cast("float64"),
        pipeline_stage=rows.stage.argmax(newest),
        pipeline_stage_days=known.days_since(rows.stage_since.max()),
    )
    joined = current.left_join(people, ["account_id", "business_unit"])
    return joined.drop("account_id_right", "business_unit_right")
