"""A unit's process as tables: chances that add up, and sojourns that remember their age."""

import numpy as np
import pytest

from simulation.chain import FALL_BACK, LOST, PROGRESS, ChainTables, build_tables, fit_values
from simulation.parameters import CHAINS, FIT_CLASSES, SIZE_CLASSES, Stage


@pytest.fixture(scope="module", params=list(CHAINS))
def tables(request: pytest.FixtureRequest) -> ChainTables:
    return build_tables(CHAINS[request.param])


def test_exits_are_chances_and_leave_room_to_stay(tables: ChainTables) -> None:
    assert tables.exits.shape[1:5] == (FIT_CLASSES, SIZE_CLASSES, 2, len(Stage))
    assert (tables.exits >= 0).all()
    assert (tables.exits.sum(axis=0) <= 1 + 1e-12).all()


def test_levels_and_attention_are_chances(tables: ChainTables) -> None:
    assert np.allclose(tables.excitation.sum(axis=2), 1)
    assert (tables.excitation >= 0).all()
    assert ((tables.attention > 0) & (tables.attention < 1)).all()


def test_only_open_opportunities_are_lost(tables: ChainTables) -> None:
    lost = tables.exits[LOST].sum(axis=(0, 1, 2, 4, 5, 6))
    assert (lost[: Stage.EVALUATION] == 0).all()
    assert (lost[Stage.EVALUATION :] > 0).all()
    assert (tables.exits[FALL_BACK, :, :, :, Stage.DORMANT] == 0).all()


def test_sojourns_are_not_geometric(tables: ChainTables) -> None:
    leaving = np.minimum(tables.exits.sum(axis=0), 1 - 1e-12)
    hazard = -np.log1p(-leaving)
    assert (hazard[..., 5, :, :] > 1.2 * hazard[..., 0, :, :]).all()


def test_a_better_fit_goes_on_more_often(tables: ChainTables) -> None:
    assert (np.diff(tables.exits[PROGRESS], axis=0) > 0).all()


def test_engagement_excites_more_engagement(tables: ChainTables) -> None:
    assert (tables.excitation[:, 1, 2] > tables.excitation[:, 0, 1]).all()
    assert (np.diff(tables.excitation[: Stage.DECISION, 0, 1]) > 0).all()


def test_sales_attend_where_it_looks_promising(tables: ChainTables) -> None:
    assert (np.diff(tables.attention, axis=0) > 0).all()
    assert (np.diff(tables.attention, axis=2) > 0).all()
    assert (tables.attention[:, Stage.EVALUATION] > tables.attention[:, Stage.CONSIDERATION]).all()


def test_fit_classes_are_symmetric() -> None:
    assert np.allclose(fit_values(), -fit_values()[::-1])
