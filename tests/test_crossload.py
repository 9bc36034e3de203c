"""The Python API: typed values, errors that are raised, and not a word on the screen."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import crossload
from environments.engines import Exit
from runner import setup
from runner.results import Verdict
from runner.upgrade import check as question
from tests.runner.commands.conftest import engine, folder  # noqa: F401  fixtures
from tests.runner.fakes import DONE, LOADED, Recorded, Say, Script, cell, ready_event, well
from tests.runner.inspection import files


class Looking(Recorded):
    """An engine whose agents take any file and load it, in those of Keras 3 not."""

    def script(self, key: str) -> Script:
        return refuse if key.startswith("tf2.18.1") else well


def refuse(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    if task["phase"] == "adopt":
        return well(task, out, say)
    say(ready_event())
    error = {"type": "ValueError", "message": "no", "traceback": ""}
    for item in task["cells"]:
        say(cell(item["key"], {**LOADED, "error": error}))
    return DONE


@pytest.fixture(autouse=True)
def silent(folder: Path, capfd: pytest.CaptureFixture[str]) -> Iterator[None]:  # noqa: F811
    """Each test is in a folder with a matrix and a model; nothing may be printed."""
    files.hdf5(Path("m.h5"), keras="2.15.0")
    yield
    assert capfd.readouterr() == ("", "")


@pytest.fixture
def looking(monkeypatch: pytest.MonkeyPatch) -> Looking:
    found = Looking()
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (found, ()))
    return found


def test_inspect_gives_what_the_file_says() -> None:
    found = crossload.inspect("m.h5")
    assert (found.kind, found.keras_version, found.loadable) == ("hdf5", "2.15.0", True)
    assert set(found.environments) == {"tf2.15.1-cpu", "tf2.18.1-cpu"}


def test_check_gives_an_answer_and_all_that_was_seen(looking: Looking) -> None:
    found = crossload.check("m.h5", to=["2.15.1", "2.18.1"], site="page")
    assert {cell.consumer: cell.verdict for cell in found.results.cells} == {
        "tf2.15.1-cpu": Verdict.IDENTICAL,
        "tf2.18.1-cpu": Verdict.LOAD_FAILED,
    }
    assert (found.safe, found.known) == (False, True)
    assert found.answer.last_safe is not None
    assert found.answer.last_safe.id == "tf2.15.1-cpu"
    assert "Last safe version: 2.15.1" in str(found)
    assert Path("page/index.html").exists()
    assert found.results.run.command == "crossload check m.h5 --to 2.15.1 --to 2.18.1"
    assert looking.closed


def test_a_model_that_works_is_safe(looking: Looking) -> None:
    assert crossload.check(Path("m.h5"), to=["2.15.1"], may_lose=[]).safe


def test_an_environment_that_cannot_be_made_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Looking(broken={"tf2.18.1-cpu": "No such wheel."})
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (broken, ()))
    said: list[str] = []
    found = crossload.check("m.h5", to=["2.18.1"], place=crossload.Place(say=said.append))
    assert (found.safe, found.known) == (False, False)


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda: crossload.check("gone.h5"), "There is no gone.h5."),
        (lambda: crossload.inspect("gone.h5"), "There is no gone.h5."),
        (lambda: crossload.check("m.h5", to="2.15.1"), r"write to=\['2.15.1'\]"),
        (lambda: crossload.check("m.h5", to=["banana"]), "'banana' is no environment"),
        (lambda: crossload.check("m.h5", may_lose=["optimiser"]), "did you mean 'optimizer'"),
        (lambda: crossload.check("m.h5", custom_objects="gone.py"), "There is no file gone.py"),
        (lambda: crossload.bisect("m.h5", good="2.15.1", bad="2.15.1"), "the same environment"),
        (lambda: crossload.migrate("m.h5", to="2.18.1", out="m.h5"), "which is never changed"),
        (lambda: crossload.migrate("m.h5", to="2.18.1", out="new"), "does not say what to write"),
    ],
)
def test_what_is_wrong_is_raised_as_a_sentence(ask: Any, said: str, looking: Looking) -> None:
    with pytest.raises(crossload.UsageError, match=said):
        ask()
    assert looking.started == []


def test_what_would_be_written_over_is_told_before_anything_is_started(looking: Looking) -> None:
    Path("m-tf2.18.1-cpu.keras").write_text("mine")
    with pytest.raises(crossload.UsageError, match="exists"):
        crossload.migrate("m.h5", to="2.18.1", format="keras")
    assert looking.started == []


def test_no_framework_is_imported_here(looking: Looking) -> None:
    crossload.check("m.h5", to=["2.15.1"])
    assert not {"tensorflow", "keras"} & set(sys.modules)


def test_ctrl_c_is_passed_on_and_ends_what_was_started(
    monkeypatch: pytest.MonkeyPatch, looking: Looking
) -> None:
    def interrupted(*asked: object, **how: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(question, "check", interrupted)
    with pytest.raises(KeyboardInterrupt):
        crossload.check("m.h5", to=["2.15.1"])
    assert looking.closed
