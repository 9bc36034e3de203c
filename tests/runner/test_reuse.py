from pathlib import Path
from typing import Any

import pytest

from runner.plan import Plan
from runner.provenance import header, judging_sha256
from runner.reuse import Todo, todo
from runner.store import Store
from runner.told import saved_values
from tests.runner.fakes import LOADED, artifact, cell, make_plan, ready_event
from tests.runner.test_provenance import keep

KEY = artifact("a", format="h5")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", formats=("h5",))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def loaded(
    plan: Plan, store: Store, sha256: str, *more: dict[str, Any], status: str = "done", **head: Any
) -> None:
    task = plan.load_task("b", (KEY,))
    with store.journal(task, onwards=True) as journal:
        journal.write({**header(plan, task, "venv"), **head})
        journal.write({"event": "provisioned", "base": "b", "base_digest": "sha256:1", "seconds": 0.0})
        journal.write(ready_event())
        journal.write({**cell(vars(KEY), LOADED), "status": status, "problem": "", "sha256": sha256})
        for event in more:
            journal.write(event)


def load_todo(plan: Plan, store: Store, **more: Any) -> Todo:
    saved = saved_values(plan, store, plan.artifacts())
    return todo(plan, plan.load_task("b", tuple(saved)), store, saved, **more)


def test_all_of_it_is_left_before_anything_ran(plan: Plan, store: Store) -> None:
    found = todo(plan, plan.save_task("a"), store, {})
    assert dict(found.cells) == {KEY: "it was not run before"}
    assert not found.nothing


def test_what_was_saved_and_is_here_is_not_saved_again(plan: Plan, store: Store) -> None:
    sha256 = keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    assert todo(plan, plan.save_task("a"), store, {}).nothing
    store.object(sha256).rename(store.root / "gone")
    (why,) = todo(plan, plan.save_task("a"), store, {}).cells.values()
    assert why == "what was saved is not in the store any more"


def test_a_cell_that_holds_is_known_with_what_its_environment_is(plan: Plan, store: Store) -> None:
    sha256 = keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    loaded(plan, store, sha256)
    found = load_todo(plan, store, engine="venv", base_digest="sha256:1")
    assert found.nothing
    assert list(found.known) == [KEY]
    assert found.facts["keras"] == "2.15.0"


@pytest.mark.parametrize(
    ("head", "more", "why"),
    [
        ({"agent_sha256": "0"}, {}, "the checks have changed since"),
        ({"lock_sha256": "0"}, {}, "its lock has changed since"),
        ({"probes": {}}, {}, "it was not run before"),
        ({"probes": {"dense": "0"}}, {}, "its probe has changed since"),
        ({}, {"engine": "docker"}, "it was run with the venv engine before"),
        ({}, {"base_digest": "sha256:2"}, "its base image has changed"),
        ({}, {"fresh": True}, "all is run anew, as was asked"),
    ],
)
def test_the_reason_is_told(
    plan: Plan, store: Store, head: dict[str, Any], more: dict[str, Any], why: str
) -> None:
    loaded(plan, store, keep(plan, store, header(plan, plan.save_task("a"), "venv")), **head)
    assert dict(load_todo(plan, store, **more).reasons) == {why: 1}


def test_what_was_saved_anew_is_loaded_anew(plan: Plan, store: Store) -> None:
    keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    loaded(plan, store, "1" * 64)
    assert dict(load_todo(plan, store).reasons) == {"what it loads was saved anew": 1}


def test_a_time_out_is_tried_once_more(plan: Plan, store: Store) -> None:
    sha256 = keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    loaded(plan, store, sha256, status="timed_out")
    assert dict(load_todo(plan, store).reasons) == {"it ran out of time or died the last time, once": 1}
    loaded(plan, store, sha256, status="timed_out")
    assert load_todo(plan, store).cells == {}


def test_a_line_that_a_disk_has_changed_costs_its_cell_and_is_the_reason(plan: Plan, store: Store) -> None:
    sha256 = keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    loaded(plan, store, sha256, {"event": "ended", "problem": ""})
    path = store.journal_path("b", "load")
    text = path.read_bytes()
    path.write_bytes(text.replace(b'"outputs": "same"', b'"outputs": "lost"'))
    assert path.read_bytes() != text
    assert list(load_todo(plan, store).cells.values()) == ["its line in the journal is damaged"]
    path.write_bytes(text)
    assert load_todo(plan, store).nothing


def test_what_is_worth_trying_is_chosen_anew_only_where_what_chooses_it_has_changed(
    plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    sha256 = keep(plan, store, header(plan, plan.save_task("a"), "venv"))
    task = plan.load_task("b", (KEY,))
    lost: dict[str, Any] = {**LOADED, "checks": {"outputs": "same", "optimizer": "lost"}}

    def cells(*more: dict[str, Any]) -> None:
        with store.journal(task, onwards=True) as journal:
            journal.write(header(plan, task, "venv"))
            journal.write({**cell(vars(KEY), lost), "sha256": sha256})
            for event in more:
                journal.write(event)

    cells()
    assert set(load_todo(plan, store).remedies) == {KEY}
    tried = {"event": "tried", "key": vars(KEY), "asked": "other remedies"}
    cells({**tried, "judged": "as it was before"})
    assert set(load_todo(plan, store).remedies) == {KEY}
    cells({**tried, "judged": judging_sha256()})
    monkeypatch.setattr("runner.trying.diagnose", lambda symptoms: pytest.fail("asked again"))
    assert load_todo(plan, store).nothing
