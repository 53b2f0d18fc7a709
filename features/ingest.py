"""The recipe of ingesting: exports in; a checked warehouse, its group and the rejects out, or nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis

from features.contracts import TABLES
from features.errors import InputError
from features.group import Group, default_group, read_group, write_group
from features.ingestion import conversion, csv_files, exports, references, rejects
from features.ingestion.building import building, built, install
from features.ingestion.business_units import Units, business_units, reject_undeclared
from features.ingestion.currency import group_currency, reject_without_rate
from features.ingestion.digest import data_version
from features.ingestion.identities import IDENTITY_TABLES, write_identities
from features.ingestion.mapping import Mapped, map_table
from features.ingestion.notes import notes
from features.ingestion.rejects import TableCounts
from features.ingestion.sql import text
from features.ingestion.validation import attribute_rules, check_contract, reject_broken, row_rules
from features.ingestion.warehouse import (
    BUILT,
    Plan,
    built_table,
    day_after,
    write_facts,
    write_static,
    write_table,
)
from features.linking.decisions import Decisions, read_decisions
from features.sources import Sources, read_sources
from features.workspace import Workspace

_SCHEMAS = (exports.RAW, csv_files.MALFORMED, rejects.TYPED, rejects.VERDICTS, references.KEYS)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did.

    Parameters
    ----------
    tables : counts of each table in the sources.
    warnings : what was ignored, cut or changed, one sentence each.
    data_version : digest of all accepted rows, whatever their order.
    as_of : midnight after the last thing that happened in the data, UTC.
    group : as declared, or derived.
    group_derived : whether it was derived from the data.
    """

    tables: dict[str, TableCounts]
    warnings: tuple[str, ...]
    data_version: str
    as_of: datetime
    group: Group
    group_derived: bool


def ingest(
    workspace: Workspace,
    sources: Path,
    group: Path | None = None,
    *,
    max_rejects: float = 0.05,
    progress: Progress | None = None,
) -> IngestReport:
    """Map exports into the canonical warehouse of a workspace, whole tables at a time.

    Parameters
    ----------
    workspace : locked by the caller; it need not exist.
    sources : the sources file.
    group : the group file; None: the group is derived from the data.
    max_rejects : the largest share of a table's rows that may be rejected, in [0, 1]; rows that only followed a
        rejected parent row do not count.
    progress : told what is being done.

    Returns
    -------
    What was done; the workspace then holds the warehouse, the group and the rejects.

    Raises
    ------
    InputError
        If a file, a column or an expression is wrong, a required table is empty, or too many rows are rejected; the
        workspace is then as it was.
    """
    if not 0 <= max_rejects <= 1:
        raise InputError(f"--max-rejects is {max_rejects}; give a share between 0 and 1")
    say = progress or (lambda _: None)
    declared = read_sources(sources)
    decisions = read_decisions(declared.decisions) if declared.decisions else Decisions()
    given = read_group(group) if group is not None else None
    with building(workspace) as folder:
        built(folder).root.mkdir()
        backend = ibis.duckdb.connect(temp_directory=str(folder / "spill"))
        try:
            report = _Ingest(backend, declared, decisions, given, folder, max_rejects, say).run()
        finally:
            backend.disconnect()
        install(folder, workspace)
    return report


@dataclass(frozen=True, slots=True)
class _Ingest:
    """One run, with all that its steps share."""

    backend: Any
    sources: Sources
    decisions: Decisions
    given: Group | None
    folder: Path
    max_rejects: float
    say: Progress

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """DuckDB below Ibis, for what users write in SQL."""
        connection: duckdb.DuckDBPyConnection = self.backend.con
        return connection

    def run(self) -> IngestReport:
        """Do it all, into the folder of what is built."""
        self._prepare()
        mapped = self._map()
        units = business_units(self.connection, tuple(mapped), self.given, str(self.sources.path))
        currency = self.given.currency if self.given else self._currency(tuple(mapped))
        counts = self._reject(mapped, units, currency)
        plan = Plan(
            currency=currency,
            units=units,
            attributes={table: each.attributes for table, each in mapped.items()},
            cut=references.parents_in_cycles(self.connection),
        )
        found = self._write(plan)
        return self._finish(plan, counts, found)

    def _prepare(self) -> None:
        conversion.prepare(self.connection)
        for schema in _SCHEMAS:
            self.connection.execute(f"CREATE SCHEMA {schema}")
        self.connection.execute(f"SET file_search_path = {text(self.sources.folder)}")
        exports.attach_warehouse(self.connection, self.sources)

    def _map(self) -> dict[str, Mapped]:
        """Read every table of the sources and reject the rows that break a rule by themselves."""
        mapped = {}
        for table in TABLES:
            if table in self.sources.tables:
                self.say(f"reading {table}")
                mapped[table] = map_table(self.connection, self.sources, table, self.folder / "copies" / table)
                numbers = tuple(c for c, dtype in mapped[table].attributes.items() if dtype != "string")
                reject_broken(self.connection, table, row_rules(TABLES[table]) + attribute_rules(numbers))
        self._check_not_empty(mapped)
        return mapped

    def _check_not_empty(self, mapped: dict[str, Mapped]) -> None:
        counts = {table: rejects.count(self.connection, table, each.malformed) for table, each in mapped.items()}
        if not counts["accounts"].read:
            raise InputError(f"{self.sources.path}: table 'accounts': its source has no row; check 'from'")
        selling = [table for table in ("opportunities", "orders") if table in counts]
        if not any(counts[table].read for table in selling):
            named = " and ".join(repr(table) for table in selling)
            raise InputError(f"{self.sources.path}: table {named}: its source has no row; check 'from'")

    def _currency(self, mapped: tuple[str, ...]) -> str:
        default: str = Group.model_fields["currency"].default
        return group_currency(self.connection, mapped, default)

    def _reject(self, mapped: dict[str, Mapped], units: Units, currency: str) -> dict[str, TableCounts]:
        """Reject the rows that do not go with others, table after table, and write out the rejects of each."""
        self.say("checking how rows go together")
        for table in TABLES.keys() - mapped.keys():
            self.connection.execute(f"CREATE TABLE {references.KEYS}.{table} (id VARCHAR)")
        counts = {}
        for table in sorted(mapped, key=lambda each: each != "rates"):
            where = f"{self.sources.path}: table {table!r}"
            malformed = mapped[table].malformed
            reject_undeclared(self.connection, table, units)
            reject_without_rate(self.connection, table, currency, rates="rates" in mapped)
            references.reject_orphans(self.connection, table)
            references.reject_copies(self.connection, table)
            references.keep_keys(self.connection, table)
            rejects.check_limit(self.connection, table, malformed, self.max_rejects, where)
            counts[table] = rejects.count(self.connection, table, malformed)
            path = built(self.folder).rejects / f"{table}.parquet"
            rejects.write_rejects(self.connection, table, malformed, path)
            self.connection.execute(f"DROP TABLE {exports.raw_table(table)}")
        if not counts["accounts"].accepted:
            raise InputError(f"{self.sources.path}: table 'accounts': no row was accepted; mend the mapping")
        return {table: counts[table] for table in mapped}

    def _write(self, plan: Plan) -> list[str]:
        """Write the tables; return what finding companies has to tell."""
        self.connection.execute(f"ATTACH {text(built(self.folder).warehouse)} AS {BUILT}")
        for table in TABLES.values():
            self.say(f"writing {table.name}")
            write_table(self.connection, table, plan)
        self.say("finding accounts that are one company")
        write_static(self.connection, self.sources)
        return write_identities(self.backend, self.decisions)

    def _finish(self, plan: Plan, counts: dict[str, TableCounts], found: list[str]) -> IngestReport:
        """Check and date the finished tables, and write down the group."""
        self.say("checking the tables against the contract")
        check_contract(self.backend, BUILT)
        as_of = day_after(self.connection)
        if as_of is None:
            raise InputError(f"{self.sources.path}: no row that was accepted has a date; map one, such as created_at")
        version = data_version(
            self.connection, [built_table(table) for table in (*TABLES, "static_columns", *IDENTITY_TABLES)]
        )
        facts = {"data_version": version, "as_of": as_of.isoformat(), "sources": self.sources.path.name}
        write_facts(self.connection, facts)
        warnings = (*notes(self.connection, plan), *found)
        group = self.given or self._derived_group(plan)
        write_group(group, built(self.folder).group_file)
        self.connection.execute(f"DETACH {BUILT}")
        return IngestReport(counts, warnings, version, as_of, group, group_derived=self.given is None)

    def _derived_group(self, plan: Plan) -> Group:
        countries = self.connection.execute(
            f"SELECT country, count(*) FROM {built_table('accounts')} GROUP BY country ORDER BY country"
        ).fetchall()
        group = default_group({str(country): int(rows) for country, rows in countries}, plan.units.names)
        return group.model_copy(update={"currency": plan.currency})
