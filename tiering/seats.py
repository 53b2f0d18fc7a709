"""Seats: who should sit in which of several tiers with few places, so that the sum of what they gain is largest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, csr_array

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

UNSEATED = -1
"""Stands for the tier of who gets no seat."""

_LARGEST_GAIN = 2.0**20
"""Gains are scaled to this, so that the solver's tolerance of 1e-7 means 13 digits in any currency."""


def best_seats(gains: Floats, capacities: Ints) -> Ints:
    """Seat everybody so that the sum of gains is the largest that the capacities allow.

    Parameters
    ----------
    gains : ndarray of shape (n, n_tiers), below +inf: what is gained by each seat over none; a seat that gains nothing
        (<= 0) is not taken.
    capacities : ndarray of shape (n_tiers,), >= 0.

    Returns
    -------
    ndarray of shape (n,) with the position of the tier, or UNSEATED. The sum falls short of the largest by no more than
    1e-12 of the largest gain for each seat. Of those with equal gains, the first in order get the seats, and of those
    the tiers that come first.

    Notes
    -----
    A transportation problem: its linear programme has whole numbers at every vertex, so a solver that ends at one
    solves it exactly (Hitchcock, J. Math. Phys. 20, 1941). HiGHS's interior point method with crossover does, and is
    many times faster here than its simplex method. Those with equal gains enter as one row with a supply; what remains
    after `_who_matters` hardly depends on how many accounts there are, only on how many seats.
    """
    tier = np.full(len(gains), UNSEATED, dtype=np.int64)
    wanted = np.where(capacities > 0, np.maximum(gains, 0), 0)
    rows = _who_matters(wanted, capacities)
    if rows.size:
        alike, which, supply = np.unique(wanted[rows], axis=0, return_inverse=True, return_counts=True)
        tier[rows] = _dealt(_seats_per_row(alike, supply, capacities), which.ravel())
    return tier


def _who_matters(gains: Floats, capacities: Ints) -> Ints:
    """Return the rows that an optimum may need, in order.

    Those are, per tier, the best as many as there are seats in all tiers: whoever sits there from further down could
    give the seat to one of these who has none, and nothing would be lost.
    """
    seats = int(np.minimum(capacities, len(gains)).sum())
    best = [
        np.argsort(-gains[:, tier], kind="stable")[:seats] for tier in range(gains.shape[1]) if capacities[tier] > 0
    ]
    rows: Ints = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *best]))
    return rows[(gains[rows] > 0).any(axis=1)]


def _seats_per_row(gains: Floats, supply: Ints, capacities: Ints) -> Ints:
    """Return how many of each row take a seat in each tier, shape (n_rows, n_tiers)."""
    n_rows, n_tiers = gains.shape
    solution = linprog(  # type: ignore[call-overload]  # its stubs know no sparse matrix
        -_LARGEST_GAIN * (gains.ravel() / gains.max()),
        A_ub=_constraints(n_rows, n_tiers),
        b_ub=np.concatenate([supply, np.minimum(capacities, supply.sum())]).astype(np.float64),
        bounds=(0, None),
        method="highs-ipm",
    )
    seats: Ints = np.rint(solution.x).astype(np.int64).reshape(n_rows, n_tiers)
    return np.where(gains > 0, seats, 0)


def _constraints(n_rows: int, n_tiers: int) -> csr_array:
    """Return the matrix that sums seats per row and then per tier."""
    variable = np.arange(n_rows * n_tiers)
    sums = np.concatenate([variable // n_tiers, n_rows + variable % n_tiers])
    return coo_array((np.ones(2 * variable.size), (sums, np.tile(variable, 2)))).tocsr()


def _dealt(seats: Ints, which: Ints) -> Ints:
    """Deal the seats of each row to its members in order, first tier first.

    Parameters
    ----------
    seats : ndarray of shape (n_rows, n_tiers).
    which : ndarray of shape (n,): the row of each member.
    """
    order = np.argsort(which, kind="stable")
    starts = np.searchsorted(which[order], np.arange(len(seats)))
    place = np.empty_like(which)
    place[order] = np.arange(which.size) - starts[which[order]]
    taken = np.cumsum(seats, axis=1)[which]
    tier = (place[:, None] >= taken).sum(axis=1)
    return np.where(tier < seats.shape[1], tier, UNSEATED)
