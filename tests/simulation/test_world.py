"""Whole worlds: the same files for the same seed, and exports that the product itself can read."""

import hashlib
from pathlib import Path

import duckdb
import pytest

from features.contracts import TABLES
from features.errors import InputError
from features.group import read_group
from features.ingest import ingest
from features.workspace import Workspace
from simulation.calendar import AS_OF
from simulation.world import SimulatedGroup, simulate


def digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_same_seed_same_bytes(tmp_path: Path) -> None:
    first, again, other = (tmp_path / name for name in ("first", "again", "other"))
    simulate(120, 3, first)
    simulate(120, 3, again)
    simulate(120, 4, other)
    assert digests(first) == digests(again)
    same = {name for name, digest in digests(first).items() if digests(other)[name] == digest}
    assert same <= {"playbooks.parquet", "sources.yaml", "group.yaml"}


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []
    simulate(100, 0, tmp_path, progress=told.append)
    assert len(told) >= 5
    assert all(told)


@pytest.mark.parametrize(("accounts", "seed"), [(99, 1), (1_000, -1)])
def test_impossible_worlds_are_refused(tmp_path: Path, accounts: int, seed: int) -> None:
    with pytest.raises(InputError, match="at least 100 accounts"):
        simulate(accounts, seed, tmp_path)


def test_the_product_ingests_the_exports(small_world: SimulatedGroup, tmp_path: Path) -> None:
    """Every table is there, bad rows are rejected for many reasons, and far fewer than are allowed."""
    out = small_world.out
    report = ingest(Workspace(tmp_path), out / "sources.yaml", out / "group.yaml", max_rejects=0.02)
    assert set(report.tables) == set(TABLES)
    for name, table in report.tables.items():
        assert table.accepted > 0, name
    rules = {rule for table in report.tables.values() for rule in table.by_rule}
    assert {"duplicate", "orphan", "not a time", "unknown country", "required value missing"} <= rules
    assert report.as_of == small_world.as_of
    assert small_world.counts["events"] == report.tables["events"].read


def test_the_group_file_is_valid(exports: Path) -> None:
    group = read_group(exports / "group.yaml")
    assert [unit.horizon_days for unit in group.business_units.values()] == [90, 180, 270, 540]
    assert group.languages.chain("fr-CA")[:2] == ("fr-CA", "fr")
    assert group.region_of("TR") == "other"
    for tier in ("strategic", "scale"):
        assert min((group.tiers[tier].capacity or {}).values()) >= 1


def test_nothing_happens_after_the_end(exports: Path) -> None:
    for table, time in (("events", "occurred_at"), ("intent", "observed_at"), ("usage", "observed_at")):
        last = duckdb.sql(f"SELECT max(greatest({time}, loaded_at)) FROM '{exports}/{table}.parquet'").fetchone()
        assert last is not None
        assert last[0] < AS_OF.astype(object), table
    last = duckdb.sql(f"SELECT max(greatest(shown_at, viewed_at, outcome_at)) FROM '{exports}/impressions.parquet'")
    assert last.fetchall()[0][0] < AS_OF.astype(object)


def test_nothing_happens_at_an_account_before_it_exists(exports: Path) -> None:
    early = duckdb.sql(f"""
        WITH entity AS (FROM '{exports}/truth/aliases.parquet'),
        created AS (
          SELECT konto_nr AS id, strptime(angelegt_am, '%d/%m/%Y') AS t
          FROM read_csv('{exports}/accounts_crm_a.csv', all_varchar = true) WHERE konto_nr NOT LIKE 'X%'
          UNION ALL SELECT Id, CreatedDate::TIMESTAMP
          FROM read_csv('{exports}/accounts_crm_b.csv', all_varchar = true) WHERE Id NOT LIKE 'X%')
        SELECT count(*), count(*) FILTER (occurred_at <= t)
        FROM '{exports}/events.parquet' e JOIN created ON e.account_id = id
    """).fetchone()
    assert early is not None
    assert early[0] > 50_000
    assert early[1] == 0
