"""The vectors of a library: where each variant and each family lies among its like, whatever its language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from models.language_tags import canonical_tag, primary_of
from models.policy import is_open
from models.profile import FACETS, AccountProfile, as_words, context_text
from models.text_encoder import Encoder, kept_vectors

FEWEST_TEXTS = 20
"""A mean over fewer texts tells more of those texts than of what all have in common."""


@dataclass(frozen=True, slots=True, eq=False)
class LibraryVectors:
    """A library as vectors of unit length, the zero vector where there is nothing to tell it from the others.

    Parameters
    ----------
    asset_ids : the n variants, sorted.
    vectors : shape (n, d).
    family_ids : the f families, sorted.
    family_vectors : shape (f, d), the mean direction of the family's variants.
    interest_centre : shape (d,), what queries for interests have in common.
    context_centres : the same for contexts, each of shape (d,), by which facets they speak of; none of no facet.
    """

    asset_ids: tuple[str, ...]
    vectors: NDArray[np.float32]
    family_ids: tuple[str, ...]
    family_vectors: NDArray[np.float32]
    interest_centre: NDArray[np.float64]
    context_centres: Mapping[frozenset[str], NDArray[np.float64]]

    def of_families(self, family_ids: Sequence[str]) -> NDArray[np.float32]:
        """Return the vectors of some families, shape (n_families, d), in their order.

        Raises
        ------
        KeyError
            If the vectors are not of a library that has the family.
        """
        place = {family: row for row, family in enumerate(self.family_ids)}
        return self.family_vectors[[place[family] for family in family_ids]]


def library_vectors(
    encoder: Encoder, playbooks: pd.DataFrame, cache: Path, topics: Iterable[str] = ()
) -> LibraryVectors:
    """Encode a library; what was encoded before with the same encoder is not encoded again.

    Parameters
    ----------
    playbooks : rows of the canonical table, of any status and date.
    cache : folder that keeps what the encoder gave for each text.
    topics : all topics of intent in the data, whichever account they are of; the more, the better a topic is told
        from topics in general.

    Notes
    -----
    The vectors of e5 encoders, as of many others, lie in a narrow cone, and each language in one of its own, so a raw
    cosine tells language and style before it tells content. Subtracting what all have in common mends that (Mu and
    Viswanath, "All-but-the-Top", ICLR 2018), for documents language by language, and for queries by kind. A family
    is where its variants in all languages lie on average: a translation is one more view of the same content.
    """
    rows = playbooks.sort_values("asset_id")
    texts = [f"{title}\n{body}" for title, body in zip(rows["title"], rows["body"], strict=True)]
    languages = np.array([primary_of(canonical_tag(tag)) for tag in rows["language"]], dtype=str)
    vectors = _centred_by_language(kept_vectors(encoder, texts, "document", cache), languages)
    families = rows["family_id"].to_numpy(str)
    family_ids, family_of = np.unique(families, return_inverse=True)
    sums = np.zeros((len(family_ids), vectors.shape[1]))
    np.add.at(sums, family_of, vectors)
    interests, contexts = _typical_interests(rows, topics), _typical_contexts(rows)
    queries = sorted(interests.union(*contexts.values()))
    encoded = dict(zip(queries, kept_vectors(encoder, queries, "query", cache), strict=True))
    return LibraryVectors(
        asset_ids=tuple(rows["asset_id"]),
        vectors=vectors.astype(np.float32),
        family_ids=tuple(family_ids.tolist()),
        family_vectors=unit(sums).astype(np.float32),
        interest_centre=_centre_of(interests, encoded, vectors.shape[1]),
        context_centres={
            facets: _centre_of(typical, encoded, vectors.shape[1]) for facets, typical in contexts.items()
        },
    )


def query_vectors(encoder: Encoder, texts: Sequence[str], centre: NDArray[np.float64]) -> NDArray[np.float64]:
    """Encode queries of one kind, shape (n_texts, d), of unit length; an empty text looks for nothing and is zero."""
    vectors = np.zeros((len(texts), len(centre)))
    said = [place for place, text in enumerate(texts) if text]
    vectors[said] = unit(encoder.embed([texts[place] for place in said], "query") - centre)
    return vectors


def unit(vectors: NDArray[np.floating]) -> NDArray[np.float64]:
    """Bring the rows of a (n, d) array to unit length; a row of zeros stays."""
    exact = np.asarray(vectors, dtype=np.float64)
    lengths = np.sqrt((exact * exact).sum(axis=1, keepdims=True))
    negligible = lengths < 1e-6  # the difference of equal vectors, but for rounding
    return np.where(negligible, 0.0, exact / np.where(negligible, 1.0, lengths))


def _centred_by_language(vectors: NDArray[np.float32], languages: NDArray[np.str_]) -> NDArray[np.float64]:
    exact = vectors.astype(np.float64)
    centred = exact - _centre(vectors)
    for language in np.unique(languages):
        rows = languages == language
        if rows.sum() >= FEWEST_TEXTS:
            centred[rows] = exact[rows] - exact[rows].mean(axis=0)
    return unit(centred)


def _centre(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the mean; of a single vector, or none, zero: nothing would be left of it."""
    if len(vectors) < 2:
        return np.zeros(vectors.shape[1])
    return np.asarray(vectors.astype(np.float64).mean(axis=0))


def _centre_of(
    texts: Iterable[str], encoded: Mapping[str, NDArray[np.float32]], dimensions: int
) -> NDArray[np.float64]:
    return _centre(np.array([encoded[text] for text in sorted(texts)], dtype=np.float32).reshape(-1, dimensions))


def _typical_interests(rows: pd.DataFrame, topics: Iterable[str]) -> frozenset[str]:
    """Return short texts of the kind that interests are: topics, and what else there is where those are few."""
    facets = chain(*(rows[column].explode().dropna() for column in FACETS.values()), rows["format"].dropna())
    texts: set[str] = set()
    for source in (topics, facets, rows["title"]):
        if len(texts) < FEWEST_TEXTS:
            texts |= {as_words(text) for text in source}
    return frozenset(text for text in texts if text)


def _typical_contexts(rows: pd.DataFrame) -> dict[frozenset[str], frozenset[str]]:
    """Return the contexts that the library's families are made for, told by every choice of facets.

    An industry alone is another kind of text than industry, stage and persona: measured against the centre of those
    it comes near the same few families, whichever industry it is.
    """
    families = rows.drop_duplicates("family_id")
    made_for = {facet: [_first(values) for values in families[column]] for facet, column in FACETS.items()}
    return {
        frozenset(facets): frozenset(
            text
            for values in zip(*(made_for[facet] for facet in facets), strict=True)
            if (text := context_text(AccountProfile(**dict(zip(facets, values, strict=True)))))
        )
        for size in range(1, len(FACETS) + 1)
        for facets in combinations(FACETS, size)
    }


def _first(values: Sequence[str]) -> str | None:
    return None if is_open(values) or len(values) == 0 else values[0]
