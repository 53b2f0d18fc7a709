"""What was known strictly before a cutoff: the one place through which every table reaches a signal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir

from features.contracts import TABLES
from features.tables import FIRST_SEEN, Tables

DATED_BY_HISTORY = ("industry", "employees", "annual_revenue")
"""What an account is, apart from the user's own attributes: used where history dates it or it is declared static."""


@dataclass(frozen=True, slots=True)
class Known:
    """The tables as they stood just before the cutoff: rows that were there, holding the values that were there.

    Parameters
    ----------
    cutoff : the instant of prediction, UTC.
    accounts : one row per company that existed; values that no history dates and nobody declared static are NULL.
    contacts : who was at an account; contacts without ``created_at`` are left out, for nobody knows since when.
    opportunities : ``outcome``, ``closed_at`` and ``gross_profit`` only where closed before the cutoff, ``stage`` and
        ``amount`` as history had them.
    attributes : the columns of ``accounts`` that are the user's own; NULL where neither static nor dated.
    """

    cutoff: datetime
    accounts: ir.Table
    contacts: ir.Table
    events: ir.Table
    intent: ir.Table
    opportunities: ir.Table
    opportunity_history: ir.Table
    opportunity_contacts: ir.Table
    usage: ir.Table
    orders: ir.Table
    impressions: ir.Table
    attributes: tuple[str, ...]

    def days_since(self, time: ir.Value) -> ir.Value:
        """Return the days, >= 0, from a time before the cutoff to the cutoff."""
        return (ibis.literal(self.cutoff).epoch_seconds() - time.epoch_seconds()).cast("float64") / 86_400

    def within(self, time: ir.Value, days: int) -> ir.Value:
        """Tell whether a time lies in the last days before the cutoff."""
        return time >= ibis.literal(self.cutoff) - ibis.interval(days=days)


def known_before(tables: Tables, cutoff: datetime) -> Known:
    """Return what was known strictly before a cutoff.

    Parameters
    ----------
    tables : the canonical tables.
    cutoff : UTC, without an offset. A row counts if what it tells of happened, and it was loaded, before it.
    """
    rows = {name: _rows_before(tables[name], TABLES[name].time, cutoff) for name in TABLES if TABLES[name].time}
    history = rows["opportunity_history"]
    return Known(
        cutoff=cutoff,
        accounts=_accounts(tables, rows["account_history"], cutoff),
        contacts=_contacts(rows["contacts"], cutoff),
        events=rows["events"],
        intent=rows["intent"],
        opportunities=_opportunities(rows["opportunities"], history, cutoff),
        opportunity_history=history,
        opportunity_contacts=rows["opportunity_contacts"],
        usage=rows["usage"],
        orders=rows["orders"],
        impressions=_impressions(rows["impressions"], cutoff),
        attributes=tables.attributes("accounts"),
    )


def _rows_before(table: ir.Table, time: str | None, cutoff: datetime) -> ir.Table:
    """Keep the rows that happened and were loaded before the cutoff."""
    happened = table[time]
    return table.filter(happened < cutoff, ibis.coalesce(table.loaded_at, happened) < cutoff)


def _only_if(known: ir.BooleanValue, value: ir.Value) -> ir.Value:
    return ibis.ifelse(known, value, ibis.null(value.type()))


def _accounts(tables: Tables, history: ir.Table, cutoff: datetime) -> ir.Table:
    """Return one row per company that existed before the cutoff."""
    rows = tables["accounts"]
    since = ibis.least(rows.created_at, rows.customer_since)
    rows = rows.filter(ibis.coalesce(rows.loaded_at, since, ibis.timestamp("1900-01-01 00:00:00")) < cutoff)
    rows = rows.mutate(
        customer_since=_only_if(rows.customer_since < cutoff, rows.customer_since),
        parent_id=_only_if(ibis.coalesce(rows.parent_since < cutoff, True), rows.parent_id),
        since=since,
    )
    dated = _dated_columns(tables)
    static = [name for name in dated if ("accounts", name) in tables.static]
    one = rows.group_by("account_id").agg(
        **{name: rows[name].argmin(rows.alias_id) for name in ("name", "country", "domain", "parent_id", *static)},
        customer_since=rows.customer_since.min(),
        since=rows.since.min(),
        aliases=rows.alias_id.nunique(),
    )
    first = tables[FIRST_SEEN]
    one = one.left_join(first, "account_id").drop("account_id_right")
    one = one.mutate(existing_since=ibis.coalesce(one.since, one.first_at)).drop("since", "first_at")
    one = one.filter(one.existing_since < cutoff)
    return _with_history(one, history, tables["accounts"], dated)


def _dated_columns(tables: Tables) -> tuple[str, ...]:
    """Return the columns of accounts whose values may change."""
    return (*DATED_BY_HISTORY, *tables.attributes("accounts"))


def _with_history(one: ir.Table, history: ir.Table, accounts: ir.Table, dated: tuple[str, ...]) -> ir.Table:
    """Give each dated column the last value that history had before the cutoff, else the static one."""
    latest = history.group_by("account_id").agg(
        **{
            f"history_{name}": history.value.argmax(
                ibis.struct({"at": history.changed_at, "value": history.value}), where=history["column"] == name
            ).try_cast(accounts[name].type())
            for name in dated
        }
    )
    joined = one.left_join(latest, "account_id").drop("account_id_right")
    values = {
        name: ibis.coalesce(joined[f"history_{name}"], joined[name])
        if name in one.columns
        else joined[f"history_{name}"]
        for name in dated
    }
    return joined.mutate(**values).drop(*(f"history_{name}" for name in dated))


def _contacts(rows: ir.Table, cutoff: datetime) -> ir.Table:
    """Keep the contacts who had not left."""
    return rows.filter(rows.left_at.isnull() | (rows.left_at >= cutoff)).drop("left_at")


def _opportunities(rows: ir.Table, history: ir.Table, cutoff: datetime) -> ir.Table:
    """Give opportunities the outcome, stage and amount that they had just before the cutoff."""
    order = ibis.struct({"at": history.changed_at, "stage": history.stage, "amount": history.amount})
    latest = history.group_by("opportunity_id").agg(
        history_stage=history.stage.argmax(order),
        history_amount=history.amount.argmax(order),
        stage_since=history.changed_at.max(),
    )
    joined = rows.left_join(latest, "opportunity_id").drop("opportunity_id_right")
    closed = ibis.coalesce(joined.closed_at < cutoff, False)
    return joined.mutate(
        outcome=ibis.ifelse(closed, joined.outcome, "open"),
        closed_at=_only_if(closed, joined.closed_at),
        gross_profit=_only_if(closed, joined.gross_profit),
        amount=ibis.coalesce(_only_if(closed, joined.amount), joined.history_amount),
        stage=joined.history_stage,
    ).drop("history_stage", "history_amount")


def _impressions(rows: ir.Table, cutoff: datetime) -> ir.Table:
    """Hide what came of an impression only later."""
    came = ibis.coalesce(rows.outcome_at < cutoff, False)
    return rows.mutate(
        viewed_at=_only_if(rows.viewed_at < cutoff, rows.viewed_at),
        outcome=_only_if(came, rows.outcome),
        outcome_at=_only_if(came, rows.outcome_at),
    )
