"""Making a world: from a number of accounts and a seed to a folder of exports and the truth behind them."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pandas as pd

from features.errors import InputError
from simulation.accounts import Population, build_population
from simulation.arrays import Times
from simulation.calendar import AS_OF
from simulation.chain import ChainTables, build_tables
from simulation.contacts import Contacts, build_contacts
from simulation.currency import build_rates
from simulation.deals import Deals, build_deals
from simulation.engagement import build_events
from simulation.export_accounts import export_accounts
from simulation.export_sales import Ids, export_contacts, export_deals, export_orders, make_ids
from simulation.export_signals import (
    export_events,
    export_impressions,
    export_intent,
    export_playbooks,
    export_usage,
)
from simulation.formats import write_csv
from simulation.group_file import export_group
from simulation.impressions import build_impressions, outcome_truth
from simulation.intent import build_intent
from simulation.library import Library, load_library
from simulation.orders import build_orders, legacy_owners
from simulation.parameters import CHAINS
from simulation.records import Records, build_records
from simulation.streams import stream
from simulation.truth import export_truth
from simulation.usage import build_usage
from simulation.walk import Walk, walk

SOURCES = Path(__file__).with_name("sources.yaml")
LEAST_ACCOUNTS = 100


@dataclass(frozen=True, slots=True)
class SimulatedGroup:
    """What was made.

    Parameters
    ----------
    out : the folder.
    as_of : the day after the last thing that happened, UTC.
    counts : rows written per table, bad ones included.
    """

    out: Path
    as_of: datetime
    counts: Mapping[str, int]


def simulate(accounts: int, seed: int, out: Path, *, progress: Callable[[str], None] | None = None) -> SimulatedGroup:
    """Simulate a multinational group and write its exports, sources file, group file and truth.

    Parameters
    ----------
    accounts : number of companies, >= 100.
    seed : >= 0; the same number of accounts and seed give the same files, byte for byte.
    out : folder, made if it is not there.
    progress : told what is being done, from time to time.

    Raises
    ------
    InputError
        If ``accounts`` or ``seed`` is too small.
    """
    if accounts < LEAST_ACCOUNTS or seed < 0:
        raise InputError(
            f"simulate: accounts is {accounts:,} and seed is {seed}; "
            f"give at least {LEAST_ACCOUNTS} accounts and a seed of at least 0"
        )
    tell = progress or _silently
    out.mkdir(parents=True, exist_ok=True)
    world = _build(accounts, seed, tell)
    shutil.copyfile(SOURCES, out / SOURCES.name)
    export_group(world.population, out)
    counts = _export_sales(world, out, tell) | _export_signals(world, out, tell)
    tell("truth: exact probabilities at every cutoff")
    parameters = {
        "accounts": accounts,
        "seed": seed,
        "as_of": str(AS_OF),
        "chains": {name: asdict(chain) for name, chain in CHAINS.items()},
        "impressions": outcome_truth(world.library, seed),
    }
    counts["truth"] = export_truth(
        world.population, world.walks, world.tables, world.records, parameters, out / "truth"
    )
    return SimulatedGroup(out, AS_OF.astype(datetime), counts)


def _silently(message: str) -> None:
    del message


@dataclass(frozen=True, slots=True)
class _World:
    """All of the world that more than one export needs."""

    seed: int
    population: Population
    tables: Mapping[str, ChainTables]
    walks: list[Walk]
    records: Records
    contacts: Contacts
    owners: pd.DataFrame
    deals: Deals
    library: Library
    ids: Ids


def _build(accounts: int, seed: int, tell: Callable[[str], None]) -> _World:
    tell("companies: names, places, traits")
    population = build_population(accounts, seed)
    records = build_records(population, seed)
    tables = {name: build_tables(chain) for name, chain in CHAINS.items()}
    tell("purchases: every account's hidden history in every business unit")
    walks = [
        walk(population, unit, CHAINS[name], tables[name], stream(seed, f"walk {name}"))
        for unit, name in enumerate(CHAINS)
    ]
    contacts = build_contacts(population, walks, records.created_at, seed)
    owners = legacy_owners(population, walks, seed)
    tell("deals: opportunities, renewals, people")
    deals = build_deals(population, walks, contacts, owners, seed)
    ids = make_ids(contacts, deals)
    return _World(seed, population, tables, walks, records, contacts, owners, deals, load_library(), ids)


def _export_sales(world: _World, out: Path, tell: Callable[[str], None]) -> dict[str, int]:
    tell("sales: accounts, contacts, opportunities, orders")
    rng = stream(world.seed, "sales exports")
    population, records, rates = world.population, world.records, build_rates(world.seed)
    write_csv(rates.table(), out / "rates.csv")
    orders = build_orders(population, world.deals.opportunities, world.owners, world.seed)
    since = _customer_since(orders, population.n)
    return {
        "accounts": export_accounts(population, records, since, out, world.seed),
        "contacts": export_contacts(rng, world.contacts, population, records, world.ids, out),
        "opportunities": export_deals(rng, world.deals, population, records, rates, world.ids, out),
        "orders": export_orders(rng, orders, population, records, rates, out),
    }


def _export_signals(world: _World, out: Path, tell: Callable[[str], None]) -> dict[str, int]:
    rng = stream(world.seed, "signal exports")
    population, walks, records, library, seed = world.population, world.walks, world.records, world.library, world.seed
    tell("events: what people did, what machines did")
    events = build_events(population, walks, world.contacts, library, seed)
    counts = {"events": export_events(rng, events, records, library, world.ids, out)}
    tell("intent and usage")
    counts["intent"] = export_intent(rng, build_intent(population, walks, seed), records, out)
    counts["usage"] = export_usage(rng, build_usage(population, walks, seed), records, out)
    tell("playbooks and what came of showing them")
    shown = build_impressions(population, walks, world.contacts, library, seed)
    counts["impressions"] = export_impressions(rng, shown, records, library, world.ids, out)
    return counts | {"playbooks": export_playbooks(library, out)}


def _customer_since(orders: pd.DataFrame, n: int) -> Times:
    """Return the first order of each account, NaT for none, shape (n,)."""
    first = orders.groupby("account")["ordered_at"].min().reindex(range(n))
    return np.asarray(first.to_numpy().astype("datetime64[s]"))
