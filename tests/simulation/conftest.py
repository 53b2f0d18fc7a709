"""A world small enough for tests, made once."""

from pathlib import Path

import pytest

from simulation.world import SimulatedGroup, simulate


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> SimulatedGroup:
    return simulate(1_200, 5, tmp_path_factory.mktemp("small_world"))


@pytest.fixture(scope="session")
def exports(small_world: SimulatedGroup) -> Path:
    return small_world.out
