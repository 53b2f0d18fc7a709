"""What companies are like: shares, sizes, and how what is visible of them bears on the fit to each business unit."""

from dataclasses import dataclass, field

import numpy as np

from simulation.arrays import FloatArray


@dataclass(frozen=True, slots=True)
class FitVariance:
    """Shares of the fit trait's variance; they sum to 1.

    Parameters
    ----------
    visible : from industry, region and size.
    shared : hidden, the same for all business units of a company, and partly within its group.
    own : hidden, of the company and business unit alone.
    """

    visible: float = 0.80
    shared: float = 0.13
    own: float = 0.07


def _affinity() -> FloatArray:
    # manufacturing, financial services, healthcare, retail, public sector, energy & utilities, logistics, technology
    return np.array(
        [  # cloud, security, automation, energy
            [-0.2, -0.4, 1.6, 0.6],
            [0.6, 1.4, -1.2, -0.9],
            [0.2, 0.8, -0.2, -0.3],
            [0.7, -0.6, 0.1, -0.5],
            [-0.9, 0.6, -1.0, 0.3],
            [-0.6, 0.3, 0.2, 1.7],
            [-0.3, -1.0, 1.0, 0.4],
            [1.6, 0.2, -0.5, -1.2],
        ]
    )


def _region_affinity() -> FloatArray:
    # DACH, northern Europe, southern Europe, North America, LATAM, APAC, other
    return np.array(
        [
            [-0.3, 0.2, 0.9, 0.7],
            [0.5, 0.5, -0.3, 0.6],
            [-0.4, -0.2, 0.2, 0.3],
            [0.8, 0.6, -0.1, -0.4],
            [-0.5, -0.8, -0.7, -0.1],
            [0.1, -0.1, 0.8, -0.6],
            [-0.8, -0.6, -0.6, -0.2],
        ]
    )


@dataclass(frozen=True, slots=True)
class PopulationParameters:
    """Of the population of accounts.

    Parameters
    ----------
    known_at_start : share of the accounts known before the first day.
    heads, sites : accounts that head a group, and that belong to one, as shares.
    affinity : shape (industry, business unit).
    region_affinity : shape (region, business unit).
    noise : events per step that mean nothing, at a middling account.
    """

    known_at_start: float = 0.45
    heads: float = 0.035
    sites: float = 0.12
    industry_shares: tuple[float, ...] = (0.22, 0.12, 0.12, 0.13, 0.08, 0.08, 0.11, 0.14)
    log_employees: float = 5.2
    log_employees_sd: float = 1.35
    log_productivity: FloatArray = field(
        default_factory=lambda: np.log(np.array([2.1, 3.2, 1.4, 2.6, 1.1, 4.0, 1.8, 2.0]) * 1e5)
    )
    affinity: FloatArray = field(default_factory=_affinity)
    region_affinity: FloatArray = field(default_factory=_region_affinity)
    industry_pull: float = 1.0
    region_pull: float = 0.6
    size_pull: float = 0.45
    fit_variance: FitVariance = field(default_factory=FitVariance)
    chatter_sd: float = 0.35
    noise: float = 0.010
    noise_sd: float = 0.6
    scanned: float = 0.12
    covered: float = 0.85


POPULATION = PopulationParameters()
