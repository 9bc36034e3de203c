"""Where a model file is at home and where it is loaded, with environments that are scripts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from environments import lock as locks
from environments import matrix as matrices
from environments.engines import Exit
from environments.errors import DiskFull, InfrastructureError, UsageError
from runner import provisioning
from runner.adopted import ModelFile
from runner.inspection.inspection import Inspection
from runner.inspection.known import Reason
from runner.inspection.needs import Need
from runner.results import Results, Run
from runner.store import Store
from runner.upgrade.check import Asked, acceptable, check, settle, usual
from runner.upgrade.watching import Silent
from runner.upgrade.workshop import Workshop
from tests.runner.fakes import DONE, Recorded, Say, adopted, cell, make_lock, ready_event, well

A, B, C = "tf2.12.1-cpu", "tf2.15.1-cpu", "tf2.21.0-cpu"
MATRIX = """\
version: 1
matrix: {tensorflow: ["2.12.1", "2.15.1", "2.21.0"]}
selections: {default: ["*"], upgrade: [tf2.12.1-cpu, tf2.15.1-cpu, tf2.21.0-cpu]}
"""
KERAS = {A: "2.12.0", B: "2.15.0", C: "3.15.1"}


def looking(*, loads: bool = True, message: str = "Unknown layer: Twice\nand more") -> Any:
    """An agent that adopts the file, well or not, and loads whatever it is given."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        if loads or task["phase"] != "adopt":
            return well(task, out, say)
        say(ready_event())
        (item,) = task["cells"]
        failure = {"type": "ValueError", "message": message, "traceback": ""}
        say(adopted(item["key"], out, loaded="", ways={"plain": failure}, batches=[]))
        return DONE

    return script


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Workshop]:
    (tmp_path / "matrix.yaml").write_text(MATRIX)
    matrix = matrices.load(tmp_path / "matrix.yaml")
    for item in matrix.environments:
        locks.write(make_lock(item, f"keras=={KERAS[item.id]}\n"), tmp_path / "environments" / "locks")
    run = Run(id="r", started="2026-01-01T00:00:00+00:00", engine="recorded", matrix_sha256="", version="1")
    store = Store(tmp_path / "state")
    with Workshop(
        matrix, store, Recorded(), cancel=Event(), watcher=Silent(lambda sentence: None), run=run
    ) as workshop:
        yield workshop


def asked(tmp_path: Path, **found: Any) -> Asked:
    path = tmp_path / "m.h5"
    path.write_text("weights")
    inspection = Inspection(path=str(path), kind="hdf5", what="HDF5", keras_version="2.12.0")
    return Asked(model=ModelFile(path=path), found=replace(inspection, **found))


def ask(shop: Workshop, question: Asked, **scripts: Any) -> Results:
    shop.engine = Recorded({f"{name}-r": [script] for name, script in scripts.items()})
    return check(question, shop, workers=1)


def scripts(**loads: bool) -> dict[str, Any]:
    return {name: looking(loads=loads.get(key, True)) for name, key in ((A, "a"), (B, "b"), (C, "c"))}


def consumers(results: Results) -> list[str]:
    return [item.consumer for item in results.cells]


def test_from_its_home_to_the_newest_where_nothing_is_named(shop: Workshop, tmp_path: Path) -> None:
    results = ask(shop, asked(tmp_path), **scripts())
    assert results.question is not None
    assert (results.question.home, results.question.reference) == (A, True)
    assert (results.question.writer, results.question.why_home) == ("Keras 2.12.0", "")
    assert consumers(results) == [A, B, C]
    assert {cell.verdict for cell in results.cells} == {"identical"}


def test_what_is_older_than_its_home_is_not_asked(shop: Workshop, tmp_path: Path) -> None:
    results = ask(shop, asked(tmp_path, keras_version="2.15.0"), **scripts())
    assert consumers(results) == [B, C]


def test_the_next_nearest_is_the_reference_and_what_wrote_it_is_part_of_the_answer(
    shop: Workshop, tmp_path: Path
) -> None:
    results = ask(shop, asked(tmp_path), **scripts(a=False))
    assert results.question is not None
    assert results.question.home == B
    assert results.question.notes == ("It does not work in tf2.12.1-cpu: ValueError: Unknown layer: Twice",)
    assert consumers(results) == [A, B, C]


def test_an_exception_without_words_is_told_as_such(shop: Workshop, tmp_path: Path) -> None:
    results = ask(shop, asked(tmp_path), **{**scripts(), A: looking(loads=False, message=" \n")})
    assert results.question is not None
    assert results.question.notes == ("It does not work in tf2.12.1-cpu: ValueError: (no message)",)


def test_a_named_home_comes_first(shop: Workshop, tmp_path: Path) -> None:
    home = next(item for item in shop.matrix.environments if item.id == C)
    results = ask(shop, replace(asked(tmp_path), home=home), **scripts())
    assert results.question is not None
    assert (results.question.home, results.question.asked) == (C, C)
    assert results.question.why_home == "It was named with --from."


def homes_asked(shop: Workshop) -> int:
    assert isinstance(shop.engine, Recorded)
    return sum(cells[0].endswith("/m.h5/") for _, cells in shop.engine.jobs)


@pytest.mark.parametrize(
    "found",
    [
        {"damage": ("It ends early.",)},
        {"needs": (Need(name="Twice", module="mine", compile_only=False),)},
    ],
)
def test_what_fails_alike_everywhere_is_looked_at_once(
    shop: Workshop, tmp_path: Path, found: dict[str, Any]
) -> None:
    results = ask(shop, asked(tmp_path, **found), **scripts(a=False, b=False, c=False))
    assert homes_asked(shop) == 1
    assert results.question is not None
    assert results.question.reference is False
    assert results.question.needs == (("Twice",) if "needs" in found else ())


def test_anything_else_is_looked_at_in_every_environment(shop: Workshop, tmp_path: Path) -> None:
    ask(shop, asked(tmp_path), **scripts(a=False, b=False, c=False))
    assert homes_asked(shop) == 3


@pytest.mark.parametrize(("avoid", "looks"), [("", 1), ("compile=False", 3)])
def test_of_those_that_cannot_load_it_for_a_known_reason_one_is_looked_at(
    shop: Workshop, tmp_path: Path, avoid: str, looks: int
) -> None:
    reason = Reason(cause="lambda_bytecode", why="Of Python 3.6.", avoid=avoid)
    question = asked(tmp_path, environments=dict.fromkeys((A, B, C), (reason,)))
    ask(shop, question, **scripts(a=False, b=False, c=False))
    assert homes_asked(shop) == looks


def test_a_full_disk_is_told_at_once(shop: Workshop, tmp_path: Path) -> None:
    full = looking(loads=False, message="[Errno 28] No space left on device")
    with pytest.raises(DiskFull, match="no room on the disk"):
        ask(shop, asked(tmp_path), **{**scripts(), A: full})
    assert homes_asked(shop) == 1


def test_where_nothing_can_look_it_is_infrastructure(shop: Workshop, tmp_path: Path) -> None:
    shop.engine = Recorded(broken={A: "gone", B: "gone", C: "gone"})
    with pytest.raises(InfrastructureError, match="gone"):
        check(asked(tmp_path), shop, workers=1)


def test_homes_that_were_found_missing_ahead_are_told_of(shop: Workshop, tmp_path: Path) -> None:
    shop.unavailable.update(dict.fromkeys((A, B, C), "gone before anybody asked"))
    with pytest.raises(InfrastructureError, match="gone before anybody asked"):
        check(asked(tmp_path), shop, workers=1)


def test_a_network_that_is_away_is_not_waited_for_once_for_each_home(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provisioning, "WAITS", (0.0,))
    shop.engine = Recorded(broken={A: "no network a", B: "no network b", C: "no network c"})
    with pytest.raises(InfrastructureError) as told:
        settle(asked(tmp_path), shop, usual(shop.matrix))
    assert sum(f"no network {name}" in str(told.value) for name in "abc") == 2


def test_the_usual_environments_are_the_upgrade_selection_or_the_default_one(
    shop: Workshop, tmp_path: Path
) -> None:
    assert [item.id for item in usual(shop.matrix)] == [A, B, C]
    (tmp_path / "matrix.yaml").write_text(
        'version: 1\nmatrix: {tensorflow: ["2.12.1", "2.15.1"]}\nselections: {default: [tf2.15.1-cpu]}\n'
    )
    assert [item.id for item in usual(matrices.load(tmp_path / "matrix.yaml"))] == [B]


def test_what_may_be_lost_has_names() -> None:
    assert acceptable(["optimizer", "compile"]) == ("optimizer", "compile")
    assert acceptable(["nothing"]) == ()
    with pytest.raises(UsageError, match=r"--may-lose optimiser: .*did you mean 'optimizer'"):
        acceptable(["optimiser"])


@pytest.mark.parametrize(("elsewhere", "useless"), [((A, B), False), ((A, B, C), True)])
def test_code_that_can_be_imported_nowhere_is_the_users_to_put_right(
    elsewhere: tuple[str, ...], useless: bool, shop: Workshop, tmp_path: Path
) -> None:
    said = "The code beside the model cannot be used: ZeroDivisionError: division by zero"

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        if task["phase"] == "adopt":
            say(ready_event())
            say(adopted(task["cells"][0]["key"], out, notes=[said]))
            return DONE
        warnings = [f"UserWarning: {said}"] if task["environment"] in elsewhere else []

        def hear(event: Mapping[str, Any]) -> None:
            if event["event"] == "cell":
                event = {**event, "value": {**event["value"], "warnings": warnings}}
            say(event)

        return well(task, out, hear)

    question = asked(tmp_path)
    (tmp_path / "layers.py").write_text("1 / 0\n")
    question = replace(question, model=replace(question.model, code=tmp_path / "layers.py"))
    everywhere = {A: script, B: script, C: script}
    if useless:
        with pytest.raises(
            UsageError, match=r"layers\.py cannot be used: ZeroDivisionError: division by zero\. It"
        ):
            ask(shop, question, **everywhere)
    else:
        assert consumers(ask(shop, question, **everywhere)) == [A, B, C]


@pytest.mark.parametrize(
    ("times", "verdict", "asked_for"),
    [(1, "identical", ["load", "load"]), (2, "timed_out", ["load", "load", "remedy"])],
)
def test_running_out_of_time_is_believed_the_second_time(
    shop: Workshop, tmp_path: Path, times: int, verdict: str, asked_for: list[str]
) -> None:
    left = iter(range(times))
    phases: list[str] = []

    def busy(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        if task["cells"]:
            phases.append(task["phase"])
        if task["phase"] != "load" or not task["cells"] or next(left, None) is None:
            return well(task, out, say)
        say(ready_event())
        (item,) = task["cells"]
        ended = {"status": "timed_out", "problem": "It took too long.", "value": None}
        say({**cell(item["key"], {}), **ended})
        return DONE

    results = ask(shop, asked(tmp_path), **{C: busy})
    assert {found.consumer: found.verdict.value for found in results.cells}[C] == verdict
    assert phases[:3] == asked_for
