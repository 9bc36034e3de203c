import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest

from environments.engines import Exit
from environments.errors import InfrastructureError, Interrupted
from runner import execute
from runner.collect import collect
from runner.journal import Event
from runner.plan import Plan, Task
from runner.results import Run
from runner.store import Store
from runner.told import saved_artifacts
from tests.runner.fakes import Recorded, Say, artifact, make_lock, make_plan, well


class Seen:
    """An observer that remembers."""

    def __init__(self) -> None:
        self.said: list[tuple[str, ...]] = []

    def provisioning(self, environment: str) -> None:
        self.said.append(("provisioning", environment))

    def provisioned(self, environment: str, problem: str) -> None:
        self.said.append(("provisioned", environment, problem))

    def planned(self, task: Task) -> None:
        self.said.append(("planned", task.key, str(len(task.artifacts))))

    def event(self, task: Task, event: Event) -> None:
        self.said.append((event["event"], task.key))


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", "c")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def verdicts(plan: Plan, store: Store, unavailable: Mapping[str, str] | None = None) -> dict[str, str]:
    run = Run(id="r", started="", engine="recorded", matrix_sha256="", version="")
    results = collect(plan, store, run, unavailable=unavailable)
    return {cell.producer + cell.consumer: str(cell.verdict) for cell in results.cells}


def go(
    plan: Plan,
    engine: Recorded,
    store: Store,
    *,
    cancel: Flag | None = None,
    unavailable: Mapping[str, str] | None = None,
    fresh: bool = False,
) -> Seen:
    seen = Seen()
    execute.execute(
        plan,
        engine,
        store,
        seen,
        cancel=cancel or Flag(),
        unavailable=unavailable or {},
        workers=2,
        fresh=fresh,
    )
    return seen


def test_every_environment_saves_and_then_every_one_loads_all(plan: Plan, store: Store) -> None:
    engine = Recorded()
    seen = go(plan, engine, store)
    keys = [key for key, _ in engine.jobs]
    assert sorted(keys[:3]) == ["save-a", "save-b", "save-c"]
    assert sorted(keys[3:]) == ["load-a", "load-b", "load-c"]
    assert all(len(cells) == 3 for key, cells in engine.jobs if key.startswith("load"))
    assert set(verdicts(plan, store).values()) == {"identical"}
    assert seen.said.index(("provisioned", "a", "")) < seen.said.index(("planned", "save-a", "1"))


def test_an_environment_that_cannot_be_made_costs_its_own_cells_only(plan: Plan, store: Store) -> None:
    engine = Recorded(broken={"b": "There is no Python 3.11 here."})
    seen = go(plan, engine, store)
    assert ("provisioned", "b", "There is no Python 3.11 here.") in seen.said
    found = verdicts(plan, store)
    assert {pair for pair, verdict in found.items() if verdict == "identical"} == {"aa", "ac", "ca", "cc"}
    assert {verdict for pair, verdict in found.items() if "b" in pair} == {"unavailable"}


def test_an_environment_that_was_never_resolved_is_not_made(plan: Plan, store: Store) -> None:
    engine = Recorded()
    seen = go(plan, engine, store, unavailable={"c": "The registry is silent."})
    assert sorted(engine.provisioned) == ["a", "b"]
    assert ("provisioned", "c", "The registry is silent.") in seen.said
    assert verdicts(plan, store, {"c": "The registry is silent."})["ac"] == "unavailable"


def test_one_saves_while_another_is_still_made(plan: Plan, store: Store) -> None:
    saved = threading.Event()

    class Slow(Recorded):
        def provision(self, environment: Any, lock: Any, **more: Any) -> Any:
            if environment.id == "b":
                assert saved.wait(10)  # only when a has saved
            return super().provision(environment, lock, **more)

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        ended = well(task, out, say)
        saved.set()
        return ended

    go(plan, Slow({"save-a": [script]}), store)
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_the_slowest_load_first(tmp_path: Path, store: Store) -> None:
    old = make_plan(tmp_path, "old", keras="2.15.0")
    new = make_plan(tmp_path, "a-new", keras="3.8.0")
    plan = Plan(
        environments=new.environments + old.environments,
        locks={**new.locks, **old.locks},
        probes=new.probes,
        formats=new.formats,
    )
    seen = go(plan, Recorded(), store)
    assert [said[1] for said in seen.said if said[0] == "planned"][2:] == ["load-old", "load-a-new"]


def test_interrupting_keeps_what_was_done_and_starts_nothing_new(plan: Plan, store: Store) -> None:
    cancel = Flag()

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        ended = well(task, out, say)
        cancel.set()
        return ended

    engine = Recorded({"load-a": [script], "load-b": [script], "load-c": [script]})
    with pytest.raises(Interrupted, match="What was done until now is kept"):
        go(plan, engine, store, cancel=cancel)
    found = list(verdicts(plan, store).values())
    assert found.count("identical") >= 3
    assert set(found) <= {"identical", "not_run"}
    assert len(engine.jobs) < 3 + 3


def test_ctrl_c_in_the_main_thread_waits_for_what_runs(plan: Plan, store: Store) -> None:
    cancel = Flag()
    ended = []

    class Impatient(Seen):
        def planned(self, task: Task) -> None:
            if task.phase == "load":
                raise KeyboardInterrupt
            super().planned(task)

    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        time.sleep(0.05)
        found = well(task, out, say)
        ended.append(task["environment"])
        return found

    engine = Recorded({"save-a": [script], "save-b": [script], "save-c": [script]})
    with pytest.raises(KeyboardInterrupt):
        execute.execute(plan, engine, store, Impatient(), cancel=cancel, unavailable={}, workers=2)
    assert cancel.is_set()
    assert sorted(ended) == ["a", "b", "c"]
    assert set(verdicts(plan, store).values()) == {"not_run"}


def test_a_disk_that_is_full_ends_the_run(plan: Plan, store: Store) -> None:
    def script(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        raise InfrastructureError("The disk is full.")

    with pytest.raises(InfrastructureError, match="full"):
        go(plan, Recorded({"save-b": [script]}), store)


def test_a_second_run_with_nothing_changed_makes_and_starts_nothing(plan: Plan, store: Store) -> None:
    go(plan, Recorded(), store)
    engine = Recorded()
    seen = go(plan, engine, store)
    assert engine.provisioned == []
    assert engine.jobs == []
    assert ("provisioned", "a", "") in seen.said
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_fresh_runs_everything_again(plan: Plan, store: Store) -> None:
    go(plan, Recorded(), store)
    engine = Recorded()
    go(plan, engine, store, fresh=True)
    assert len(engine.jobs) == 6
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_one_environment_more_costs_its_own_row_and_column(plan: Plan, store: Store, tmp_path: Path) -> None:
    two = replace(plan, environments=plan.environments[:2])
    go(two, Recorded(), store)
    engine = Recorded()
    go(plan, engine, store)
    assert sorted(engine.jobs) == [
        ("load-a", ["c/dense/keras"]),
        ("load-b", ["c/dense/keras"]),
        ("load-c", ["a/dense/keras", "b/dense/keras", "c/dense/keras"]),
        ("save-c", ["c/dense/keras"]),
    ]
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_what_an_interrupted_run_has_done_is_not_done_again(plan: Plan, store: Store) -> None:
    def killed(task: Mapping[str, Any], out: Path, say: Say) -> Exit:
        raise InfrastructureError("The machine went away.")

    with pytest.raises(InfrastructureError):
        go(plan, Recorded({"load-b": [killed], "load-c": [killed]}), store)
    engine = Recorded()
    go(plan, engine, store)
    assert "save-a" not in dict(engine.jobs)
    assert "load-a" not in dict(engine.jobs)
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_an_artifact_that_a_disk_has_changed_is_saved_and_loaded_anew(plan: Plan, store: Store) -> None:
    go(plan, Recorded(), store)
    (sha256,) = saved_artifacts(plan, store, [artifact("a")]).values()
    (store.object(sha256) / "payload" / "m.keras").write_text("cut off")
    more = replace(plan, environments=(*plan.environments, replace(plan.environments[0], id="d")))
    more = replace(more, locks={**plan.locks, "d": make_lock(more.environments[3])})
    engine = Recorded()
    go(more, engine, Store(store.root))
    assert ("save-a", ["a/dense/keras"]) in engine.jobs
    assert (store.object(sha256) / "payload" / "m.keras").read_text() == "weights of a"
    assert set(verdicts(more, store).values()) == {"identical"}


def test_what_nobody_loads_is_not_looked_through(plan: Plan, store: Store) -> None:
    go(plan, Recorded(), store)
    (sha256,) = saved_artifacts(plan, store, [artifact("a")]).values()
    (store.object(sha256) / "payload" / "m.keras").write_text("cut off")
    engine = Recorded()
    go(plan, engine, Store(store.root))
    assert engine.jobs == []


def test_an_image_that_has_moved_is_run_anew_where_nothing_else_has_changed(plan: Plan, store: Store) -> None:
    engine = Recorded()
    engine.base_digest = "sha256:1"
    go(plan, engine, store)
    engine.jobs.clear()
    go(plan, engine, store)
    assert engine.jobs == []
    engine.base_digest = "sha256:2"
    go(plan, engine, store)
    assert len(engine.jobs) == 6
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_one_that_cannot_be_made_does_not_have_the_others_made_for_it(plan: Plan, store: Store) -> None:
    go(plan, Recorded(broken={"c": "No."}), store)
    engine = Recorded(broken={"c": "No."})
    go(plan, engine, store)
    assert engine.provisioned == []
    assert engine.jobs == []
    assert verdicts(plan, store)["ab"] == "identical"
    engine = Recorded()
    go(plan, engine, store)
    assert sorted(key for key, _ in engine.jobs) == ["load-a", "load-b", "load-c", "save-c"]
    assert set(verdicts(plan, store).values()) == {"identical"}


def test_one_that_was_away_for_a_night_is_there_again(plan: Plan, store: Store) -> None:
    two = replace(plan, environments=plan.environments[:2])
    go(two, Recorded(), store)
    go(plan, Recorded(broken={"b": "No."}), store)
    found = verdicts(plan, store)
    assert found["ab"] == "identical"
    assert found["cb"] == "unavailable"
    go(plan, Recorded(), store)
    run = Run(id="r", started="", engine="recorded", matrix_sha256="", version="")
    assert {item.status for item in collect(plan, store, run).environments} == {"ready"}


def test_there_is_at_least_one_job() -> None:
    assert execute.jobs() >= 1
