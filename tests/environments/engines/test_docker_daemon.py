import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from environments.engines.docker_daemon import detect


def test_no_socket_is_a_reason(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert detect() == (False, f"No Docker daemon answers: there is no socket {tmp_path}/none.sock.")


def test_the_socket_of_a_daemon_that_was_killed_is_no_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "dead.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    assert detect() == (False, f"No Docker daemon answers: nobody listens at {path}.")


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_daemon_that_hangs_up_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("DOCKER_HOST", address)
    usable, why = detect()
    assert not usable
    assert why.startswith("No Docker daemon answers: ")


@pytest.mark.parametrize("address", ["podman://here", "tcp://::::"])
def test_an_address_that_is_none_is_a_reason(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", address)
    usable, why = detect()
    assert not usable
    assert why.startswith("DOCKER_HOST is no address of a Docker daemon: ")


def test_without_a_socket_the_client_is_not_imported(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom environments.engines.docker_daemon import detect\n"
        "from runner import setup\nassert not detect()[0]\nassert 'docker' not in sys.modules\n"
    )
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    subprocess.run([sys.executable, "-c", code], check=True, env=environ, timeout=60)
