"""Hindsight: what the accounts of a release did since, against the rankings that people use today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from features.calendar import Calendar
from features.companies import companies_later
from features.customers import exact
from features.errors import InputError
from features.outcomes import judged_by_opportunities
from features.tables import Tables, under_companies
from models.baselines import BASELINES, recency_frequency_monetary
from training.clustered import Estimate
from training.evaluate import within_first
from training.jackknife import Replicates, parts_of, ratio

Floats = NDArray[np.float64]
Happened = Mapping[str, ir.Table]
"""Opportunities and orders, each under the company that was known at the release's cutoff."""

TOP = 0.1
"""The part of the accounts that counts as the top of a ranking."""

TODAY = MappingProxyType({**BASELINES, "recency_frequency_monetary": recency_frequency_monetary})
"""The rankings that people use today, by name."""

GLOCAL = "glocal"
"""The release's own ranking, with which the others are compared."""


@dataclass(frozen=True, slots=True)
class Hindsight:
    """What came after a release.

    Parameters
    ----------
    since, until : the window looked at, [since, until).
    accounts : number of accounts ranked.
    total : net amount that they brought in the window, in group currency.
    growth : sum of what each brought above the equal window before.
    rankings : a row per ranking, GLOCAL first: ``ranking``; of ``amount`` and of ``growth`` each: the share that the
        top tenth of the accounts brought, ``_lift``, that share over a tenth, and ``_ahead``, by how much GLOCAL's is
        ahead of it, with the interval of 95 % from ``_ahead_low`` to ``_ahead_high`` (NaN for GLOCAL itself).
    """

    since: datetime
    until: datetime
    accounts: int
    total: float
    growth: float
    rankings: pd.DataFrame


def look_back(
    tables: Tables,
    snapshot: pd.DataFrame,
    expected: pd.Series,
    since: datetime,
    until: datetime,
    others: Mapping[str, pd.Series] = MappingProxyType({}),
) -> Hindsight:
    """Compare a release's ranking with what happened since.

    Parameters
    ----------
    tables : the canonical tables, holding what happened since.
    snapshot : the rows that the release was scored from.
    expected : what each row was expected to bring (probability × amount if it happens), under the snapshot's index.
    since : the release's cutoff.
    until : the end of the window, after `since` and not after the end of the data.
    others : scores by account id, by the name of each ranking from elsewhere; a company ranks as high as the best of
        its accounts, and one of which there is no score comes last.

    Raises
    ------
    InputError
        If the window is empty, nothing in it brought anything, or a ranking from elsewhere knows no account, or bears
        the name of one of Glocal's.
    """
    if not since < until <= tables.as_of:
        raise InputError(
            f"--until {until:%Y-%m-%d}: give a date after the release's {since:%Y-%m-%d} "
            f"and no later than the end of the data, {tables.as_of:%Y-%m-%d}"
        )
    accounts = pd.Index(snapshot["account_id"].unique())
    units = snapshot["business_unit"].unique()
    placed = companies_later(tables, Calendar((since,))).drop(columns="cutoff_no")
    rankings = _rankings(snapshot, expected, accounts) | _from_elsewhere(others, placed, accounts)
    companies = ibis.memtable(placed)
    happened = {name: under_companies(tables.own[name], companies) for name in ("opportunities", "orders")}
    after = _brought(happened, units, since, until).reindex(accounts, fill_value=0.0)
    before = _brought(happened, units, since - (until - since), since).reindex(accounts, fill_value=0.0)
    growth = (after - before).clip(lower=0.0)
    if not (growth > 0).any():
        raise InputError(
            f"from {since:%Y-%m-%d} to {until:%Y-%m-%d} no account grew; give a longer window with --until"
        )
    return Hindsight(
        since,
        until,
        len(accounts),
        float(after.sum()),
        float(growth.sum()),
        _compared(rankings, {"amount": after, "growth": growth}),
    )


def _compared(rankings: Mapping[str, Floats], brought: Mapping[str, pd.Series]) -> pd.DataFrame:
    """Return what the top of each ranking holds of each thing that was brought, and by how much Glocal is ahead."""
    columns: dict[str, list[float]] = {}
    tops = {name: within_first(score, TOP) for name, score in rankings.items()}
    for what, of_accounts in brought.items():
        values, parts = of_accounts.to_numpy(np.float64), parts_of(of_accounts.index.to_series())
        held = {name: ratio(values * top, values, parts) for name, top in tops.items()}
        columns[what] = [float(found.each[0]) for found in held.values()]
        columns[f"{what}_lift"] = [share / TOP for share in columns[what]]
        columns |= _ahead(what, held)
    return pd.DataFrame({"ranking": list(rankings), **columns})


def _ahead(what: str, held: Mapping[str, Replicates]) -> dict[str, list[float]]:
    """Return by how much Glocal is ahead of each ranking, and between what that may be."""
    of_itself = Estimate(np.nan, np.nan, np.nan)
    found = [of_itself if name == GLOCAL else (held[GLOCAL] - other).estimate() for name, other in held.items()]
    return {
        f"{what}_ahead": [one.value for one in found],
        f"{what}_ahead_low": [one.low for one in found],
        f"{what}_ahead_high": [one.high for one in found],
    }


def _rankings(snapshot: pd.DataFrame, expected: pd.Series, accounts: pd.Index) -> dict[str, Floats]:
    """Rank accounts; a ranking of account × BU counts for an account with the sum, or the best, of its BUs."""
    of = snapshot["account_id"]
    rankings = {GLOCAL: expected.fillna(0.0).groupby(of).sum()}
    for name, ranking in TODAY.items():
        rankings[name] = pd.Series(ranking(snapshot), index=snapshot.index).groupby(of).max()
    return {name: score.reindex(accounts).to_numpy(np.float64) for name, score in rankings.items()}


def _from_elsewhere(others: Mapping[str, pd.Series], placed: pd.DataFrame, accounts: pd.Index) -> dict[str, Floats]:
    """Return the scores of other rankings, those of several accounts of one company put together."""
    company_of = dict(zip(placed["account_id"], placed["entity_id"], strict=True))
    ranked = {}
    for name, scores in others.items():
        if name in (GLOCAL, *TODAY):
            raise InputError(f"{name}: hindsight calls another ranking so; give it another name")
        best = scores.groupby(scores.index.map(company_of)).max().reindex(accounts)
        if best.isna().all():
            raise InputError(f"{name}: none of its {len(scores):,} accounts is in the release; give its account ids")
        ranked[name] = best.fillna(-np.inf).to_numpy(np.float64)
    return ranked


def _brought(happened: Happened, units: NDArray[np.object_], start: datetime, end: datetime) -> pd.Series:
    """Sum the net amount by account in [start, end): won opportunities, or orders where a BU is judged by them."""
    told = judged_by_opportunities(happened)
    parts = [_rows(happened, str(unit), by_opportunities=unit in told) for unit in units]
    rows = ibis.union(*parts) if len(parts) > 1 else parts[0]
    rows = rows.filter(rows["at"] >= start, rows["at"] < end)
    sums: pd.DataFrame = rows.group_by("account_id").agg(amount=exact(rows.amount).sum().cast("float64")).to_pandas()
    return sums.set_index("account_id")["amount"].fillna(0.0).clip(lower=0.0)


def _rows(happened: Happened, unit: str, *, by_opportunities: bool) -> ir.Table:
    """Return what brought money in a BU: wins, or orders."""
    if by_opportunities:
        won = happened["opportunities"].filter(lambda row: (row.outcome == "won") & (row.business_unit == unit))
        return won.select("account_id", "amount", at=won.closed_at)
    orders = happened["orders"].filter(lambda row: row.business_unit == unit)
    return orders.select("account_id", "amount", at=orders.ordered_at)
