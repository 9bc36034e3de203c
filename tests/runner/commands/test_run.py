import json
from pathlib import Path

import pytest

from environments.engines import Exit
from runner import provenance, setup
from runner.store import Store
from tests.runner.commands.conftest import MATRIX, Crossload
from tests.runner.fakes import LOADED, Recorded, cell


def results() -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads(Path("site/results.json").read_text())
    return found


def use(monkeypatch: pytest.MonkeyPatch, engine: Recorded) -> Recorded:
    monkeypatch.setattr(setup, "engine_for", lambda *chosen, **how: (engine, ()))
    return engine


def wrong(task, out, say):  # type: ignore[no-untyped-def]
    """An agent in which everything loads and is wrong."""
    for item in task["cells"]:
        say(cell(item["key"], {**LOADED, "checks": {**LOADED["checks"], "outputs": "differs"}}))  # type: ignore[dict-item]
    return Exit(status=0)


def test_a_run_leaves_a_page_and_results(crossload: Crossload, engine: Recorded) -> None:
    said = crossload("run")
    assert said.code == 0
    assert {item["verdict"] for item in results()["cells"]} == {"identical"}
    assert len(results()["cells"]) == 8
    assert said.out.endswith(f"The page: {Path('site/index.html').absolute()}\n")
    assert "Gate, regression: holds, there is no earlier run to compare with." in said.out
    assert "2 environments, 1 probes, 2 formats: 8 cells, engine recorded" in said.err
    assert engine.closed
    found: dict[str, object] = results()["run"]  # type: ignore[assignment]
    assert found["notes"] == ["A note."]
    assert found["finished"]
    assert found["interrupted"] is False


def test_a_gate_that_fails_gives_one(
    folder: Path, crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "matrix.yaml").write_text(MATRIX + "gate: {fail_on: [crashed, divergent]}\n")
    use(monkeypatch, Recorded({"load-tf2.18.1-cpu": [wrong]}))
    said = crossload("run")
    assert said.code == 1
    assert "Gate, crashed: holds, no cell.\n" in said.out
    assert "Gate, divergent: FAILS, 4 cells: tf2.15.1-cpu/tf2.18.1-cpu/dense/keras, " in said.out


def test_what_the_matrix_expects_does_not_fail_the_gate(
    folder: Path, crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "matrix.yaml").write_text(
        MATRIX
        + "gate: {fail_on: [divergent]}\nexpected:\n"
        + '  - {cell: "*/tf2.18.1-cpu/*/*", verdict: divergent, reason: known, expires: 2999-01-01}\n'
    )
    use(monkeypatch, Recorded({"load-tf2.18.1-cpu": [wrong]}))
    said = crossload("run")
    assert said.code == 0
    assert "Gate, divergent: holds, no cell beside those. 4 cells excused by the matrix.\n" in said.out
    assert "Gate, unexpected_pass: holds, no cell.\n" in said.out
    assert "Infrastructure, lost: holds, no cell.\n" in said.out
    assert "Expected, holds: 1 entry, and none has to go.\n" in said.out


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        (
            '{cell: "*/tf2.15.1-cpu/*/*", verdict: crashed, reason: known, expires: 2999-01-01}',
            "Gate, unexpected_pass: FAILS, 4 cells: tf2.15.1-cpu/tf2.15.1-cpu/dense/keras (identical, though",
        ),
        (
            '{cell: "*/*/dense/*", verdict: identical, reason: known, expires: 2026-01-01}',
            "Expected, FAILS, matrix.yaml:11:5: expired on 2026-01-01, so it excuses nothing any more. Look",
        ),
    ],
)
def test_what_is_expected_and_no_longer_so_fails_the_gate(
    entry: str, told: str, folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    (folder / "matrix.yaml").write_text(f"{MATRIX}expected:\n  - {entry}\n")
    said = crossload("run")
    assert said.code == 1
    assert told in said.out


def test_what_is_expected_of_no_probe_is_told_before_anything_runs(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    entry = '{cell: "*/*/dence/*", verdict: crashed, reason: known, expires: 2999-01-01}'
    (folder / "matrix.yaml").write_text(f"{MATRIX}expected:\n  - {entry}\n")
    said = crossload("run")
    assert said.code == 2
    assert "matrix.yaml:11:5: '*/*/dence/*' matches no cell: no probe is 'dence'" in said.err
    assert not Path("site/results.json").exists()


def test_a_regression_fails_the_gate_once_and_leaves_a_feed(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, Recorded())
    assert crossload("run").code == 0
    use(monkeypatch, Recorded({"load-tf2.18.1-cpu": [wrong]}))
    said = crossload("run", "--fresh")
    assert said.code == 1
    assert "Gate, regression: FAILS, 4 cells, compared with 2" in said.out
    assert "tf2.15.1-cpu/tf2.18.1-cpu/dense/keras (identical -> divergent; " in said.out
    assert "identical -&gt; divergent" in Path("site/feed.xml").read_text()
    use(monkeypatch, Recorded({"load-tf2.18.1-cpu": [wrong]}))
    said = crossload("run", "--fresh")
    assert said.code == 0
    assert "Gate, regression: holds, no cell, compared with 2" in said.out


def test_a_run_of_less_is_no_regression(crossload: Crossload, engine: Recorded) -> None:
    assert crossload("run").code == 0
    said = crossload("run", "--format", "h5")
    assert said.code == 0
    assert "Gate, regression: holds, there is no earlier run to compare with." in said.out


def test_a_history_that_is_damaged_is_told_before_anything_runs(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    Path(".crossload").mkdir()
    Path(".crossload/history.sqlite").write_bytes(b"no history at all" * 100)
    said = crossload("run")
    assert said.code == 3
    assert "is damaged (file is not a database). Nothing was changed in it." in said.err
    assert not Path("site/results.json").exists()


def test_an_environment_that_is_missing_gives_three_and_wins(
    folder: Path, crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "matrix.yaml").write_text(MATRIX + "gate: {fail_on: [divergent]}\n")
    use(monkeypatch, Recorded({"load-tf2.18.1-cpu": [wrong]}, broken={"tf2.15.1-cpu": "No Python."}))
    said = crossload("run")
    assert said.code == 3
    assert "tf2.15.1-cpu is unavailable: No Python." in said.err
    assert "Gate, divergent: FAILS, 2 cells" in said.out
    assert "Infrastructure, lost: FAILS, 6 cells" in said.out


def test_ctrl_c_gives_130_and_a_page_of_what_was_done(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(task, out, say):  # type: ignore[no-untyped-def]
        say(cell(task["cells"][0]["key"], LOADED))
        raise KeyboardInterrupt

    use(monkeypatch, Recorded({"load-tf2.15.1-cpu": [interrupted]}))
    said = crossload("run", "--jobs", "1")
    assert said.code == 130
    assert said.err.endswith("Interrupted. What was done until now is kept and is on the page.\n")
    words = [item["verdict"] for item in results()["cells"]]
    assert "identical" in words
    assert "not_run" in words
    assert results()["run"]["interrupted"] is True  # type: ignore[call-overload]


def test_a_disk_that_fills_gives_three_and_a_page_of_what_was_done(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(task, out, say):  # type: ignore[no-untyped-def]
        raise OSError(28, "No space left on device")

    use(monkeypatch, Recorded({"load-tf2.15.1-cpu": [full]}))
    said = crossload("run", "--jobs", "1")
    assert said.code == 3
    assert "There is no room on the disk any more" in said.err
    assert "not_run" in [item["verdict"] for item in results()["cells"]]


def test_two_runs_do_not_share_a_folder(crossload: Crossload, engine: Recorded) -> None:
    with Store(Path(".crossload")).claimed("run"):
        said = crossload("run")
        assert said.code == 2
        assert "--state DIR --site DIR" in said.err
        assert crossload("task", "save", "tf2.15.1-cpu").code == 2
        assert crossload("run", "--state", "other").code == 0
    with Store(Path(".crossload")).claimed("run", shared=True):
        assert crossload("task", "save", "tf2.15.1-cpu").code == 0
        assert crossload("run").code == 2


@pytest.mark.parametrize("option", ["--state", "--site"])
def test_a_folder_that_cannot_be_written_gives_three(
    folder: Path, crossload: Crossload, engine: Recorded, option: str
) -> None:
    (folder / "file").write_text("")
    said = crossload("run", option, "file/x")
    assert said.code == 3
    assert f"cannot be written: Not a directory. Free some space or name another: {option} DIR" in said.err
    assert crossload("run", option, "file").code == 2  # a file where a folder is wanted: as typed
    assert engine.jobs == []


def test_a_page_that_cannot_be_put_in_its_place_loses_nothing(
    folder: Path, crossload: Crossload, engine: Recorded
) -> None:
    (folder / "site" / "index.html").mkdir(parents=True)
    said = crossload("run")
    assert said.code == 3
    assert "The system refused: Is a directory" in said.err
    assert crossload("report", "--site", "other").code == 0
    assert (folder / "other" / "index.html").is_file()


def test_an_argument_that_is_no_text_can_be_written_down(crossload: Crossload, engine: Recorded) -> None:
    import sys

    before = sys.argv
    sys.argv = ["crossload", "run", "--state", "\udcff"]
    try:
        assert crossload("run").code == 0
    finally:
        sys.argv = before


def test_a_new_run_starts_nothing_that_is_known_and_a_fresh_one_all(
    crossload: Crossload, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = {"tf2.15.1-cpu": "gone", "tf2.18.1-cpu": "gone"}
    use(monkeypatch, Recorded())
    with monkeypatch.context() as yesterday:
        yesterday.setattr(provenance, "now", lambda: "2026-11-01T00:00:00+00:00")
        assert crossload("run").code == 0
    use(monkeypatch, Recorded(broken=gone))
    assert crossload("run").code == 0
    assert all(item["cached"] for item in results()["cells"])
    assert all(item["ran"] for item in results()["cells"])
    use(monkeypatch, Recorded(broken=gone))
    assert crossload("run", "--fresh").code == 3
