"""What a user does wrong: one clear sentence with the value and the remedy, and nothing half-written."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from features.workspace import Workspace

ACCOUNTS = "account_id,name,country\n" + "".join(f"a{n},Firma {n},DE\n" for n in range(20))
ORDERS = "order_id,account_id,ordered_at,amount\n" + "".join(
    f"o{n},a{n % 20},2025-0{n % 9 + 1}-03,{n}\n" for n in range(60)
)
SOURCES = """
tables:
  accounts:
    from: accounts.csv
    columns: {account_id: account_id, name: name, country: country}
  orders:
    from: orders.csv
    columns: {order_id: order_id, account_id: account_id, ordered_at: cast(ordered_at as timestamp), amount: amount}
"""
GROUP = """
regions: {EMEA: [DE]}
business_units: {default: {horizon_days: 30}}
tiers: {strategic: {capacity: {EMEA: 5}, cost: 10, effect: 0.5}}
"""

INGESTS = {
    "missing sources file": ({}, ("ingest", "nowhere.yaml"), ["nowhere.yaml"]),
    "missing export": ({"sources.yaml": SOURCES.replace("orders.csv", "ordres.csv")}, (), ["ordres.csv"]),
    "unknown column": ({"sources.yaml": SOURCES.replace("name: name", "nmae: name")}, (), ["nmae", "name"]),
    "unknown column of the export": ({"sources.yaml": SOURCES.replace("name: name", "name: nam")}, (), ["nam"]),
    "wrong SQL": ({"sources.yaml": SOURCES.replace("amount: amount", "amount: 'amount +'")}, (), ["amount +"]),
    "empty table": ({"orders.csv": "order_id,account_id,ordered_at,amount\n"}, (), ["orders"]),
    "too many rejects": ({"orders.csv": ORDERS.replace("2025-", "gestern")}, (), ["orders", "--max-rejects"]),
    "a region nobody declared": ({"group.yaml": GROUP.replace("{EMEA: 5}", "{EMAE: 5}")}, (), ["EMAE", "EMEA"]),
    "no YAML": ({"sources.yaml": "tables: ["}, (), ["sources.yaml"]),
}


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    folder = tmp_path / "exports"
    folder.mkdir()
    for name, text in {
        "accounts.csv": ACCOUNTS,
        "orders.csv": ORDERS,
        "sources.yaml": SOURCES,
        "group.yaml": GROUP,
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def contents(root: Path) -> dict[str, str]:
    """Return the digest of every file of a workspace but its lock."""
    return {
        str(path.relative_to(root)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock" and not path.name.endswith(("-shm", "-wal"))
    }


def assert_refused(ran: Any, words: Sequence[str], code: int = 1) -> None:
    assert ran.code == code, ran.err + ran.out
    assert "Traceback" not in ran.err
    for word in words:
        assert word in ran.err
    if code == 1:
        assert ran.err.count("\n") == 1
        assert ran.err.startswith("glocal: ")


@pytest.mark.parametrize("case", INGESTS)
def test_a_failed_ingest_leaves_everything_as_it_was(
    case: str, exports: Path, glocal: Callable[..., Any], tmp_path: Path
) -> None:
    workspace = tmp_path / "workspace"
    good = ("ingest", exports / "sources.yaml", "--group", exports / "group.yaml")
    ran = glocal(*good, workspace=workspace)
    assert ran.code == 0, ran.err
    before = contents(workspace)
    files, command, words = INGESTS[case]
    for name, text in files.items():
        (exports / name).write_text(text, encoding="utf-8")
    assert_refused(glocal(*(command or good), workspace=workspace), words)
    assert contents(workspace) == before


def test_a_failed_first_ingest_leaves_no_workspace(glocal: Callable[..., Any], tmp_path: Path) -> None:
    assert_refused(glocal("ingest", tmp_path / "none.yaml", workspace=tmp_path / "new"), ["none.yaml"])
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("train",), ["glocal ingest"]),
        (("refresh",), ["glocal ingest"]),
        (("recommend", "--account", "a", "--market", "DE", "--language", "de"), ["glocal ingest"]),
        (("releases",), ["glocal ingest"]),
        (("serve",), ["glocal ingest"]),
    ],
    ids=lambda value: value[0],
)
def test_an_empty_workspace_says_what_to_do(
    command: tuple[str, ...], words: list[str], glocal: Callable[..., Any], tmp_path: Path
) -> None:
    assert_refused(glocal(*command, workspace=tmp_path / "empty"), words)


def test_an_unknown_account_gets_what_suits_the_market(world: Any, glocal: Callable[..., Any]) -> None:
    ran = glocal(
        *("recommend", "--account", "nobody", "--market", "FR", "--language", "fr", "--json"),
        workspace=world.workspace.root,
    )
    assert ran.code == 0, ran.err
    assert ran.document["account_known"] is False
    assert ran.document["items"]


def test_a_second_command_on_a_workspace_in_use_is_refused(glocal: Callable[..., Any], tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "busy")
    with workspace.locked():
        assert_refused(glocal("ingest", "sources.yaml", workspace=workspace.root), ["busy", "--workspace"])


def test_init_overwrites_nothing(glocal: Callable[..., Any], tmp_path: Path) -> None:
    assert glocal("init", tmp_path).code == 0
    (tmp_path / "group.yaml").write_text("mine", encoding="utf-8")
    (tmp_path / "sources.yaml").unlink()
    assert_refused(glocal("init", tmp_path), ["group.yaml"])
    assert (tmp_path / "group.yaml").read_text(encoding="utf-8") == "mine"
    assert not (tmp_path / "sources.yaml").exists()
