"""The unseen: how far one account's own probability may be from the mean of those that look like it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_RATES = np.geomspace(1e-3, 600.0, 3_000)
_MEANS = 1 / _RATES - 1 / np.expm1(_RATES)
_VARIANCES = 1 / _RATES**2 - 1 / (4 * np.sinh(_RATES / 2) ** 2)
_TABLE = np.concatenate([[0.0], _MEANS[::-1], 1 - _MEANS, [1.0]])
_VARIANCE_OF = np.concatenate([[0.0], _VARIANCES[::-1], _VARIANCES, [0.0]])
"""Mean and variance of an exponential distribution that ends at 1, falling or rising."""


def variance_around(mean: Floats) -> Floats:
    """Return the variance of an account's own probability, of which only the mean is known.

    Outcomes cannot tell it: accounts that succeed at most once look the same whether each has the mean probability, or
    one in ten has ten times as much. So the distribution is the one that assumes least, of largest entropy.

    Parameters
    ----------
    mean : ndarray of shape (n,), in [0, 1].

    Returns
    -------
    ndarray of shape (n,); mean squared where the mean is small, 1/12 at one half.

    Notes
    -----
    On [0, 1] with a given mean it is the truncated exponential distribution (Jaynes, Information theory and statistical
    mechanics, Physical Review 106, 1957).
    """
    variance: Floats = np.interp(mean, _TABLE, _VARIANCE_OF)
    return variance
