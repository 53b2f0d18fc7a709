"""--json: one document on stdout with the keys that other programs read, and nothing else."""

from __future__ import annotations

import json
import math
from datetime import datetime

import pandas as pd
import pytest

from tiering.store import Store

METRICS = {"auc", "average_precision", "brier", "ece", "lift_at_10"}
RELEASE = {"release_id", "status", "as_of", "counts"}
ITEM = {"asset_id", "family_id", "title", "layer", "language", "score", "reasons"}


@pytest.fixture(scope="module")
def refreshed(glocal, published):
    return glocal("refresh", "--as-of", "2026-07-01", "--json", workspace=published.root)


@pytest.fixture
def documented(glocal):
    """Return what runs a command with --json and gives its document; JSON's own numbers only."""

    def run(*arguments, workspace):
        ran = glocal(*arguments, "--json", workspace=workspace.root)
        assert ran.code == 0, ran.err
        return json.loads(ran.out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))

    return run


def test_ingest(documented, world, tmp_path):
    """The small world's tables, some hundred rows of each."""
    from features.workspace import Workspace

    tables = ("accounts_crm_a.csv", "opportunities.csv")
    assert all((world.exports / name).exists() for name in tables)
    accounts = pd.read_csv(world.exports / "accounts_crm_a.csv", dtype=str)
    accounts.head(300).to_csv(tmp_path / "accounts.csv", index=False)
    name = next(column for column in accounts.columns if "name" in column.lower())
    (tmp_path / "sources.yaml").write_text(
        f"""
tables:
  accounts:
    from: accounts.csv
    columns: {{account_id: '{accounts.columns[0]}', name: '{name}', country: "country_code('DE')", created_at: "'2024-01-01'"}}
  orders:
    from: select {accounts.columns[0]} as account from accounts.csv
    columns: {{order_id: account, account_id: account, ordered_at: "'2025-01-01'", amount: 1}}
""",
        encoding="utf-8",
    )
