import json
import shutil
from pathlib import Path

from tests.runner.commands.conftest import Crossload
from tests.runner.fakes import Recorded, rewrite_heads

NAMES = ("tf2.15.1-cpu", "tf2.18.1-cpu")


def _jobs(crossload: Crossload) -> None:
    """Each task in a state folder of its own, as on a machine of its own; loads are given what was saved."""
    for name in NAMES:
        assert crossload("task", "save", name, "--state", f"from/save-{name}").code == 0
    for name in NAMES:
        for saved in NAMES:
            shutil.copytree(f"from/save-{saved}", f"from/load-{name}", dirs_exist_ok=True)
        assert crossload("task", "load", name, "--state", f"from/load-{name}").code == 0


def test_what_jobs_left_becomes_one_page(crossload: Crossload, engine: Recorded) -> None:
    _jobs(crossload)
    said = crossload("merge", "from")
    assert said.code == 0
    assert "4 tasks and " in said.out
    assert "Every task of the 2 environments is here." in said.out
    assert crossload("report").code == 0
    found = json.loads(Path("site/results.json").read_text())
    assert {cell["verdict"] for cell in found["cells"]} == {"identical"}
    again = crossload("merge", "from")
    assert again.code == 0
    assert "0 tasks and 0 artifacts" in again.out
    assert " tasks here already." in again.out


def test_gaps_are_said_and_are_no_success(crossload: Crossload, engine: Recorded) -> None:
    _jobs(crossload)
    said = crossload("merge", *(f"from/{job}" for job in ("save-tf2.15.1-cpu", "save-tf2.18.1-cpu")))
    assert said.code == 3
    assert "Gap, load(tf2.15.1-cpu): nobody ran it" in said.out
    assert crossload("report").code == 3


def test_a_conflict_is_no_success_and_newest_solves_it(crossload: Crossload, engine: Recorded) -> None:
    _jobs(crossload)
    journal = Path("from/load-tf2.15.1-cpu/artifacts/save/tf2.15.1-cpu.jsonl")
    rewrite_heads(journal, started="2030-01-01T00:00:00+00:00")
    said = crossload("merge", "from")
    assert said.code == 3
    assert "Conflict, save(tf2.15.1-cpu): told differently" in said.out
    said = crossload("merge", "from", "--newest")
    assert said.code == 0
    assert "Note, save(tf2.15.1-cpu): was run twice" in said.out


def test_what_was_carried_here_does_nothing_to_a_terminal(crossload: Crossload, engine: Recorded) -> None:
    _jobs(crossload)
    rewrite_heads(Path("from/load-tf2.15.1-cpu/artifacts/save/tf2.15.1-cpu.jsonl"), started="\x1b[2J")
    said = crossload("merge", "from")
    assert "(started ‹ESC›[2J)" in said.out
    assert "\x1b" not in said.out


def test_the_page_does_not_take_the_name_of_the_run_that_was_here(
    crossload: Crossload, engine: Recorded
) -> None:
    _jobs(crossload)
    assert crossload("run").code == 0
    shutil.rmtree(".crossload/artifacts")
    said = crossload("merge", "from")
    assert "run.before-merge.json" in said.err
    assert Path(".crossload/run.before-merge.json").exists()
    assert crossload("report").code == 0
    run = json.loads(Path("site/results.json").read_text())["run"]
    assert run["notes"] == ["Put together from single tasks."]
    assert run["id"] != json.loads(Path(".crossload/run.before-merge.json").read_text())["id"]
    crossload("merge", "from")
    assert json.loads(Path(".crossload/run.json").read_text())["id"] == run["id"]


def test_a_folder_with_nothing_is_wrong_usage(crossload: Crossload) -> None:
    Path("empty").mkdir()
    said = crossload("merge", "empty")
    assert said.code == 2
    assert "There are no artifacts in empty" in said.err
