"""Exports of what sales keeps: contacts, opportunities with their history and people, orders, exchange rates."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.arrays import FloatArray, IntArray, ObjectArray, kept, texts
from simulation.contacts import FUNCTIONS, LANGUAGES, ROLES, SENIORITIES, Contacts
from simulation.currency import CURRENCIES, GROUP_CURRENCY, Rates
from simulation.deals import LEAD_SOURCES, Deals
from simulation.dirt import NO_SUCH_ACCOUNT, NO_SUCH_COUNTRY, NO_SUCH_DATE, dirtied
from simulation.formats import iso, numbered, write_csv
from simulation.geography import MARKETS, region_of
from simulation.records import Records

COUNTRIES = tuple(m.country for m in MARKETS)
CONSENTS = ("granted", "withdrawn", "unknown")
LOCAL_CURRENCY = 0.7


@dataclass(frozen=True, slots=True)
class Ids:
    """Ids of what other tables refer to, by position.

    Parameters
    ----------
    contacts, opportunities : shape (n,) each.
    """

    contacts: ObjectArray
    opportunities: ObjectArray


def make_ids(contacts: Contacts, deals: Deals) -> Ids:
    """Return ids for all contacts and opportunities."""
    return Ids(numbered("C", contacts.account.size), numbered("O", len(deals.opportunities)))


def export_contacts(
    rng: np.random.Generator, contacts: Contacts, population: Population, records: Records, ids: Ids, out: Path
) -> int:
    """Write ``contacts.csv`` and return its number of rows."""
    n = contacts.account.size
    rows = pd.DataFrame(
        {
            "contact_id": ids.contacts,
            "account_id": records.all_ids[records.code_at(rng, contacts.account, contacts.created_at)],
            "person_id": numbered("P", int(contacts.person.max()) + 1)[contacts.person],
            "created_at": iso(contacts.created_at),
            "left_at": iso(contacts.left_at),
            "function": _some(rng, texts(*FUNCTIONS)[contacts.function], 0.93),
            "seniority": _some(rng, texts(*SENIORITIES)[contacts.seniority], 0.9),
            "buying_role": kept(texts(*ROLES)[contacts.role], contacts.role_known),
            "country": texts(*COUNTRIES)[population.market[contacts.account]],
            "language": _some(rng, texts(*LANGUAGES)[contacts.language], 0.95),
            "consent": texts(*CONSENTS)[rng.choice(3, n, p=(0.7, 0.08, 0.22))],
        }
    )
    spoils = {
        "account_id": NO_SUCH_ACCOUNT, "seniority": "wizard", "created_at": NO_SUCH_DATE, "country": NO_SUCH_COUNTRY,
    }  # fmt: skip
    rows = dirtied(rng, rows, spoils, key="contact_id")
    write_csv(rows, out / "contacts.csv")
    return len(rows)


def export_deals(
    rng: np.random.Generator, deals: Deals, population: Population, records: Records, rates: Rates, ids: Ids, out: Path
) -> int:
    """Write opportunities, their history and people, and return the number of opportunities."""
    table = deals.opportunities
    account = table["account"].to_numpy()
    created = table["created_at"].to_numpy().astype("datetime64[s]")
    currency = _currencies(rng, population.market[account])
    rate = rates.at(currency, created)
    regions = np.array([region_of(m.country) for m in MARKETS], dtype=object)
    rows = pd.DataFrame(
        {
            "opportunity_id": ids.opportunities,
            "account": records.all_ids[records.code_at(rng, account, created)],
            "opened": iso(created),
            "closed": iso(table["closed_at"]),
            "status": table["outcome"].map({"open": "Open", "won": "Closed Won", "lost": "Closed Lost"}),
            "stage": table["stage"],
            "type": table["kind"],
            "division": texts(*BUSINESS_UNITS)[table["unit"]],
            "region": regions[population.market[account]],
            "amount": (table["amount"] / rate).round(2),
            "gross_profit": (table["profit"] / rate).round(2),
            "currency": texts(*CURRENCIES)[currency],
            "lead_source": texts(*LEAD_SOURCES)[table["lead_source"]],
        }
    )
    spoils = {"account": NO_SUCH_ACCOUNT, "opened": NO_SUCH_DATE, "status": "Maybe", "opportunity_id": None}
    rows = dirtied(rng, rows, spoils, key="opportunity_id")
    write_csv(rows, out / "opportunities.csv")
    _export_history(rng, deals, rate, ids, out)
    _export_people(rng, deals, ids, out)
    return len(rows)


def _export_history(rng: np.random.Generator, deals: Deals, rate: FloatArray, ids: Ids, out: Path) -> None:
    history = deals.history
    opportunity = history["opportunity"].to_numpy()
    rows = pd.DataFrame(
        {
            "opportunity_id": ids.opportunities[opportunity],
            "changed_at": iso(history["changed_at"]),
            "stage": history["stage"],
            "amount": (history["amount"] / rate[opportunity]).round(2),
        }
    )
    rows = dirtied(rng, rows, {"opportunity_id": "O-0", "changed_at": NO_SUCH_DATE})
    write_csv(rows, out / "opportunity_history.csv")


def _export_people(rng: np.random.Generator, deals: Deals, ids: Ids, out: Path) -> None:
    people = deals.people
    rows = pd.DataFrame(
        {
            "opportunity_id": ids.opportunities[people["opportunity"]],
            "contact_id": ids.contacts[people["contact"]],
            "role": _some(rng, texts(*ROLES)[people["role"]], 0.7),
            "added_at": iso(people["added_at"]),
        }
    )
    rows = dirtied(rng, rows, {"opportunity_id": "O-0", "contact_id": "C-0", "added_at": NO_SUCH_DATE})
    write_csv(rows, out / "opportunity_contacts.csv")


def export_orders(
    rng: np.random.Generator, orders: pd.DataFrame, population: Population, records: Records, rates: Rates, out: Path
) -> int:
    """Write ``orders.csv`` as the ERP does, semicolons and decimal commas, and return its number of rows."""
    account = orders["account"].to_numpy()
    when = orders["ordered_at"].to_numpy().astype("datetime64[s]")
    currency = _currencies(rng, population.market[account])
    rate = rates.at(currency, when)
    rows = pd.DataFrame(
        {
            "order_no": numbered("R", len(orders)),
            "customer": records.all_ids[records.code_at(rng, account, when)],
            "order_date": iso(when),
            "net_value": (orders["amount"] / rate).round(2),
            "margin_value": (orders["profit"] / rate).round(2),
            "currency": texts(*CURRENCIES)[currency],
            "division": texts(*BUSINESS_UNITS)[orders["unit"]],
            "product": orders["product"],
        }
    )
    rows = dirtied(
        rng, rows, {"customer": NO_SUCH_ACCOUNT, "order_date": NO_SUCH_DATE, "order_no": None}, key="order_no"
    )
    write_csv(rows, out / "orders.csv", separator=";", decimal=",")
    return len(rows)


def _currencies(rng: np.random.Generator, market: IntArray) -> IntArray:
    """Return the currency code of each row: for a part the local one, else the group's."""
    local = np.array([CURRENCIES.index(m.currency) for m in MARKETS])[market]
    return np.where(rng.random(market.size) < LOCAL_CURRENCY, local, CURRENCIES.index(GROUP_CURRENCY))


def _some(rng: np.random.Generator, values: ObjectArray, share: float) -> ObjectArray:
    return kept(values, rng.random(values.size) < share)
