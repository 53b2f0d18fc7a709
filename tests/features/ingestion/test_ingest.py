"""The whole recipe: what the warehouse looks like afterwards, that it repeats, and that a failure changes nothing."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.contracts import TABLES
from features.errors import InputError
from features.group import read_group
from features.ingest import ingest
from features.sources import attribute_column
from features.tables import open_tables
from features.workspace import Workspace

TYPES = {
    "string": "VARCHAR",
    "timestamp": "TIMESTAMP",
    "float64": "DOUBLE",
    "int64": "BIGINT",
    "array<string>": "VARCHAR[]",
}


def everything(workspace: Workspace) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows of all tables in the order in which they are stored."""
    with duckdb.connect(str(workspace.warehouse), read_only=True) as connection:
        names = [row[0] for row in connection.execute("SHOW TABLES").fetchall()]
        return {name: connection.execute(f'FROM "{name}"').fetchall() for name in names}


def files_of(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class TestTheWarehouse:
    def test_has_every_table_with_every_column_in_the_order_of_the_contract(self, project):
        project.ingest({"accounts": {**project.accounts(), "attributes": {"Größe in m²": "length(name)"}}})
        for table in TABLES.values():
            described = project.rows(f"DESCRIBE {table.name}")
            columns = [(name, TYPES[column.dtype]) for name, column in table.columns.items()]
            own = [("attribute_größe_in_m²", "DOUBLE")] if table.name == "accounts" else []
            assert [(row[0], row[1]) for row in described] == columns + own

    def test_can_be_read_as_canonical_tables(self, project):
        report = project.ingest({"accounts": {**project.accounts(), "static": ["name"]}})
        with open_tables(project.workspace) as tables:
            assert tables.data_version == report.data_version
            assert tables.as_of == report.as_of == datetime.fromisoformat("2024-02-06")
            assert tables.static == {("accounts", "name")}
            assert tables["accounts"].count().execute() == 3

    def test_names_the_sources_and_unites_accounts(self, project):
        twins = [("b2", "Acme GmbH", "DE", "acme.de"), ("b1", "ACME", "DE", "www.acme.de"), ("c", "Other", "DE", None)]
        project.ingest(
            {
                "accounts": project.table("accounts", "account_id,name,country,domain", twins),
                "orders": project.table(
                    "orders", "order_id,account_id,ordered_at,amount", [("o", "b1", "2024-01-01", 1)]
                ),
            }
        )
        facts = dict(project.rows("FROM ingest_facts"))
        assert facts["sources"] == "sources.yaml"
        assert project.rows("SELECT account_id, entity_id FROM entities") == [("b1", "b1"), ("b2", "b1"), ("c", "c")]

    def test_stores_rows_in_order_of_their_key(self, project):
        orders = [(f"o{n}", "a1", "2024-01-01", n) for n in range(999, 99, -3)]
        project.ingest({"orders": project.table("orders", "order_id,account_id,ordered_at,amount", orders)})
        stored = [row[0] for row in project.rows("SELECT order_id FROM orders")]
        assert stored == sorted(stored)
        assert len(stored) == 300

    def test_tells_of_progress(self, project):
        said: list[str] = []
        ingest(project.workspace, project.declare({}), progress=said.append)
        assert "reading accounts" in said
        assert "reading orders" in said


class TestTheAsOfDate:
    def test_is_the_day_after_the_last_thing_that_happened_or_was_loaded(self, project):
        orders = [("o1", "a1", "2024-02-28T23:59:59", 1, None), ("o2", "a1", "2024-01-01", 1, "2024-02-29T00:00:00")]
        columns = "order_id,account_id,ordered_at,amount,loaded_at"
        report = project.ingest({"orders": project.table("orders", columns, orders)})
        assert report.as_of == datetime.fromisoformat("2024-03-01")

    def test_takes_no_notice_of_hopes(self, project):
        deals = [("p", "a1", "2024-01-01", "open", "2031-01-01")]
        columns = "opportunity_id,account_id,created_at,outcome,closed_at"
        report = project.ingest({"opportunities": project.table("opportunities", columns, deals)})
        assert report.as_of == datetime.fromisoformat("2024-01-02")
        assert project.rows("SELECT closed_at FROM opportunities") == [(None,)]
        assert "closed_at of 1 open ones was ignored" in " ".join(report.warnings)

    def test_needs_some_date(self, project):
        orders = project.table("orders", "order_id,account_id,ordered_at,amount", [("o1", "a1", None, 1)])
        with pytest.raises(InputError, match="no row that was accepted has a date"):
            project.ingest({"orders": orders})


class TestTheGroup:
    def test_is_derived_and_reads_back_the_same(self, project):
        report = project.ingest({})
        assert report.group_derived
        assert set(report.group.regions) == {"FR", "JP", "GR"}
        assert list(report.group.business_units) == ["default"]
        assert project.workspace.group() == report.group
        assert project.rows("SELECT DISTINCT business_unit FROM orders") == [("default",)]

    def test_is_derived_with_norway_and_names_of_any_script(self, project):
        orders = [("o1", "a1", "2024-01-01", 1, "クラウド"), ("o2", "a1", "2024-01-01", 1, "no")]
        columns = "order_id,account_id,ordered_at,amount,business_unit"
        report = project.ingest(
            {
                "accounts": project.table("accounts", "account_id,name,country", [("a1", "Nordlys", "NO")]),
                "orders": project.table("orders", columns, orders),
            }
        )
        assert tuple(report.group.business_units) == ("no", "クラウド")
        assert read_group(project.workspace.group_file) == report.group

    def test_as_declared_is_kept(self, project):
        declared = {
            "currency": "USD",
            "regions": {"EMEA": ["FR", "GR"], "APAC": ["JP"]},
            "business_units": {"cloud": {"horizon_days": 90, "margin": 0.7}},
            "tiers": {"strategic": {"capacity": {"EMEA": 1}, "cost": 2, "effect": 0.5}},
        }
        report = project.ingest({}, group=declared)
        assert not report.group_derived
        assert project.workspace.group() == report.group
        assert report.group.business_units["cloud"].horizon_days == 90
        assert project.rows("SELECT DISTINCT business_unit FROM orders") == [("cloud",)]


class TestTheSameAgain:
    @pytest.fixture
    def tables(self, project):
        events = [(f"e{n}", ("a1", "a2", "zz")[n % 3], f"2024-01-{n % 28 + 1:02}", "web") for n in range(200)]
        usage = [("a1", "2024-01-01", "p", "m", 1)] * 2
        rates = [("USD", "2020-01-01", 0.1), ("USD", "2023-01-01", 0.3)]
        orders = [(f"o{n}", "a1", "2024-01-05", 0.1 * n, ("USD", None)[n % 2]) for n in range(50)]
        return {
            "events": project.table("events", "event_id,account_id,occurred_at,channel", events),
            "usage": project.table("usage", "account_id,observed_at,product,metric,value", usage),
            "rates": project.table("rates", "currency,valid_from,rate", rates),
            "orders": project.table("orders", "order_id,account_id,ordered_at,amount,currency", orders),
        }

    def test_gives_the_same_to_the_bit(self, project, tables):
        group = {"business_units": {"b": {"horizon_days": 9}}, "tiers": {"t": {"cost": 0, "effect": 0}}}
        first = project.ingest(tables, group)
        before = everything(project.workspace)
        assert project.ingest(tables, group) == first
        assert everything(project.workspace) == before

    def test_gives_the_same_whatever_the_order_of_rows(self, project, tables):
        first = project.ingest(tables)
        before = everything(project.workspace)
        for file in project.folder.glob("*.csv"):
            header, *rows = file.read_text().splitlines()
            file.write_text("\n".join([header, *rows[1::2], *reversed(rows[::2])]))
        assert project.ingest(tables) == first
        assert everything(project.workspace) == before

    def test_a_changed_value_changes_the_version(self, project):
        first = project.ingest({}).data_version
        orders = project.orders()
        project.write("orders.csv", (project.folder / "orders.csv").read_text().replace("20\n", "21\n"))
        assert project.ingest({"orders": orders}).data_version != first

    def test_replaces_tables_whole(self, project):
        events = project.table("events", "event_id,account_id,occurred_at,channel", [("e", "a1", "2024-01-01", "web")])
        project.ingest({"events": events})
        project.ingest({})
        assert project.rows("SELECT count(*) FROM events") == [(0,)]
        assert not (project.workspace.rejects / "events.parquet").exists()


class TestAFailure:
    def test_leaves_the_workspace_as_it_was(self, project):
        project.ingest({})
        before = files_of(project.workspace.root)
        with pytest.raises(InputError):
            project.ingest(
                {"orders": {**project.orders(), "columns": {**project.orders()["columns"], "product": "nope"}}}
            )
        bad = project.table("accounts", "account_id,name,country", [("a1", "x", "Atlantis")] * 3)
        with pytest.raises(InputError):
            project.ingest({"accounts": bad}, max_rejects=0.5)
        assert files_of(project.workspace.root) == before

    def test_leaves_nothing_where_there_was_nothing(self, project):
        workspace = Workspace(project.folder / "deep" / "down")
        orders = {"from": "missing.csv", "columns": {c: c for c in ("order_id", "account_id", "ordered_at", "amount")}}
        with pytest.raises(InputError):
            ingest(workspace, project.declare({"orders": orders}))
        assert not (project.folder / "deep").exists()

    def test_keeps_what_else_is_in_the_workspace(self, project):
        project.write("workspace/bundles/b1/model.txt", "kept")
        with pytest.raises(InputError):
            project.ingest({"orders": {**project.orders(), "from": "missing.csv"}})
        assert files_of(project.workspace.root) == {"bundles/b1/model.txt": b"kept"}

    def test_of_the_machine_while_putting_in_place_is_undone(self, project, monkeypatch):
        project.ingest({})
        before = files_of(project.workspace.root)
        rename = Path.rename

        def no_space(self: Path, target: Path) -> Path:
            if target == project.workspace.warehouse and self.parent.name == "new":
                raise OSError(28, "No space left on device")
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", no_space)
        with pytest.raises(OSError, match="No space"):
            project.ingest({"accounts": project.table("accounts", "account_id,name,country", [("a1", "New", "FR")])})
        assert files_of(project.workspace.root) == before

    def test_remains_of_a_killed_ingest_are_cleared_away(self, project):
        project.write("workspace/.ingest-killed/new/warehouse.duckdb", "half")
        project.ingest({})
        assert sorted(path.name for path in project.workspace.root.iterdir()) == [
            "group.yaml",
            "rejects",
            "warehouse.duckdb",
        ]


DIRT = st.sampled_from(
    ["", " ", "x", "a1", "a2", "2024-01-01", "31.12.2024", "-1", "1e400", "nan", "FR", "Atlantis", "'", '""']
)
ROWS = st.lists(st.tuples(DIRT, DIRT, DIRT, DIRT), min_size=1, max_size=12)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(accounts=ROWS, orders=ROWS, events=ROWS)
def test_every_row_read_is_accepted_or_rejected(project, accounts, orders, events):
    """Whatever the dirt: nothing is lost, nothing comes twice, and what is accepted keeps the contract."""
    accounts, orders = [*accounts, ("good", "G", "FR", 1)], [*orders, ("o", "good", "2024-01-01", 1)]
    tables = {
        "accounts": project.table("accounts", "account_id,name,country,employees", accounts),
        "orders": project.table("orders", "order_id,account_id,ordered_at,amount", orders),
        "events": project.table("events", "event_id,account_id,occurred_at,channel", events),
    }
    report = project.ingest(tables)
    written = {"accounts": len(accounts), "orders": len(orders), "events": len(events)}
    for table, counts in report.tables.items():
        assert counts.read == written[table]
        assert counts.read == counts.accepted + counts.rejected
        assert sum(counts.by_rule.values()) == counts.rejected == len(project.rejected(table))
        assert project.rows(f"SELECT count(*) FROM {table}") == [(counts.accepted,)]
    ids = {row[0] for row in project.rows("SELECT account_id FROM accounts")}
    assert {row[0] for row in project.rows("SELECT account_id FROM orders UNION SELECT account_id FROM events")} <= ids


class TestAccountHistory:
    def changes(self, project, attributes, changed):
        accounts = project.table(
            "accounts", "account_id,name,country,x,y,industry", [("a", "A", "DE", "true", "p", "q")]
        )
        accounts["attributes"] = attributes
        accounts["columns"] = {c: c for c in ("account_id", "name", "country", "industry")}
        report = project.ingest(
            {
                "accounts": accounts,
                "account_history": project.table(
                    "account_history",
                    "account_id,changed_at,column,value",
                    [("a", "2024-01-01", column, value) for column, value in changed],
                ),
            }
        )
        return dict(project.rows('SELECT "column", value FROM account_history')), report.warnings

    @pytest.mark.parametrize("attribute", ["Größe (m²)", "Size (m)", "従業員", "rank"])
    def test_an_attribute_goes_by_either_name(self, project, attribute):
        column = attribute_column(attribute)
        for called in (attribute, column):
            found, notes = self.changes(project, {attribute: "y"}, [(called, "v")])
            assert found == {column: "v"}
            assert not [note for note in notes if "no effect" in note]

    def test_a_column_of_the_contract_keeps_its_history_beside_an_attribute_of_its_name(self, project):
        found, _ = self.changes(project, {"Industry": "y"}, [("industry", "v"), ("Industry", "w")])
        assert found == {"industry": "v", "attribute_industry": "w"}

    def test_a_flag_is_a_number_as_its_attribute_is(self, project):
        found, _ = self.changes(
            project, {"flag": "cast(x as boolean)", "word": "y"}, [("flag", "False"), ("word", "True")]
        )
        assert found == {"attribute_flag": "0", "attribute_word": "True"}

    def test_what_is_neither_is_told(self, project):
        found, notes = self.changes(project, {"word": "y"}, [("wrod", "v")])
        assert found == {"wrod": "v"}
        assert [note for note in notes if "'wrod'" in note and "no effect" in note]


def test_json_of_numbers_and_texts_is_without_quotes(project):
    project.write("a.json", '[{"id": 1, "n": "Uno"}, {"id": "A2", "n": "Dos"}, {"id": "A3", "n": 7}]')
    columns = {"account_id": "id", "name": "n", "country": "'DE'", "created_at": "DATE '2024-01-01'"}
    project.ingest({"accounts": {"from": "a.json", "columns": columns}})
    assert project.rows("SELECT account_id, name FROM accounts ORDER BY 1") == [
        ("1", "Uno"),
        ("A2", "Dos"),
        ("A3", "7"),
    ]


@pytest.mark.parametrize("amount", ["1e35", "-1e35", "inf", "nan", "1e19"])
def test_money_without_measure_is_rejected(project, amount):
    orders = [("o1", "a", "2024-01-01", "5"), ("o2", "a", "2024-01-01", amount)]
    accounts = project.table("accounts", "account_id,name,country", [("a", "A", "DE")])
    project.ingest(
        {"accounts": accounts, "orders": project.table("orders", "order_id,account_id,ordered_at,amount", orders)}
    )
    assert [row[:3] for row in project.rejected("orders")] == [
        (2, "out of range" if amount[-1].isdigit() else "not finite", "amount")
    ]


def test_a_date_yet_to_come_is_told(project):
    columns = "account_id,name,country,customer_since"
    report = project.ingest({"accounts": project.table("accounts", columns, [("a1", "A", "DE", "2099-12-31")])})
    assert [note for note in report.warnings if "customer_since goes up to 2099-12-31, which is yet to come" in note]


def test_what_is_declared_static_is_part_of_the_data_version(project):
    versions = set()
    for static in ([], ["industry"]):
        accounts = project.table(
            "accounts", "account_id,name,country,industry", [("a1", "A", "DE", "x")], static=static
        )
        versions.add(project.ingest({"accounts": accounts}).data_version)
    assert len(versions) == 2
