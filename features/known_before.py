"""Reading every table as it stood before each cutoff: the one place through which rows and values reach a signal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property

import ibis
import ibis.expr.types as ir
from ibis.expr.datatypes import DataType

from features.activity import (
    quarter_measures,
    quarter_totals,
    told_apart,
    unit_measures,
    year_measures,
)
from features.calendar import Calendar
from features.contracts import DATED_BY_HISTORY
from features.customers import exact, owned
from features.existence import only_if
from features.given import Given
from features.group_accounts import roots
from features.keeper import Keeper
from features.known import ACCOUNT, UNIT, second, total, within
from features.lookbacks import (
    EVER,
    HALF_YEAR,
    INTENT_YEAR,
    PEOPLE_QUARTER,
    QUARTER,
    UNIT_YEAR,
    USAGE_YEAR,
    YEAR,
)
from features.rows_before import BUCKET, OWN, OWN_BUCKET, RowsBefore
from features.sessions import opened
from features.tables import Tables

ORDER_COLUMNS = ("account_id", "business_unit", "product", "amount", "gross_profit")

_CONTACT_COLUMNS = (
    "contact_no", "account_id", "function", "seniority", "buying_role", "country", "since_day", "from_day",
    "from_second", "left_day",
)  # fmt: skip
"""Of contacts, what somebody reads."""


@contextmanager
def known_before(tables: Tables, calendar: Calendar) -> Iterator[Known]:
    """Tell what was known strictly before each cutoff, each table as soon as it is asked for.

    Parameters
    ----------
    tables : the canonical tables.
    calendar : the cutoffs. A row counts if what it tells of happened, and it was loaded, before the cutoff, at an
        account that existed before it; each stands under the company that was known before it.
    """
    given = Given(tables, calendar)
    with opened(given) as session:
        yield Known(Keeper(given, session.prefix, session.do))


class Known:
    """The tables as they stood just before each cutoff: rows that were there, holding the values that were there.

    Every table has a row for each cutoff that knows it, with ``cutoff_no``, ``cutoff_day``, ``cutoff_second``, the
    ``account_no`` of the company as it was known then, and ``day``, that of the row or the first of its bucket. Each is
    computed when somebody first asks for it, and what most readers read is kept.

    Parameters
    ----------
    keeper : of what is given, and of what is computed once.

    Attributes
    ----------
    attributes : the columns of ``accounts`` that are the user's own; NULL where neither static nor dated.
    opportunity_attributes : those of ``opportunities``; NULL where not declared static.
    """

    def __init__(self, keeper: Keeper) -> None:
        self.keeper = keeper
        self.tables = keeper.given.tables
        self._rows = RowsBefore(keeper)
        self._day = keeper.given.calendar.day
        self.attributes = self.tables.attributes("accounts")
        self.opportunity_attributes = self.tables.attributes("opportunities")

    @property
    def cutoffs(self) -> ir.Table:
        """The cutoffs: cutoff_no, cutoff_day, cutoff_second."""
        return self.keeper.cutoffs()

    @cached_property
    def accounts(self) -> ir.Table:
        """One row per company that existed; values that no history dates and nobody declared static are NULL."""
        return self.keeper.keep("accounts", self._accounts())

    @cached_property
    def tree(self) -> ir.Table:
        """The ultimate parent of each account, ``root_no``, itself without any; with ``country``, ``parent_no``."""
        return self.keeper.keep("tree", roots(self.accounts))

    @cached_property
    def contacts(self) -> ir.Table:
        """Who was at an account; contacts without ``created_at`` are left out, for nobody knows since when."""
        return self.keeper.keep("contacts", self._contacts())

    @cached_property
    def quarter(self) -> ir.Table:
        """What `features.activity` counts of those of the last 90 days, one row per company that had any."""
        return self.keeper.keep("quarter", self._quarter())

    @cached_property
    def people(self) -> ir.Table:
        """Who did something in the last 90 days, and how often in the last 30 and 90.

        ``contact_no``, ``n_30d``, ``n_90d``, ``shares``, and, where they were known to be at an account, their
        ``function``, ``seniority`` and ``buying_role``.
        """
        return self.keeper.keep("people", self._people())

    @cached_property
    def unit_people(self) -> ir.Table:
        """The same of events that name a BU, by ``business_unit``."""
        return self._people("business_unit")

    @cached_property
    def opportunities(self) -> ir.Table:
        """Each opportunity as it stood.

        ``outcome``, ``closed_at`` and ``gross_profit`` only where closed before the cutoff, ``stage`` and ``amount`` as
        history had them.
        """
        return self.keeper.keep("opportunities", self._opportunities())

    @cached_property
    def opportunity_history(self) -> ir.Table:
        """The changes of stage and amount, of an opportunity in the order of ``change_no``."""
        rows = self._rows.dated("opportunity_history", EVER, ("opportunity_id", "stage", "amount"))
        order = [ibis.asc(rows[name], nulls_first=True) for name in ("changed_at", "stage", "amount")]
        return self._rows.each(rows.mutate(change_no=ibis.row_number().over(group_by="opportunity_id", order_by=order)))

    @cached_property
    def orders(self) -> ir.Table:
        """Each order, its money exact."""
        rows = self._rows.dated("orders", EVER, ORDER_COLUMNS)
        rows = rows.mutate(amount=exact(rows.amount), gross_profit=exact(rows.gross_profit))
        return self.keeper.keep("orders", self._rows.each(self._rows.kept("order_rows", rows)))

    @cached_property
    def owned(self) -> ir.Table:
        """Which account had bought from which BU: ``account_no``, ``business_unit``, ``owned_since``."""
        return self.keeper.keep("owned", owned(self.opportunities, self.orders, UNIT))

    @cached_property
    def everybody(self) -> ir.Table:
        """Everybody who is ever known."""
        return self.keeper.keep("everybody", self._everybody())

    def _accounts(self) -> ir.Table:
        """Return one row per company, each value that of the alias with the smallest id that has one."""
        dated, static = (*DATED_BY_HISTORY, *self.attributes), self._rows.static
        there, united = self._rows.there.rename(own_no="account_no"), self._rows.united
        joined = there.left_join(united, list(OWN))
        company = ibis.coalesce(united.company_no, there.own_no)
        placed = joined.select(*(there[name] for name in there.columns), account_no=company)
        above = self._rows.united.select("cutoff_no", parent_no="own_no", parent_company="company_no")
        placed = placed.left_join(above, ["cutoff_no", "parent_no"]).drop("cutoff_no_right", "parent_no_right")
        parent = ibis.coalesce(placed.parent_company, placed.parent_no)
        placed = placed.mutate(parent_no=parent.nullif(placed.account_no))
        one = placed.group_by(*ACCOUNT).agg(
            cutoff_day=placed.cutoff_day.max(),
            cutoff_second=placed.cutoff_second.max(),
            account_id=placed.account_id.min(),
            **{
                name: placed[name].argmin(placed.own_no, where=placed[name].notnull())
                for name in ("name", "country", "domain", "parent_no", *static)
            },
            customer_since=placed.customer_since.min(),
            existing_since=placed.existing_since.min(),
            aliases=placed.count(),
        )
        history = self._rows.each(self._told(dated))
        order = ibis.struct({"at": history.changed_at, "value": history.value})
        last = history.group_by(*ACCOUNT).agg(
            **{f"_{name}": history[name].argmax(order, where=history[name].notnull()) for name in dated}
        )
        joined = one.left_join(last, list(ACCOUNT)).drop(*(f"{key}_right" for key in ACCOUNT))
        values = {name: ibis.coalesce(joined[f"_{name}"], joined[name]) for name in static}
        values |= {name: joined[f"_{name}"] for name in dated if name not in static}
        return joined.mutate(**values).drop(*(f"_{name}" for name in dated))

    def _told(self, dated: Sequence[str]) -> ir.Table:
        """Return what the account history tells of columns of accounts, each in a column of its own."""
        types = {name: self.tables.own["accounts"][name].type() for name in dated}
        rows = self._rows.dated("account_history", EVER, ("account_id", "column", "value"))
        return rows.mutate(**{name: _told_value(rows, name, dtype) for name, dtype in types.items()}).drop("column")

    @cached_property
    def changes(self) -> ir.Table:
        """When an account's record last changed: ``last_second``."""
        rows = self._rows.dated("account_history")
        rows = rows.group_by("account_id", *BUCKET).agg(last_second=second(rows.changed_at).max())
        return self._rows.each(rows)

    def _everybody(self) -> ir.Table:
        """Return everybody who is ever known: ``contact_no``, what they are, and the days from and until when.

        ``since_day`` is when the row was there, NULL for one that may always have been; ``from_day`` is NULL where
        nobody knows since when somebody is at the account, ``left_day`` where they did not leave.
        """
        rows, day = self.keeper.own("contacts"), self._day
        since = ibis.greatest(day(rows.created_at), day(rows.loaded_at))
        return rows.mutate(
            contact_no=ibis.row_number().over(order_by=rows.contact_id).cast("int32"),
            since_day=since,
            from_day=only_if(rows.created_at.notnull(), since),
            from_second=only_if(rows.created_at.notnull(), second(ibis.greatest(rows.created_at, rows.loaded_at))),
            left_day=day(rows.left_at),
        )

    def _contacts(self) -> ir.Table:
        """Return who was at an account."""
        rows = self._dated_people(self.everybody.select(*_CONTACT_COLUMNS))
        rows = self._rows.each(self._rows.kept("contact_rows", rows))
        return rows.filter(ibis.coalesce(rows.left_day >= rows.cutoff_day, True)).drop("left_day", "since_day")

    @cached_property
    def careers(self) -> ir.Table:
        """Where those are known ever to have been who were at several accounts, gone or not.

        ``person_id``, ``contact_no``, ``account_no``, ``created_at``.
        """
        people = self.everybody
        several = people.group_by("person_id").agg(jobs=people.count()).filter(lambda row: row.jobs > 1)
        moved = people.semi_join(several, "person_id").select(
            "person_id", "contact_no", "account_id", "created_at", "from_day"
        )
        return self._rows.each(self._dated_people(moved))

    def _dated_people(self, people: ir.Table) -> ir.Table:
        """Give people the ``day`` since which they are known to be at an account, and its ``bucket``."""
        dated = people.mutate(day=people.from_day, late=ibis.null("int32"))
        return self._rows.bucketed(dated.filter(dated.from_day.notnull()))

    @cached_property
    def _events(self) -> ir.Table:
        """The events that windows of any cutoff look back on, whose doing they were, and their ``day``.

        Accounts and people are numbers, so that those who count read nothing long.
        """
        columns = ("account_id", "contact_id", "asset_id", "business_unit", "channel", "action")
        rows = self._rows.past("events", YEAR, columns)
        rows = told_apart(rows.mutate(second=second(rows.occurred_at))).drop("occurred_at", "channel", "action")
        who = self.everybody.select("contact_id", "contact_no")
        rows = rows.left_join(who, "contact_id").drop("contact_id", "contact_id_right")
        return self.keeper.keep("events", self._rows.numbered_rows(rows))

    @cached_property
    def activity(self) -> ir.Table:
        """``n``, ``last_second`` and ``last_talk_second`` of the events of the last 365 days, by bucket."""
        events = self._rows.bucketed(self._events, YEAR)
        counted = events.group_by(*OWN_BUCKET).agg(**year_measures(events))
        return self._rows.each(self._rows.kept("activity_rows", counted), YEAR)

    @cached_property
    def unit_activity(self) -> ir.Table:
        """``n``, ``talks`` and ``last_second`` of those that name a BU, by ``business_unit`` and bucket."""
        events = self._rows.bucketed(self._events.filter(self._events.business_unit.notnull()), UNIT_YEAR)
        counted = events.group_by("business_unit", *OWN_BUCKET).agg(**unit_measures(events))
        return self._rows.each(self._rows.kept("unit_activity_rows", counted), UNIT_YEAR)

    def _quarter(self) -> ir.Table:
        """Count what was done at each account in 90 days."""
        events = self._rows.bucketed(self._events, QUARTER)
        counted = events.group_by(*OWN_BUCKET).agg(**quarter_measures(events))
        rows = self._rows.each(self.keeper.keep("quarter_rows", counted), QUARTER)  # so wide that sorting takes longer
        return rows.group_by(*ACCOUNT).agg(**quarter_totals(rows))

    def _people(self, *by: str) -> ir.Table:
        """Count what each person did; who comes only later is nobody yet."""
        theirs = self._events.theirs, *(self._events[name].notnull() for name in ("contact_no", *by))
        events = self._rows.bucketed(self._events.filter(theirs), PEOPLE_QUARTER)
        n = events.group_by("contact_no", *by, *OWN_BUCKET).agg(
            n=events.count().cast("int32"), shares=events.count(where=events.shared).cast("int32")
        )
        rows = self._rows.each(self._rows.kept("_".join(("people_rows", *by)), n), PEOPLE_QUARTER)
        counted = rows.group_by(*ACCOUNT, *by, "contact_no").agg(
            cutoff_day=rows.cutoff_day.max(),
            n_30d=ibis.coalesce(total(rows.n, within(rows, 30)), 0),
            n_90d=total(rows.n),
            shares=total(rows.shares),
        )
        return self._there(counted)

    def _there(self, rows: ir.Table) -> ir.Table:
        """Keep whose contact row was there, and say what they were where they were known to be at an account."""
        of = ("function", "seniority", "buying_role")
        who = self.everybody.select("contact_no", "since_day", "from_day", "left_day", *of)
        joined = rows.inner_join(who, "contact_no")
        known = joined.filter(ibis.coalesce(joined.since_day < joined.cutoff_day, True))
        at = known.from_day.notnull() & ibis.coalesce(known.left_day >= known.cutoff_day, True)
        return known.mutate(**{name: only_if(at, known[name]) for name in of}).drop("since_day", "from_day", "left_day")

    @cached_property
    def assets(self) -> ir.Table:
        """Who handled which content in the last 180 days.

        ``asset_id``, ``contact_no``, ``last_second``, and ``n``, how often, opened mail aside.
        """
        events = self._events
        handled = events.filter(events.theirs | events.opened, events.asset_id.notnull())
        rows = self._rows.bucketed(handled, HALF_YEAR)
        rows = rows.group_by("contact_no", "asset_id", *OWN_BUCKET).agg(
            n=rows.count(where=rows.theirs).cast("int32"), last_second=rows.second.max()
        )
        who = self.everybody.select("contact_no", "since_day")
        rows = self._rows.kept("asset_rows", rows.left_join(who, "contact_no").drop("contact_no_right"))
        rows = self._rows.each(rows, HALF_YEAR)
        there = ibis.coalesce(rows.since_day < rows.cutoff_day, True)
        return rows.mutate(contact_no=only_if(there, rows.contact_no)).drop("since_day")

    @cached_property
    def intent(self) -> ir.Table:
        """``strength`` (exact), ``n``, ``strongest`` and ``last_second`` by ``topic`` and bucket."""
        rows = self._rows.dated("intent", INTENT_YEAR, ("account_id", "topic", "strength"))
        rows = rows.group_by("account_id", "topic", *BUCKET).agg(
            n=rows.count().cast("int32"),
            strength=exact(rows.strength).sum(),
            strongest=rows.strength.max(),
            last_second=second(rows.observed_at).max(),
        )
        return self._rows.each(self._rows.kept("intent_rows", rows), INTENT_YEAR)

    @cached_property
    def usage(self) -> ir.Table:
        """``value`` (exact), ``n``, and ``last_second``, of the last reading that is not 0, by ``product``, bucket."""
        rows = self._rows.dated("usage", USAGE_YEAR, ("account_id", "product", "value"))
        rows = rows.group_by("account_id", "product", *BUCKET).agg(
            n=rows.count().cast("int32"),
            value=exact(rows.value).sum(),
            last_second=second(rows.observed_at).max(where=rows.value != 0),
        )
        return self._rows.each(self._rows.kept("usage_rows", rows), USAGE_YEAR)

    def _opportunities(self) -> ir.Table:
        """Give opportunities the outcome, stage, amount and attributes that they had just before the cutoff."""
        rows = self._rows.each(self._rows.kept("opportunity_rows", self._rows.dated("opportunities")))
        history = self.opportunity_history
        last = history.group_by("cutoff_no", "opportunity_id").agg(
            history_stage=history.stage.argmax(history.change_no, where=history.stage.notnull()),
            history_amount=history.amount.argmax(history.change_no, where=history.amount.notnull()),
            stage_since=history.changed_at.max(),
        )
        keys = ("cutoff_no", "opportunity_id")
        joined = rows.left_join(last, list(keys)).drop(*(f"{key}_right" for key in keys))
        closed = ibis.coalesce(self._day(joined.closed_at) < joined.cutoff_day, False)
        undated = [n for n in self.tables.attributes("opportunities") if ("opportunities", n) not in self.tables.static]
        return joined.mutate(
            outcome=ibis.ifelse(closed, joined.outcome, "open"),
            closed_at=only_if(closed, joined.closed_at),
            gross_profit=only_if(closed, joined.gross_profit),
            amount=ibis.coalesce(joined.history_amount, only_if(closed, joined.amount)),
            stage=joined.history_stage,
            **{name: ibis.null(joined[name].type()) for name in undated},
        ).drop("history_stage", "history_amount")

    @cached_property
    def opportunity_contacts(self) -> ir.Table:
        """Who was named on an opportunity."""
        who = self.everybody.select("contact_id", "since_day")
        rows = self._rows.dated("opportunity_contacts").inner_join(who, "contact_id")
        rows = self._rows.each(rows)
        return rows.filter(ibis.coalesce(rows.since_day < rows.cutoff_day, True)).drop("since_day")

    @cached_property
    def impressions(self) -> ir.Table:
        """``viewed_at``, ``outcome`` and ``outcome_at`` only as far as they had come."""
        who = self.everybody.select("contact_id", "since_day")
        rows = self._rows.dated("impressions").left_join(who, "contact_id").drop("contact_id_right")
        rows = self._rows.each(rows)
        day, there = self._day, ibis.coalesce(rows.since_day < rows.cutoff_day, True)
        came = ibis.coalesce(day(rows.outcome_at) < rows.cutoff_day, False)
        return rows.mutate(
            contact_id=only_if(there, rows.contact_id),
            viewed_at=only_if(day(rows.viewed_at) < rows.cutoff_day, rows.viewed_at),
            outcome=only_if(came, rows.outcome),
            outcome_at=only_if(came, rows.outcome_at),
        ).drop("since_day")


def _told_value(history: ir.Table, name: str, dtype: DataType) -> ir.Value:
    """Return the value of a column of accounts that a row of their history tells; one that breaks its rule is none."""
    value = history.value.try_cast(dtype)
    holds = history["column"] == name
    if dtype.is_floating():
        holds &= ~value.isnan() & ~value.isinf()
    if name in DATED_BY_HISTORY and dtype.is_numeric():
        holds &= value >= 0
    return only_if(holds, value)
