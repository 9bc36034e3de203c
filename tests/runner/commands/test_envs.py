import json
from pathlib import Path

import pytest

from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import Recorded


def test_the_list_has_every_environment_with_its_lock(folder: Path, crossload: Crossload) -> None:
    path = folder / "environments" / "locks" / "tf2.18.1-cpu.txt"
    path.write_text(path.read_text() + "six==1.0\n")
    said = crossload("envs", "list")
    assert said.code == 0
    rows = {line.split()[0]: line for line in said.out.splitlines()}
    assert "current" in rows["tf2.15.1-cpu"]
    assert "does not match" in rows["tf2.18.1-cpu"]
    assert "none (image)" in rows["company"]
    assert "default, all" in rows["tf2.15.1-cpu"]


def test_nothing_in_a_list_is_cut_where_a_program_reads_it(folder: Path, crossload: Crossload) -> None:
    name = "a-name-as-long-as-a-name-of-an-environment-may-possibly-be.1"
    image = "registry.example.company.example:5000/" + "machine-learning/" * 3 + "serving:2024-11"
    text = (folder / "matrix.yaml").read_text().replace("id: company", f"id: {name}")
    (folder / "matrix.yaml").write_text(text.replace("registry.example/serving:1", image))
    out = crossload("envs", "list").out
    assert name in out
    assert "…" not in out


def test_the_list_as_json(crossload: Crossload) -> None:
    (one,) = json.loads(crossload("envs", "list", "tf2.15.1-cpu", "--json").out)
    assert one == {
        "id": "tf2.15.1-cpu",
        "tensorflow": "2.15.1",
        "keras": "bundled",
        "backend": "tensorflow",
        "device": "cpu",
        "python": "3.11",
        "as_of": None,
        "base": "python:3.11-slim",
        "lock": "current",
        "selections": ["default", "all"],
    }


def test_checking_locks_writes_nothing(folder: Path, crossload: Crossload) -> None:
    assert crossload("envs", "lock", "--check").err == "Every lock is current.\n"
    path = folder / "environments" / "locks" / "tf2.18.1-cpu.txt"
    path.unlink()
    said = crossload("envs", "lock", "--check")
    assert said.code == 2
    assert said.err == (
        "Locks are missing or do not match the matrix: tf2.18.1-cpu. Type: crossload envs lock\n"
    )
    assert not path.exists()


def test_current_locks_are_not_resolved_again(crossload: Crossload) -> None:
    said = crossload("envs", "lock")
    assert (said.code, said.err) == (0, "Every lock is current.\n")


def test_a_dockerfile_is_printed(crossload: Crossload) -> None:
    said = crossload("envs", "dockerfile", "tf2.15.1-cpu")
    assert said.code == 0
    assert "\nFROM python:3.11-slim\n" in said.out
    assert "keras==2.15.0" in said.out


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("company", "company is an image already: registry.example/serving:1."),
        ("default", "One environment is wanted, and 'default' names 2: tf2.15.1-cpu, tf2.18.1-cpu."),
        ("tf2.15.1", "(did you mean 'tf2.15.1-cpu'?)"),
    ],
)
def test_a_dockerfile_is_of_one_locked_environment(crossload: Crossload, name: str, told: str) -> None:
    said = crossload("envs", "dockerfile", name)
    assert said.code == 2
    assert told in said.err


def test_environments_are_made_ahead(crossload: Crossload, engine: Recorded) -> None:
    said = crossload("envs", "make", "all")
    assert said.code == 0
    assert engine.provisioned == ["tf2.15.1-cpu", "tf2.18.1-cpu", "company"]
    assert "company: ready." in said.err
    assert engine.closed


def test_one_that_cannot_be_made_does_not_stop_the_others(
    crossload: Crossload, engine: Recorded, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_broken", {"tf2.15.1-cpu": "There is no Python 3.11."})
    said = crossload("envs", "make")
    assert said.code == 3
    assert engine.provisioned == ["tf2.18.1-cpu"]
    assert "tf2.15.1-cpu: There is no Python 3.11." in said.err


def test_nothing_to_remove_is_no_trouble(crossload: Crossload) -> None:
    said = crossload("envs", "rm", "--engine", "venv")
    assert (said.code, said.out) == (0, "")


def test_locks_are_written_beside_a_matrix_of_ones_own(crossload: Crossload) -> None:
    Path("matrix.yaml").unlink()
    assert "tf2.15.1-cpu" in crossload("envs", "list").out
    said = crossload("envs", "lock", "--check")
    assert said.code == 2
    assert "There is no file matrix.yaml" in said.err
