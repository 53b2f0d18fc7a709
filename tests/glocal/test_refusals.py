"""Bad input: each mistake gets one sentence with the name, the value and the remedy, and nothing is half-written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from features.workspace import Workspace

ACCOUNTS = "id,company,land,since\n1,Ärzte GmbH,Deutschland,2024-01-01\n2,株式会社東京,Japan,2024-02-01\n"
DEALS = "id,account,opened,closed,stage\nd1,1,2024-03-01,2024-04-01,Won\nd2,2,2024-03-05,,Open\n"
SOURCES = {
    "tables": {
        "accounts": {
            "from": "accounts.csv",
            "columns": {
                "account_id": "id",
                "name": "company",
                "country": "country_code(land)",
                "created_at": "since",
            },
        },
        "opportunities": {
            "from": "deals.csv",
            "columns": {
                "opportunity_id": "id",
                "account_id": "account",
                "created_at": "opened",
                "closed_at": "closed",
                "outcome": "case stage when 'Won' then 'won' else 'open' end",
            },
        },
    }
}
GROUP = {
    "regions": {"EMEA": ["DE"], "APAC": ["JP"]},
    "business_units": {"default": {"horizon_days": 90}},
    "tiers": {"strategic": {"capacity": {"EMEA": 5}, "cost": 1, "effect": 0.5}},
}


def changed(document: dict, *path: str, to: object) -> dict:
    """Return a document with one value set."""
    name, *rest = path
    return {**document, name: changed(document[name], *rest, to=to) if rest else to}


@dataclass(frozen=True)
class Export:
    """A small export with one mistake in it, and what is to be said of it."""

    sources: dict | str | None = None
    group: dict | None = None
    accounts: str = ACCOUNTS
    said: tuple[str, ...] = ()


COLUMNS = ("tables", "accounts", "columns")
EXPORTS = {
    "missing file": Export(
        changed(SOURCES, "tables", "accounts", "from", to="accuonts.csv"), said=("accuonts.csv", "table 'accounts'")
    ),
    "unknown column": Export(
        changed(SOURCES, *COLUMNS, "name", to="companie"), said=("'name'", "companie", "table 'accounts'", "company")
    ),
    "wrong expression": Export(
        changed(SOURCES, *COLUMNS, "name", to="upper(company"), said=("'name'", "upper(company", "table 'accounts'")
    ),
    "no YAML": Export("tables: [", said=("sources.yaml", "line 1")),
    "wrong select": Export(
        changed(SOURCES, "tables", "opportunities", "from", to="selekt * from 'deals.csv'"),
        said=("table 'opportunities'", "selekt"),
    ),
    "column the contract lacks": Export(
        changed(SOURCES, *COLUMNS, "nmae", to="company"), said=("'nmae'", "table 'accounts'", "name")
    ),
    "table the contract lacks": Export(
        changed(SOURCES, "tables", "deals", to=SOURCES["tables"]["opportunities"]), said=("'deals'", "opportunities")
    ),
    "empty required table": Export(SOURCES, accounts="id,company,land,since\n", said=("'accounts'", "no row")),
    "too many rejects": Export(
        SOURCES, accounts=ACCOUNTS + "3,Atlantis AG,Atlantis,2024-01-01\n", said=("'accounts'", "1 of 3", "Atlantis")
    ),
    "capacity of a region that is not declared": Export(
        SOURCES,
        changed(GROUP, "tiers", "strategic", "capacity", to={"EMAE": 5}),
        said=("'strategic'", "'EMAE'", "APAC, EMEA"),
    ),
    "country in two regions": Export(
        SOURCES, changed(GROUP, "regions", "APAC", to=["JP", "DE"]), said=("'DE'", "'EMEA'", "'APAC'")
    ),
    "horizon of no days": Export(
        SOURCES, changed(GROUP, "business_units", "default", "horizon_days", to=0), said=("horizon_days", "0")
    ),
    "key that a group file lacks": Export(SOURCES, {**GROUP, "tires": {}}, said=("tires", "tiers")),
}


def written(export: Export, folder: Path) -> list[str]:
    """Write an export to a folder and return the command's arguments that ingest it."""
    (folder / "accounts.csv").write_text(export.accounts, encoding="utf-8")
    (folder / "deals.csv").write_text(DEALS, encoding="utf-8")
    text = export.sources if isinstance(export.sources, str) else yaml.safe_dump(export.sources, allow_unicode=True)
    (folder / "sources.yaml").write_text(text, encoding="utf-8")
    arguments = ["ingest", str(folder / "sources.yaml")]
    if export.group:
        (folder / "group.yaml").write_text(yaml.safe_dump(export.group), encoding="utf-8")
        arguments += ["--group", str(folder / "group.yaml")]
    return arguments


@pytest.fixture
def refused(glocal, contents_of) -> Callable[..., str]:
    """Return what runs a command that must be refused, and checks that it left everything as it was."""

    def run(workspace: Workspace, *arguments: str, code: int = 1) -> str:
        before = contents_of(workspace.root) if workspace.root.exists() else None
        ran = glocal(*arguments, workspace=workspace.root)
        after = contents_of(workspace.root) if workspace.root.exists() else None
        assert after == before
        assert ran.code == code
        assert ran.out == ""
        assert "Traceback" not in ran.err
        if code == 1:
            assert ran.err.startswith("glocal: ")
            assert ran.err.count("\n") == 1
        return ran.err

    return run


@pytest.mark.parametrize("mistake", EXPORTS)
def test_exports(refused, published, tmp_path, mistake):
    export = EXPORTS[mistake]
    said = refused(published, *written(export, tmp_path))
    for words in export.said:
        assert words in said
    fresh = Workspace(tmp_path / "new" / "workspace")
    assert refused(fresh, *written(export, tmp_path)).replace(str(fresh.root), str(published.root)) == said


def test_an_export_without_a_mistake_is_none(glocal, tmp_path):
    ran = glocal(*written(Export(SOURCES, GROUP), tmp_path), workspace=tmp_path / "workspace")
    assert ran.code == 0, ran.err


OF_PUBLISHED = {
    "ingest nowhere.yaml": ("nowhere.yaml", "no such sources file"),
    "ingest nowhere.yaml --group group.yaml --json": ("nowhere.yaml",),
    "train --as-of nonsense": ("--as-of 'nonsense'", "2026-07-01"),
    "train --as-of 2199-01-01 --json": ("2199-01-01", "2026-07-02"),
    "train --as-of 1999-01-01": ("1999-01-01", "the data begin on 20", "give a later date"),
    "train --config nowhere.yaml": ("nowhere.yaml", "no such training configuration"),
    "train --trust nobody": ("trusted 'nobody'", "there is no such signal", "close names"),
    "train --remake nobody": ("'nobody'", "there is no such run", "trainings: "),
    "tune --config nowhere.yaml --out training.yaml": ("nowhere.yaml", "no such training configuration"),
    "tune --out nowhere/training.yaml": ("nowhere/training.yaml", "name one in a folder that exists"),
    "tune --as-of 1999-01-01 --out training.yaml --json": ("1999-01-01", "the data begin on 20"),
    "promote --run nobody": ("'nobody'", "trainings: "),
    "refresh --as-of 2026-13-45": ("--as-of '2026-13-45'", "write it as 2026-07-01"),
    "refresh --as-of 2199-01-01": ("2199-01-01", "2026-07-02"),
    "refresh --as-of 1999-01-01": ("1999-01-01", "no account was there yet", "give a later date"),
    "publish r0001": ("'r0001'", "'published'", "glocal refresh"),
    "publish r0099 --json": ("'r0099'", "r0001"),
    "rollback": ("'r0001'", "nothing to go back to"),
    "diff r0001 r0099": ("'r0099'", "r0001"),
    "export r0099 --to tiers.csv": ("'r0099'", "r0001"),
    "export r0001 --to tiers.xlsx": ("tiers.xlsx", ".csv", ".parquet"),
    "export r0001 --to nowhere/tiers.csv": ("nowhere",),
    "export r0001 --to tiers.csv --language tlh": ("'tlh'", "en"),
    "hindsight r0001": ("2026-07-02", "--until"),
    "hindsight r0001 --until soon": ("--until 'soon'", "2026-07-01"),
    "hindsight r0001 --against gone.csv": ("gone.csv", "no such file", "account_id and score"),
    "hindsight r0001 --against scores.xlsx": ("scores.xlsx", ".csv", ".parquet"),
    "hindsight r0099": ("'r0099'",),
    "recommend --account x --market CH --language de -k 0": ("-k 0", "greater than or equal to 1"),
    "recommend --account x --market ZZ --language de": ("'ZZ'", "DE"),
    "recommend --account x --market CH --language qqq": ("'qqq'",),
    "recommend --account x --market CH --language de --stage dreaming": ("'dreaming'", "evaluation"),
    "recommend --account x --market CH --language de --persona wizard": ("'wizard'", "champion"),
    "recommend --account x --market CH --language de --business-unit shoes": ("'shoes'", "cloud"),
    "recommend --account x --market CH --language de --audience all --json": ("'all'", "customer"),
    "serve --port 70000": ("--port 70000", "1 to 65535"),
    "serve --host example.com": ("'example.com'", "127.0.0.1"),
    "--locale tlh releases": ("'tlh'", "en, de, es, fr, ja"),
}


@pytest.mark.parametrize("command", OF_PUBLISHED)
def test_commands(refused, published, monkeypatch, tmp_path, command):
    monkeypatch.chdir(tmp_path)
    said = refused(published, *command.split())
    for words in OF_PUBLISHED[command]:
        assert words in said
    assert list(tmp_path.iterdir()) == []


USAGE = {
    "recommend --account x --market CH --language de -k many": ("-k", "integer"),
    "recommend --account x --language de": ("--market",),
    "simulate --accounts 5 --out out": ("--accounts", "greater than or equal to 100"),
    "ingest sources.yaml --max-rejects 2": ("--max-rejects", "less than or equal to 1"),
    "train --seed -1": ("--seed", "greater than or equal to 0"),
    "train --remake r1 --seed 1": ("--remake takes all of it from the run", "give no other choice"),
    "tune": ("--out",),
    "tune --trials 0 --out training.yaml": ("--trials", "greater than or equal to 1"),
    "export r0001": ("--to",),
    "fly": ("fly",),
}


@pytest.mark.parametrize("command", USAGE)
def test_usage(refused, published, monkeypatch, tmp_path, command):
    monkeypatch.chdir(tmp_path)
    said = refused(published, *command.split(), code=2)
    for words in USAGE[command]:
        assert words in said
    assert list(tmp_path.iterdir()) == []


NEEDS_DATA = [
    "train",
    "tune --out training.yaml",
    "compare",
    "promote",
    "refresh",
    "releases",
    "publish r0001",
    "rollback",
    "export r0001 --to tiers.csv",
    "diff r0001 r0002",
    "hindsight r0001",
    "recommend --account x --market CH --language de",
    "serve",
]


@pytest.mark.parametrize("command", NEEDS_DATA)
def test_a_workspace_without_data(refused, tmp_path, command):
    said = refused(Workspace(tmp_path / "nothing" / "here"), *command.split())
    assert "nothing/here: it holds no data yet; run 'glocal ingest SOURCES' first" in said
    assert list(tmp_path.iterdir()) == []


NEEDS_MORE = {
    "promote": "no trained model yet; run 'glocal train' first",
    "refresh": "no models were promoted yet; run 'glocal train' and 'glocal promote' first",
    "publish r0001": "no release was made yet; run 'glocal refresh' first",
    "rollback": "no release was made yet; run 'glocal refresh' first",
    "export r0001 --to tiers.csv": "no release was made yet; run 'glocal refresh' first",
    "diff r0001 r0002": "no release was made yet; run 'glocal refresh' first",
    "hindsight r0001": "no release was made yet; run 'glocal refresh' first",
}


@pytest.mark.parametrize("command", NEEDS_MORE)
def test_a_step_before_the_one_it_needs(refused, ingested, command):
    assert NEEDS_MORE[command] in refused(ingested, *command.split())


@pytest.mark.parametrize(
    "command", ["ingest sources.yaml", "train", "promote", "refresh", "publish r0001", "rollback", "demo --out out"]
)
def test_a_second_command_on_a_workspace_in_use(refused, published, command):
    with published.locked():
        said = refused(published, *command.split())
    assert f"workspace {published.root}: another command is at work in it; wait for its end" in said


class TestInit:
    @pytest.mark.parametrize("there", ["sources.yaml", "group.yaml"])
    def test_overwrites_nothing(self, refused, published, tmp_path, there):
        (tmp_path / there).write_text("mine", encoding="utf-8")
        said = refused(published, "init", str(tmp_path))
        assert f"{there}: this file exists already; name another folder, or move it away" in said
        assert [path.name for path in tmp_path.iterdir()] == [there]
        assert (tmp_path / there).read_text(encoding="utf-8") == "mine"

    def test_needs_a_folder(self, refused, published, tmp_path):
        (tmp_path / "file").touch()
        assert "file: this folder cannot be made" in refused(published, "init", str(tmp_path / "file"))


def test_a_workspace_that_is_a_file(glocal, tmp_path):
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    ran = glocal(*written(Export(SOURCES), tmp_path), workspace=tmp_path / "file")
    assert ran.code == 1
    assert ran.err.startswith(f"glocal: workspace {tmp_path / 'file'}: ")
    assert (tmp_path / "file").read_text(encoding="utf-8") == "mine"
