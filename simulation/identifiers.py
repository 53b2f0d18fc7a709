"""Identifiers of companies: web domains, LEIs with valid check digits, DUNS and register numbers."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.arrays import IntArray, ObjectArray, kept
from simulation.geography import MARKETS
from simulation.names import Names, slugs

SHARED_DOMAIN = 0.3
NO_DOMAIN = 0.06
LEI_ISSUER = "9845"
ALPHABET = np.array(list("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"))


def domains(rng: np.random.Generator, names: Names, market: IntArray, parent: IntArray) -> ObjectArray:
    """Return each company's domain, shape (n_accounts,): some sites use their head's, some companies have none."""
    tld = np.array([m.tld for m in MARKETS], dtype=object)[market]
    own = slugs(names.latin) + "." + tld
    shared = (parent >= 0) & (rng.random(market.size) < SHARED_DOMAIN)
    domain = np.where(shared, own[parent], own)
    return kept(domain, rng.random(market.size) >= NO_DOMAIN)


def leis(rng: np.random.Generator, n: int) -> ObjectArray:
    """Return n legal entity identifiers, shape (n,).

    Notes
    -----
    ISO 17442: 18 letters and digits, then two check digits that make the whole, letters read as 10 to 35, 1 modulo 97.
    """
    values = rng.integers(0, 36, (n, 14))
    prefix = np.tile([int(digit) for digit in LEI_ISSUER], (n, 1))
    values = np.concatenate([prefix, values], axis=1)
    remainder = np.zeros(n, dtype=np.int64)
    for column in values.T:
        remainder = (remainder * np.where(column > 9, 100, 10) + column) % 97
    check = 98 - remainder * 100 % 97
    body = pd.Series(_joined(ALPHABET[values]))
    return np.asarray((body + pd.Series(check).astype(str).str.zfill(2)).to_numpy(dtype=object))


def duns_numbers(rng: np.random.Generator, n: int) -> ObjectArray:
    """Return n numbers of nine digits, shape (n,)."""
    return _joined(ALPHABET[_different_digits(rng, n, 9)])


def registrations(rng: np.random.Generator, market: IntArray) -> ObjectArray:
    """Return company register numbers in the form of each company's country, shape (n_accounts,)."""
    numbers = np.empty(market.size, dtype=object)
    for code, place in enumerate(MARKETS):
        rows = np.flatnonzero(market == code)
        pattern = np.array(list(place.registration))
        letters = np.tile(pattern, (rows.size, 1))
        letters[:, pattern == "#"] = ALPHABET[_different_digits(rng, rows.size, place.registration.count("#"))]
        numbers[rows] = _joined(letters)
    return numbers


def _different_digits(rng: np.random.Generator, n: int, width: int) -> IntArray:
    """Return the digits of n different numbers, shape (n, width)."""
    values = rng.choice(10**width, n, replace=False)
    return np.asarray(values[:, None] // 10 ** np.arange(width - 1, -1, -1) % 10)


def _joined(letters: NDArray[np.str_]) -> ObjectArray:
    """Join each row of single characters to one text."""
    width = letters.shape[1]
    return np.ascontiguousarray(letters.astype("<U1")).view(f"<U{width}").ravel().astype(object)
