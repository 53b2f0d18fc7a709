"""Outcomes: who succeeded, and with whom opportunities were opened, after each of several cutoffs."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import ibis
import ibis.expr.types as ir
import pandas as pd

from features.calendar import Calendar
from features.companies import companies_later, rows_before
from features.customers import exact, kept_orders
from features.group import Group
from features.snapshots import worked_out_together
from features.tables import Tables

DAY = timedelta(days=1)

_EVER = datetime.fromisoformat("0001-01-01")

_UNIT = ("cutoff_no", "business_unit", "account_id")
"""What names an account × BU after a cutoff."""

_RULES = ("created", "won", "ordered")
"""What a success is in a BU: an opportunity that is created, or won, or an order."""

_WINDOWS = ibis.schema(
    {
        "cutoff_no": "int32",
        "business_unit": "string",
        "rule": "string",
        "margin": "float64",
        "start": "timestamp(6)",
        "end": "timestamp(6)",
        "earlier": "timestamp(6)",
    }
)
"""The window of each BU after each cutoff, [start, end) as far as it was seen, and [earlier, start), as long before."""

Key = tuple[datetime, str]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What came after some cutoffs, as far as the tables go.

    Parameters
    ----------
    by_orders : the BUs whose successes are orders, after each cutoff.
    successes : by cutoff and BU, the companies that succeeded: ``account_id``; ``gross_profit`` and ``amount`` within
        the window; when the first success came, ``new_at`` as a new one and ``grown_at`` as growth; and whether there
        was a ``new`` one within the window, and whether it was ``grown``.
    openings : by cutoff and BU, when each company first had an opportunity opened, no renewal.
    """

    by_orders: frozenset[Key]
    successes: Mapping[Key, pd.DataFrame]
    openings: Mapping[Key, pd.Series]


def outcomes_after(tables: Tables, group: Group, cutoffs: Iterable[datetime]) -> Outcomes:
    """Read what came after cutoffs, for as many of them at once as memory is bounded for.

    Parameters
    ----------
    tables : the canonical tables; their end is the instant from which one looks back.
    group : business units with their horizons and targets.
    cutoffs : UTC, without offsets; all before the end of the tables.
    """
    by_orders: set[Key] = set()
    successes: dict[Key, pd.DataFrame] = {}
    openings: dict[Key, pd.Series] = {}
    for calendar in worked_out_together(tables, cutoffs):
        read = _read(_placed(tables, calendar), group, calendar.cutoffs, tables.as_of)
        by_orders |= read.by_orders
        successes |= read.successes
        openings |= read.openings
    return Outcomes(frozenset(by_orders), successes, openings)


def first_successes(tables: Tables, group: Group) -> dict[str, datetime]:
    """Return when each BU first succeeded with anybody: what came before tells nothing of failures; none: never."""
    only = ibis.literal(0, "int32")
    happened = {name: rows.mutate(cutoff_no=only) for name, rows in _until(tables, tables.as_of).items()}
    read = _read(happened, group, (_EVER,), tables.as_of, with_openings=False)
    firsts = {name: rows["new_at"].min() for (_, name), rows in read.successes.items()}
    return {name: first.to_pydatetime() for name, first in firsts.items() if not pd.isna(first)}


def judged_by_opportunities(tables: Tables | Mapping[str, ir.Table]) -> set[str]:
    """Return the BUs whose successes are opportunities; one that has none is judged by its orders."""
    units = tables["opportunities"].select("business_unit").distinct().to_pandas()["business_unit"]
    return set(units.dropna())


def judged_by_growth(tables: Tables, group: Group) -> list[str]:
    """Return the BUs the growth of whose customers is judged by the net amount of the orders of a whole window."""
    told = judged_by_opportunities(tables)
    return [name for name, unit in group.business_units.items() if unit.target == "win" and name not in told]


def _placed(tables: Tables, calendar: Calendar) -> dict[str, ir.Table]:
    """Return what happened up to the end of the tables, after each cutoff under the company known at it."""
    companies = ibis.memtable(companies_later(tables, calendar))
    placed = {}
    for name, rows in _until(tables.own, tables.as_of).items():
        joined = rows.inner_join(companies, rows.account_id == companies.account_id)
        columns = {column: rows[column] for column in rows.columns} | {"account_id": companies.entity_id}
        placed[name] = joined.select(**columns, cutoff_no=companies.cutoff_no)
    return placed


def _until(tables: Tables | Mapping[str, ir.Table], end: datetime) -> dict[str, ir.Table]:
    """Return the opportunities and orders that were known before an end."""
    return {
        "opportunities": rows_before(tables["opportunities"], "created_at", end),
        "orders": rows_before(tables["orders"], "ordered_at", end),
    }


def _read(
    happened: Mapping[str, ir.Table],
    group: Group,
    cutoffs: tuple[datetime, ...],
    seen: datetime,
    *,
    with_openings: bool = True,
) -> Outcomes:
    """Read what came after cutoffs that have their places in `cutoffs` as numbers, until `seen`."""
    told = _units_with_opportunities(happened["opportunities"])
    windows = pd.DataFrame(_windows(group, cutoffs, seen, told), columns=list(_WINDOWS.names))
    rules = windows.set_index(["cutoff_no", "business_unit"])["rule"]
    in_window = {name: _in_window(rows, windows) for name, rows in happened.items()}
    found = [_successes(in_window, rule, seen) for rule in _RULES if rule in set(rules)]
    times = dict.fromkeys(("new_at", "grown_at"), "datetime64[us]")  # engines differ in the unit
    successes = pd.concat([rows.to_pandas().astype(times) for rows in found], ignore_index=True)
    openings = pd.DataFrame(columns=[*_UNIT, "opened_at"])
    if with_openings and "won" in set(rules):
        openings = _openings(in_window["opportunities"], seen).to_pandas()
    return Outcomes(
        by_orders=frozenset((cutoffs[number], str(unit)) for number, unit in rules.index[rules == "ordered"]),
        successes=_by_key(successes, cutoffs),
        openings={key: rows.set_index("account_id")["opened_at"] for key, rows in _by_key(openings, cutoffs).items()},
    )


def _units_with_opportunities(opportunities: ir.Table) -> set[tuple[int, str]]:
    """Return the BUs, after each cutoff, whose successes are opportunities; one that has none is judged by orders."""
    rows = opportunities.select("cutoff_no", "business_unit").distinct().to_pandas()
    return set(zip(rows["cutoff_no"], rows["business_unit"], strict=True))


def _windows(
    group: Group, cutoffs: tuple[datetime, ...], seen: datetime, with_opportunities: set[tuple[int, str]]
) -> Iterator[tuple[int, str, str, float | None, datetime, datetime, datetime]]:
    """Return the rows of _WINDOWS."""
    for number, start in enumerate(cutoffs):
        for name, unit in group.business_units.items():
            told = "won" if (number, name) in with_opportunities else "ordered"
            rule = "created" if unit.target == "opportunity" else told
            days = timedelta(days=unit.horizon_days)
            earlier = start - days if start - _EVER > days else _EVER
            yield number, name, rule, unit.margin, start, min(start + days, seen), earlier


def _in_window(rows: ir.Table, windows: pd.DataFrame) -> ir.Table:
    """Put beside each row its BU's window; gross profit follows from the amount where the BU declares a margin."""
    times = {name: windows[name].astype("datetime64[us]") for name in ("start", "end", "earlier")}
    given = ibis.memtable(windows.assign(**times, margin=windows["margin"].astype("float64")), schema=_WINDOWS)
    of_windows = [name for name in _WINDOWS.names if name not in _UNIT]
    joined = rows.inner_join(given, ["cutoff_no", "business_unit"])
    joined = joined.select(*(rows[name] for name in rows.columns), *(given[name] for name in of_windows))
    return joined.mutate(gross_profit=ibis.coalesce(joined.gross_profit, joined.amount * joined.margin))


def _successes(happened: Mapping[str, ir.Table], rule: str, seen: datetime) -> ir.Table:
    """Return who succeeded in the BUs of a rule."""
    opportunities, orders = (happened[name].filter(happened[name].rule == rule) for name in ("opportunities", "orders"))
    if rule == "created":
        return _summed(opportunities, "created_at", seen)
    if rule == "ordered":
        return _ordered(orders, seen)
    won = opportunities.filter(opportunities.outcome == "won")
    return _summed(won, "closed_at", seen)


def _summed(opportunities: ir.Table, time: str, seen: datetime) -> ir.Table:
    """Return the accounts for which this happened to an opportunity, no renewal, while they were followed."""
    rows = _followed(opportunities, time, seen)
    within = _between(rows[time], rows, rows.end)
    totals = rows.group_by(*_UNIT).agg(
        gross_profit=exact(rows.gross_profit).sum(where=within).cast("float64"),
        amount=exact(rows.amount).sum(where=within).cast("float64"),
        new_at=rows[time].min(),
        grown_at=rows[time].min(),
        new=within.any(),
    )
    return totals.mutate(grown=totals.new)


def _ordered(orders: ir.Table, seen: datetime) -> ir.Table:
    """Return the accounts that ordered while they were followed.

    A first order that was kept is a new success; a net amount above nothing and above that of the equal window before
    is growth.
    """
    kept = kept_orders(orders, _UNIT).select("cutoff_no", "order_id", kept=True)
    rows = orders.left_join(kept, ["cutoff_no", "order_id"]).drop("cutoff_no_right", "order_id_right")
    time, net = rows.ordered_at, exact(rows.amount)
    within = _between(time, rows, rows.end)
    totals = rows.group_by(*_UNIT).agg(
        amount=net.sum(where=within).cast("float64"),
        gross_profit=exact(rows.gross_profit).sum(where=within).cast("float64"),
        new_at=time.min(where=_between(time, rows, seen) & rows.kept.notnull()),
        grown_at=time.min(where=within & (rows.amount > 0)),
        new=(within & rows.kept.notnull()).any(),
        before=net.sum(where=(time >= rows.earlier) & (time < rows.start)).cast("float64"),
    )
    grown = totals.amount > ibis.greatest(totals.before, 0.0)
    return totals.mutate(grown=ibis.coalesce(grown, False)).drop("before")


def _openings(opportunities: ir.Table, seen: datetime) -> ir.Table:
    """Return when each company first had an opportunity opened, no renewal, in BUs whose successes are wins."""
    rows = _followed(opportunities.filter(opportunities.rule == "won"), "created_at", seen)
    return rows.group_by(*_UNIT).agg(opened_at=rows.created_at.min())


def _followed(opportunities: ir.Table, time: str, seen: datetime) -> ir.Table:
    """Keep those, no renewals, to which this happened between the cutoff and the end of what was seen."""
    followed = _between(opportunities[time], opportunities, seen)
    return opportunities.filter(ibis.coalesce(opportunities.kind, "new") != "renewal", followed)


def _between(time: ir.TimestampValue, rows: ir.Table, end: ir.TimestampValue | datetime) -> ir.BooleanValue:
    """Tell whether a time lies in [cutoff, end); what happens exactly at the cutoff does."""
    return (time >= rows.start) & (time < end)


def _by_key(rows: pd.DataFrame, cutoffs: tuple[datetime, ...]) -> dict[Key, pd.DataFrame]:
    """Return the rows of each cutoff and BU."""
    at: Mapping[Hashable, datetime] = dict(enumerate(cutoffs))
    each = rows.groupby(["cutoff_no", "business_unit"])
    return {(at[number], str(unit)): part.drop(columns=["cutoff_no", "business_unit"]) for (number, unit), part in each}
