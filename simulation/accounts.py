"""The accounts of the world: where they are, what they do, how large they are, who owns whom, and what drives them."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from simulation.arrays import BoolArray, FloatArray, IntArray
from simulation.calendar import STEPS
from simulation.geography import MARKETS, REGION_NAMES, region_of
from simulation.parameters import CHAINS, FIT_CLASSES
from simulation.streams import stream
from simulation.traits import POPULATION
from simulation.words import INDUSTRIES

BUSINESS_UNITS = tuple(CHAINS)


@dataclass(frozen=True, slots=True)
class Population:
    """Companies in the order in which they became accounts; each array has shape (n_accounts,) unless said.

    Parameters
    ----------
    start : grid step from which on the account exists; 0: before the first day.
    market, industry : codes into ``MARKETS`` and ``INDUSTRIES``.
    parent : index of the group's head, or -1.
    employees, revenue : at the start; revenue a year, in group currency.
    size : size class, 0 to 2.
    maturity : an attribute that users keep, 1 to 5, which tells of the hidden fit.
    sites : another one, which tells of it a little, >= 1.
    fit : fit class, shape (n_business_units, n_accounts).
    chatter : factor on how much of what goes on is observed.
    noise : events per step that mean nothing.
    scanned : whether a machine opens every mail that is sent there.
    covered : whether intent data covers the account.
    """

    start: IntArray
    market: IntArray
    industry: IntArray
    parent: IntArray
    employees: FloatArray
    revenue: FloatArray
    size: IntArray
    maturity: IntArray
    sites: IntArray
    fit: IntArray
    chatter: FloatArray
    noise: FloatArray
    scanned: BoolArray
    covered: BoolArray

    @property
    def n(self) -> int:
        """Number of accounts."""
        return int(self.start.size)

    def active(self, step: int) -> int:
        """Return how many accounts exist at a step of the grid: the first so many."""
        return int(np.searchsorted(self.start, step, side="right"))


def build_population(accounts: int, seed: int) -> Population:
    """Draw the companies.

    Parameters
    ----------
    accounts : how many, >= 1.
    seed : of the world.
    """
    rng = stream(seed, "population")
    early = round(accounts * POPULATION.known_at_start)
    start = np.concatenate([np.zeros(early, dtype=np.int64), rng.integers(1, STEPS - 6, accounts - early)])
    start.sort()
    share = np.array([m.share for m in MARKETS])
    market = rng.choice(len(MARKETS), accounts, p=share / share.sum())
    industry = rng.choice(len(INDUSTRIES), accounts, p=POPULATION.industry_shares)
    parent = _parents(rng, accounts, early)
    market = np.where(parent >= 0, _elsewhere(rng, market, parent), market)
    industry = np.where(parent >= 0, industry[parent], industry)
    scale = rng.normal(size=accounts)
    employees = 3.0 + np.floor(np.exp(POPULATION.log_employees + POPULATION.log_employees_sd * scale))
    size = (scale > norm.ppf(0.6)).astype(np.int64) + (scale > norm.ppf(0.9))
    revenue = employees * np.exp(rng.normal(POPULATION.log_productivity[industry], 0.5, accounts))
    fit, shared = _fit(rng, market, industry, parent, scale)
    return Population(
        start, market, industry, parent, employees, revenue, size,
        maturity=np.clip(np.round(3 + 1.1 * (0.75 * shared + 0.66 * rng.normal(size=accounts))), 1, 5).astype(np.int64),
        sites=1 + rng.poisson(np.exp(0.5 * scale + 0.3 * shared)),
        fit=fit,
        chatter=np.exp(rng.normal(0, POPULATION.chatter_sd, accounts)),
        noise=POPULATION.noise * np.exp(rng.normal(0, POPULATION.noise_sd, accounts)),
        scanned=rng.random(accounts) < POPULATION.scanned,
        covered=rng.random(accounts) < POPULATION.covered,
    )  # fmt: skip


def _parents(rng: np.random.Generator, accounts: int, early: int) -> IntArray:
    """Choose heads among the accounts known from the start, and give them sites."""
    parent = np.full(accounts, -1, dtype=np.int64)
    heads = rng.permutation(early)[: round(accounts * POPULATION.heads)]
    if heads.size:
        sites = np.setdiff1d(rng.permutation(accounts)[: round(accounts * POPULATION.sites)], heads)
        parent[sites] = heads[rng.integers(0, heads.size, sites.size)]
    return parent


def _elsewhere(rng: np.random.Generator, market: IntArray, parent: IntArray) -> IntArray:
    """Put each site of a head into a country of its own: strides through a prime number of countries never repeat."""
    prime = 19
    order = np.argsort(parent, kind="stable")
    first = np.searchsorted(parent[order], parent[order], side="left")
    rank = np.empty_like(parent)
    rank[order] = np.arange(parent.size) - first
    stride = rng.integers(1, prime, parent.size)
    return (market[parent] % prime + stride[parent] * (rank % (prime - 1) + 1)) % prime


def _fit(
    rng: np.random.Generator, market: IntArray, industry: IntArray, parent: IntArray, scale: FloatArray
) -> tuple[IntArray, FloatArray]:
    """Return the fit classes, shape (n_business_units, n_accounts), and the part that a company's units share."""
    n = market.size
    region = np.array([REGION_NAMES.index(region_of(m.country)) for m in MARKETS])[market]
    units = len(BUSINESS_UNITS)
    visible = (
        POPULATION.industry_pull * POPULATION.affinity[industry].T
        + POPULATION.region_pull * POPULATION.region_affinity[region].T
        + POPULATION.size_pull * scale
    )
    visible = (visible - visible.mean(axis=1, keepdims=True)) / visible.std(axis=1, keepdims=True)
    family = rng.normal(size=n)
    family = np.where(parent >= 0, family[parent], family)
    shared = np.sqrt(0.6) * rng.normal(size=n) + np.sqrt(0.4) * family
    parts = POPULATION.fit_variance
    fit = (
        np.sqrt(parts.visible) * visible
        + np.sqrt(parts.shared) * shared
        + np.sqrt(parts.own) * rng.normal(size=(units, n))
    )
    return np.minimum((norm.cdf(fit) * FIT_CLASSES).astype(np.int64), FIT_CLASSES - 1), shared
