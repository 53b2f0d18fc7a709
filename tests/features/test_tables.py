"""Tables: the warehouse as Ibis tables, each account under its company."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import ibis
import pytest

from features.errors import InputError
from features.tables import Tables, open_tables
from features.workspace import Workspace

AS_OF = datetime.fromisoformat("2024-06-01")
MakeTables = Callable[..., Tables]


@pytest.fixture(scope="module")
def tables(make_tables: MakeTables) -> Tables:
    account = {"name": "X", "country": "DE", "attribute_b": "1", "attribute_a": "2"}
    return make_tables(
        {
            "accounts": [
                account | {"account_id": "b"},
                account | {"account_id": "a"},
                account | {"account_id": "c", "name": "C", "parent_id": "b"},
                account | {"account_id": "d", "name": "D", "parent_id": "nobody"},
            ],
            "orders": [{"order_id": "1", "account_id": "b", "ordered_at": AS_OF, "amount": 1.0}],
            "rates": [{"currency": "USD", "valid_from": AS_OF, "rate": 0.9}],
        },
        AS_OF,
        frozenset({("accounts", "attribute_a")}),
    )


@pytest.fixture(scope="module")
def workspace(tables: Tables, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    workspace = Workspace(tmp_path_factory.mktemp("workspace"))
    warehouse = ibis.duckdb.connect(workspace.warehouse)
    for name in tables.connection.list_tables():
        warehouse.create_table(name, tables.connection.table(name).to_pyarrow())
    warehouse.disconnect()
    return workspace


def test_rows_stand_under_their_company(tables: Tables) -> None:
    accounts = tables["accounts"].order_by("alias_id").to_pandas()
    assert accounts["alias_id"].tolist() == ["a", "b", "c", "d"]
    assert accounts["account_id"].tolist() == ["a", "a", "c", "d"]
    assert accounts["parent_id"].dropna().tolist() == ["a"]
    assert tables["orders"]["account_id"].to_pandas().tolist() == ["a"]
    assert tables.own["orders"]["account_id"].to_pandas().tolist() == ["b"]
    assert tables["rates"].to_pandas()["currency"].tolist() == ["USD"]


def test_what_ingest_said(tables: Tables) -> None:
    assert tables.attributes("accounts") == ("attribute_a", "attribute_b")
    assert tables.static == {("accounts", "attribute_a")}
    assert tables.as_of == tables.data_end == AS_OF
    assert tables.data_version == "test"


def test_a_warehouse_opens_and_closes(workspace: Workspace) -> None:
    with open_tables(workspace) as first, open_tables(workspace) as second:
        assert first["accounts"].count().to_pandas() == second["accounts"].count().to_pandas() == 4
    ibis.duckdb.connect(workspace.warehouse).disconnect()


def test_the_end_can_be_moved_back_but_not_forward(workspace: Workspace) -> None:
    earlier = AS_OF - timedelta(days=9)
    with open_tables(workspace, earlier) as tables:
        assert tables.as_of == earlier
        assert tables.data_end == AS_OF
    with (
        pytest.raises(InputError, match="as of 2024-06-02: the data end before 2024-06-01; give no later date"),
        open_tables(workspace, AS_OF + timedelta(days=1)),
    ):
        pass


def test_nothing_ingested_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no data yet"), open_tables(Workspace(tmp_path)):
        pass
