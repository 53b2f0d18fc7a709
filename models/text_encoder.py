"""What turns texts into vectors, as the recommender sees it, and vectors that are kept on disk."""

from __future__ import annotations

import hashlib
import os
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.encoder import embed

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Role = Literal["query", "document"]

QUERIES_REMEMBERED = 20_000


class Encoder(Protocol):
    """Texts in, vectors out; each vector depends on its text and role alone, to the bit."""

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Return unit vectors of shape (n_texts, n_dimensions), also for no text."""


class SentenceEncoder:
    """A sentence-transformers model that remembers its queries: the same topics are asked again and again.

    Parameters
    ----------
    model : as ``models.encoder.load_encoder`` gives it.
    """

    def __init__(self, model: SentenceTransformer) -> None:
        self._model = model
        self._query = lru_cache(maxsize=QUERIES_REMEMBERED)(self._encode_query)

    def embed(self, texts: Sequence[str], role: Role) -> NDArray[np.float32]:
        """Return unit vectors of shape (n_texts, n_dimensions)."""
        if role == "query" and texts:
            return np.stack([self._query(text) for text in texts])
        return embed(self._model, texts, role)

    def _encode_query(self, text: str) -> NDArray[np.float32]:
        vector: NDArray[np.float32] = embed(self._model, [text], "query")[0]
        vector.flags.writeable = False
        return vector


def kept_vectors(encoder: Encoder, texts: Sequence[str], role: Role, folder: Path) -> NDArray[np.float32]:
    """Encode texts, those excepted whose vectors the folder keeps; afterwards it keeps exactly these.

    Parameters
    ----------
    folder : made where missing; it holds one npz file per encoder and role. A file that cannot be read is made anew.

    Returns
    -------
    ndarray of shape (n_texts, n_dimensions), the same bits as without the folder.
    """
    path = folder / f"{role}-{_fingerprint(encoder)}.npz"
    kept = _read(path)
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    new = {digest: text for digest, text in zip(digests, texts, strict=True) if digest not in kept}
    encoded = encoder.embed(list(new.values()), role)
    if not texts:
        return encoded
    known = {**kept, **dict(zip(new, encoded, strict=True))}
    needed = sorted(set(digests))
    if new or len(kept) != len(needed):
        _write(path, needed, np.stack([known[digest] for digest in needed]))
    return np.stack([known[digest] for digest in digests])


def _fingerprint(encoder: Encoder) -> str:
    """Tell encoders apart by what they do: a name or a path would not tell that the model behind it changed."""
    return hashlib.sha256(encoder.embed(["Glocal 世界"], "document").tobytes()).hexdigest()[:16]


def _read(path: Path) -> Mapping[str, NDArray[np.float32]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            return dict(zip(stored["digests"].tolist(), stored["vectors"], strict=True))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return {}


def _write(path: Path, digests: Sequence[str], vectors: NDArray[np.float32]) -> None:
    """Put the file in place in one step, so that nobody reads half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, digests=np.array(digests), vectors=vectors)
        Path(name).replace(path)
    finally:
        Path(name).unlink(missing_ok=True)
