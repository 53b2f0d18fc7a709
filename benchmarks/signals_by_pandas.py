"""The same signals at one cutoff in pandas, vectorised, over tables that lie ready in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from features.activity import CHANNELS, MACHINES, OPENED, OTHER_POINTS, OURS, PARTS, POINTS, SHARED, TALKS
from features.calendar import WINDOWS
from features.contracts import TABLES
from features.group import Group
from features.signals.catalogue import BUILT_IN
from features.signals.committee import READY_SHARE
from features.signals.engagement import EXECUTIVES, SENIORITY_WEIGHTS
from features.signals.pipeline import LATELY_DAYS
from features.snapshots import KEYS

UNIT = ["no", "business_unit"]
_DAY = pd.Timedelta(days=1)
_LEVELS = 6
_BY_ACCOUNT = ("account_history", "contacts", "events", "intent", "opportunities", "usage", "orders", "impressions")
_UNREAD = ("playbooks", "rates")

Columns = dict[str, pd.Series]


def read_frames(warehouse: Path) -> dict[str, pd.DataFrame]:
    """Read the tables of a warehouse into memory."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        return {name: connection.table(name).df() for name in TABLES if name not in _UNREAD}


def signals_by_pandas(frames: Mapping[str, pd.DataFrame], group: Group, cutoff: datetime) -> pd.DataFrame:
    """Compute what `build_snapshot` computes of a group without own attributes, in which no two accounts are one.

    Parameters
    ----------
    frames : the canonical tables; every account has something dated.
    group : regions and business units.
    cutoff : a midnight, UTC.
    """
    return _Snapshot(frames, group, pd.Timestamp(cutoff)).frame()


@dataclass(frozen=True)
class _Snapshot:
    frames: Mapping[str, pd.DataFrame]
    group: Group
    cutoff: pd.Timestamp

    def frame(self) -> pd.DataFrame:
        """Compute family by family, and put the columns beside each other."""
        accounts = self._accounts()
        people, theirs, year = self._people(accounts), *self._events(accounts)
        deals, orders = self._deals(accounts), self._rows("orders", accounts)
        owned = _owned(deals, orders)
        tree = _tree(accounts)
        active = self._active(theirs, people)
        quarter = theirs[theirs["ago"] <= 90]
        by_account = self._attributes(accounts) | self._quality(people, quarter)
        by_account |= self._engagement(theirs, quarter, year, active) | self._intent(accounts, tree)
        by_account |= self._contacts(people) | self._advocacy(theirs, quarter, people, active)
        by_account |= self._portfolio(orders, deals, owned, accounts) | self._usage(accounts)
        by_account |= self._responses(accounts) | _hierarchy(tree, quarter, orders)
        by_account |= {
            "pipeline_open_account": deals[deals["is_open"]].groupby("no").size(),
            "pipeline_wins_account": deals[deals["outcome"] == "won"].groupby("no").size(),
        }
        by_unit = self._unit_engagement(theirs, active) | self._pipeline(deals, accounts)
        by_unit |= self._unit_orders(orders, owned) | _unit_hierarchy(tree, deals, owned)
        by_unit |= self._committee(accounts, people, active)
        return self._assembled(accounts, owned, by_account, by_unit)

    def _ago(self, times: pd.Series) -> pd.Series:
        return (self.cutoff - times) / _DAY

    def _known(self, name: str) -> pd.DataFrame:
        """Return the rows that happened and were loaded before the cutoff."""
        rows, time = self.frames[name], TABLES[name].time
        return rows[(rows[time] < self.cutoff) & ~(rows["loaded_at"] >= self.cutoff)]

    def _rows(self, name: str, accounts: pd.DataFrame, days: int | None = None) -> pd.DataFrame:
        """Return the known rows of the last days, with the number of their account, and the days ago."""
        rows = self._known(name)
        rows = rows.assign(ago=self._ago(rows[TABLES[name].time]))
        if days is not None:
            rows = rows[rows["ago"] <= days]
        rows = rows.assign(no=pd.Index(accounts["account_id"]).get_indexer(rows["account_id"]))
        return rows[rows["no"] >= 0]

    def _accounts(self) -> pd.DataFrame:
        rows = self.frames["accounts"].sort_values("account_id")
        undated = set(rows.loc[rows["created_at"].isna(), "account_id"])
        first = [
            each.assign(at=each[[TABLES[name].time, "loaded_at"]].max(axis=1))
            for name in _BY_ACCOUNT
            if len(each := self.frames[name][self.frames[name]["account_id"].isin(undated)])
        ]
        seen = pd.concat([each[["account_id", "at"]] for each in first]).groupby("account_id")["at"].min()
        since = rows["created_at"].fillna(rows["account_id"].map(seen))
        since = pd.concat([since, rows["customer_since"]], axis=1).min(axis=1)
        there = pd.concat([since, rows["loaded_at"]], axis=1).max(axis=1) < self.cutoff
        rows = rows.assign(existing_since=since)[there].reset_index(drop=True)
        parents = rows["parent_id"].mask(rows["parent_since"] >= self.cutoff)
        parent = pd.Index(rows["account_id"]).get_indexer(parents)
        region = {country: name for name, countries in self.group.regions.items() for country in countries}
        return rows.assign(
            parent=np.where(parents.notna(), parent, -1),
            region=rows["country"].map(region).fillna("other"),
            customer_since=rows["customer_since"].mask(rows["customer_since"] >= self.cutoff),
        )

    def _people(self, accounts: pd.DataFrame) -> pd.DataFrame:
        """Return the contacts whose rows were there."""
        rows = self.frames["contacts"]
        since = rows[["created_at", "loaded_at"]].max(axis=1)
        rows = rows.assign(since=since, no=pd.Index(accounts["account_id"]).get_indexer(rows["account_id"]))
        rows = rows[~(since >= self.cutoff)].reset_index(drop=True)
        at_account = rows["created_at"].notna() & ~(rows["left_at"] < self.cutoff)
        what = {name: rows[name].where(at_account) for name in ("function", "seniority", "buying_role")}
        return rows.assign(at_account=at_account & (rows["no"] >= 0), **what)

    def _events(self, accounts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return a year's events that the account's people did, and all of the year's."""
        year = self._rows("events", accounts, 365)
        opened = (year["channel"] == "email") & year["action"].isin(OPENED)
        year = year.assign(opened=opened, ours=year["action"].isin(OURS), shared=year["action"].isin(SHARED))
        year = year.assign(times=1 + (year["ago"] <= 30).astype(int) + (year["ago"] <= 7).astype(int))
        return year[~(year["ours"] | year["action"].isin(MACHINES) | opened)], year

    def _active(self, theirs: pd.DataFrame, people: pd.DataFrame) -> pd.DataFrame:
        """Return the events of the last 90 days with who did them."""
        rows = theirs.loc[theirs["ago"] <= 90, ["no", "contact_id", "business_unit", "ago", "shared"]]
        who = people[["contact_id", "function", "seniority"]]
        return rows.merge(who.assign(contact_no=who.index), on="contact_id")

    def _attributes(self, accounts: pd.DataFrame) -> Columns:
        history = self._rows("account_history", accounts).sort_values(["changed_at", "value"])
        number = pd.to_numeric(history["value"], errors="coerce")
        good = (number >= 0) & np.isfinite(number)
        last = {}
        for name, valid in (("industry", good | True), ("employees", good), ("annual_revenue", good)):
            of = history[(history["column"] == name) & valid]
            last[name] = of.groupby("no")["value"].last()
        return {
            "attributes_country": accounts["country"],
            "attributes_industry": last["industry"].reindex(accounts.index).fillna(accounts["industry"]),
            "attributes_employees": last["employees"].astype(float),
            "attributes_annual_revenue": last["annual_revenue"].astype(float),
            "attributes_age_days": self._ago(accounts["existing_since"]),
            "attributes_aliases": pd.Series(1.0, accounts.index),
            "quality_days_since_change": history.groupby("no")["ago"].min(),
            "quality_missing": accounts["domain"].isna()
            + sum(1 - last[name].reindex(accounts.index).notna() for name in ("employees", "annual_revenue"))
            + last["industry"].reindex(accounts.index).fillna(accounts["industry"]).isna(),
        }

    def _quality(self, people: pd.DataFrame, quarter: pd.DataFrame) -> Columns:
        known = people[people["at_account"]]
        complete = known[["function", "seniority", "buying_role"]].notna().all(axis=1)
        return {
            "quality_contacts_complete": complete.groupby(known["no"]).mean(),
            "quality_people_known": quarter["contact_id"].notna().groupby(quarter["no"]).mean(),
        }

    def _engagement(
        self, theirs: pd.DataFrame, quarter: pd.DataFrame, year: pd.DataFrame, active: pd.DataFrame
    ) -> Columns:
        n = {days: theirs[theirs["ago"] <= days].groupby("no").size() for days in WINDOWS}
        channels = pd.crosstab(quarter["no"], quarter["channel"]).reindex(columns=CHANNELS, fill_value=0)
        part = {channel: name for name, channels in PARTS.items() for channel in channels}
        other = np.where(quarter["channel"].isin(TALKS), POINTS["meeting"], OTHER_POINTS)
        points = quarter["action"].map(POINTS).fillna(pd.Series(other, quarter.index)) * quarter["times"]
        points = pd.crosstab(quarter["no"], quarter["channel"].map(part).fillna("other"), points, aggfunc="sum")
        lately = year[year["ago"] <= 90]
        sent = lately[lately["ours"]].groupby("no")["times"].agg(["size", "sum"])
        more = active.assign(more=active["seniority"].map(SENIORITY_WEIGHTS).fillna(1) - 1)
        people = active.drop_duplicates(["no", "contact_no"]).groupby("no")
        executives = active[active["seniority"].isin(EXECUTIVES)].drop_duplicates(["no", "contact_no"])
        score = points.sum(axis=1).add(sent["sum"], fill_value=0)
        before = n[365].sub(n[30], fill_value=0).replace(0, np.nan)
        return {
            **{f"engagement_events_{days}d": each for days, each in n.items()},
            **{f"engagement_{channel}_90d": channels[channel] for channel in CHANNELS},
            **{f"engagement_points_{name}": points[name] for name in points},
            **{
                f"engagement_seniority_{days}d": n[days].add(
                    more[more["ago"] <= days].groupby("no")["more"].sum(), fill_value=0
                )
                for days in (30, 90)
            },
            "engagement_points": score,
            "engagement_points_sent": sent["sum"],
            "engagement_sent_90d": sent["size"],
            "engagement_opened_90d": lately[lately["opened"]].groupby("no").size(),
            "engagement_trend_30d": n[30].reindex(before.index).fillna(0) * ((365 - 30) / 30) / before,
            "engagement_days_since_last": theirs.groupby("no")["ago"].min(),
            "engagement_days_since_talk": theirs[theirs["channel"].isin(TALKS)].groupby("no")["ago"].min(),
            "engagement_people_90d": people.size(),
            "engagement_functions_90d": people["function"].nunique(),
            "engagement_executives_90d": executives.groupby("no").size(),
        }

    def _unit_engagement(self, theirs: pd.DataFrame, active: pd.DataFrame) -> Columns:
        rows = theirs[theirs["business_unit"].notna()]
        talks = rows[rows["channel"].isin(TALKS) & (rows["ago"] <= 90)]
        people = active[active["business_unit"].notna()].drop_duplicates([*UNIT, "contact_no"])
        return {
            **{
                f"engagement_bu_events_{days}d": rows[rows["ago"] <= days].groupby(UNIT).size()
                for days in (30, 90, 365)
            },
            "engagement_bu_talks_90d": talks.groupby(UNIT).size(),
            "engagement_bu_people_90d": people.groupby(UNIT).size(),
            "engagement_bu_days_since_last": rows.groupby(UNIT)["ago"].min(),
        }

    def _intent(self, accounts: pd.DataFrame, tree: pd.DataFrame) -> Columns:
        year = self._rows("intent", accounts, 365)
        month, quarter = year[year["ago"] <= 30], year[year["ago"] <= 90]
        topics = quarter.groupby(["no", "topic"])["strength"].sum()
        total = topics.groupby("no").sum().replace(0, np.nan)
        now = month[["no", "topic"]].drop_duplicates()
        old = year.loc[year["ago"] > 30, ["no", "topic"]].drop_duplicates()
        new = now.merge(old, how="left", indicator=True)
        placed = now.merge(tree[["root", "country"]], left_on="no", right_index=True)
        countries = placed.groupby(["root", "topic"])["country"].transform("nunique")
        mean = year.groupby("no")["strength"].mean().replace(0, np.nan)
        return {
            "intent_strength_30d": month.groupby("no")["strength"].sum(),
            "intent_strength_90d": quarter.groupby("no")["strength"].sum(),
            "intent_strongest_30d": month.groupby("no")["strength"].max(),
            "intent_topics_90d": topics.groupby("no").size(),
            "intent_new_topics_30d": new[new["_merge"] == "left_only"].groupby("no").size(),
            "intent_focus_90d": topics.groupby("no").max() / total,
            "intent_surge": month.groupby("no")["strength"].mean() / mean,
            "intent_days_since_last": year.groupby("no")["ago"].min(),
            "intent_group_countries_30d": countries.groupby(placed["no"]).max(),
        }

    def _usage(self, accounts: pd.DataFrame) -> Columns:
        year = self._rows("usage", accounts, 365)
        month, quarter = year[year["ago"] <= 30], year[year["ago"] <= 90]
        before = year[(year["ago"] > 30) & (year["ago"] <= 180)]
        last = year[year["value"] != 0].groupby(["no", "product"])["ago"].min()
        mean = month.groupby("no")["value"].mean()
        return {
            "usage_products_90d": last[last <= 90].groupby("no").size(),
            "usage_dropped": last[last > 90].groupby("no").size(),
            "usage_readings_90d": quarter.groupby("no").size(),
            "usage_mean_30d": mean,
            "usage_trend": mean / before.groupby("no")["value"].mean().replace(0, np.nan),
            "usage_days_since_last": last.groupby("no").min(),
        }

    def _contacts(self, people: pd.DataFrame) -> Columns:
        rows = people[people["at_account"]]
        by = rows.groupby("no")
        jobs = people[people["person_id"].notna() & people["created_at"].notna() & (people["no"] >= 0)]
        jobs = jobs[jobs.duplicated("person_id", keep=False)]
        met = jobs[jobs["at_account"]].reset_index().merge(jobs[["person_id", "no", "created_at"]], on="person_id")
        met = met[(met["no_x"] != met["no_y"]) & (met["created_at_y"] < met["created_at_x"])]
        return {
            "committee_contacts": by.size(),
            "committee_functions": by["function"].nunique(),
            "committee_levels": by["seniority"].nunique(),
            "committee_countries": by["country"].nunique(),
            "committee_executives": rows[rows["seniority"].isin(EXECUTIVES)].groupby("no").size(),
            "committee_new_90d": rows[self._ago(rows["since"]) <= 90].groupby("no").size(),
            "committee_days_since_new": self._ago(by["since"].max()),
            "committee_came_along": met.groupby("no_x")["index"].nunique(),
        }

    def _committee(self, accounts: pd.DataFrame, people: pd.DataFrame, active: pd.DataFrame) -> Columns:
        rows = people[people["at_account"] & people["buying_role"].notna()]
        engaged = rows.index.isin(active["contact_no"])
        roles = rows.assign(engaged=engaged).groupby(["no", "buying_role"])["engaged"].max()
        sponsored = accounts.index.isin(active.loc[active["seniority"] == "c_level", "no"])
        parts = []
        for name, unit in self.group.business_units.items():
            asked = sorted(set(unit.committee))
            if not asked:
                continue
            place = pd.MultiIndex.from_product([accounts.index, asked])
            found = roles.reindex(place).to_numpy(float, na_value=np.nan).reshape(-1, len(asked))
            gaps = pd.DataFrame(
                {role: np.where(np.isnan(found[:, i]), role + ", ", "") for i, role in enumerate(asked)}
            )
            share = np.nansum(found, axis=1) / len(asked)
            columns = {
                "committee_known_share": (~np.isnan(found)).mean(axis=1),
                "committee_engaged_share": share,
                "committee_missing": gaps.sum(axis=1).str.removesuffix(", "),
                "committee_ready": ((share >= READY_SHARE) & sponsored).astype(float),
            }
            parts.append(pd.DataFrame(columns).assign(no=accounts.index, business_unit=name))
        every = pd.concat(parts).set_index(UNIT)
        return {name: every[name] for name in every}

    def _advocacy(
        self, theirs: pd.DataFrame, quarter: pd.DataFrame, people: pd.DataFrame, active: pd.DataFrame
    ) -> Columns:
        shared = quarter[quarter["shared"]]
        first = shared.groupby("no")["occurred_at"].min()
        new = people[people["at_account"] & (self._ago(people["since"]) <= 90)]
        new = new[new["since"] > new["no"].map(first)]
        handled = theirs[theirs["asset_id"].notna() & (theirs["ago"] <= 180)][["no", "asset_id", "contact_id"]]
        handled = handled.assign(
            contact_id=handled["contact_id"].where(handled["contact_id"].isin(people["contact_id"]))
        )
        readers = handled.groupby(["no", "asset_id"])["contact_id"].nunique()
        sharers = active[active["shared"]].drop_duplicates(["no", "contact_no"])
        return {
            "advocacy_shares_90d": shared.groupby("no").size(),
            "advocacy_sharers_90d": sharers.groupby("no").size(),
            "advocacy_new_people_90d": new.groupby("no").size(),
            "advocacy_shared_assets_180d": readers[readers > 1].groupby("no").size(),
            "advocacy_widest_180d": readers.groupby("no").max(),
        }

    def _deals(self, accounts: pd.DataFrame) -> pd.DataFrame:
        """Return the opportunities as they stood."""
        history = self._known("opportunity_history").sort_values(["changed_at", "stage", "amount"])
        by = history.groupby("opportunity_id")
        last = by.agg(stage=("stage", "last"), old_amount=("amount", "last"), stage_since=("changed_at", "max"))
        moves = history[self._ago(history["changed_at"]) <= 90].groupby("opportunity_id").size().rename("moves")
        rows = self._rows("opportunities", accounts).drop(columns=["stage", "region"])
        rows = rows.join(last, on="opportunity_id").join(moves, on="opportunity_id")
        closed = rows["closed_at"] < self.cutoff
        outcome = rows["outcome"].where(closed, "open")
        ended = rows["closed_at"].where(closed)
        return rows.assign(
            outcome=outcome,
            amount=rows["old_amount"].fillna(rows["amount"].where(closed)),
            is_open=~closed & (rows["kind"].fillna("new") != "renewal"),
            closed=ended,
            closed_ago=self._ago(ended),
            lately=self._ago(ended) <= LATELY_DAYS,
            cycle=((ended - rows["created_at"]) / _DAY).where(outcome == "won"),
        )

    def _pipeline(self, deals: pd.DataFrame, accounts: pd.DataFrame) -> Columns:
        now, ended, lately = deals[deals["is_open"]], deals[deals["outcome"] != "open"], deals[deals["lately"]]
        won, lost = ended[ended["outcome"] == "won"], ended[ended["outcome"] == "lost"]
        current, past = now.groupby(UNIT), ended.groupby(UNIT)
        usual = lately.groupby("business_unit")["cycle"].mean().replace(0, np.nan)
        pace = now["ago"] / now["business_unit"].map(usual)
        newest = now.sort_values(["created_at", "opportunity_id"]).drop_duplicates(UNIT, keep="last").set_index(UNIT)
        named = self._known("opportunity_contacts").merge(now[[*UNIT, "opportunity_id"]], on="opportunity_id")
        named = named[named["contact_id"].isin(self._people(accounts)["contact_id"])]
        regions = lately.assign(region=lately["no"].map(accounts["region"]), won=lately["outcome"] == "won")
        regions = regions.groupby(["region", "business_unit"]).agg(rate=("won", "mean"), cycle=("cycle", "mean"))
        places = accounts[["region"]].rename_axis("no").reset_index().merge(regions.reset_index(), on="region")
        places = places.set_index(UNIT)
        return {
            "pipeline_open": current.size(),
            "pipeline_open_days": current["ago"].min(),
            "pipeline_pace": pace.groupby([now[name] for name in UNIT]).max(),
            "pipeline_open_amount": current["amount"].sum(min_count=1),
            "pipeline_stage": newest["stage"],
            "pipeline_stage_days": self._ago(current["stage_since"].max()),
            "pipeline_moves_90d": current["moves"].sum(),
            "pipeline_people": named.groupby(UNIT)["contact_id"].nunique(),
            "pipeline_wins_730d": won[won["lately"]].groupby(UNIT).size(),
            "pipeline_losses_730d": lost[lost["lately"]].groupby(UNIT).size(),
            "pipeline_win_rate": (ended["outcome"] == "won").groupby([ended[name] for name in UNIT]).mean(),
            "pipeline_cycle_days": past["cycle"].mean(),
            "pipeline_days_since_win": won.groupby(UNIT)["closed_ago"].min(),
            "pipeline_days_since_loss": lost.groupby(UNIT)["closed_ago"].min(),
            "pipeline_region_win_rate": places["rate"],
            "pipeline_region_cycle_days": places["cycle"],
        }

    def _portfolio(
        self, orders: pd.DataFrame, deals: pd.DataFrame, owned: pd.Series, accounts: pd.DataFrame
    ) -> Columns:
        bought, year = orders[orders["amount"] > 0], orders[orders["ago"] <= 365]
        days = (
            bought.assign(day=bought["ordered_at"].dt.normalize()).groupby("no")["day"].agg(["min", "max", "nunique"])
        )
        interval = (days["max"] - days["min"]) / _DAY / (days["nunique"] - 1).replace(0, np.nan)
        since = bought.groupby("no")["ago"].min()
        first = bought[bought["product"].notna()].groupby(["no", "product"])["ago"].max()
        n = bought[bought["ago"] <= 365].groupby("no").size()
        two_years = bought[bought["ago"] <= 730].groupby("no").size()
        units = owned.groupby("no").size()
        customer = pd.concat([owned.groupby("no").min(), accounts["customer_since"]], axis=1).min(axis=1)
        return {
            "portfolio_bus_owned": units,
            "portfolio_white_space": 1 - units.reindex(accounts.index).fillna(0) / len(self.group.business_units),
            "portfolio_days_customer": self._ago(customer),
            "portfolio_orders_365d": n,
            "portfolio_amount_90d": year[year["ago"] <= 90].groupby("no")["amount"].sum(),
            "portfolio_amount_365d": year.groupby("no")["amount"].sum(),
            "portfolio_gross_profit_365d": year.groupby("no")["gross_profit"].sum(min_count=1),
            "portfolio_growth": n.reindex(two_years.index).fillna(0) / two_years,
            "portfolio_products": first.groupby("no").size(),
            "portfolio_new_products_365d": first[first <= 365].groupby("no").size(),
            "portfolio_mean_order": bought.groupby("no")["amount"].mean(),
            "portfolio_mean_win": deals[deals["outcome"] == "won"].groupby("no")["amount"].mean(),
            "portfolio_returned_365d": -year[year["amount"] <= 0].groupby("no")["amount"].sum(),
            "portfolio_days_since_order": since,
            "portfolio_interval_days": interval,
            "portfolio_silence": since / interval,
        }

    def _unit_orders(self, orders: pd.DataFrame, owned: pd.Series) -> Columns:
        horizon = orders["business_unit"].map({name: u.horizon_days for name, u in self.group.business_units.items()})
        age = np.ceil(orders["ago"])
        bought = orders[orders["amount"] > 0]
        sums = {
            "horizon": age <= horizon,
            "before": (age > horizon) & (age <= 2 * horizon),
            "season": (age <= 365) & (age > 365 - horizon),
        }
        return {
            **{f"portfolio_bu_amount_{name}": orders[of].groupby(UNIT)["amount"].sum() for name, of in sums.items()},
            "portfolio_bu_orders_365d": bought[bought["ago"] <= 365].groupby(UNIT).size(),
            "portfolio_bu_days_since_order": bought.groupby(UNIT)["ago"].min(),
            "portfolio_bu_owned_days": self._ago(owned),
        }

    def _responses(self, accounts: pd.DataFrame) -> Columns:
        rows = self._rows("impressions", accounts)
        led = rows["outcome"].notna() & (rows["outcome_at"] < self.cutoff)
        year = rows["ago"] <= 365
        return {
            "response_shown_365d": rows[year].groupby("no").size(),
            "response_rate_365d": led[year].groupby(rows["no"][year]).mean(),
            "response_days_since_last": self._ago(
                rows[rows["outcome_at"] < self.cutoff].groupby("no")["outcome_at"].max()
            ),
        }

    def _assembled(
        self, accounts: pd.DataFrame, owned: pd.Series, by_account: Columns, by_unit: Columns
    ) -> pd.DataFrame:
        """Put everything into a row per account × BU."""
        units = sorted(self.group.business_units)
        spine = pd.MultiIndex.from_product([accounts.index, units], names=UNIT)
        each = {name: values.reindex(accounts.index).repeat(len(units)).array for name, values in by_account.items()}
        each |= {name: values.reindex(spine).array for name, values in by_unit.items()}
        customer = accounts.index.isin(owned.index.get_level_values("no")) | accounts["customer_since"].notna()
        keys = {
            "account_id": accounts["account_id"].repeat(len(units)).array,
            "business_unit": spine.get_level_values("business_unit"),
            "cutoff": self.cutoff.as_unit("us"),
            "kind": np.select(
                [spine.isin(owned.index), customer.repeat(len(units))], ["upsell", "cross_sell"], "new_logo"
            ),
            "country": accounts["country"].repeat(len(units)).array,
            "region": accounts["region"].repeat(len(units)).array,
            "in_pipeline": each["pipeline_open"] > 0,
        }
        frame = pd.DataFrame(
            {name: keys[name] for name in KEYS} | {signal.name: each[signal.name] for signal in BUILT_IN}
        )
        present = [signal.name for signal in BUILT_IN if not signal.missing and not signal.category]
        numbers = [signal.name for signal in BUILT_IN if not signal.category]
        return (
            frame.assign(in_pipeline=frame["in_pipeline"].fillna(False))
            .fillna(dict.fromkeys(present, 0.0))
            .astype(dict.fromkeys(numbers, "float64"))
        )


def _owned(deals: pd.DataFrame, orders: pd.DataFrame) -> pd.Series:
    """Return since when which account bought from which BU; an order fully returned within 90 days does not count."""
    returned = orders.loc[orders["amount"] < 0, UNIT].drop_duplicates()
    doubtful = orders.merge(returned, on=UNIT)
    pairs = doubtful[doubtful["amount"] > 0].merge(doubtful[[*UNIT, "ordered_at", "amount"]], on=UNIT)
    later = (pairs["ordered_at_y"] - pairs["ordered_at_x"]) / _DAY
    net = pairs[(later >= 0) & (later <= 90)].groupby([*UNIT, "ordered_at_x"])["amount_y"].sum().round(4)
    kept = net[net > 0].reset_index("ordered_at_x")["ordered_at_x"]
    plain = orders[orders["amount"] > 0].set_index(UNIT)["ordered_at"]
    plain = plain[~plain.index.isin(pd.MultiIndex.from_frame(returned))]
    won = deals[deals["outcome"] == "won"].set_index(UNIT)["closed"]
    return pd.concat([kept, plain, won]).groupby(level=UNIT).min()


def _tree(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the ultimate parent of each account."""
    parent = accounts["parent"].to_numpy()
    root = np.arange(len(parent))
    for _ in range(_LEVELS):
        root = np.where(parent[root] >= 0, parent[root], root)
    return pd.DataFrame({"root": root, "parent": parent, "country": accounts["country"].array})


def _hierarchy(tree: pd.DataFrame, quarter: pd.DataFrame, orders: pd.DataFrame) -> Columns:
    ordered = orders[orders["ago"] <= 365].groupby("no")["amount"].sum().round(4)
    rows = tree.assign(n=quarter.groupby("no").size(), ordered=ordered).fillna({"n": 0, "ordered": 0.0})
    active, by = rows[rows["n"] > 0], rows.groupby("root")
    is_root = rows["root"] == rows.index
    total, size = by["n"].transform("sum"), by["n"].transform("size")
    under = rows[rows["parent"] >= 0].groupby("parent")["n"].sum()
    bought = rows[rows["ordered"] > 0].groupby("root")["ordered"].sum()
    return {
        "hierarchy_accounts": size,
        "hierarchy_countries": by["country"].transform("nunique"),
        "hierarchy_is_parent": (is_root & (size > 1)).astype(float),
        "hierarchy_events_90d": total - rows["n"],
        "hierarchy_active_90d": rows["root"].map(active.groupby("root").size()).fillna(0) - (rows["n"] > 0),
        "hierarchy_active_countries_90d": rows["root"].map(active.groupby("root")["country"].nunique()),
        "hierarchy_own_share_90d": rows["n"] / total.replace(0, np.nan),
        "hierarchy_head_office_90d": rows["root"].map(rows["n"]).where(~is_root),
        "hierarchy_siblings_90d": rows["parent"].map(under) - rows["n"],
        "hierarchy_amount_365d": (by["ordered"].transform("sum") - rows["ordered"]).round(4),
        "hierarchy_own_amount_share": rows["ordered"].clip(lower=0) / rows["root"].map(bought),
    }


def _unit_hierarchy(tree: pd.DataFrame, deals: pd.DataFrame, owned: pd.Series) -> Columns:
    own = pd.concat(
        {
            "owners": pd.Series(1.0, owned.index),
            "opened": deals[deals["is_open"]].groupby(UNIT).size(),
            "won": deals[deals["lately"] & (deals["outcome"] == "won")].groupby(UNIT).size(),
        },
        axis=1,
    ).fillna(0)
    units = own.index.get_level_values("business_unit").unique()
    rows = own.reindex(pd.MultiIndex.from_product([tree.index, units], names=UNIT), fill_value=0).reset_index()
    rows = rows.join(tree[["root", "country"]], on="no")
    by = rows.groupby(["root", "business_unit"])[["owners", "opened", "won"]]
    others = by.transform("sum") - rows[["owners", "opened", "won"]]
    owning = rows[rows["owners"] > 0].groupby(["root", "business_unit"])["country"].nunique().rename("countries")
    placed = others.assign(countries=rows.join(owning, on=["root", "business_unit"])["countries"])
    placed.index = pd.MultiIndex.from_frame(rows[UNIT])
    return {
        "hierarchy_bu_owners": placed["owners"],
        "hierarchy_bu_countries": placed["countries"],
        "hierarchy_bu_open": placed["opened"],
        "hierarchy_bu_wins_730d": placed["won"],
    }
