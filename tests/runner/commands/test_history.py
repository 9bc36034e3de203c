import json
from pathlib import Path

from runner.history import History
from tests.runner.commands.conftest import Crossload
from tests.runner.history.conftest import results

A, B = "a/a/dense/h5", "a/b/dense/h5"


def nights() -> None:
    with History(Path(".crossload")) as history:
        history.judged(history.record(results("r1", {A: "identical", B: "identical"})), 0)
        history.judged(
            history.record(results("r2", {A: "identical", B: "load_failed x"}, seconds={"load": 2.0})), 1
        )
        history.record(results("r3", {A: "identical", B: "load_failed x"}))


def test_without_a_history_it_says_what_to_do(crossload: Crossload) -> None:
    said = crossload("history")
    assert said.code == 2
    assert said.err == (
        "There is no history in .crossload yet. Make a run: crossload run, or name its folder: --state DIR\n"
    )
    assert not Path(".crossload/history.sqlite").exists()


def test_runs_are_listed_newest_first(crossload: Crossload) -> None:
    nights()
    said = crossload("history")
    assert said.code == 0
    rows = [" ".join(row.split()) for row in said.out.splitlines()]
    assert rows == [
        "run started selection cells identical changed gate",
        "r3 2026-11-20 02:00 matrix.yaml nightly 2 1 nothing -",
        "r2 2026-11-20 02:00 matrix.yaml nightly 2 1 1 worse FAILS",
        "r1 2026-11-20 02:00 matrix.yaml nightly 2 2 first of its kind holds",
    ]
    assert len(crossload("history", "--limit", "1").out.splitlines()) == 2


def test_as_json(crossload: Crossload) -> None:
    nights()
    found = json.loads(crossload("history", "--json").out)
    assert [run["id"] for run in found] == ["r3", "r2", "r1"]
    assert found[1]["changes"] == {"worse": 1}
    assert found[1]["verdicts"] == {"identical": 1, "load_failed": 1}
    assert found[1]["seconds"] == {"a": {"load": 2.0}}
    assert (found[1]["before"], found[2]["before"]) == ("r1", None)


def test_the_story_of_a_cell(crossload: Crossload) -> None:
    nights()
    rows = [" ".join(row.split()) for row in crossload("history", "--cell", "*/b/*/*").out.splitlines()]
    assert rows[1:] == [
        "r1 a/b/dense/h5 identical",
        "r2 a/b/dense/h5 worse identical -> load_failed; cause: none -> x",
    ]
    assert rows[0] == "run cell what"
    steps = json.loads(crossload("history", "--json", "--cell", "*/b/*/*").out)
    assert [(step["run"], step["before"], step["after"]) for step in steps] == [
        ("r1", None, "identical"),
        ("r2", "identical", "load_failed"),
    ]
    said = crossload("history", "--cell", "b")
    assert said.code == 2
    assert "'b' is not a cell" in said.err


def test_old_runs_are_removed(crossload: Crossload) -> None:
    nights()
    assert crossload("history", "--keep", "1").out == "Removed: 1 run.\n"
    assert [run["id"] for run in json.loads(crossload("history", "--json").out)] == ["r3", "r1"]
    assert crossload("history", "--keep", "1", "--cell", "*/*/*/*").code == 2


def test_a_history_of_a_newer_crossload_is_told(crossload: Crossload) -> None:
    nights()
    with History(Path(".crossload")) as history:
        history._database.connection.execute("PRAGMA user_version = 99")
    said = crossload("history")
    assert said.code == 2
    assert "was written by a newer crossload (history version 99" in said.err
