"""Data from elsewhere: both examples go through the same commands as everybody's exports."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest

from features.workspace import Workspace

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "data"

Command = Callable[..., Any]


def folder_of(name: str) -> Path:
    """Return where an example's data lie; where they are not, there is nothing to test but on CI."""
    folder = DATA / name
    if not folder.is_dir():
        message = f"the data of example {name!r} are not there; put them into {folder}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return folder


def on(workspace: Workspace, glocal: Callable[..., Any]) -> Command:
    """Return what runs a command on a workspace and gives its document, or what it printed."""

    def run(*arguments: str | Path) -> Any:
        ran = glocal(*arguments, workspace=workspace.root)
        assert (ran.code, ran.err) == (0, "")
        return ran.document if "--json" in arguments else ran.out

    return run


def rows(workspace: Workspace, table: str) -> pd.DataFrame:
    with duckdb.connect(str(workspace.warehouse), read_only=True) as connection:
        return connection.table(table).df()


@pytest.fixture(scope="class")
def data(request: pytest.FixtureRequest) -> Path:
    """Where the data of the class's EXAMPLE lie."""
    return folder_of(request.cls.EXAMPLE)


@pytest.fixture(scope="class")
def workspace(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp(data.name) / "workspace")


@pytest.fixture(scope="class")
def command(workspace: Workspace, glocal: Callable[..., Any]) -> Command:
    return on(workspace, glocal)


@pytest.fixture(scope="class")
def ingested(request: pytest.FixtureRequest, command: Command) -> Any:
    example = ROOT / "examples" / request.cls.EXAMPLE
    return command("ingest", example / "sources.yaml", "--group", example / "group.yaml", "--json")


@pytest.mark.xdist_group("maven_crm")
class TestMavenCrm:
    """Nearly every account first wins in the same month and again every quarter: there is nothing to learn."""

    EXAMPLE = "maven_crm"

    @pytest.fixture(scope="class")
    @classmethod
    def trained(cls, command: Command, ingested: Any) -> Any:
        return command("train", "--json")

    @pytest.fixture(scope="class")
    @classmethod
    def exported(cls, command: Command, trained: Any, workspace: Workspace) -> pd.DataFrame:
        assert command("promote", "--json")["versions"] == {}
        command("refresh")
        command("publish", "r0001")
        command("export", "r0001", "--to", workspace.root / "tiers.parquet")
        return pd.read_parquet(workspace.root / "tiers.parquet")

    def test_every_row_that_can_be_placed_and_dated_is_there(self, ingested: Any, data: Path) -> None:
        pipeline = pd.read_csv(data / "sales_pipeline.csv")
        placed = int((pipeline["account"].notna() & pipeline["engage_date"].notna()).sum())
        assert ingested["tables"] == {
            "accounts": {"read": 85, "accepted": 85, "rejected": 0},
            "opportunities": {"read": placed, "accepted": placed, "rejected": 0},
        }

    def test_what_was_misspelt_is_mended(self, ingested: Any, data: Path, workspace: Workspace) -> None:
        accounts = pd.read_csv(data / "accounts.csv").set_index("account")
        mended = rows(workspace, "accounts").set_index("account_id")
        misspelt = accounts.index[accounts["office_location"] == "Philipines"]
        assert len(misspelt) > 0
        assert set(mended.loc[misspelt, "country"]) == {"PH"}
        assert "technolgy" in set(accounts["sector"])
        assert not mended["industry"].eq("technolgy").any()
        assert set(rows(workspace, "opportunities")["attribute_product"]).isdisjoint({"GTXPro"})

    def test_both_models_are_refused_with_the_counts(self, trained: Any) -> None:
        for model in trained["models"]:
            assert model["metrics"] is None
            assert model["baselines"] == {}
            assert "accounts with a success and 0 without are there to learn from" in model["refused"]
            assert "and 30 of each are needed" in model["refused"]

    def test_the_rest_works(self, exported: pd.DataFrame, command: Command) -> None:
        (release,) = command("releases", "--json")["releases"]
        assert (release["release_id"], release["status"]) == ("r0001", "published")
        assert release["counts"]["none"] == 85
        assert [note for note in release["notes"] if "there is no conversion model: " in note]
        assert [note for note in release["notes"] if "there is no expansion model: " in note]
        assert len(exported) == 85
        assert set(exported["tier"]) == {"none"}
        assert exported["probability"].isna().all()
        assert exported["in_pipeline"].any()


@pytest.mark.xdist_group("online_retail")
class TestOnlineRetail:
    """Learnt on the first year; the ranking is looked back on after the second."""

    EXAMPLE = "online_retail"

    @pytest.fixture(scope="class")
    @classmethod
    def trained(cls, command: Command, ingested: Any) -> Any:
        return command("train", "--as-of", "2010-12-10", "--json")

    @pytest.fixture(scope="class")
    @classmethod
    def refreshed(cls, command: Command, trained: Any) -> Any:
        command("promote", "--force", "for its ranking: the first year holds one Christmas only")
        return command("refresh", "--as-of", "2010-12-10", "--json")

    @pytest.fixture(scope="class")
    @classmethod
    def seen(cls, command: Command, refreshed: Any) -> Any:
        return command("hindsight", refreshed["release_id"], "--json")

    def test_what_is_rejected_is_what_is_no_country(self, ingested: Any, data: Path, workspace: Workspace) -> None:
        files = {
            "y2009_2010/online_retail.parquet": "Customer ID",
            "y2010_2011/online_retail_noinvoice.parquet": "CustomerID",
        }
        lines = pd.concat(
            pd.read_parquet(data / path, columns=[customer, "Country"]).dropna(subset=customer)
            for path, customer in files.items()
        )
        assert lines["Country"].nunique() == 41
        rejects = pd.read_parquet(workspace.rejects / "accounts.parquet")
        assert set(rejects["value"]) == {"Channel Islands", "European Community", "Unspecified", "West Indies"}
        assert set(rejects["rule"]) == {"unknown country"}
        counts = ingested["tables"]["accounts"]
        assert counts["rejected"] == len(rejects)
        assert set(rows(workspace, "accounts")["country"]) >= {"GB", "IE", "US", "ZA", "KR", "CZ"}
        orphans = pd.read_parquet(workspace.rejects / "orders.parquet")
        assert set(orphans["rule"]) == {"orphan"}
        assert ingested["tables"]["orders"]["rejected"] == len(orphans)

    def test_orders_are_all_that_was_invoiced_to_them(self, ingested: Any, data: Path, workspace: Workspace) -> None:
        first = pd.read_parquet(data / "y2009_2010/online_retail.parquet")
        second = pd.read_parquet(data / "y2010_2011/online_retail_noinvoice.parquet")
        second = second[second["InvoiceDate"] > first["InvoiceDate"].max()]
        invoiced = pd.concat(
            [
                pd.DataFrame({"id": first["Customer ID"], "amount": first["Quantity"] * first["Price"]}),
                pd.DataFrame({"id": second["CustomerID"], "amount": second["Quantity"] * second["UnitPrice"]}),
            ]
        ).dropna()
        orders = rows(workspace, "orders")
        there = invoiced["id"].astype("int64").astype("str").isin(set(rows(workspace, "accounts")["account_id"]))
        assert orders["amount"].sum() == pytest.approx(invoiced.loc[there, "amount"].sum(), rel=1e-9)
        assert not orders.duplicated(["account_id", "ordered_at"]).any()

    def test_its_gates_are_closed_for_the_level_of_its_probabilities(
        self, trained: Any, workspace: Workspace, glocal: Callable[..., Any]
    ) -> None:
        closed = {
            f"{kind}, {verdict['gate']}"
            for kind, verdicts in trained["gates"]["verdicts"].items()
            for verdict in verdicts
            if not verdict["open"]
        }
        assert "expansion, calibration" in closed
        ran = glocal("promote", workspace=workspace.root)
        assert ran.code == 1
        assert "expansion, calibration: " in ran.err

    def test_models_learn_from_the_first_year(self, trained: Any) -> None:
        for model in trained["models"]:
            assert model["refused"] is None
            for baseline in model["baselines"].values():
                assert model["metrics"]["lift_at_10"] > baseline["lift_at_10"]
        assert max(trained["cutoffs"]["default"]["test"]) < "2010-12-10"

    def test_the_list_knows_nothing_of_the_second(self, refreshed: Any) -> None:
        assert refreshed["as_of"] == "2010-12-10T00:00:00"
        assert [note for note in refreshed["notes"] if "gross profit is not known in default" in note]
        assert not [note for note in refreshed["notes"] if "learnt from data up to" in note]

    def test_the_top_tenth_brought_more_than_recency_frequency_monetary_s(self, seen: Any) -> None:
        assert (seen["since"], seen["until"]) == ("2010-12-10T00:00:00", "2011-12-10T00:00:00")
        rankings = {row["ranking"]: row for row in seen["rankings"]}
        own, usual = rankings["glocal"], rankings["recency_frequency_monetary"]
        for name in ("amount", "growth", "amount_lift", "growth_lift"):
            assert own[name] > usual[name]
        for name in ("amount_ahead", "growth_ahead"):
            assert 0 < usual[f"{name}_low"] < usual[name] < usual[f"{name}_high"]
        assert own["growth_lift"] > 1
        assert rankings["revenue"]["amount_lift"] == pytest.approx(1.0)

    def test_hindsight_is_printed(self, seen: Any, command: Command) -> None:
        printed = command("hindsight", "r0001")
        for words in ("recency frequency monetary", "share of the growth", "2011-12-10", "GBP"):
            assert words in printed
