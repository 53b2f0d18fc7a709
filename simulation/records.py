"""Accounts as two CRMs keep them: ids, identifiers, dates, and the same company twice."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from simulation.accounts import Population
from simulation.arrays import NEVER, BoolArray, IntArray, ObjectArray, Times, kept, texts
from simulation.calendar import AS_OF, START, any_moment
from simulation.geography import MARKETS, REGIONS
from simulation.identifiers import domains, duns_numbers, leis, registrations
from simulation.names import Names, company_names
from simulation.streams import stream

DAY = np.timedelta64(86_400, "s")
EUROPE = {c for region in ("DACH", "NORTHERN_EUROPE", "SOUTHERN_EUROPE") for c in REGIONS[region]}
TWICE = 0.042
CRM_A, CRM_B = "crm_a", "crm_b"


@dataclass(frozen=True, slots=True)
class Records:
    """What is on file about the accounts; each array has shape (n_accounts,).

    Parameters
    ----------
    names : of the companies.
    in_a : whether the first record is in CRM A.
    account_id : of the first record.
    second_id : of the record in the other CRM, None where there is none.
    all_ids : of all records, the first ones before the second ones, shape (n_records,).
    second_code : position of the second record among them, -1 where there is none.
    entity_id : the smaller of both.
    created_at, second_created_at : of the records, the second NaT where there is none.
    domain, lei, duns, registration_id : None where missing.
    """

    names: Names
    in_a: BoolArray
    account_id: ObjectArray
    second_id: ObjectArray
    all_ids: ObjectArray
    second_code: IntArray
    entity_id: ObjectArray
    created_at: Times
    second_created_at: Times
    domain: ObjectArray
    lei: ObjectArray
    duns: ObjectArray
    registration_id: ObjectArray

    def code_at(self, rng: np.random.Generator, account: IntArray, when: Times) -> IntArray:
        """Return the record, as a position in ``all_ids``, that each row is kept under: either, once both exist."""
        both = self.second_created_at[account] < when
        return np.where(both & (rng.random(account.size) < 0.5), self.second_code[account], account)


def build_records(population: Population, seed: int) -> Records:
    """Put the accounts on file.

    Parameters
    ----------
    population : the companies.
    seed : of the world.
    """
    rng = stream(seed, "records")
    n = population.n
    names = company_names(stream(seed, "names"), population.market, population.industry, population.parent)
    country = texts(*(m.country for m in MARKETS))[population.market]
    in_a = rng.random(n) < np.where(np.isin(country, list(EUROPE)), 0.9, 0.12)
    padded = pd.Series(rng.permutation(n)).astype("str").str.zfill(6).to_numpy(dtype=object)
    account_id = np.where(in_a, "A-1", "B-7") + padded
    created_at = _created(rng, population)
    second_at = created_at + rng.integers(20, 700, n) * DAY
    twice = (rng.random(n) < TWICE) & (second_at < AS_OF - 30 * DAY)
    second_id = kept(np.where(in_a, "B-7", "A-1") + padded, twice)
    entity_id = np.where(twice, "A-1" + padded, account_id)
    known = stream(seed, "identifiers")
    return Records(
        names, in_a, account_id, second_id,
        np.concatenate([account_id, second_id[twice]]),
        np.where(twice, n + np.cumsum(twice) - 1, -1),
        entity_id, created_at,
        np.where(twice, second_at, NEVER),
        domains(known, names, population.market, population.parent),
        _some(known, leis(known, n), 0.35),
        _some(known, duns_numbers(known, n), 0.45),
        _some(known, registrations(known, population.market), 0.75),
    )  # fmt: skip


def _created(rng: np.random.Generator, population: Population) -> Times:
    """Return when accounts were created: strictly inside the step before the one from which on they exist."""
    before = START - rng.integers(365, 1500, population.n) * DAY + rng.integers(0, 86_400, population.n)
    return np.where(population.start == 0, before, any_moment(rng, np.maximum(population.start - 1, 0)))


def _some(rng: np.random.Generator, values: ObjectArray, share: float) -> ObjectArray:
    return kept(values, rng.random(values.size) < share)
