"""The sources file: what it may hold, and what is said where it does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from features.contracts import TABLES
from features.errors import InputError
from features.sources import attribute_column, read_sources

GOOD = {
    "accounts": {"from": "a.csv", "columns": {"account_id": "id", "name": "name", "country": "country"}},
    "orders": {"from": "o.csv", "columns": {c: c for c in ("order_id", "account_id", "ordered_at", "amount")}},
}


def read(folder: Path, declared: object):
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump(declared, allow_unicode=True, sort_keys=False))
    return read_sources(path)


def changed(table: str, **keys: object) -> dict[str, object]:
    return {"tables": GOOD | {table: GOOD.get(table, {"from": "x.csv"}) | keys}}


def test_reads_what_was_written(tmp_path):
    attributes = {"Year established": 1996, "is open": True, "half": 0.5}
    declared = changed("accounts", attributes=attributes, static=["name", "is open"])
    sources = read(tmp_path, declared)
    assert sources.folder == tmp_path
    assert sources.tables["accounts"].attributes == {"Year established": "1996", "is open": "true", "half": "0.5"}
    assert sources.tables["accounts"].static_columns() == ("name", "attribute_is_open")
    assert sources.tables["orders"].options == {}


@pytest.mark.parametrize(
    "table", [table for table in TABLES.values() if table.attributes], ids=lambda table: table.name
)
def test_every_column_of_the_contract_can_be_mapped(tmp_path, table):
    columns = dict.fromkeys(table.columns, "x")
    assert read(tmp_path, changed(table.name, columns=columns)).tables[table.name].columns == columns


@pytest.mark.parametrize(
    ("attribute", "column"),
    [
        ("x y", "attribute_x_y"),
        ("  ARR (k€) ", "attribute_arr_k"),
        ("Größe", "attribute_größe"),
        ("従業員", "attribute_従業員"),
    ],
)
def test_attributes_become_columns(attribute, column):
    assert attribute_column(attribute) == column


@pytest.mark.parametrize(
    ("declared", "message"),
    [
        (
            {"table": GOOD},
            r"table: there is no such key; did you mean 'tables'\?; the keys are warehouse, identity, tables",
        ),
        (changed("orders", column={}), r"tables.orders.column: there is no such key; did you mean 'columns'\?"),
        ({"tables": {}}, "tables"),
        (
            {"tables": {"accounts": {"columns": GOOD["accounts"]["columns"]}}},
            "tables.accounts.from: this key is missing",
        ),
        (
            changed("oportunities", columns={"x": "y"}),
            r"no table 'oportunities'; did you mean 'opportunities'\?; the tables",
        ),
        (
            changed("orders", columns=GOOD["orders"]["columns"] | {"gross_proffit": "x"}),
            r"table 'orders' has no column 'gross_proffit'; did you mean 'gross_profit'\?; its columns are order_id",
        ),
        (
            changed("accounts", columns=GOOD["accounts"]["columns"] | {"maturity": "x"}),
            "has no column 'maturity'; .*; a column of your own goes under 'attributes'",
        ),
        (
            changed("orders", columns={"order_id": "x"}),
            "table 'orders' needs column 'account_id'; map it under 'columns'",
        ),
        (
            changed("orders", columns=GOOD["orders"]["columns"] | {"product": None}),
            "product: this is empty; give an SQL",
        ),
        (changed("orders", attributes={"x": "x"}), "'orders' takes no attributes; accounts, opportunities do"),
        (
            changed("accounts", attributes={"x y": "1", "X  y": "2"}),
            "'x y' and 'X  y' would both become column 'attribute_x_y'",
        ),
        (changed("accounts", attributes={"--": "1"}), "attribute '--' has no letter"),
        (changed("accounts", static=["nmae"]), r"declares 'nmae' static, which it does not map; did you mean 'name'\?"),
        (changed("orders", static=["amount"]), "'static' goes with accounts and opportunities only"),
        ({"tables": {"orders": GOOD["orders"]}}, "table 'accounts' is missing"),
        ({"tables": {"accounts": GOOD["accounts"]}}, "map 'opportunities' or 'orders'"),
        (
            changed("opportunity_contacts", columns={"opportunity_id": "x", "contact_id": "y"}),
            "'opportunity_contacts' refers to 'opportunities' by 'opportunity_id'; map 'opportunities' too",
        ),
        (["tables"], "a sources file is a mapping of keys to values, this is list"),
    ],
)
def test_says_what_is_wrong(tmp_path, declared, message):
    with pytest.raises(InputError, match=message) as raised:
        read(tmp_path, declared)
    assert str(tmp_path / "sources.yaml") in str(raised.value)


def test_says_that_it_is_missing(tmp_path):
    with pytest.raises(InputError, match="there is no such sources file; check the path"):
        read_sources(tmp_path / "nope.yaml")
