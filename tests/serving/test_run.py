"""Serving as a process of its own: it starts, answers on its port, and ends when it is told to."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time

import httpx
import pytest

from features.errors import InputError
from features.workspace import Workspace
from serving.run import serve

PROGRAM = """
import sys
from pathlib import Path
from features.workspace import Workspace
from serving.run import serve
serve(Workspace(Path(sys.argv[1])), port=int(sys.argv[2]))
"""


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ready(url, process, seconds):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended by itself"
        try:
            answer = httpx.get(f"{url}/readyz", timeout=5)
        except httpx.TransportError:
            time.sleep(0.2)
            continue
        if answer.status_code == 200:
            return True
        assert answer.status_code == 503
        assert answer.json()["error"]["code"] == "not_ready"
        time.sleep(0.2)
    return False


@pytest.mark.xdist_group("service process")
def test_a_process_serves_until_it_is_told_to_stop(workspace, tmp_path, free_port):
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "__init__.py").write_text("raise RuntimeError('a folder of the user')")
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", PROGRAM, str(workspace.root), str(free_port)],
            cwd=tmp_path,
            stdout=log,
            stderr=log,
        )
    url = f"http://127.0.0.1:{free_port}"
    try:
        assert ready(url, process, seconds=150), (tmp_path / "log").read_text()
        query = {"account_id": "A001", "market": "CH", "language": "de-CH", "k": 2}
        answer = httpx.post(f"{url}/v1/recommendations", json=query, timeout=30)
        assert answer.json()["items"][0]["family_id"] == "turbines"
        for _ in range(8):
            assert httpx.get(f"{url}/v1/accounts/A001", timeout=30).status_code == 200
        counted = [line for line in httpx.get(f"{url}/metrics").text.splitlines() if "/v1/accounts/" in line]
        assert 'glocal_requests_total{method="GET",route="/v1/accounts/{account_id:path}",status="200"} 8.0' in counted
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def test_a_port_that_is_taken_is_told(workspace, free_port):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port))
        taken.listen()
        with pytest.raises(InputError, match=f"{free_port}.*give another"):
            serve(workspace, port=free_port)


@pytest.mark.parametrize(
    ("wrong", "told"), [({"host": "nowhere.example"}, "nowhere"), ({"port": 0}, "65535"), ({"workers": 0}, "workers 0")]
)
def test_wrong_settings_are_told(workspace, wrong, told):
    with pytest.raises(InputError, match=told):
        serve(workspace, **{"port": 3999, **wrong})


def test_nothing_to_serve_is_told(tmp_path):
    with pytest.raises(InputError, match="glocal ingest"):
        serve(Workspace(tmp_path))
