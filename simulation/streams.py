"""Independent random streams by name, so that a change in one part of the world leaves the others as they were."""

import zlib

import numpy as np


def stream(seed: int, name: str) -> np.random.Generator:
    """Return the generator of one named part of the world.

    Parameters
    ----------
    seed : of the whole world, >= 0.
    name : of the part; the same seed and name always give the same numbers.
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),)))
