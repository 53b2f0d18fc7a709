"""Quarantine: attributes that know the outcome are kept from the models and listed; a name overrules."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from features.errors import InputError
from features.ingest import ingest
from features.messages import speaker
from features.workspace import Workspace
from glocal.commands.learning import as_document, print_training
from glocal.session import Session
from models.bundle import load_bundle
from simulation.world import simulate
from training.config import TrainingConfig
from training.examples import Examples
from training.promote import promote
from training.quarantine import Suspect, as_table, find_suspects, without
from training.splits import Splits
from training.train import TrainingReport, train

ACCOUNTS, SEED = 700, 5
LEAKS = {
    "attribute_contract_no",
    "attribute_account_status",
    "attribute_lifetime_value",
    "attribute_ledger_id",
    "attribute_churn_score",
}
"""Filled after the outcome, overwritten after it, summed over it, written into an id, missing by it."""

TRUSTED = "attribute_lifetime_value"
HONEST = {"attribute_segment", "attribute_external_id"}


def planted(accounts: pd.Series, won: set[str]) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    n, success = len(accounts), accounts.isin(won).to_numpy()
    numbers = pd.Series(rng.integers(10**5, 10**6, n).astype("str"))
    return pd.DataFrame(
        {
            "account_id": accounts,
            "attribute_contract_no": ("C-" + numbers).where(success & (rng.random(n) < 0.9)),
            "attribute_account_status": np.where(success, "client", rng.choice(["lead", "prospect"], n)),
            "attribute_lifetime_value": np.where(success, rng.lognormal(9, 1, n), 0.0),
            "attribute_ledger_id": np.where(success, "K", "P") + numbers,
            "attribute_churn_score": np.where(rng.random(n) < np.where(success, 0.05, 0.8), np.nan, rng.normal(size=n)),
            "attribute_segment": rng.choice(["a", "b", "c"], n),
            "attribute_external_id": "X" + numbers,
        }
    )


def plant(workspace: Workspace) -> None:
    """Add attributes to the ingested accounts that know what became of them, and some that do not."""
    with duckdb.connect(str(workspace.warehouse)) as connection:
        accounts = connection.sql("select account_id from accounts order by 1").df()["account_id"]
        won = connection.sql(
            "select account_id from opportunities where outcome = 'won' union select account_id from orders"
        ).df()
        frame = planted(accounts, set(won["account_id"]))
        connection.register("planted", frame)
        connection.sql("create or replace table accounts as select * from accounts join planted using (account_id)")
        for name in frame.columns[1:]:
            connection.execute("insert into static_columns values ('accounts', ?)", [name])


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("planted")
    simulate(ACCOUNTS, SEED, folder / "exports")
    made = Workspace(folder / "workspace")
    made.root.mkdir()
    with made.locked():
        ingest(made, folder / "exports" / "sources.yaml", folder / "exports" / "group.yaml")
    plant(made)
    return made


@pytest.fixture(scope="module")
def report(workspace: Workspace) -> TrainingReport:
    """A training in which the user vouched for one of the leaks."""
    return train(workspace, config=TrainingConfig(trusted=(TRUSTED,)))


@pytest.mark.xdist_group("quarantine")
class TestPlantedLeaks:
    def test_all_are_found_and_nothing_else(self, report: TrainingReport) -> None:
        assert {suspect.signal for suspect in report.suspects} == LEAKS
        assert {suspect.signal for suspect in report.suspects if suspect.trusted} == {TRUSTED}

    def test_no_model_sees_them_but_the_trusted_one(self, workspace: Workspace, report: TrainingReport) -> None:
        with pytest.raises(InputError, match=f"leakage: in use though they seem to know the outcome: {TRUSTED}"):
            promote(workspace)
        promote(workspace, force="known at the cutoff")
        manifest = load_bundle(workspace.bundles / "b0001").manifest
        assert set(manifest.signals) & LEAKS == {TRUSTED}
        assert set(manifest.signals) >= HONEST
        assert set(manifest.quarantined) == LEAKS - {TRUSTED}
        assert manifest.trusted == (TRUSTED,)

    def test_mlflow_holds_the_evidence(self, workspace: Workspace, report: TrainingReport) -> None:
        (file,) = workspace.artifacts.rglob(f"{report.run_ids['conversion']}/artifacts/quarantined.csv")
        table = pd.read_csv(file)
        assert set(table["signal"]) == LEAKS
        assert table["evidence"].str.len().min() > 20

    def test_json_lists_both(self, report: TrainingReport) -> None:
        document = as_document(report)
        assert {row["signal"] for row in document["quarantined"]} == LEAKS - {TRUSTED}
        assert {row["signal"] for row in document["trusted"]} == {TRUSTED}

    @pytest.mark.parametrize(("language", "title"), [("en", "Quarantined"), ("de", "Unter Quarantäne")])
    def test_printed_with_the_evidence_and_the_remedy(self, workspace, report, language, title) -> None:
        text = io.StringIO()
        print_training(Session(workspace, speaker(language), out=Console(file=text, width=300)), report)
        for words in (title, *LEAKS, "succeeded", "glocal train --trust"):
            assert words in text.getvalue()

    def test_an_unknown_name_is_refused_with_the_close_ones(self, glocal: Any, workspace: Workspace) -> None:
        ran = glocal("train", "--trust", "lifetime_value", workspace=workspace.root)
        assert ran.code == 1
        assert "trusted 'lifetime_value'" in ran.err
        assert TRUSTED in ran.err


@pytest.mark.parametrize("kind", ["conversion", "expansion"])
def test_nothing_built_in_is_quarantined(world, kind):
    assert [suspect for suspect in world.training["quarantined"] if suspect["model"] == kind] == []


def suspect(signal: str, *, trusted: bool) -> Suspect:
    return Suspect("conversion", signal, "separates", 0.99, 0.6, "it knows", trusted)


def test_only_what_is_not_trusted_is_left_out():
    suspects = (suspect("a", trusted=True), suspect("b", trusted=False))
    assert without(("c", "b", "a"), suspects) == ("c", "a")


def test_without_rows_to_learn_from_there_are_no_suspects():
    nothing = pd.DataFrame({"kind": pd.Series(dtype="str"), "label": pd.Series(dtype="bool")})
    assert (
        find_suspects(Examples(nothing, nothing, Splits(datetime.fromisoformat("2026-01-01")), {}), ("usage_trend",))
        == ()
    )


def test_a_table_of_none_has_its_columns():
    assert list(as_table(())) == ["model", "signal", "kind", "auc", "auc_of_the_others", "evidence", "trusted"]
