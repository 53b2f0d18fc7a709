"""What tests of the models share: the bundled encoder, built once, and a tiny one that is built in no time."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from models.encoder import load_encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

HIDDEN, HEADS, FEED_FORWARD, POSITIONS = 32, 4, 64, 16
SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
LETTERS = ["\u2581", "a", "b", "é", "и", "界", ":", "q", "u", "e", "r", "y", "p", "s", "g"]


@pytest.fixture(scope="session")
def encoder(encoder_dir: Path) -> SentenceTransformer:
    return load_encoder(cache_dir=encoder_dir)


@pytest.fixture
def tiny_packed(tmp_path: Path) -> Path:
    """A packed encoder of one layer and 19 pieces, its weights drawn from seed 0."""
    path = tmp_path / "tiny.bin"
    path.write_bytes(pack_tiny())
    return path


def pack_tiny() -> bytes:
    pieces = SPECIAL + LETTERS
    encoded = [piece.encode() for piece in pieces]
    offsets = np.cumsum([0, *map(len, encoded)], dtype="<u4")
    head = struct.pack("<4sI7ifi", b"E5S1", 1, HIDDEN, 1, HEADS, FEED_FORWARD, len(pieces) + 1, POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, offsets[-1])
    head += offsets.tobytes() + np.linspace(-1, -2, len(pieces), dtype="<f4").tobytes() + b"".join(encoded)
    head += struct.pack("<iI", 0, 0)
    return head + pack_tensors(len(head), len(pieces) + 1)


def pack_tensors(start: int, vocabulary: int) -> bytes:
    random = np.random.default_rng(0)
    weights = {"emb.word": vocabulary * HIDDEN} | {f"l0.{name}.w": HIDDEN**2 for name in ("q", "k", "v", "ao")}
    weights |= {"l0.fi.w": HIDDEN * FEED_FORWARD, "l0.fo.w": HIDDEN * FEED_FORWARD}
    plain = {"emb.pos": POSITIONS * HIDDEN, "emb.type": 2 * HIDDEN, "l0.fi.b": FEED_FORWARD}
    plain |= {f"l0.{name}.b": HIDDEN for name in ("q", "k", "v", "ao", "fo")}
    plain |= {f"{name}.{part}": HIDDEN for name in ("emb.ln", "l0.aln", "l0.oln") for part in "wb"}
    blocks = {name: (1, size, q4_blocks(random, size // 32)) for name, size in weights.items()}
    blocks |= {name: (0, size, random.normal(size=size).astype("<f4").tobytes()) for name, size in plain.items()}
    offset = start + 4 + sum(23 + len(name) for name in blocks)
    directory, body = struct.pack("<i", len(blocks)), b""
    for name, (kind, size, content) in blocks.items():
        directory += struct.pack(f"<H{len(name)}sBIQQ", len(name), name.encode(), kind, size, offset, len(content))
        offset, body = offset + len(content), body + content
    return directory + body


def q4_blocks(random: np.random.Generator, count: int) -> bytes:
    scales = random.normal(scale=0.05, size=count).astype("<f2")
    nibbles = random.integers(0, 256, size=(count, 16), dtype=np.uint8)
    return b"".join(scale.tobytes() + row.tobytes() for scale, row in zip(scales, nibbles, strict=True))
