"""The command account: what a person reads of one account, and where the page lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tiering.store import Store


@pytest.fixture(scope="module")
def account_id(world: Any) -> str:
    with Store(world.workspace.state_url) as store:
        return str(store.accounts("r0001").sort_values("priority_value")["account_id"].iloc[-1])


def test_prints_the_leading_unit_and_leaves_a_page(
    glocal: Callable[..., Any], world: Any, account_id: str, copy_workspace: Any, tmp_path: Any
) -> None:
    workspace = copy_workspace(world.workspace, tmp_path / "workspace")
    ran = glocal("account", account_id, workspace=workspace.root)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.count("a typical account of this business unit, kind and region") == 1
    assert "within 365 days" in ran.out
    page = workspace.reports / "accounts" / f"{account_id}.html"
    assert page.read_text(encoding="utf-8").count("<h2>") >= 2
    every = glocal("account", account_id, "--all", workspace=workspace.root)
    assert every.out.count("a typical account of this business unit, kind and region") >= 2


def test_json_holds_all_units_and_reconciles(glocal: Callable[..., Any], world: Any, account_id: str) -> None:
    document = glocal("account", account_id, "--json", workspace=world.workspace.root).document
    assert document["account_id"] == account_id
    assert {unit["business_unit"] for unit in document["units"]} == set(world.workspace.group().business_units)
    for unit in document["units"]:
        assert unit["steps"][-1]["probability"] == pytest.approx(unit["probability"], abs=1e-6)


def test_an_unknown_account_is_told(glocal: Callable[..., Any], world: Any) -> None:
    ran = glocal("account", "nobody", workspace=world.workspace.root)
    assert ran.code == 1
    assert "it has no account 'nobody'" in ran.err


def test_without_a_release_it_says_so(
    glocal: Callable[..., Any], world: Any, copy_workspace: Any, tmp_path: Any
) -> None:
    workspace = copy_workspace(world.workspace, tmp_path / "workspace")
    for file in workspace.root.glob("state.db*"):
        file.unlink()
    Store(workspace.state_url).close()
    ran = glocal("account", "anybody", workspace=workspace.root)
    assert (ran.code, ran.err) == (1, "glocal: there is no release yet; run 'glocal refresh' first\n")
