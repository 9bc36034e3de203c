from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from environments.engines import Exit
from environments.errors import EnvironmentUnavailable
from runner.collect import collect
from runner.plan import Plan
from runner.provenance import now
from runner.results import CellResult, Results, Run, Verdict, to_json
from runner.store import Store
from runner.tasks import record_unavailable, run_task
from runner.told import saved_artifacts
from tests.runner.fakes import (
    DONE,
    KILLED,
    LOADED,
    Recorded,
    Say,
    cell,
    make_lock,
    make_plan,
    ready_event,
    saved,
    trying,
    well,
)

RUN = Run(id="r", started="2026-11-20T10:00:00+00:00", engine="recorded", matrix_sha256="", version="1")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", formats=("keras", "h5"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def carry_out(plan: Plan, store: Store, *names: str, **scripts: Any) -> None:
    """Carry out tasks by name (``save-a``); those that have a script do as it says."""
    for name in names:
        phase, environment = name.split("-", 1)
        task = (
            plan.save_task(environment)
            if phase == "save"
            else plan.load_task(environment, tuple(saved_artifacts(plan, store, plan.artifacts())))
        )
        engine = Recorded(
            {name: [scripts[name.replace("-", "_")]]} if name.replace("-", "_") in scripts else {}
        )
        ready = engine.provision(plan.environment(environment), None, log=store.logs, cancel=Flag())
        run_task(
            plan,
            task,
            ready,
            engine,
            store,
            listener=lambda *_: None,
            cancel=Flag(),
            seconds=2.5,
            fresh=name.replace("-", "_") in scripts,
        )


ALL = ("save-a", "save-b", "load-a", "load-b")


def at(results: Results, name: str) -> CellResult:
    return next(
        cell
        for cell in results.cells
        if f"{cell.producer}/{cell.consumer}/{cell.probe}/{cell.format}" == name
    )


def verdicts(results: Results) -> set[str]:
    return {str(cell.verdict) for cell in results.cells}


def test_nothing_done_is_shown_as_not_run(plan: Plan, store: Store) -> None:
    results = collect(plan, store, RUN)
    assert verdicts(results) == {"not_run"}
    assert {item.status for item in results.artifacts} == {"not_run"}
    assert [(item.id, item.status) for item in results.environments] == [("a", "ready"), ("b", "ready")]


def test_every_planned_cell_is_there_exactly_once_and_in_order(plan: Plan, store: Store) -> None:
    carry_out(plan, store, *ALL)
    results = collect(plan, store, RUN)
    found = [(cell.producer, cell.consumer, cell.probe, cell.format) for cell in results.cells]
    assert found == [(key.producer, key.consumer, key.probe, key.format) for key in plan.cells()]
    assert verdicts(results) == {"identical"}
    assert results.run.notes == ()


def test_the_artifact_is_described(plan: Plan, store: Store) -> None:
    carry_out(plan, store, "save-a")
    results = collect(plan, store, RUN)
    (found,) = [item for item in results.artifacts if (item.producer, item.format) == ("a", "keras")]
    assert (found.status, found.name, found.actual_format, found.files) == (
        "saved",
        "m.keras",
        "zip",
        ("m.keras",),
    )
    assert store.has(found.sha256)
    assert (found.seconds, found.output) == (0.25, "printed")


def test_a_failed_save_is_inherited_by_every_consumer(plan: Plan, store: Store) -> None:
    error = {"type": "ValueError", "message": "cannot", "traceback": "…"}

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        item = task["cells"].pop(0)
        say(cell(item["key"], {"status": "save_failed", "stage": "save", "error": error, "warnings": ["w"]}))
        return well(task, out, say)

    carry_out(plan, store, *ALL, save_a=script)
    results = collect(plan, store, RUN)
    for consumer in ("a", "b"):
        found = at(results, f"a/{consumer}/dense/keras")
        assert found.verdict is Verdict.SAVE_FAILED
        assert found.error is not None
        assert found.error.message == "cannot"
    assert at(results, "a/b/dense/h5").verdict is Verdict.IDENTICAL
    assert not at(results, "a/b/dense/keras").cached
    later = collect(plan, store, RUN.model_copy(update={"started": "2999-01-01"}))
    assert {cell.cached for cell in later.cells} == {True}
    assert results.artifacts[0].stage == "save"
    assert results.artifacts[0].warnings == ("w",)


def test_a_save_that_takes_its_process_down_is_a_failed_save(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say({"event": "begin", "key": task["cells"][0]["key"]})
        return KILLED

    carry_out(plan, store, "save-a", save_a=script)
    results = collect(plan, store, RUN)
    assert at(results, "a/b/dense/keras").verdict is Verdict.SAVE_FAILED
    assert results.artifacts[0].error is not None
    assert results.artifacts[0].error.type == "crashed"


def test_a_format_that_does_not_exist_is_unsupported_and_says_where(tmp_path: Path, store: Store) -> None:
    old = make_plan(tmp_path, "old", formats=("savedmodel",))
    new = make_plan(tmp_path, "new", keras="3.8.0", formats=("savedmodel",))
    jax = replace(new.environments[0], id="jax", tensorflow=None, keras="3.8.0", backend="jax")
    plan = Plan(
        environments=(*old.environments, *new.environments, jax),
        locks={**old.locks, **new.locks, "jax": make_lock(jax, "keras==3.8.0\n")},
        probes=old.probes,
        formats=old.formats,
    )
    carry_out(plan, store, "save-old", "save-new", "load-old", "load-new", "load-jax")
    results = collect(plan, store, RUN)
    assert at(results, "new/old/dense/savedmodel").verdict is Verdict.UNSUPPORTED
    assert at(results, "new/old/dense/savedmodel").details == {"save": "This format does not exist in new."}
    assert at(results, "old/jax/dense/savedmodel").verdict is Verdict.UNSUPPORTED
    assert at(results, "old/jax/dense/savedmodel").details == {"load": "This format does not exist in jax."}
    assert at(results, "old/new/dense/savedmodel").verdict is Verdict.IDENTICAL


def test_an_unavailable_environment_is_named_with_its_reason(plan: Plan, store: Store) -> None:
    carry_out(plan, store, "save-a", "load-a")
    record_unavailable(plan, plan.save_task("b"), store, "docker", EnvironmentUnavailable("No such image."))
    results = collect(plan, store, RUN)
    assert results.environments[1].status == "unavailable"
    assert results.environments[1].error == "No such image."
    for name in ("a/b/dense/keras", "b/a/dense/keras", "b/b/dense/h5"):
        assert at(results, name).verdict is Verdict.UNAVAILABLE
        error = at(results, name).error
        assert error is not None
        assert error.message == "No such image."
    assert at(results, "a/a/dense/keras").verdict is Verdict.IDENTICAL


def test_a_framework_that_cannot_be_imported_is_unavailable(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say({"event": "broken", "error": {"type": "ImportError", "message": "no GLIBC"}})
        return Exit(status=3, problem="Ended with status 3.")

    carry_out(plan, store, "save-a", save_a=script)
    results = collect(plan, store, RUN)
    assert results.environments[0].error == "Its framework cannot be imported: ImportError: no GLIBC"
    assert at(results, "a/b/dense/keras").verdict is Verdict.UNAVAILABLE


def test_an_environment_that_could_not_be_resolved_is_unavailable(plan: Plan, store: Store) -> None:
    results = collect(plan, store, RUN, unavailable={"b": "The registry is silent."})
    assert results.environments[1].error == "The registry is silent."
    assert at(results, "a/b/dense/keras").verdict is Verdict.NOT_RUN  # charged to its producer first
    assert at(results, "b/a/dense/keras").verdict is Verdict.UNAVAILABLE


def test_what_another_lock_gave_is_left_out_with_a_note(plan: Plan, store: Store) -> None:
    carry_out(plan, store, *ALL)
    moved = replace(plan, locks={**plan.locks, "a": make_lock(plan.environments[0], "keras==2.14.0\n")})
    results = collect(moved, store, RUN)
    assert results.run.notes == (
        "What was saved earlier in a is left out: its lock has changed since. Run it again to have it here.",
        "What was loaded earlier in a is left out: its lock has changed since. Run it again to have it here.",
    )
    assert at(results, "a/b/dense/keras").verdict is Verdict.NOT_RUN
    assert at(results, "b/a/dense/keras").verdict is Verdict.NOT_RUN
    assert at(results, "b/b/dense/keras").verdict is Verdict.IDENTICAL


def test_what_another_agent_gave_is_left_out_with_a_note(
    plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    carry_out(plan, store, *ALL)
    monkeypatch.setattr("runner.provenance.agent_sha256", lambda: "another")
    results = collect(plan, Store(store.root), RUN)
    assert verdicts(results) == {"not_run"}
    assert results.run.notes[0].startswith(
        "What was saved earlier in a, b is left out: the checks have changed"
    )


def test_a_probe_that_changed_is_not_run_and_the_others_stay(tmp_path: Path, store: Store) -> None:
    plan = make_plan(tmp_path, "a", probes=("dense", "conv"))
    carry_out(plan, store, "save-a", "load-a")
    dense, conv = plan.probes
    results = collect(replace(plan, probes=(dense, replace(conv, sha256="changed"))), store, RUN)
    assert at(results, "a/a/dense/keras").verdict is Verdict.IDENTICAL
    assert at(results, "a/a/conv/keras").verdict is Verdict.NOT_RUN


def test_a_load_of_another_content_does_not_count(plan: Plan, store: Store) -> None:
    carry_out(plan, store, *ALL)

    def again(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(ready_event())
        for item in task["cells"]:
            from tests.runner.fakes import saved

            say(saved(item["key"], out, content="retrained"))
        return Exit(status=0)

    carry_out(plan, store, "save-a", save_a=again)
    results = collect(plan, store, RUN)
    assert at(results, "a/b/dense/keras").verdict is Verdict.NOT_RUN
    assert at(results, "b/b/dense/keras").verdict is Verdict.IDENTICAL


def test_an_artifact_that_did_not_come_back_whole_is_not_run_and_says_why(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        ended = well(task, out, say)
        (out / "dense" / "h5" / "payload" / "m.keras").write_text("cut off")
        return ended

    carry_out(plan, store, *ALL, save_a=script)
    results = collect(plan, store, RUN)
    found = at(results, "a/b/dense/h5")
    assert found.verdict is Verdict.NOT_RUN
    assert found.error is not None
    assert found.error.message == "It was saved, but its files did not come back whole. Run it again."


def test_a_task_that_died_in_silence_says_how(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        return KILLED

    carry_out(plan, store, "save-a", "save-b", "load-a", "load-b", load_b=script)
    found = at(collect(plan, store, RUN), "a/b/dense/keras")
    assert found.verdict is Verdict.NOT_RUN
    assert found.error is not None
    assert found.error.message == "Ended by signal SIGKILL."


def test_what_was_lost_in_a_cell_is_told(plan: Plan, store: Store) -> None:
    value = {
        **LOADED,
        "checks": {"structure": "same", "outputs": "same", "optimizer": "lost"},
        "details": {"optimizer": "the iterations are 0 where 3 were"},
        "max_abs_diff": 1e-7,
        "warnings": ["Skipping variable loading"],
    }

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            say(cell(item["key"], value))
        return Exit(status=0)

    carry_out(plan, store, *ALL, load_b=script)
    found = at(collect(plan, store, RUN), "a/b/dense/keras")
    assert (found.verdict, found.lost, found.max_abs_diff) == (Verdict.DEGRADED, ("optimizer",), 1e-7)
    assert list(found.checks.items()) == [
        ("structure", "same"),
        ("config", "not_applicable"),
        ("weights", "not_applicable"),
        ("outputs", "same"),
        ("loss", "not_applicable"),
        ("optimizer", "lost"),
        ("training", "not_applicable"),
        ("resave", "not_applicable"),
        ("reload", "not_applicable"),
    ]
    assert found.details == {"optimizer": "the iterations are 0 where 3 were"}
    assert (found.warnings, found.attempts, found.output) == (("Skipping variable loading",), 1, "printed")


@pytest.mark.parametrize("status", ["crashed", "timed_out"])
def test_a_cell_that_did_not_come_to_its_end(plan: Plan, store: Store, status: str) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            event = {**cell(item["key"], {}), "status": status, "problem": "Ended by signal SIGSEGV."}
            del event["value"]
            say(event)
        return Exit(status=0)

    carry_out(plan, store, *ALL, load_b=script)
    found = at(collect(plan, store, RUN), "a/b/dense/keras")
    assert found.verdict == status
    assert found.error is not None
    assert (found.error.type, found.error.message) == (status, "Ended by signal SIGSEGV.")


def test_loading_that_raised_leaves_the_checks_not_run(plan: Plan, store: Store) -> None:
    error = {"type": "TypeError", "message": "batch_shape", "traceback": "…"}

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        for item in task["cells"]:
            say(cell(item["key"], {**LOADED, "checks": {}, "error": error, "max_abs_diff": None}))
        return Exit(status=0)

    carry_out(plan, store, *ALL, load_b=script)
    found = at(collect(plan, store, RUN), "a/b/dense/keras")
    assert found.verdict is Verdict.LOAD_FAILED
    assert set(found.checks.values()) == {"not_run"}
    assert found.error is not None
    assert found.error.type == "TypeError"


@given(st.data())
def test_wherever_the_journals_are_cut_every_cell_is_there(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    plan, store = make_plan(folder, "a", "b"), Store(folder / "state")
    carry_out(plan, store, *ALL)
    for environment, phase in (("a", "save"), ("b", "save"), ("a", "load"), ("b", "load")):
        path = store.artifacts / phase / f"{environment}.jsonl"
        text = path.read_bytes()
        path.write_bytes(text[: data.draw(st.integers(0, len(text)))])
    results = collect(plan, store, RUN)
    assert len(results.cells) == len(plan.cells()) == 4
    assert verdicts(results) <= {"identical", "not_run"}


def test_remedies_and_causes_are_in_the_results(plan: Plan, store: Store) -> None:
    broken = {
        **LOADED,
        "checks": {},
        "error": {"type": "ValueError", "message": "Unknown loss function: 'mine'.", "traceback": "deep"},
    }
    lossless = {**LOADED["checks"], "loss": "lost", "optimizer": "lost", "training": "lost"}  # type: ignore[dict-item]

    def tried(remedy: str) -> Mapping[str, Any]:
        return {**LOADED, "checks": lossless} if remedy == "compile_false" else broken

    carry_out(plan, store, *ALL, load_b=trying(broken, tried))
    results = collect(plan, store, RUN)
    found = at(results, "a/b/dense/h5")
    assert found.verdict is Verdict.LOAD_FAILED
    assert found.cause not in ("", "unclassified")
    assert found.telling
    remedies = {remedy.id: remedy for remedy in found.remedies}
    good = remedies["compile_false"]
    assert good.verified
    assert (good.verdict, good.lost) == (Verdict.DEGRADED, ("compile", "optimizer", "training"))
    assert found.cause in {cause.id for cause in results.causes}
    assert set(remedies) <= {meaning.id for meaning in results.remedies}
    assert not at(results, "a/a/dense/h5").remedies
    assert Results.model_validate_json(to_json(results)) == results


def test_what_a_fault_did_is_told_and_one_that_means_nothing_is_unsupported(plan: Plan, store: Store) -> None:
    plan = replace(plan, probes=(replace(plan.probes[0], name="dense+bit_flip", fault="bit_flip"),))
    told = "There is no weight in it, so no bit of one can be flipped."
    asked: list[str] = []

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        say(ready_event())
        for item in task["cells"]:
            asked.append(item["fault"])
            event = saved(item["key"], out)
            event["value"]["fault"] = "The sign of one was flipped."
            if item["format"] == "h5":
                event = cell(item["key"], {"status": "unsupported", "fault": told})
            say(event)
        return DONE

    carry_out(plan, store, "save-a", save_a=script)
    results = collect(plan, store, RUN)
    found = {item.format: item for item in results.artifacts if item.producer == "a"}
    assert asked == ["bit_flip", "bit_flip"]
    assert (found["keras"].status, found["keras"].fault) == ("saved", "The sign of one was flipped.")
    assert (found["h5"].status, found["h5"].fault) == ("unsupported", told)
    cells = [item for item in results.cells if item.producer == "a" and item.format == "h5"]
    assert {(item.verdict, item.details["save"]) for item in cells} == {(Verdict.UNSUPPORTED, told)}


def test_two_runs_of_one_second_are_told_apart(plan: Plan, store: Store) -> None:
    """One that reuses everything may begin in the second in which the one before it did."""
    carry_out(plan, store, *ALL)
    ended = now()
    while (started := now()) == ended:  # times are told to the millisecond, and no run is shorter than that
        pass
    begun = RUN.model_copy(update={"started": started})
    assert {cell.cached for cell in collect(plan, store, begun).cells} == {True}
