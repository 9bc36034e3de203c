import json
from pathlib import Path

from tests.runner.commands.conftest import MATRIX, Crossload
from tests.runner.fakes import Recorded


def test_the_page_is_made_anew_from_what_a_run_left(crossload: Crossload, engine: Recorded) -> None:
    assert crossload("run").code == 0
    first = json.loads(Path("site/results.json").read_text())
    jobs = len(engine.jobs)
    said = crossload("report", "--site", "public")
    assert said.code == 0
    again = json.loads(Path("public/results.json").read_text())
    assert again["cells"] == first["cells"]
    assert again["run"]["id"] == first["run"]["id"]
    assert len(engine.jobs) == jobs


def test_single_tasks_make_a_report_that_says_so(crossload: Crossload, engine: Recorded) -> None:
    for phase in ("save", "load"):
        for name in ("tf2.15.1-cpu", "tf2.18.1-cpu"):
            assert crossload("task", phase, name).code == 0
    assert crossload("report").code == 0
    found = json.loads(Path("site/results.json").read_text())
    assert {item["verdict"] for item in found["cells"]} == {"identical"}
    assert found["run"]["notes"] == ["Put together from single tasks."]
    assert found["run"]["engine"] == "recorded"


def test_a_line_of_a_journal_that_a_disk_has_changed_is_passed_over(
    crossload: Crossload, engine: Recorded
) -> None:
    assert crossload("task", "save", "tf2.15.1-cpu").code == 0
    with Path(".crossload/artifacts/save/tf2.15.1-cpu.jsonl").open("a") as journal:
        journal.write('{"event": "task"}\n')
    assert crossload("report").code == 3
    found = json.loads(Path("site/results.json").read_text())
    assert found["run"]["engine"] == "recorded"


def test_nothing_that_was_run_is_a_page_of_not_run(crossload: Crossload) -> None:
    said = crossload("report")
    assert said.code == 3
    found = json.loads(Path("site/results.json").read_text())
    assert {item["verdict"] for item in found["cells"]} == {"not_run"}


def test_the_gate_is_the_matrix_of_now(folder: Path, crossload: Crossload, engine: Recorded) -> None:
    assert crossload("run").code == 0
    (folder / "matrix.yaml").write_text(MATRIX + "gate: {fail_on: [degraded]}\n")
    assert "Gate, degraded: holds, no cell." in crossload("report").out
