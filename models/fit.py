"""How playbooks fit what is known of an account: the facts that both ranking and its reasons rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.policy import is_open
from models.profile import FACETS, AccountProfile, Interest, as_words


@dataclass(frozen=True, slots=True, eq=False)
class Need:
    """What is looked for.

    Parameters
    ----------
    profile : what is known of the account and asked for.
    interests : m of them.
    interest_vectors : shape (m, d), of unit length.
    context_vector : shape (1, d), of unit length, or zero where nothing is known.
    """

    profile: AccountProfile
    interests: tuple[Interest, ...]
    interest_vectors: NDArray[np.float64]
    context_vector: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """What may be shown.

    Parameters
    ----------
    variants : n rows, one per family, as ``models.localise.localise`` gives them.
    vectors : shape (n, d), of their families.
    """

    variants: pd.DataFrame
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """How n candidates fit a need.

    Parameters
    ----------
    facets : one column per facet: 1 made for it, -1 made for others, 0 made for all or nothing is known.
    interest_similarities : shape (n, m), cosines.
    context_similarity : shape (n,), cosines.
    missing_role : per candidate the first missing role that it is made for; empty where a persona is given.
    used, localised, other_language : shape (n,), whether used with the account before, made for some markets only, in
        another language than the asked one.
    """

    facets: pd.DataFrame
    interest_similarities: NDArray[np.float64]
    context_similarity: NDArray[np.float64]
    missing_role: tuple[str, ...]
    used: NDArray[np.bool_]
    localised: NDArray[np.bool_]
    other_language: NDArray[np.bool_]


def fit_of(need: Need, candidates: Candidates) -> Fit:
    """Compare every candidate with the need; what is found of one does not depend on the others."""
    variants, profile = candidates.variants, need.profile
    roles = () if profile.persona else profile.missing_roles
    return Fit(
        facets=pd.DataFrame(
            {
                field: [_made_for(values, getattr(profile, field)) for values in variants[column]]
                for field, column in FACETS.items()
            },
            index=variants.index,
            dtype="int64",
        ),
        interest_similarities=_cosines(candidates.vectors, need.interest_vectors),
        context_similarity=_cosines(candidates.vectors, need.context_vector)[:, 0],
        missing_role=tuple(_first_named(values, roles) for values in variants["personas"]),
        used=variants["family_id"].isin(profile.used_families).to_numpy(bool),
        localised=np.array([not is_open(markets) for markets in variants["markets"]], dtype=bool),
        other_language=(variants["language_match"] == "fallback").to_numpy(bool),
    )


def _cosines(vectors: NDArray[np.float32], queries: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the products of unit vectors, shape (n, m), summed row by row: BLAS sums by the size of the batch."""
    exact = vectors.astype(np.float64)
    return np.stack([(exact * query).sum(axis=1) for query in queries], axis=1) if len(queries) else exact[:, :0]


def _made_for(values: object, value: str | None) -> int:
    if value is None or is_open(values):
        return 0
    return 1 if _folded(value) in {_folded(other) for other in values} else -1  # type: ignore[attr-defined]


def _first_named(values: object, roles: Sequence[str]) -> str:
    return next((role for role in roles if _made_for(values, role) == 1), "")


def _folded(value: str) -> str:
    return as_words(value).casefold()
