import importlib
import json
import subprocess
from pathlib import Path

import pytest

from tests.runner.commands.conftest import Crossload

doctor = importlib.import_module("runner.commands.doctor")  # the package has the command under that name

#: What asks the registry, before a test takes it away.
REGISTRY = doctor._registry


@pytest.fixture(autouse=True)
def _silent_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the network and the daemon say is for other tests."""
    monkeypatch.setattr(doctor, "_registry", lambda: iter(()))
    monkeypatch.setattr(doctor, "_docker", lambda: iter(()))


def test_it_looks_at_matrix_locks_pythons_and_disk(crossload: Crossload) -> None:
    said = crossload("doctor", "--json")
    found = json.loads(said.out)
    assert found[0] == {
        "level": "ok",
        "what": "matrix.yaml: 3 environments, 2 of them chosen.",
        "advice": "",
    }
    assert found[1]["what"] == "Every lock is there and matches the matrix."
    assert any(item["what"].startswith("Pythons for the venv engine:") for item in found)
    assert found[-1]["what"].endswith("2 environments take about 3.")
    assert not Path(".crossload").exists()


def test_what_is_wrong_comes_with_what_to_type(folder: Path, crossload: Crossload) -> None:
    (folder / "environments" / "locks" / "tf2.18.1-cpu.txt").unlink()
    said = crossload("doctor")
    assert said.code == 3
    assert "✗ Locks are missing or do not match: tf2.18.1-cpu.\n    Type: crossload envs lock\n" in said.out


def test_a_matrix_that_cannot_be_read_is_a_finding(folder: Path, crossload: Crossload) -> None:
    (folder / "matrix.yaml").write_text("version: 2\n")
    said = crossload("doctor", "--json")
    assert said.code == 3
    first = json.loads(said.out)[0]
    assert first["level"] == "problem"
    assert first["what"].startswith("matrix.yaml:1:")


def test_why_the_registry_does_not_answer_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    said = "error: Request failed\n  cause: dns error\n  cause: failed to lookup address: Temporary failure in name\n"
    ended = subprocess.CompletedProcess([], 2, "", said + "         resolution\n\n")
    monkeypatch.setattr(subprocess, "run", lambda *command, **how: ended)
    (found,) = REGISTRY()
    assert found.level == "problem"
    assert found.what.endswith(
        ": Request failed: failed to lookup address: Temporary failure in name resolution"
    )
