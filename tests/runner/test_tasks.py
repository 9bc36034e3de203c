from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from environments.engines import Exit
from environments.errors import EnvironmentUnavailable, Interrupted, UsageError
from runner.journal import Event
from runner.plan import ArtifactKey, Phase, Plan, Task
from runner.reuse import todo
from runner.store import Store
from runner.tasks import record_unavailable, run_task
from runner.told import saved_artifacts, saved_values
from tests.runner import fakes
from tests.runner.fakes import (
    DONE,
    KILLED,
    LOADED,
    Recorded,
    Say,
    artifact,
    cell,
    make_plan,
    ready_event,
    saved,
    well,
)

FORMATS = ("keras", "h5", "weights")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", formats=FORMATS)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def carry_out(plan: Plan, store: Store, engine: Recorded, environment: str, phase: Phase) -> list[Event]:
    heard: list[Event] = []
    task = (
        plan.save_task(environment)
        if phase == "save"
        else plan.load_task(environment, tuple(saved_artifacts(plan, store, plan.artifacts())))
    )
    ready = engine.provision(plan.environment(environment), None, log=store.logs, cancel=Flag())
    run_task(
        plan,
        task,
        ready,
        engine,
        store,
        listener=lambda _, event: heard.append(event),
        cancel=Flag(),
        seconds=3.5,
    )
    assert not any(store.scratch.iterdir())
    return heard


def outcomes(store: Store, environment: str, phase: Phase) -> dict[str, str]:
    return {
        event["key"]["format"]: event["status"]
        for event in store.events(environment, phase)
        if event["event"] == "cell"
    }


def begin_then_die(at: str) -> fakes.Script:
    """An agent that does well until it comes to a format, and dies in it."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(ready_event())
        for item in task["cells"]:
            say({"event": "begin", "key": item["key"]})
            if item["key"]["format"] == at:
                return KILLED
            say(saved(item["key"], out) if task["phase"] == "save" else cell(item["key"], LOADED))
        return DONE

    return script


def die(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
    return KILLED


def test_what_is_saved_is_in_the_store_and_in_the_journal(plan: Plan, store: Store) -> None:
    heard = carry_out(plan, store, Recorded(), "a", "save")
    events = list(store.events("a", "save"))
    assert [event["event"] for event in events] == [
        *("task", "provisioned", "started", "ready"),
        *("begin", "cell") * 3,
        *("finished", "ended"),
    ]
    assert events[0]["lock_sha256"] == plan.locks["a"].sha256
    assert events[0]["probes"] == {"dense": "sha-dense"}
    assert events[1]["seconds"] == 3.5
    assert heard == events[2:]
    found = saved_artifacts(plan, store, plan.artifacts())
    assert set(found) == {artifact("a", format=name) for name in FORMATS}
    assert all(store.has(sha256) for sha256 in found.values())


def test_a_load_task_gets_the_saved_files(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")
    seen: dict[str, Any] = {}

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        seen.update(task)
        return well(task, out, say)

    engine = Recorded({"load-b": [script]})
    carry_out(plan, store, engine, "b", "load")
    shas = saved_artifacts(plan, store, plan.artifacts())
    assert {item["format"]: item["artifact"] for item in seen["cells"]} == {
        key.format: f"artifacts/{sha256}" for key, sha256 in shas.items()
    }
    assert seen["timeout"] == 1.0
    events = [event for event in store.events("b", "load") if event["event"] == "cell"]
    assert [(event["attempts"], event["sha256"]) for event in events] == [
        (1, shas[artifact("a", format=name)]) for name in FORMATS
    ]


@pytest.mark.parametrize(("took", "limit"), [(0.5, 20.0), (1.5, 30.0)])
def test_how_long_a_load_may_work_comes_from_how_long_saving_took(
    plan: Plan, store: Store, took: float, limit: float
) -> None:
    def slowly(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        assert "busy" not in task
        say(ready_event())
        for item in task["cells"]:
            say({**saved(item["key"], out), "seconds": took if item["format"] == "h5" else 0.1})
        return Exit(status=0)

    seen: dict[str, Any] = {}

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        seen.update(task)
        return well(task, out, say)

    carry_out(plan, store, Recorded({"save-a": [slowly]}), "a", "save")
    carry_out(plan, store, Recorded({"load-b": [script]}), "b", "load")
    assert seen["busy"] == limit


def test_a_cell_that_takes_the_agent_down_once_is_tried_again_after_the_others(
    plan: Plan, store: Store
) -> None:
    engine = Recorded({"save-a": [begin_then_die("h5"), well]})
    carry_out(plan, store, engine, "a", "save")
    assert outcomes(store, "a", "save") == {"keras": "done", "weights": "done", "h5": "done"}
    assert engine.jobs == [
        ("save-a", ["a/dense/keras", "a/dense/h5", "a/dense/weights"]),
        ("save-a", ["a/dense/weights", "a/dense/h5"]),
    ]
    attempts = {
        event["key"]["format"]: event["attempts"]
        for event in store.events("a", "save")
        if event["event"] == "cell"
    }
    assert attempts == {"keras": 1, "weights": 1, "h5": 2}


def test_the_second_time_that_is_its_verdict(plan: Plan, store: Store) -> None:
    engine = Recorded({"save-a": [begin_then_die("h5")]})
    carry_out(plan, store, engine, "a", "save")
    assert outcomes(store, "a", "save") == {"keras": "done", "weights": "done", "h5": "crashed"}
    (crashed,) = [event for event in store.events("a", "save") if event.get("status") == "crashed"]
    assert crashed["problem"] == "The whole task ended with this cell, 2 times. Ended by signal SIGKILL."
    assert crashed["output"] == "out of memory, it says\n"
    assert crashed["attempts"] == 2


def test_several_cells_that_take_the_agent_down_do_not_cost_the_rest(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        first = task["cells"][0]["key"]
        say({"event": "begin", "key": first})
        if first["format"] == "weights":
            say(saved(first, out))
        return KILLED

    carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert outcomes(store, "a", "save") == {"keras": "crashed", "h5": "crashed", "weights": "done"}


def test_an_agent_that_dies_in_silence_is_not_tried_for_ever(plan: Plan, store: Store) -> None:
    engine = Recorded({"save-a": [die]})
    carry_out(plan, store, engine, "a", "save")
    assert len(engine.jobs) == 2
    assert outcomes(store, "a", "save") == {}
    assert [event["problem"] for event in store.events("a", "save") if event["event"] == "ended"] == [
        "Ended by signal SIGKILL.",
        "Ended by signal SIGKILL.",
    ]


def test_a_silent_death_followed_by_work_is_forgiven(plan: Plan, store: Store) -> None:
    engine = Recorded({"save-a": [die, begin_then_die("h5"), die, well]})
    carry_out(plan, store, engine, "a", "save")
    assert outcomes(store, "a", "save") == {"keras": "done", "weights": "done", "h5": "done"}


def test_a_framework_that_cannot_be_imported_ends_the_task(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say({"event": "broken", "error": {"type": "ImportError", "message": "no GLIBC", "traceback": ""}})
        return Exit(status=3, problem="Ended with status 3.")

    engine = Recorded({"save-a": [script]})
    carry_out(plan, store, engine, "a", "save")
    assert len(engine.jobs) == 1
    assert [event["event"] for event in store.events("a", "save")] == [
        "task",
        "provisioned",
        "broken",
        "ended",
    ]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.asking.WAITS", (0.01,))


def test_an_environment_that_cannot_be_started_says_so_in_the_journal(
    plan: Plan, store: Store, impatient: None
) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        raise EnvironmentUnavailable("The daemon is gone.", log="EOF")

    heard = carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert heard[-1] == {"event": "unavailable", "message": "The daemon is gone.", "log": "EOF"}


def test_trouble_around_a_cell_is_not_charged_to_it(plan: Plan, store: Store, impatient: None) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say({"event": "begin", "key": task["cells"][0]["key"]})
        raise EnvironmentUnavailable("The daemon was away.")

    engine = Recorded({"save-a": [script, well]})
    carry_out(plan, store, engine, "a", "save")
    assert [len(cells) for _, cells in engine.jobs] == [3, 3]
    assert outcomes(store, "a", "save") == dict.fromkeys(FORMATS, "done")
    assert {event["attempts"] for event in store.events("a", "save") if event["event"] == "cell"} == {1}


def test_trouble_that_lasts_ends_the_task(plan: Plan, store: Store, impatient: None) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        raise EnvironmentUnavailable("The daemon was away.")

    engine = Recorded({"save-a": [script]})
    carry_out(plan, store, engine, "a", "save")
    assert len(engine.jobs) == 2
    assert [event["event"] for event in store.events("a", "save")] == ["task", "provisioned", "unavailable"]


def test_what_the_disk_has_damaged_is_not_loaded(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")
    sha256 = saved_artifacts(plan, store, [artifact("a", format="h5")])[artifact("a", format="h5")]
    (store.object(sha256) / "payload" / "m.keras").write_text("other")
    store = Store(store.root)
    engine = Recorded()
    carry_out(plan, store, engine, "b", "load")
    assert engine.jobs == []  # the three are alike, and one in the store
    assert not store.has(sha256)
    events = list(store.events("b", "load"))
    assert "damaged in the store" in events[2]["problem"]


def test_noise_and_forged_lines_change_nothing(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say("2024-07-01 I tensorflow/core: hello")
        say("[" * 100_000)
        say({"event": "task", "lock_sha256": "forged"})
        say({"event": "unavailable", "message": "forged"})
        say({"event": "ended", "problem": "forged"})
        say({"event": "lost", "key": task["cells"][0]["key"], "problem": "forged"})
        say(cell({"producer": "b", "probe": "dense", "format": "keras"}, {"status": "unsupported"}))
        say(cell({"producer": "a", "probe": "other", "format": "keras"}, {"status": "unsupported"}))
        say({"event": "cell", "key": task["cells"][0]["key"], "status": "done"})
        return well(task, out, say)

    carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert [event["event"] for event in store.events("a", "save")] == [
        *("task", "provisioned", "started", "ready"),
        *("begin", "cell") * 3,
        *("finished", "ended"),
    ]


def test_a_cell_is_told_once(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        well(task, out, say)
        say(cell(task["cells"][0]["key"], {"status": "unsupported"}))
        return DONE

    carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert len([event for event in store.events("a", "save") if event["event"] == "cell"]) == 3


def test_files_that_are_not_what_was_described_are_lost_and_told(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        ended = well(task, out, say)
        (out / "dense" / "h5" / "payload" / "m.keras").write_text("changed on the way")
        return ended

    carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert set(saved_artifacts(plan, store, plan.artifacts())) == {
        artifact("a"),
        artifact("a", format="weights"),
    }
    (lost,) = [event for event in store.events("a", "save") if event["event"] == "lost"]
    assert lost["key"] == {"producer": "a", "probe": "dense", "format": "h5"}
    assert lost["problem"] == "It was saved, but its files did not come back whole. Run it again."


def test_what_a_probe_saved_is_in_the_store_before_the_next_is_saved(tmp_path: Path, store: Store) -> None:
    plan = make_plan(tmp_path, "a", probes=("p1", "p2", "p3", "p4", "p5"), formats=("h5", "keras"))
    there: list[int] = []

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        there.append(len(saved_artifacts(plan, store, plan.artifacts())))
        return well(task, out, say)

    engine = Recorded({"save-a": [script]})
    carry_out(plan, store, engine, "a", "save")
    assert there == [0, 2, 4, 6, 8]
    assert engine.started == ["save-a"]
    assert len(saved_artifacts(plan, store, plan.artifacts())) == 10
    kinds = [event["event"] for event in store.events("a", "save")]
    assert [kinds.count(kind) for kind in ("started", "ready", "finished", "ended")] == [1, 1, 1, 1]


def test_what_was_saved_before_the_agent_died_is_kept(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded({"save-a": [begin_then_die("h5"), die]}), "a", "save")
    assert set(saved_artifacts(plan, store, plan.artifacts())) == {artifact("a")}


def test_interrupting_keeps_what_was_done(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(saved(task["cells"][0]["key"], out))
        raise Interrupted("The run was interrupted.")

    with pytest.raises(Interrupted):
        carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert set(saved_artifacts(plan, store, plan.artifacts())) == {artifact("a")}


def test_what_cells_print_is_heard_but_not_kept(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say({"event": "output", "text": "Epoch 1"})
        return well(task, out, say)

    heard = carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert {"event": "output", "text": "Epoch 1"} in heard
    assert all(event["event"] != "output" for event in store.events("a", "save"))


def test_one_task_at_a_time_in_one_folder(plan: Plan, store: Store) -> None:
    with store.claimed("save-a"), pytest.raises(UsageError):
        carry_out(plan, store, Recorded(), "a", "save")
    assert list(store.events("a", "save")) == []


def test_nothing_to_do_is_done_at_once(plan: Plan, store: Store) -> None:
    engine = Recorded()
    task = Task(environment="a", phase="load", artifacts=())
    ready = engine.provision(plan.environment("a"), None, log=store.logs, cancel=Flag())
    run_task(plan, task, ready, engine, store, listener=lambda *_: None, cancel=Flag())
    assert engine.jobs == []


def test_why_an_environment_is_not_there_is_kept(plan: Plan, store: Store) -> None:
    record_unavailable(plan, plan.save_task("a"), store, "venv", EnvironmentUnavailable("No.", log="why"))
    events = list(store.events("a", "save"))
    assert events[0]["engine"] == "venv"
    assert events[1] == {"event": "unavailable", "message": "No.", "log": "why"}


UNKNOWN_LOSS: dict[str, Any] = {
    "checks": {},
    "details": {"load": "Loading raised ValueError."},
    "max_abs_diff": None,
    "warnings": [],
    "error": {"type": "ValueError", "message": "Unknown loss function: 'mine'.", "traceback": ""},
}


def failing_then(*remedied: Any) -> fakes.Script:
    """Loads that fail on their loss; then, for each cell and remedy, what ``remedied`` says."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(ready_event())
        for item in task["cells"]:
            say({"event": "begin", "key": item["key"]})
            if task["phase"] == "load":
                say(cell(item["key"], UNKNOWN_LOSS))
                continue
            for remedy, outcome in zip(item["remedies"], remedied, strict=False):
                event = {**cell(item["key"], outcome), "event": "remedy", "id": remedy["id"]}
                say(event)
            say({"event": "tried", "key": item["key"]})
        say({"event": "finished"})
        return DONE

    return script


def test_what_fails_is_tried_with_remedies_by_the_same_process(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")
    engine = Recorded({"load-b": [failing_then({**LOADED, "edits": ["a key is gone"]})]})
    carry_out(plan, store, engine, "b", "load")
    assert [name for name, _ in engine.jobs] == ["load-b", "load-b"]
    assert engine.started == ["load-b"]
    tried = [event for event in store.events("b", "load") if event["event"] == "remedy"]
    assert {event["key"]["format"] for event in tried} >= {"keras", "h5"}
    shas = saved_artifacts(plan, store, plan.artifacts())
    assert all(event["sha256"] == shas[ArtifactKey(**event["key"])] for event in tried)
    assert all(event["value"]["edits"] == ["a key is gone"] for event in tried)


def test_a_plan_without_remedies_tries_none(plan: Plan, store: Store) -> None:
    plan = replace(plan, remedies=False)
    carry_out(plan, store, Recorded(), "a", "save")
    engine = Recorded({"load-b": [failing_then(LOADED)]})
    carry_out(plan, store, engine, "b", "load")
    assert len(engine.jobs) == 1


def test_what_loads_as_it_was_saved_needs_no_remedy(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")
    engine = Recorded()
    carry_out(plan, store, engine, "b", "load")
    assert len(engine.jobs) == 1


def test_a_remedy_that_takes_the_agent_down_leaves_the_verdicts(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")

    def dying(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        if task["phase"] == "load":
            return failing_then()(task, out, say)
        say(ready_event())
        say({"event": "begin", "key": task["cells"][0]["key"]})
        return KILLED

    engine = Recorded({"load-b": [dying]})
    carry_out(plan, store, engine, "b", "load")
    assert outcomes(store, "b", "load") == dict.fromkeys(FORMATS, "done")
    assert len(engine.jobs) <= 1 + 2 * len(FORMATS)


FULL = {"type": "OSError", "message": "[Errno 28] No space left on device: 'm.keras'", "traceback": ""}


def without_room(*names: str) -> fakes.Script:
    """An agent whose disk is full while it is at these formats."""

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(ready_event())
        for item in task["cells"]:
            say({"event": "begin", "key": item["key"]})
            if item["key"]["format"] not in names:
                say(saved(item["key"], out) if task["phase"] == "save" else cell(item["key"], LOADED))
            elif task["phase"] == "save":
                say(cell(item["key"], {"status": "save_failed", "stage": "save", "error": FULL}))
            else:
                told = {**LOADED["checks"], "resave": "failed"}  # type: ignore[dict-item]
                details = {"resave": f"Saving again raised {FULL['message']}."}
                say(cell(item["key"], {**LOADED, "checks": told, "details": details}))
        return DONE

    return script


def test_a_full_disk_is_no_verdict_on_what_was_saved(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded({"save-a": [without_room("h5")]}), "a", "save")
    assert outcomes(store, "a", "save") == {"keras": "done", "weights": "done"}
    (lost,) = [event for event in store.events("a", "save") if event["event"] == "lost"]
    assert lost["problem"].startswith("There was no room on the disk while it ran. Free some space")
    left = todo(plan, plan.save_task("a"), store, {})
    assert dict(left.cells) == {artifact("a", format="h5"): "what was saved was lost"}


def test_a_full_disk_is_no_verdict_on_what_was_loaded(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")
    carry_out(plan, store, Recorded({"load-b": [without_room("h5")]}), "b", "load")
    assert outcomes(store, "b", "load") == {"keras": "done", "weights": "done"}
    values = saved_values(plan, store, plan.artifacts())
    left = todo(plan, plan.load_task("b", tuple(values)), store, values)
    assert dict(left.cells) == {artifact("a", format="h5"): "what came of it was lost"}
    carry_out(plan, store, Recorded(), "b", "load")
    assert outcomes(store, "b", "load") == dict.fromkeys(FORMATS, "done")


def test_what_a_model_prints_of_a_full_disk_is_no_word_of_the_disk(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            say({**saved(item["key"], out), "output": FULL["message"]})
        return DONE

    carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert outcomes(store, "a", "save") == dict.fromkeys(FORMATS, "done")


def test_a_cell_that_died_on_a_full_disk_is_lost(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            died = {"status": "crashed", "problem": "Signal SIGBUS.", "output": FULL["message"]}
            say({**cell(item["key"], {}), **died})
        return DONE

    carry_out(plan, store, Recorded({"save-a": [script]}), "a", "save")
    assert outcomes(store, "a", "save") == {}


def test_a_remedy_that_met_a_full_disk_is_tried_again(plan: Plan, store: Store) -> None:
    carry_out(plan, store, Recorded(), "a", "save")
    full = {**UNKNOWN_LOSS, "error": FULL, "edits": []}
    carry_out(plan, store, Recorded({"load-b": [failing_then(full)]}), "b", "load")
    assert not [event for event in store.events("b", "load") if event["event"] in ("remedy", "tried")]
    values = saved_values(plan, store, plan.artifacts())
    assert todo(plan, plan.load_task("b", tuple(values)), store, values).remedies


def test_where_a_full_disk_is_what_a_probe_is_about_it_is_a_verdict(plan: Plan, store: Store) -> None:
    plan = replace(plan, probes=tuple(replace(probe, fault="disk_full") for probe in plan.probes))
    carry_out(plan, store, Recorded({"save-a": [without_room("h5")]}), "a", "save")
    assert outcomes(store, "a", "save") == dict.fromkeys(FORMATS, "done")
