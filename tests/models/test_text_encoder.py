"""Tests of vectors that are kept on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

from models.encoder import embed
from models.text_encoder import Role, SentenceEncoder, kept_vectors

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TEXTS = ["eins", "二", "tres", "eins"]


class Counting:
    """Draws a vector from each text's digest, and writes down what it was asked."""

    def __init__(self, seed: str = "") -> None:
        self.seed = seed
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        self.asked += texts
        digests = [hashlib.sha256(f"{self.seed}{role}{text}".encode()).digest() for text in texts]
        return np.array([list(digest[:4]) for digest in digests], dtype=np.float32).reshape(-1, 4)


def asked_anew(encoder: Counting, texts: Sequence[str], folder: Path, role: Role = "document") -> set[str]:
    """Return which of the texts had to be encoded."""
    encoder.asked.clear()
    vectors = kept_vectors(encoder, texts, role, folder)
    asked = set(encoder.asked) & set(texts)
    np.testing.assert_array_equal(vectors, encoder.embed(texts, role))
    return asked


def test_only_what_changed_is_encoded_again(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    assert asked_anew(Counting(), TEXTS, folder) == {"eins", "二", "tres"}
    assert asked_anew(Counting(), TEXTS[::-1], folder) == set()
    assert asked_anew(Counting(), ["eins", "zwei", "tres"], folder) == {"zwei"}
    assert asked_anew(Counting(), ["二"], folder) == {"二"}, "what is no longer needed is not kept"
    assert kept_vectors(Counting(), [], "document", folder).shape == (0, 4)


def test_encoders_and_roles_do_not_share(tmp_path: Path) -> None:
    assert asked_anew(Counting(), TEXTS, tmp_path)
    assert asked_anew(Counting(), TEXTS, tmp_path, "query") == set(TEXTS)
    assert asked_anew(Counting("other"), TEXTS, tmp_path) == set(TEXTS)
    assert asked_anew(Counting(), TEXTS, tmp_path) == set()


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"no archive at all"])
def test_a_damaged_file_is_made_anew(tmp_path: Path, damage: bytes) -> None:
    asked_anew(Counting(), TEXTS, tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage or path.read_bytes()[:-40])
    assert asked_anew(Counting(), TEXTS, tmp_path) == set(TEXTS)
    assert asked_anew(Counting(), TEXTS, tmp_path) == set()


def test_pickled_vectors_are_not_read(tmp_path: Path) -> None:
    asked_anew(Counting(), TEXTS, tmp_path)
    (path,) = tmp_path.iterdir()
    np.savez(path, digests=np.array(["a"], dtype=object), vectors=np.array([None], dtype=object))
    assert asked_anew(Counting(), TEXTS, tmp_path) == set(TEXTS)


def test_remembered_queries_have_the_same_bits(encoder: SentenceTransformer) -> None:
    remembering = SentenceEncoder(encoder)
    texts = ["waste heat", "排熱", "waste heat"]
    for _ in range(2):
        np.testing.assert_array_equal(remembering.embed(texts, "query"), embed(encoder, texts, "query"))
    np.testing.assert_array_equal(remembering.embed(texts, "document"), embed(encoder, texts, "document"))
    assert remembering.embed([], "query").shape == (0, 384)
