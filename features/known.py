"""What was known strictly before a cutoff: the one place through which every table reaches a signal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import ibis
import ibis.expr.types as ir
from ibis.expr.datatypes import DataType

from features.companies import accounts_before, companies_before, only_if, rows_before
from features.contracts import TABLES
from features.customers import owned
from features.tables import Tables, under_companies

DATED_BY_HISTORY = ("industry", "employees", "annual_revenue")
"""What an account is, apart from the user's own attributes: used where history dates it or it is declared static."""


@dataclass(frozen=True, slots=True)
class Known:
    """The tables as they stood just before the cutoff: rows that were there, holding the values that were there.

    What most readers read is computed once and kept; leaving a ``with`` over this lets go of it.

    Parameters
    ----------
    cutoff : the instant of prediction, UTC.
    accounts : one row per company that existed; values that no history dates and nobody declared static are NULL.
    contacts : who was at an account; contacts without ``created_at`` are left out, for nobody knows since when.
    owned : which account had bought from which BU: ``account_id``, ``business_unit``, ``owned_since``.
    opportunities : ``outcome``, ``closed_at`` and ``gross_profit`` only where closed before the cutoff, ``stage`` and
        ``amount`` as history had them.
    attributes : the columns of ``accounts`` that are the user's own; NULL where neither static nor dated.
    opportunity_attributes : those of ``opportunities``; NULL where not declared static.
    """

    cutoff: datetime
    accounts: ir.CachedTable
    contacts: ir.Table
    events: ir.Table
    intent: ir.Table
    opportunities: ir.CachedTable
    opportunity_history: ir.Table
    opportunity_contacts: ir.Table
    usage: ir.Table
    orders: ir.Table
    owned: ir.CachedTable
    impressions: ir.Table
    attributes: tuple[str, ...]
    opportunity_attributes: tuple[str, ...]

    def __enter__(self) -> Known:
        return self

    def __exit__(self, *_: object) -> None:
        for kept in (self.accounts, self.opportunities, self.owned):
            kept.release()

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
    cutoff : UTC, without an offset. A row counts if what it tells of happened, and it was loaded, before it, at an
        account that existed before it; each stands under the company that was known before it.
    """
    there = accounts_before(tables, cutoff)
    companies = ibis.memtable(companies_before(there))
    rows = {
        name: rows_before(under_companies(tables.own[name], companies), table.time, cutoff)
        for name, table in TABLES.items()
        if table.time and name != "accounts"
    }
    people = _people(tables.own["contacts"], cutoff)
    history = rows["opportunity_history"]
    opportunities = _opportunities(tables, rows["opportunities"], history, cutoff).cache()
    return Known(
        cutoff=cutoff,
        accounts=_accounts(tables, under_companies(there, companies), rows["account_history"]).cache(),
        contacts=_contacts(rows["contacts"], cutoff),
        events=_who(rows["events"], people),
        intent=rows["intent"],
        opportunities=opportunities,
        opportunity_history=history,
        opportunity_contacts=rows["opportunity_contacts"].semi_join(people, "contact_id"),
        usage=rows["usage"],
        orders=rows["orders"],
        owned=owned(opportunities, rows["orders"]).cache(),
        impressions=_who(_impressions(rows["impressions"], cutoff), people),
        attributes=tables.attributes("accounts"),
        opportunity_attributes=tables.attributes("opportunities"),
    )


def _accounts(tables: Tables, rows: ir.Table, history: ir.Table) -> ir.Table:
    """Return one row per company, each value that of the alias with the smallest id that has one."""
    dated = (*DATED_BY_HISTORY, *tables.attributes("accounts"))
    static = [name for name in dated if ("accounts", name) in tables.static]
    rows = rows.mutate(parent_id=rows.parent_id.nullif(rows.account_id))
    one = rows.group_by("account_id").agg(
        **{
            name: rows[name].argmin(rows.alias_id, where=rows[name].notnull())
            for name in ("name", "country", "domain", "parent_id", *static)
        },
        customer_since=rows.customer_since.min(),
        existing_since=rows.existing_since.min(),
        aliases=rows.alias_id.nunique(),
    )
    types = {name: tables.own["accounts"][name].type() for name in dated}
    last = history.group_by("account_id").agg(**{f"_{name}": _last(history, name, types[name]) for name in dated})
    joined = one.left_join(last, "account_id").drop("account_id_right")
    values = {name: ibis.coalesce(joined[f"_{name}"], joined[name]) for name in static}
    values |= {name: joined[f"_{name}"] for name in dated if name not in static}
    return joined.mutate(**values).drop(*(f"_{name}" for name in dated))


def _last(history: ir.Table, name: str, dtype: DataType) -> ir.Value:
    """Return the last value of a column of accounts that its history holds; one that breaks its rule is none."""
    value = history.value.try_cast(dtype)
    where = (history["column"] == name) & value.notnull()
    if dtype.is_floating():
        where &= ~value.isnan() & ~value.isinf()
    if name in DATED_BY_HISTORY and dtype.is_numeric():
        where &= value >= 0
    return value.argmax(ibis.struct({"at": history.changed_at, "value": history.value}), where=where)


def _contacts(rows: ir.Table, cutoff: datetime) -> ir.Table:
    """Keep the contacts who had not left."""
    return rows.filter(rows.left_at.isnull() | (rows.left_at >= cutoff)).drop("left_at")


def _people(contacts: ir.Table, cutoff: datetime) -> ir.Table:
    """Return who may have done something: ``contact_id`` of everybody but those who came only later."""
    there = [ibis.coalesce(contacts[time] < cutoff, True) for time in ("created_at", "loaded_at")]
    return contacts.filter(there).select("contact_id")


def _who(rows: ir.Table, people: ir.Table) -> ir.Table:
    """Keep whose doing it was only where that contact may have been there: one that comes later is nobody yet."""
    there = people.select(person="contact_id")
    return rows.left_join(there, rows.contact_id == there.person).drop("contact_id").rename(contact_id="person")


def _opportunities(tables: Tables, rows: ir.Table, history: ir.Table, cutoff: datetime) -> ir.Table:
    """Give opportunities the outcome, stage, amount and attributes that they had just before the cutoff."""
    order = ibis.struct({"at": history.changed_at, "stage": history.stage, "amount": history.amount})
    last = history.group_by("opportunity_id").agg(
        history_stage=history.stage.argmax(order, where=history.stage.notnull()),
        history_amount=history.amount.argmax(order, where=history.amount.notnull()),
        stage_since=history.changed_at.max(),
    )
    joined = rows.left_join(last, "opportunity_id").drop("opportunity_id_right")
    closed = ibis.coalesce(joined.closed_at < cutoff, False)
    undated = [name for name in tables.attributes("opportunities") if ("opportunities", name) not in tables.static]
    return joined.mutate(
        outcome=ibis.ifelse(closed, joined.outcome, "open"),
        closed_at=only_if(closed, joined.closed_at),
        gross_profit=only_if(closed, joined.gross_profit),
        amount=ibis.coalesce(joined.history_amount, only_if(closed, joined.amount)),
        stage=joined.history_stage,
        **{name: ibis.null(joined[name].type()) for name in undated},
    ).drop("history_stage", "history_amount")


def _impressions(rows: ir.Table, cutoff: datetime) -> ir.Table:
    """Hide what came of an impression only later."""
    came = ibis.coalesce(rows.outcome_at < cutoff, False)
    return rows.mutate(
        viewed_at=only_if(rows.viewed_at < cutoff, rows.viewed_at),
        outcome=only_if(came, rows.outcome),
        outcome_at=only_if(came, rows.outcome_at),
    )
