"""Opportunities from the chains' moves, yearly renewals of what is owned, and who took part."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.accounts import BUSINESS_UNITS, Population
from simulation.arrays import NEVER, IntArray
from simulation.calendar import AS_OF, START, STEPS, step_of, within_step
from simulation.chain import PROGRESS
from simulation.contacts import Contacts
from simulation.parameters import Stage
from simulation.streams import stream
from simulation.walk import Walk

DAY = np.timedelta64(86_400, "s")
YEAR_DAYS = 365
RENEWED = 0.92
RENEWAL_LEAD_DAYS = 60
LEAD_SOURCES = ("inbound", "outbound", "partner", "event", "referral")
LOG_AMOUNT = {"cloud": 10.4, "security": 10.9, "automation": 11.9, "energy": 12.8}
MARGINS = {"cloud": 0.65, "security": 0.70, "automation": 0.40, "energy": 0.30}
SIZE_ELASTICITY = 0.5
AMOUNT_SD = 0.75


@dataclass(frozen=True, slots=True)
class Deals:
    """What was sold or lost.

    Parameters
    ----------
    opportunities : one row each: ``account``, ``unit``, ``created_at``, ``closed_at`` (NaT while open), ``outcome``,
        ``stage``, ``kind``, ``amount`` and ``profit`` (group currency), ``lead_source``; sorted by creation.
    history : ``opportunity`` (position), ``changed_at``, ``stage``, ``amount``.
    people : ``opportunity``, ``contact``, ``added_at``, ``role`` (codes).
    """

    opportunities: pd.DataFrame
    history: pd.DataFrame
    people: pd.DataFrame


def build_deals(
    population: Population, walks: list[Walk], contacts: Contacts, owners: pd.DataFrame, seed: int
) -> Deals:
    """Return all deals of the world.

    Parameters
    ----------
    population, walks, contacts : the world so far.
    owners : who owned what on the first day: ``account``, ``unit``, ``bought_at``.
    seed : of the world.
    """
    rng = stream(seed, "deals")
    pursuits = pd.concat([_pursuits(rng, walk, unit) for unit, walk in enumerate(walks)], ignore_index=True)
    renewals = _renewals(rng, pursuits, owners)
    deals = pd.concat([pursuits, renewals], ignore_index=True)
    deals = deals.sort_values(["created_at", "account", "unit"], kind="stable", ignore_index=True)
    deals = _priced(rng, deals, population)
    return Deals(deals, _history(rng, deals), _people(rng, deals, contacts))


def _pursuits(rng: np.random.Generator, walk: Walk, unit: int) -> pd.DataFrame:
    """Pair each entry to evaluation with the exit that ends it; entries and exits of a chain alternate."""
    moves = pd.DataFrame({"account": walk.account, "step": walk.step, "stage": walk.stage, "exit": walk.exit})
    onward = moves["exit"] == PROGRESS
    opened = moves[(moves["stage"] == Stage.CONSIDERATION) & onward]
    decided = moves[(moves["stage"] == Stage.EVALUATION) & onward]
    ended = moves[((moves["stage"] == Stage.EVALUATION) & ~onward) | (moves["stage"] == Stage.DECISION)]
    keyed = opened.assign(turn=opened.groupby("account").cumcount()).merge(
        ended.assign(turn=ended.groupby("account").cumcount()),
        how="left", on=["account", "turn"], suffixes=("", "_end"),
    )  # fmt: skip
    keyed = keyed.assign(decided=_next_step(decided, keyed))
    open_at = within_step(keyed["step"].to_numpy(), rng.random(len(keyed)))
    end = keyed["step_end"].fillna(STEPS - 1).to_numpy().astype(np.int64)
    closed = np.where(keyed["step_end"].notna(), within_step(end, rng.random(len(keyed))), NEVER)
    won = (keyed["stage_end"] == Stage.DECISION) & (keyed["exit_end"] == PROGRESS)
    outcome = np.where(keyed["step_end"].isna(), "open", np.where(won, "won", "lost"))
    decided_at = within_step(np.maximum(keyed["decided"].to_numpy(), 0), rng.random(len(keyed)))
    owner = walk.owned_at_start[keyed["account"]] | (_wins_before(walk, keyed) > 0)
    return pd.DataFrame(
        {
            "account": keyed["account"],
            "unit": unit,
            "created_at": open_at,
            "decided_at": np.where(keyed["decided"] >= 0, decided_at, NEVER),
            "closed_at": closed,
            "outcome": outcome,
            "kind": np.where(owner, "expansion", "new"),
        }
    )


def _next_step(decided: pd.DataFrame, keyed: pd.DataFrame) -> IntArray:
    """Return the step in which each opportunity came to decision, -1 if it did not."""
    key = np.sort(decided["account"].to_numpy() * (STEPS + 1) + decided["step"].to_numpy())
    base = keyed["account"].to_numpy() * (STEPS + 1)
    place = np.searchsorted(key, base + keyed["step"].to_numpy())
    found = np.append(key, np.iinfo(np.int64).max)[place] - base
    end = keyed["step_end"].fillna(STEPS).to_numpy()
    return np.where(found <= end, found, -1)


def _wins_before(walk: Walk, keyed: pd.DataFrame) -> IntArray:
    won = (walk.stage == Stage.DECISION) & (walk.exit == PROGRESS)
    key = np.sort(walk.account[won] * (STEPS + 1) + walk.step[won])
    base = keyed["account"].to_numpy() * (STEPS + 1)
    return np.asarray(np.searchsorted(key, base + keyed["step"].to_numpy()) - np.searchsorted(key, base))


def _renewals(rng: np.random.Generator, pursuits: pd.DataFrame, owners: pd.DataFrame) -> pd.DataFrame:
    """Renew each contract yearly from the first purchase on, until a renewal is lost."""
    wins = pursuits.loc[pursuits["outcome"] == "won", ["account", "unit", "closed_at"]]
    first = pd.concat([owners.rename(columns={"bought_at": "closed_at"}), wins]).groupby(["account", "unit"])
    contracts = first["closed_at"].min().reset_index()
    years = np.arange(1, 8)
    due = contracts["closed_at"].to_numpy().astype("datetime64[s]")[:, None] + years * YEAR_DAYS * DAY
    renewed = rng.random(due.shape) < RENEWED
    alive = np.cumprod(np.column_stack([np.ones(len(due), dtype=np.int64), renewed[:, :-1]]), axis=1) == 1
    created = due - RENEWAL_LEAD_DAYS * DAY + rng.integers(0, 10 * 86_400, due.shape).astype("timedelta64[s]")
    closed = due + rng.integers(-15 * 86_400, 12 * 86_400, due.shape).astype("timedelta64[s]")
    row, year = np.nonzero(alive & (created < AS_OF) & (created >= START))
    closed_at = closed[row, year]
    over = closed_at < AS_OF
    return pd.DataFrame(
        {
            "account": contracts["account"].to_numpy()[row],
            "unit": contracts["unit"].to_numpy()[row],
            "created_at": created[row, year],
            "decided_at": NEVER,
            "closed_at": np.where(over, closed_at, NEVER),
            "outcome": np.where(~over, "open", np.where(renewed[row, year], "won", "lost")),
            "kind": "renewal",
        }
    )


def _priced(rng: np.random.Generator, deals: pd.DataFrame, population: Population) -> pd.DataFrame:
    """Add final amounts, heavy-tailed and growing with size, gross profit where won, stage and lead source."""
    unit, n = deals["unit"].to_numpy(), len(deals)
    middle = np.array([LOG_AMOUNT[name] for name in BUSINESS_UNITS])[unit]
    size = SIZE_ELASTICITY * np.log(population.employees[deals["account"]] / 180)
    amount = np.exp(middle + size + AMOUNT_SD * rng.standard_t(8, n)).round(2)
    amount = np.where(deals["kind"] == "expansion", 0.7 * amount, amount)
    margin = np.clip(np.array([MARGINS[name] for name in BUSINESS_UNITS])[unit] + rng.normal(0, 0.05, n), 0.05, 0.9)
    stage = np.where(deals["decided_at"].notna(), "decision", "evaluation")
    closed = (deals["outcome"] != "open").to_numpy()
    return deals.assign(
        amount=amount.round(2),
        profit=np.where(deals["outcome"] == "won", (amount * margin).round(2), np.nan),
        stage=np.where(closed, "closed_" + deals["outcome"].astype(object), stage),
        lead_source=rng.choice(len(LEAD_SOURCES), n, p=(0.34, 0.3, 0.14, 0.12, 0.1)),
    )


def _history(rng: np.random.Generator, deals: pd.DataFrame) -> pd.DataFrame:
    """Tell how stage and amount came to be: estimates at first, what was agreed at the end."""
    n = len(deals)
    amount = deals["amount"].to_numpy()
    first = (amount * np.exp(rng.normal(0, 0.35, n))).round(-2)
    second = (amount * np.exp(rng.normal(0, 0.15, n))).round(-2)
    last_known = np.where(deals["decided_at"].notna(), second, first)
    parts = [
        _changes(deals, deals["created_at"], np.full(n, "evaluation", dtype=object), first),
        _changes(deals, deals["decided_at"], np.full(n, "decision", dtype=object), second),
        _changes(deals, deals["closed_at"], deals["stage"].to_numpy(object), amount),
    ]
    deals.loc[deals["outcome"] == "open", "amount"] = last_known[deals["outcome"] == "open"]
    history = pd.concat(parts)
    return history.sort_values(["changed_at", "opportunity"], kind="stable", ignore_index=True)


def _changes(deals: pd.DataFrame, when: pd.Series, stage: np.ndarray, amount: np.ndarray) -> pd.DataFrame:
    rows = pd.DataFrame({"opportunity": np.arange(len(deals)), "changed_at": when, "stage": stage, "amount": amount})
    return rows[rows["changed_at"].notna()]


def _people(rng: np.random.Generator, deals: pd.DataFrame, contacts: Contacts) -> pd.DataFrame:
    """Say who took part in each opportunity, and from when on."""
    count = 1 + rng.binomial(5, np.where(deals["kind"] == "renewal", 0.1, 0.4))
    opportunity = np.repeat(np.arange(len(deals)), count)
    created = deals["created_at"].to_numpy()[opportunity]
    end = deals["closed_at"].fillna(pd.Timestamp(AS_OF)).to_numpy()[opportunity]
    first = np.concatenate([[True], opportunity[1:] != opportunity[:-1]])
    late = np.where(first, 0.0, rng.random(opportunity.size) ** 2)
    added = created + ((end - created).astype("timedelta64[s]").astype(np.int64) * late).astype("timedelta64[s]")
    account = deals["account"].to_numpy()[opportunity]
    picked = contacts.pick(rng, account, step_of(added), np.ones(account.size))
    people = pd.DataFrame({"opportunity": opportunity, "contact": picked, "added_at": added})
    people = people[people["contact"] >= 0].drop_duplicates(["opportunity", "contact"])
    return people.assign(role=contacts.role[people["contact"]])
