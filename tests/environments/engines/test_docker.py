from datetime import datetime
from pathlib import Path

import pytest

from environments.engines.docker import DockerEngine, _logger
from environments.errors import InfrastructureError


def test_the_engine_says_what_to_do_without_a_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(InfrastructureError, match=r"Start Docker, or set DOCKER_HOST .* --engine venv$"):
        DockerEngine(state=tmp_path)


def test_a_log_is_appended_to_without_credentials(tmp_path: Path) -> None:
    for line in ("one", "https://me:secret@packages.example/simple"):
        _logger(tmp_path / "logs/tf")(line)
    lines = [line.split(" ", 1) for line in (tmp_path / "logs/tf").read_text().splitlines()]
    assert [line for _, line in lines] == ["one", "https://***@packages.example/simple"]
    for when, _ in lines:
        datetime.strptime(when, "%H:%M:%S")
