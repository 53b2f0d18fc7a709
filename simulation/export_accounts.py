"""The two CRMs' exports of accounts, each in its own way, and the history of what accounts are."""

from pathlib import Path

import numpy as np
import pandas as pd

from simulation.accounts import Population
from simulation.arrays import NEVER, FloatArray, Times, kept, texts
from simulation.calendar import AS_OF
from simulation.dirt import NO_SUCH_ACCOUNT, NO_SUCH_COUNTRY, NO_SUCH_DATE, dirtied
from simulation.formats import european_day, iso, iso_day, write_csv
from simulation.geography import MARKETS
from simulation.names import respelled
from simulation.records import DAY, Records
from simulation.streams import stream
from simulation.words import INDUSTRIES

MISSPELT = {"DE": "Germny", "GB": "Great Britian", "CH": "Switzerand", "NL": "Netherland", "FR": "Frnace"}
YEARLY_GROWTH, YEARLY_GROWTH_SD = 0.03, 0.12
NO_EMPLOYEES, NO_REVENUE, NO_INDUSTRY = 0.06, 0.12, 0.05
KEPT_IDENTIFIER = 0.75

COLUMNS_A = {
    "account_id": "konto_nr", "name": "firma", "country": "land", "domain": "webseite", "lei": "lei",
    "duns": "duns_nr", "registration_id": "register_nr", "industry": "branche", "employees": "mitarbeiter",
    "revenue": "umsatz", "parent_id": "mutter_konto", "parent_since": "mutter_seit", "created_at": "angelegt_am",
    "customer_since": "kunde_seit", "maturity": "reifegrad", "sites": "standorte",
}  # fmt: skip
COLUMNS_B = {
    "account_id": "Id", "name": "AccountName", "country": "BillingCountryCode", "domain": "Website", "lei": "LEI",
    "duns": "DunsNumber", "registration_id": "RegistrationNumber", "industry": "Industry",
    "employees": "NumberOfEmployees", "revenue": "AnnualRevenue", "parent_id": "ParentId",
    "parent_since": "ParentSince", "created_at": "CreatedDate", "customer_since": "CustomerSince",
    "maturity": "Digital_Maturity__c", "sites": "Number_of_Sites__c",
}  # fmt: skip


def export_accounts(population: Population, records: Records, customer_since: Times, out: Path, seed: int) -> int:
    """Write ``accounts_crm_a.csv``, ``accounts_crm_b.csv`` and ``account_history.csv``.

    Parameters
    ----------
    population, records : the accounts.
    customer_since : first purchase of each account, NaT for none, shape (n_accounts,).
    out : folder.
    seed : of the world.

    Returns
    -------
    int
        Rows of accounts written.
    """
    rng = stream(seed, "account exports")
    history = _history(rng, population, records)
    first = _first_records(rng, population, records, customer_since, history)
    both = pd.concat([first, _second_records(rng, records, first)], ignore_index=True)
    in_a = both["account_id"].str.startswith("A").to_numpy()
    a, b = _as_crm_a(rng, both[in_a]), _as_crm_b(both[~in_a])
    spoils = {"account_id": None, "name": None, "country": NO_SUCH_COUNTRY}
    a = dirtied(rng, a, spoils | {"created_at": "31/02/2023"}, key="account_id")
    b = dirtied(rng, b, spoils | {"created_at": NO_SUCH_DATE}, key="account_id")
    write_csv(a[list(COLUMNS_A)].rename(columns=COLUMNS_A), out / "accounts_crm_a.csv")
    write_csv(b[list(COLUMNS_B)].rename(columns=COLUMNS_B), out / "accounts_crm_b.csv")
    write_csv(_history_rows(rng, history, records), out / "account_history.csv")
    return len(a) + len(b)


def _first_records(
    rng: np.random.Generator, population: Population, records: Records, customer_since: Times, history: pd.DataFrame
) -> pd.DataFrame:
    """Return one row per account as its first CRM knows it; dates are times still."""
    parent = kept(records.account_id[population.parent], population.parent >= 0)
    since = (
        np.maximum(records.created_at, records.created_at[population.parent])
        + rng.integers(10, 900, population.n) * DAY
    )
    told = (population.parent >= 0) & (rng.random(population.n) < 0.4) & (since < AS_OF)
    industry = texts(*INDUSTRIES)[population.industry]
    return pd.DataFrame(
        {
            "account": np.arange(population.n),
            "account_id": records.account_id,
            "name": records.names.full,
            "country": texts(*(m.country for m in MARKETS))[population.market],
            "domain": records.domain,
            "lei": records.lei,
            "duns": records.duns,
            "registration_id": records.registration_id,
            "industry": kept(industry, rng.random(population.n) >= NO_INDUSTRY),
            "employees": _latest(history, "employees", population.n),
            "revenue": _latest(history, "annual_revenue", population.n),
            "parent_id": parent,
            "parent_since": np.where(told, since, NEVER),
            "created_at": records.created_at,
            "customer_since": customer_since,
            "maturity": population.maturity,
            "sites": population.sites,
        }
    )


def _latest(history: pd.DataFrame, column: str, n: int) -> FloatArray:
    """Return the last known value of each account, shape (n,); NaN where none is known."""
    rows = history[history["column"] == column].drop_duplicates("account", keep="last")
    values = np.full(n, np.nan)
    values[rows["account"]] = rows["value"]
    return values


def _second_records(rng: np.random.Generator, records: Records, first: pd.DataFrame) -> pd.DataFrame:
    """Return the companies kept twice as the other CRM knows them: otherwise spelled, some identifiers lost."""
    rows = np.flatnonzero(records.second_code >= 0)
    again = first.iloc[rows].reset_index(drop=True)
    again["account_id"] = records.second_id[rows]
    again["name"] = respelled(rng, records.names, rows)
    again["created_at"] = records.second_created_at[rows]
    for name in ("domain", "lei", "duns", "registration_id"):
        again[name] = kept(again[name].to_numpy(), rng.random(rows.size) < KEPT_IDENTIFIER)
    again["customer_since"] = NEVER
    return again


def _as_crm_a(rng: np.random.Generator, rows: pd.DataFrame) -> pd.DataFrame:
    """Write days as day/month/year, countries as people do, industries as labels."""
    labels = {m.country: m.labels for m in MARKETS}
    choice = rng.random(len(rows))
    country = rows["country"].to_numpy()
    written = country.copy()
    for code, ways in labels.items():
        here = np.flatnonzero(country == code)
        written[here] = texts(*ways)[(choice[here] ** 1.5 * len(ways)).astype(np.int64)]
        wrong = here[rng.random(here.size) < 0.01] if code in MISSPELT else here[:0]
        written[wrong] = MISSPELT.get(code, "")
    dates = {name: european_day(rows[name]) for name in ("created_at", "customer_since", "parent_since")}
    return rows.assign(country=written, industry=rows["industry"].str.replace("_", " ").str.capitalize(), **dates)


def _as_crm_b(rows: pd.DataFrame) -> pd.DataFrame:
    """Write ISO times and alpha-2 codes; web addresses in full."""
    days = {name: iso_day(rows[name]) for name in ("customer_since", "parent_since")}
    website = "https://www." + rows["domain"].astype("object")
    return rows.assign(created_at=iso(rows["created_at"]), domain=website.where(rows["domain"].notna(), None), **days)


def _history(rng: np.random.Generator, population: Population, records: Records) -> pd.DataFrame:
    """Return employees and revenue from creation on, growing year by year; some accounts never tell them."""
    years = np.arange(8)
    changed = records.created_at[:, None] + (years * 365 + rng.integers(0, 60, (population.n, 8)) * (years > 0)) * DAY
    growth = np.cumsum(rng.normal(YEARLY_GROWTH, YEARLY_GROWTH_SD, (population.n, 8)), axis=1)
    growth -= growth[:, :1]
    told = (years == 0) | (rng.random((population.n, 8)) < 0.6)
    parts = []
    for column, start, missing in (
        ("employees", population.employees, NO_EMPLOYEES),
        ("annual_revenue", population.revenue, NO_REVENUE),
    ):
        known = told & (changed < AS_OF) & (rng.random(population.n) >= missing)[:, None]
        account, year = np.nonzero(known)
        value = np.round(start[account] * np.exp(growth[account, year]))
        parts.append(
            pd.DataFrame({"account": account, "column": column, "changed_at": changed[account, year], "value": value})
        )
    history = pd.concat(parts, ignore_index=True)
    return history.sort_values(["account", "column", "changed_at"], kind="stable", ignore_index=True)


def _history_rows(rng: np.random.Generator, history: pd.DataFrame, records: Records) -> pd.DataFrame:
    rows = pd.DataFrame(
        {
            "account_id": records.account_id[history["account"]],
            "changed_at": iso(history["changed_at"]),
            "column": history["column"],
            "value": history["value"].astype("int64").astype("str"),
        }
    )
    return dirtied(rng, rows, {"account_id": NO_SUCH_ACCOUNT, "changed_at": NO_SUCH_DATE, "value": None})
