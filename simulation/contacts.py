"""The people at the accounts: who they are, when they came and left, and who changed employer."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.accounts import Population
from simulation.arrays import NEVER, BoolArray, FloatArray, IntArray, Times
from simulation.calendar import STEPS, any_moment
from simulation.emission import draw_by_row, emit, rate_table
from simulation.geography import MARKETS
from simulation.streams import stream
from simulation.walk import Walk

FUNCTIONS = (
    "it", "data", "security", "operations", "engineering", "facilities", "procurement", "finance", "legal", "executive",
)  # fmt: skip
SENIORITIES = ("c_level", "vp", "director", "manager", "contributor")
ROLES = ("economic_buyer", "technical_evaluator", "champion", "user", "legal")
LANGUAGES = tuple(dict.fromkeys(language for market in MARKETS for language, _ in market.languages))

ANYBODY = (0.14, 0.07, 0.06, 0.15, 0.13, 0.06, 0.13, 0.12, 0.05, 0.09)
DRAWN_BY_UNIT = (
    (0.30, 0.26, 0.05, 0.07, 0.06, 0.01, 0.09, 0.07, 0.03, 0.06),
    (0.19, 0.04, 0.36, 0.05, 0.04, 0.03, 0.07, 0.07, 0.09, 0.06),
    (0.06, 0.04, 0.02, 0.31, 0.31, 0.06, 0.09, 0.05, 0.01, 0.05),
    (0.03, 0.02, 0.01, 0.20, 0.17, 0.30, 0.08, 0.10, 0.03, 0.06),
)
ARRIVAL = rate_table((0.0008, 0.006, 0.014, 0.024, 0.020), (0.8, 1.4, 2.0))
CHANCE_ARRIVAL = 0.006
YEARS_IN_A_JOB = 7.0
MOVERS = 0.35
ROLE_KNOWN = 0.5


@dataclass(frozen=True, slots=True)
class Contacts:
    """Contacts, sorted by account and time of arrival; each array has shape (n_contacts,).

    Parameters
    ----------
    account, step : where, and in which step they became known (-1: with the account itself).
    created_at : when; ``left_step`` is the step in which they left, ``STEPS`` where they are still there.
    left_at : NaT where they are still there.
    person : number of the person, the same over several jobs.
    function, seniority, role, language : codes; ``role`` is what they are in a committee, known or not.
    role_known : whether the CRM says it.
    """

    account: IntArray
    step: IntArray
    created_at: Times
    left_step: IntArray
    left_at: Times
    person: IntArray
    function: IntArray
    seniority: IntArray
    role: IntArray
    language: IntArray
    role_known: BoolArray

    def pick(self, rng: np.random.Generator, account: IntArray, step: IntArray, breadth: FloatArray) -> IntArray:
        """Pick for each item somebody who was known at the account when the step began.

        Parameters
        ----------
        rng : its source of chance.
        account, step : shape (n,).
        breadth : 1: anybody alike; larger: mostly those known longest; shape (n,).

        Returns
        -------
        ndarray of shape (n,)
            Positions of contacts, -1 where nobody was there or the one picked had left.
        """
        key = self.account * (STEPS + 2) + self.step + 1
        first = np.searchsorted(key, account * (STEPS + 2))
        known = np.searchsorted(key, account * (STEPS + 2) + step + 1) - first
        chosen = first + np.minimum((rng.random(account.size) ** breadth * known).astype(np.int64), known - 1)
        present = (known > 0) & (self.left_step[np.minimum(chosen, key.size - 1)] > step)
        return np.where(present, chosen, -1)


def build_contacts(population: Population, walks: list[Walk], created_at: Times, seed: int) -> Contacts:
    """Let contacts arrive, leave, and turn up elsewhere.

    Parameters
    ----------
    population, walks : the world so far.
    created_at : when each account was created, shape (n_accounts,).
    seed : of the world.
    """
    rng = stream(seed, "contacts")
    people = _arrivals(rng, population, walks)
    stay = rng.exponential(YEARS_IN_A_JOB * 365 / 5, len(people)).astype(np.int64) + 6
    people["left_step"] = np.minimum(np.maximum(people["step"], people["start"]) + stay, STEPS)
    people["person"] = np.arange(len(people))
    people = pd.concat([people, _movers(rng, population, people)], ignore_index=True)
    people = people.sort_values(["account", "step", "person"], kind="stable")
    account, step = people["account"].to_numpy(), people["step"].to_numpy()
    left_step = people["left_step"].to_numpy()
    arrived = any_moment(rng, np.maximum(step, 0))
    left = any_moment(rng, np.minimum(left_step, STEPS - 1))
    return Contacts(
        account=account,
        step=step,
        created_at=np.where(step < 0, created_at[account], arrived),
        left_step=left_step,
        left_at=np.where(left_step < STEPS, left, NEVER),
        person=people["person"].to_numpy(),
        function=people["function"].to_numpy(),
        seniority=people["seniority"].to_numpy(),
        role=people["role"].to_numpy(),
        language=people["language"].to_numpy(),
        role_known=rng.random(len(people)) < ROLE_KNOWN,
    )


def _arrivals(rng: np.random.Generator, population: Population, walks: list[Walk]) -> pd.DataFrame:
    """Return who comes: some with the account, some by chance, more where a purchase goes on."""
    first = np.repeat(np.arange(population.n), 1 + rng.poisson(1.2 + 0.6 * population.size))
    accounts, steps, drawn = [first], [np.full(first.size, -1)], [np.zeros(first.size, dtype=np.int64)]
    everywhere = rate_table((CHANCE_ARRIVAL,) * 5)
    sources = [(walks[0], everywhere, 0)] + [(walk, ARRIVAL, 1 + unit) for unit, walk in enumerate(walks)]
    for walk, rates, code in sources:
        come = emit(rng, population, walk, rates, population.chatter)
        accounts.append(come.account)
        steps.append(come.step)
        drawn.append(np.full(come.step.size, code))
    account = np.concatenate(accounts)
    function = draw_by_row(rng, np.array([ANYBODY, *DRAWN_BY_UNIT]), np.concatenate(drawn))
    return pd.DataFrame(
        {
            "account": account,
            "step": np.concatenate(steps),
            "start": population.start[account],
            "function": function,
            **_person(rng, function, population.market[account]),
        }
    )


def _person(rng: np.random.Generator, function: IntArray, market: IntArray) -> dict[str, IntArray]:
    seniority = rng.choice(len(SENIORITIES), function.size, p=(0.07, 0.11, 0.22, 0.33, 0.27))
    seniority = np.where(function == FUNCTIONS.index("executive"), seniority // 2, seniority)
    roles = np.array([_role_chances(f, s) for f in range(len(FUNCTIONS)) for s in range(len(SENIORITIES))])
    role = draw_by_row(rng, roles, function * len(SENIORITIES) + seniority)
    spoken = np.zeros((len(MARKETS), len(LANGUAGES)))
    for row, place in enumerate(MARKETS):
        for language, share in place.languages:
            spoken[row, LANGUAGES.index(language)] = share
    return {"seniority": seniority, "role": role, "language": draw_by_row(rng, spoken, market)}


def _role_chances(function: int, seniority: int) -> tuple[float, ...]:
    """Return the chance of each buying role for a function and seniority."""
    name = FUNCTIONS[function]
    if name == "legal":
        return (0.05, 0.02, 0.05, 0.08, 0.80)
    buys = 0.9 if seniority <= 1 else 0.25 if seniority == 2 else 0.04
    buys *= 1.6 if name in ("finance", "procurement", "executive") else 1.0
    tests = 0.6 if name in ("it", "data", "security", "engineering") else 0.15
    return (buys, tests, 0.35 if seniority in (2, 3) else 0.15, 0.5 if seniority >= 3 else 0.1, 0.02)


def _movers(rng: np.random.Generator, population: Population, people: pd.DataFrame) -> pd.DataFrame:
    """Return those leavers who are soon known at another account of their country."""
    leaving = people[(people["left_step"] < STEPS - 12) & (rng.random(len(people)) < MOVERS)]
    movers = leaving.assign(step=leaving["left_step"] + rng.integers(1, 10, len(leaving)), left_step=STEPS)
    market = population.market[movers["account"].to_numpy()]
    target = np.full(len(movers), -1, dtype=np.int64)
    for place in range(len(MARKETS)):
        rows = np.flatnonzero(market == place)
        homes = np.flatnonzero(population.market == place)
        there = np.searchsorted(population.start[homes], movers["step"].to_numpy()[rows], side="right")
        target[rows] = homes[(rng.random(rows.size) * there).astype(np.int64)]
    movers["start"] = population.start[target]
    moved = (target != movers["account"]) & (movers["start"] <= movers["step"]) & (movers["step"] < STEPS)
    found: pd.DataFrame = movers.assign(account=target).loc[moved]
    return found
