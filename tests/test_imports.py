"""Imports: data flows one way, and the contract that says so covers every package."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).resolve().parent.parent
TOOLS: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
PRODUCT: list[str] = TOOLS["hatch"]["build"]["targets"]["wheel"]["packages"]


def modules_that_import(package: str) -> set[str]:
    """Return the files of the product that import a package anywhere."""
    found = set()
    for path in product_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] == package for name in names):
                found.add(path.relative_to(ROOT).as_posix())
    return found


def product_files() -> list[Path]:
    return [path for package in PRODUCT for path in (ROOT / package).rglob("*.py")]


def test_the_contracts_hold(capfd: pytest.CaptureFixture[str]) -> None:
    code = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True, no_logo=True)
    assert code == 0, capfd.readouterr().out


def test_the_contracts_cover_every_package() -> None:
    assert TOOLS["importlinter"]["root_packages"] == PRODUCT
    assert {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks"} == set(PRODUCT)


def test_two_files_import_mlflow() -> None:
    """The one that talks to it, and the one that it runs to load a model."""
    assert modules_that_import("mlflow") == {"training/tracking.py", "training/pyfunc_model.py"}


def test_the_command_line_alone_imports_the_simulation() -> None:
    outside = {name for name in modules_that_import("simulation") if not name.startswith("simulation/")}
    assert all(name.startswith("glocal/") for name in outside)
