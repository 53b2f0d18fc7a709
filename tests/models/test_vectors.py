"""Tests of library vectors in a world where content, language and kind of text are known directions."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from models.text_encoder import Role
from models.vectors import LibraryVectors, library_vectors, query_vectors, unit

CONTENTS = ("robots", "ransomware", "hydrogen", "contracts", "batteries")
LANGUAGES = ("en", "de", "ja")
CONE, LANGUAGE, NOISE = 6.0, 2.0, 0.3


class Cones:
    """An encoder as real ones are: a direction that all texts share, one per language, and little of the content.

    A text is words; those in CONTENTS and LANGUAGES set its directions, all of them its noise.
    """

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        return np.array([self._vector(text, role) for text in texts], dtype=np.float32).reshape(-1, 24)

    def _vector(self, text: str, role: Role) -> NDArray[np.float64]:
        words = text.split()
        directions = np.concatenate(
            [
                [CONE, CONE * (role == "query")],
                [LANGUAGE * (language in words) for language in LANGUAGES],
                [float(content in words) for content in CONTENTS],
                np.random.default_rng(zlib.crc32(text.encode())).normal(scale=NOISE, size=14) / 14**0.5,
            ]
        )
        return np.asarray(directions / np.linalg.norm(directions))


def library(variants: int = 8, contents: Sequence[str] = CONTENTS) -> pd.DataFrame:
    rows = [
        {
            "asset_id": f"{content}-{language}-{number}",
            "family_id": content,
            "language": language,
            "title": f"{content} {language}",
            "body": f"{number}",
            "industries": None,
            "stages": ["decision"],
            "personas": None,
            "business_units": None,
            "format": "checklist",
        }
        for content in contents
        for language in LANGUAGES
        for number in range(variants)
    ]
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def vectors(tmp_path_factory: pytest.TempPathFactory) -> LibraryVectors:
    return library_vectors(Cones(), library(), tmp_path_factory.mktemp("kept"), CONTENTS)


def test_content_tells_more_than_language(vectors: LibraryVectors) -> None:
    content = np.array([asset.split("-")[0] for asset in vectors.asset_ids])
    language = np.array([asset.split("-")[1] for asset in vectors.asset_ids])
    same_content, same_language = content[:, None] == content, language[:, None] == language
    raw = Cones().embed([f"{c} {t}\n0" for c, t in zip(content, language, strict=True)], "document")
    assert (raw @ raw.T)[same_language & ~same_content].mean() > (raw @ raw.T)[same_content & ~same_language].mean()
    cosines = vectors.vectors @ vectors.vectors.T
    assert cosines[same_content].min() > cosines[~same_content].max()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_topic_finds_its_family_in_any_language(vectors: LibraryVectors, language: str) -> None:
    queries = query_vectors(Cones(), [f"{content} {language}" for content in CONTENTS], vectors.interest_centre)
    found = (queries @ vectors.family_vectors.T).argmax(axis=1)
    assert [vectors.family_ids[row] for row in found] == list(CONTENTS)


def test_vectors_have_unit_length_and_are_in_order(vectors: LibraryVectors) -> None:
    for rows in (vectors.vectors, vectors.family_vectors):
        np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-6)
        assert rows.dtype == np.float32
    assert list(vectors.asset_ids) == sorted(vectors.asset_ids)
    assert list(vectors.family_ids) == sorted(CONTENTS)
    picked = vectors.of_families(["ransomware", "batteries"])
    np.testing.assert_array_equal(picked, vectors.family_vectors[[3, 0]])


def test_the_order_of_rows_changes_no_bit(vectors: LibraryVectors, tmp_path: Path) -> None:
    again = library_vectors(Cones(), library().sample(frac=1, random_state=1), tmp_path, CONTENTS[::-1])
    for name in ("vectors", "family_vectors", "interest_centre"):
        np.testing.assert_array_equal(getattr(again, name), getattr(vectors, name))
    assert again.asset_ids == vectors.asset_ids
    for facets, centre in vectors.context_centres.items():
        np.testing.assert_array_equal(again.context_centres[facets], centre)


def test_a_rare_language_is_measured_against_all(tmp_path: Path) -> None:
    rare = pd.concat([library(), library(1).query("language == 'ja'").assign(language="th", asset_id=list("abcde"))])
    vectors = library_vectors(Cones(), rare, tmp_path)
    places = [vectors.asset_ids.index(asset) for asset in "abcde"]
    assert (vectors.vectors[places] @ vectors.vectors[places].T).min() > 0.5, "they keep their language in common"


@pytest.mark.parametrize("rows", [0, 1])
def test_the_smallest_libraries(rows: int, tmp_path: Path) -> None:
    vectors = library_vectors(Cones(), library().head(rows), tmp_path)
    assert vectors.vectors.shape == (rows, 24)
    assert np.isfinite(vectors.family_vectors).all()
    assert vectors.interest_centre.shape == (24,)


def test_an_empty_query_looks_for_nothing(vectors: LibraryVectors) -> None:
    found = query_vectors(Cones(), ["", "robots"], vectors.interest_centre)
    assert not found[0].any()
    np.testing.assert_allclose(np.linalg.norm(found[1]), 1)
    assert query_vectors(Cones(), [], vectors.interest_centre).shape == (0, 24)


def test_every_choice_of_facets_has_a_centre(vectors: LibraryVectors) -> None:
    assert len(vectors.context_centres) == 15
    assert frozenset() not in vectors.context_centres


@given(arrays(np.float64, (3, 4), elements=st.floats(-1e6, 1e6)))
def test_unit_length_or_nothing(rows: NDArray[Any]) -> None:
    lengths = np.linalg.norm(unit(rows), axis=1)
    assert np.all((np.abs(lengths - 1) < 1e-9) | (lengths == 0))
