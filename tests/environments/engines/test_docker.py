import socket
from datetime import datetime
from pathlib import Path

import pytest

from environments.engines.docker import DockerEngine, _logger, detect
from environments.errors import InfrastructureError


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


def test_the_engine_says_what_to_do_without_a_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(InfrastructureError, match=r"Start Docker, or set DOCKER_HOST .* --engine venv$"):
        DockerEngine(state=tmp_path)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_daemon_that_hangs_up_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setenv("DOCKER_HOST", address)
    usable, why = detect()
    assert not usable
    assert why.startswith("No Docker daemon answers: ")


def test_a_log_is_appended_to_without_credentials(tmp_path: Path) -> None:
    for line in ("one", "https://me:secret@packages.example/simple"):
        _logger(tmp_path / "logs/tf")(line)
    lines = [line.split(" ", 1) for line in (tmp_path / "logs/tf").read_text().splitlines()]
    assert [line for _, line in lines] == ["one", "https://***@packages.example/simple"]
    for when, _ in lines:
        datetime.strptime(when, "%H:%M:%S")
