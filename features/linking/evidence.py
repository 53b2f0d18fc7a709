"""The sorts of evidence that two accounts are one company, surest first, and how they add up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

NAME = "name"
DECISION = "decision"

SHARED_BY_AT_MOST = 5
"""An identifier on more accounts than this (of one country, but for LEI and DUNS) names no single company: a mail
provider, a placeholder, a franchise."""

UNITE_AT = 0.9
"""Accounts are united from this probability on: more than is asked of names alone, for a company wrongly united hides
another one, and a duplicate that is left only splits a history."""


@dataclass(frozen=True, slots=True)
class Key:
    """An identifier that two accounts of the same company share.

    Parameters
    ----------
    name : the sort of evidence that it is.
    columns : what has to agree, all of it present.
    probability : that two accounts with the same values are one company, nothing else being known; declared.
    """

    name: str
    columns: tuple[str, ...]
    probability: float


KEYS = (
    Key("lei", ("lei",), 0.999),
    Key("duns", ("duns",), 0.995),
    Key("registration_id", ("registration_id", "country"), 0.99),
    Key("domain", ("domain", "country"), 0.95),
)


def combined(probabilities: pd.Series, pairs: pd.Series) -> pd.Series:
    """Return the probability of each pair from all that speaks for it, each as if nothing else were known.

    Parameters
    ----------
    probabilities : in (0, 1), of single pieces of evidence, in an order that is fixed.
    pairs : code of the pair that each piece is about.

    Returns
    -------
    Series by code; log-odds are added, as the pieces are taken for independent.
    """
    odds = np.log(probabilities.to_numpy(float)) - np.log1p(-probabilities.to_numpy(float))
    total = pd.Series(odds).groupby(pairs.to_numpy()).sum()
    return pd.Series(1 / (1 + np.exp(-total.to_numpy())), index=total.index)
