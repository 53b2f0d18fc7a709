"""A folder of exports with a sources file, ingested at a word."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from features.ingest import IngestReport, ingest
from features.ingestion import conversion, csv_files, exports, rejects
from features.ingestion.mapping import Mapped, map_table
from features.sources import read_sources
from features.workspace import Workspace

ACCOUNTS = [("a1", "Ateliers Réunis", "FR"), ("a2", "株式会社燈丘精機", "JP"), ("a3", "Βιομηχανική", "GR")]
ORDERS = [("o1", "a1", "2024-01-05", "10"), ("o2", "a2", "2024-02-05", "20")]


@dataclass
class MappedRows:
    """One table whose rows have canonical values."""

    connection: duckdb.DuckDBPyConnection
    mapped: Mapped

    def values(self, columns: str) -> list[Any]:
        """Return the values of rows that were not rejected, in order: one by one for one column, else tuples."""
        rows = self.connection.execute(
            f"SELECT {columns} FROM {rejects.standing(self.mapped.table)} ORDER BY _row"
        ).fetchall()
        return rows if "," in columns else [row[0] for row in rows]

    def failures(self) -> list[tuple[Any, ...]]:
        """Return row, rule, column and value of each rejected row."""
        return self.connection.execute(
            f'SELECT _row, rule, "column", value FROM {rejects.VERDICTS}."{self.mapped.table}" ORDER BY _row'
        ).fetchall()


@dataclass
class Project:
    """Exports in a folder, and the workspace that they are ingested into."""

    folder: Path

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder / "workspace")

    @property
    def sources(self) -> Path:
        return self.folder / "sources.yaml"

    def write(self, name: str, content: str | bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def csv(self, name: str, columns: str, rows: Iterable[Iterable[object]]) -> str:
        with (self.folder / name).open("w", encoding="utf-8", newline="") as file:
            file.write(f"{columns}\n")
            csv.writer(file, lineterminator="\n").writerows(rows)
        return name

    def table(self, name: str, columns: str, rows: Iterable[Iterable[object]], **more: Any) -> dict[str, Any]:
        """Write a table's rows under its canonical columns and map each to itself."""
        file = self.csv(f"{name}.csv", columns, rows)
        return {"from": file, "columns": {column: f'"{column}"' for column in columns.split(",")}, **more}

    def accounts(self) -> dict[str, Any]:
        return self.table("accounts", "account_id,name,country", ACCOUNTS)

    def orders(self) -> dict[str, Any]:
        return self.table("orders", "order_id,account_id,ordered_at,amount", ORDERS)

    def declare(self, tables: Mapping[str, Any], **keys: Any) -> Path:
        """Write a sources file; accounts and orders are good ones where none are given."""
        good = {"accounts": self.accounts} | ({} if "opportunities" in tables else {"orders": self.orders})
        tables = {name: make() for name, make in good.items() if name not in tables} | dict(tables)
        self.sources.write_text(
            yaml.safe_dump({"tables": tables, **keys}, allow_unicode=True, sort_keys=False), encoding="utf-8"
        )
        return self.sources

    def ingest(
        self, tables: Mapping[str, Any], group: Mapping[str, Any] | None = None, max_rejects: float = 1.0, **keys: Any
    ) -> IngestReport:
        self.declare(tables, **keys)
        path = None
        if group is not None:
            path = self.folder / "group.yaml"
            path.write_text(yaml.safe_dump(dict(group)), encoding="utf-8")
        return ingest(self.workspace, self.sources, path, max_rejects=max_rejects)

    def map(self, table: str, source: Mapping[str, Any], **keys: Any) -> MappedRows:
        """Do what an ingest does first: read one table and give its rows canonical values."""
        connection = duckdb.connect()
        conversion.prepare(connection)
        for schema in (exports.RAW, csv_files.MALFORMED, rejects.TYPED, rejects.VERDICTS):
            connection.execute(f"CREATE SCHEMA {schema}")
        sources = read_sources(self.declare({table: source}, **keys))
        exports.attach_warehouse(connection, sources)
        return MappedRows(connection, map_table(connection, sources, table, self.folder / "scratch"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(self.workspace.warehouse), read_only=True) as connection:
            return connection.execute(query).fetchall()

    def rejected(self, table: str) -> list[tuple[Any, ...]]:
        """Return row, rule, column and value of each rejected row."""
        path = self.workspace.rejects / f"{table}.parquet"
        return duckdb.execute(f"SELECT row, rule, \"column\", value FROM '{path}' ORDER BY ALL").fetchall()

    def rejected_sources(self, table: str) -> list[dict[str, Any]]:
        path = self.workspace.rejects / f"{table}.parquet"
        return [json.loads(row[0]) for row in duckdb.execute(f"SELECT source FROM '{path}' ORDER BY row").fetchall()]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)
