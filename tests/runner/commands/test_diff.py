import json
from pathlib import Path

from runner.history import History
from runner.results import to_json
from tests.runner.commands.conftest import Crossload
from tests.runner.history.conftest import results

A, B, C = "a/a/dense/h5", "a/b/dense/h5", "b/a/dense/h5"
FIRST = {A: "identical", B: "identical", C: "crashed"}
SECOND = {A: "identical", B: "load_failed x"}


def nights() -> None:
    with History(Path(".crossload")) as history:
        history.record(results("r1", FIRST))
        history.record(results("other", {A: "identical"}, selection="default"))
        history.record(results("r2", SECOND))


def test_runs_of_the_history_grouped_by_kind(crossload: Crossload) -> None:
    nights()
    said = crossload("diff", "previous", "latest")
    assert said.code == 1
    assert said.out.splitlines() == [
        "worse: 1  The verdict is worse than it was.",
        "  a/b/dense/h5  identical -> load_failed; cause: none -> x",
        "",
        "removed: 1  It was there and is missing now; that counts as worse.",
        "  b/a/dense/h5  was crashed",
        "",
        "r1 to r2: 1 worse, 1 removed, 1 unchanged.",
    ]


def test_nothing_worse_gives_zero(crossload: Crossload) -> None:
    nights()
    assert crossload("diff", "r2", "r1").code == 0
    said = crossload("diff", "r1", "r1")
    assert (said.code, said.out) == (0, "r1 to r1: 3 unchanged.\n")


def test_files_and_sites_need_no_history(crossload: Crossload) -> None:
    Path("old.json").write_text(to_json(results("r1", FIRST)))
    Path("site").mkdir()
    Path("site/results.json").write_text(to_json(results("r2", SECOND)))
    said = crossload("diff", "old.json", "site")
    assert said.code == 1
    assert said.out.endswith("r1 to r2: 1 worse, 1 removed, 1 unchanged.\n")


def test_as_json_and_as_markdown(crossload: Crossload) -> None:
    nights()
    said = crossload("diff", "r1", "r2", "--json")
    assert said.code == 1
    found = json.loads(said.out)
    assert (found["old"], found["new"], found["worse"]) == ("r1", "r2", True)
    assert found["counts"]["worse"] == 1
    assert found["transitions"][0]["after"] == {
        "verdict": "load_failed",
        "cause": "x",
        "lost": [],
        "checks": {},
    }
    assert found["transitions"][1]["after"] is None
    said = crossload("diff", "r1", "r2", "--markdown")
    assert "1 worse, 1 removed" in said.out
    assert crossload("diff", "r1", "r2", "--markdown", "--json").code == 2


def test_long_lists_are_cut_and_say_so(crossload: Crossload) -> None:
    cells = {f"a/b/probe{number}/h5": "identical" for number in range(60)}
    Path("old.json").write_text(to_json(results("r1", cells)))
    Path("new.json").write_text(to_json(results("r2", dict.fromkeys(cells, "crashed"))))
    said = crossload("diff", "old.json", "new.json")
    assert "  … and 10 more; list them with --all\n" in said.out
    assert len(crossload("diff", "old.json", "new.json", "--all").out.splitlines()) == 63


def test_infrastructure_is_not_worse(crossload: Crossload) -> None:
    Path("old.json").write_text(to_json(results("r1", {A: "identical"})))
    Path("new.json").write_text(to_json(results("r2", {A: "unavailable"})))
    said = crossload("diff", "old.json", "new.json")
    assert said.code == 0
    assert said.out.startswith("lost: 1  Infrastructure cost it this time")


def test_what_is_no_run_is_told(crossload: Crossload) -> None:
    said = crossload("diff", "nowhere/results.json", "latest")
    assert (said.code, "There is no file nowhere/results.json." in said.err) == (2, True)
    nights()
    said = crossload("diff", "lates", "latest")
    assert (said.code, "did you mean 'latest'?" in said.err) == (2, True)
    Path("broken.json").write_text('{"schema": "crossload/results/2"}')
    said = crossload("diff", "broken.json", "latest")
    assert (said.code, "broken.json is no results.json of crossload" in said.err) == (2, True)


def test_a_text_of_a_stranger_is_shown_as_it_is(crossload: Crossload) -> None:
    strange = "a/a/[red]\x1b[31m\nx/h5"
    Path("old.json").write_text(to_json(results("r1", {strange: "identical"})))
    Path("new.json").write_text(to_json(results("r2", {strange: "crashed"})))
    said = crossload("diff", "old.json", "new.json")
    assert "\x1b" not in said.out
    assert "[red]‹ESC›[31m" in said.out
