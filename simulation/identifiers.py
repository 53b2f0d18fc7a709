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
    return _joined(ALPHABET[rng.integers(0, 10, (n, 9))])


def registrations(rng: np.random.Generator, market: IntArray) -> ObjectArray:
    """Return company register numbers in the form of each company's country, shape (n_accounts,)."""
    numbers = np.empty(market.size, dtype=object)
    for code, place in enumerate(MARKETS):
        rows = np.flatnonzero(market == code)
        letters = np.tile(np.array(list(place.registration)), (rows.size, 1))
        digits = ALPHABET[rng.integers(0, 10, letters.shape)]
        numbers[rows] = _joined(np.where(letters == "#", digits, letters))
    return numbers


def _joined(letters: NDArray[np.str_]) -> ObjectArray:
    """Join each row of single characters to one text."""
    width = letters.shape[1]
    return np.ascontiguousarray(letters.astype("<U1")).view(f"<U{width}").ravel().astype(object)
