import os
import shutil
from pathlib import Path

import pytest

from runner import setup
from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import KILLED, Recorded, rewrite_heads


def test_there_may_be_nothing_to_load(crossload: Crossload, engine: Recorded) -> None:
    said = crossload("task", "load", "tf2.15.1-cpu")
    assert said.code == 2
    assert said.err.startswith("There is nothing to load in ")
    assert "Save first (crossload task save ENV)" in said.err
    assert engine.jobs == []


def test_one_task_is_one_job(crossload: Crossload, engine: Recorded) -> None:
    said = crossload("task", "save", "tf2.15.1-cpu")
    assert said.code == 0
    assert engine.jobs == [("save-tf2.15.1-cpu", ["tf2.15.1-cpu/dense/keras", "tf2.15.1-cpu/dense/h5"])]
    assert said.err.endswith("tf2.15.1-cpu: 2 saved\n")
    said = crossload("task", "load", "tf2.18.1-cpu")
    assert said.code == 0
    assert said.err.endswith("tf2.18.1-cpu: 2 identical\n")


def test_artifacts_can_be_carried_to_another_machine(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    crossload("task", "save", "tf2.15.1-cpu", "--state", "one")
    crossload("task", "save", "tf2.18.1-cpu", "--state", "two")
    for name in ("one", "two"):
        shutil.copytree(folder / name / "artifacts", folder / "three" / "artifacts", dirs_exist_ok=True)
    said = crossload("task", "load", "tf2.15.1-cpu", "--state", "three")
    assert said.code == 0
    assert said.err.endswith("tf2.15.1-cpu: 4 identical\n")


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("tf2.15.2-cpu", "(did you mean 'tf2.15.1-cpu'?)"),
        ("default", "One environment is wanted, and 'default' names 2"),
        ("tf*", "One environment is wanted, and 'tf*' names 2"),
    ],
)
@pytest.mark.parametrize("phase", ["save", "load"])
def test_a_task_has_one_environment(
    crossload: Crossload, engine: Recorded, phase: str, name: str, told: str
) -> None:
    said = crossload("task", phase, name)
    assert said.code == 2
    assert told in said.err


def test_an_environment_that_cannot_be_made_gives_three(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = Recorded(broken={"tf2.15.1-cpu": "There is no Python 3.11."})
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (broken, ()))
    said = crossload("task", "save", "tf2.15.1-cpu")
    assert said.code == 3
    assert "There is no Python 3.11." in said.err
    assert broken.closed
    assert crossload("report", "-s", "tf2.15.1-cpu").code == 3
    assert "There is no Python 3.11." in Path("site/results.json").read_text()


def test_lost_cells_give_three(crossload: Crossload, monkeypatch: pytest.MonkeyPatch) -> None:
    dying = Recorded({"save-tf2.15.1-cpu": [lambda task, out, say: KILLED]})
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (dying, ()))
    said = crossload("task", "save", "tf2.15.1-cpu")
    assert said.code == 3
    assert said.err.endswith("tf2.15.1-cpu: 2 not run\n")


def test_a_task_of_a_selection_is_about_what_that_selection_runs(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    """One task per machine does together what one run of the selection does."""
    matrix = folder / "matrix.yaml"
    matrix.write_text(matrix.read_text() + "runs: {default: {formats: [weights]}}\n")
    crossload("task", "save", "tf2.15.1-cpu", "--select", "default")
    assert engine.jobs == [("save-tf2.15.1-cpu", ["tf2.15.1-cpu/dense/weights"])]


def test_what_holds_is_not_run_again_and_nothing_is_made_for_it(
    crossload: Crossload, engine: Recorded
) -> None:
    for phase in ("save", "load"):
        assert crossload("task", phase, "tf2.15.1-cpu").code == 0
    made = len(engine.provisioned)
    for phase in ("save", "load"):
        said = crossload("task", phase, "tf2.15.1-cpu")
        assert said.code == 0
        assert "all of it was run before and holds" in said.err
    assert len(engine.provisioned) == made == 2


def test_why_there_is_nothing_to_load_is_told(crossload: Crossload, engine: Recorded) -> None:
    assert crossload("task", "save", "tf2.15.1-cpu").code == 0
    path = Path(".crossload/artifacts/save/tf2.15.1-cpu.jsonl")
    text = path.read_text()
    rewrite_heads(path, agent_sha256="0")
    said = crossload("task", "load", "tf2.15.1-cpu")
    assert said.code == 2
    assert "What tf2.15.1-cpu saved does not count: the checks have changed since. Save first" in said.err
    path.write_text(text)
    shutil.rmtree(".crossload/artifacts/objects")
    said = crossload("task", "load", "tf2.15.1-cpu")
    assert "What tf2.15.1-cpu saved does not count: its files are not there any more. Save" in said.err


def test_what_a_task_finds_done_is_in_use_all_the_same(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    """Else a quiet month would make waste of all that CI has kept."""
    crossload("task", "save", "tf2.15.1-cpu")
    journal = folder / ".crossload" / "artifacts" / "save" / "tf2.15.1-cpu.jsonl"
    os.utime(journal, (0, 0))
    crossload("task", "save", "tf2.15.1-cpu")
    assert len(engine.jobs) == 1
    said = crossload("clean", "--keep-days", "14", "--dry-run")
    assert "journal" not in said.out
