from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.plan import Plan
from runner.provenance import header
from runner.store import Store
from runner.told import Told, read
from tests.runner.fakes import LOADED, artifact, cell, make_plan, ready_event

KEY = artifact("a")


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def loaded(status: str = "done", seconds: float = 0.25) -> dict[str, Any]:
    return {**cell(vars(KEY), LOADED), "status": status, "seconds": seconds, "sha256": "0" * 64}


def remedy(name: str, asked: str) -> dict[str, Any]:
    value = {**LOADED, "edits": []}
    return {**cell(vars(KEY), value), "event": "remedy", "id": name, "asked": asked}


def tried(asked: str) -> dict[str, Any]:
    return {"event": "tried", "key": vars(KEY), "asked": asked, "judged": "1"}


def section(plan: Plan, store: Store, *events: dict[str, Any], **moved: Any) -> None:
    task = plan.load_task("b", (KEY,))
    with store.journal(task, onwards=True) as journal:
        journal.write({**header(plan, task, "venv"), "started": "2026-11-01T00:00:00+00:00", **moved})
        for event in events:
            journal.write(event)


def told(plan: Plan, store: Store) -> Told:
    return read(plan, store, plan.environment("b"), "load")


def test_what_several_runs_found_out_is_told_together(plan: Plan, store: Store) -> None:
    section(plan, store, ready_event(), loaded())
    section(plan, store, started="2026-11-02T00:00:00+00:00")
    found = told(plan, store)
    assert found.cells[KEY]["seconds"] == 0.25
    assert found.since[KEY] == "2026-11-01T00:00:00+00:00"
    assert found.head["started"] == "2026-11-02T00:00:00+00:00"
    assert found.ready["facts"]["keras"] == "2.15.0"


def test_the_last_word_on_a_cell_holds(plan: Plan, store: Store) -> None:
    section(plan, store, loaded(seconds=1.0))
    section(plan, store, loaded(seconds=2.0))
    assert told(plan, store).cells[KEY]["seconds"] == 2.0


@pytest.mark.parametrize(
    "moved",
    [{"lock_sha256": "0"}, {"agent_sha256": "0"}, {"options_sha256": "0"}, {"probes": {"dense": "0"}}],
)
def test_a_section_of_another_time_is_passed_over_and_the_others_hold(
    plan: Plan, store: Store, moved: dict[str, Any]
) -> None:
    section(plan, store, loaded(seconds=1.0))
    section(plan, store, loaded(seconds=2.0), **moved)
    found = told(plan, store)
    assert found.cells[KEY]["seconds"] == 1.0
    assert found.stale == ""


def test_where_no_section_holds_the_reason_is_told(plan: Plan, store: Store) -> None:
    section(plan, store, loaded(), agent_sha256="0")
    found = told(plan, store)
    assert found.cells == {}
    assert found.stale == "the checks have changed since"


def test_after_a_fresh_section_nothing_older_counts(plan: Plan, store: Store) -> None:
    section(plan, store, loaded())
    section(plan, store, fresh=True)
    assert told(plan, store).cells == {}


def test_a_cell_that_timed_out_is_doubted_once(plan: Plan, store: Store) -> None:
    section(plan, store, loaded("timed_out"))
    assert told(plan, store).doubtful == {KEY}
    section(plan, store, loaded("timed_out"))
    assert told(plan, store).doubtful == frozenset()
    section(plan, store, loaded("done"))
    assert told(plan, store).doubtful == frozenset()
    section(plan, store, loaded("crashed"))
    assert told(plan, store).doubtful == {KEY}


def test_what_worked_all_the_time_is_not_doubted(plan: Plan, store: Store) -> None:
    section(plan, store, {**loaded("timed_out"), "looping": True})
    assert told(plan, store).doubtful == frozenset()
    assert told(plan, store).cells[KEY]["status"] == "timed_out"


def test_remedies_go_with_the_cell_that_they_were_tried_for(plan: Plan, store: Store) -> None:
    section(plan, store, loaded(), remedy("one", "x"), remedy("two", "x"), tried("x"))
    found = told(plan, store)
    assert list(found.remedies[KEY]) == ["one", "two"]
    assert found.tried == {KEY: "x"}
    assert found.judged == {KEY: "1"}
    section(plan, store, loaded())
    found = told(plan, store)
    assert (found.remedies, found.tried, found.judged) == ({}, {}, {})


def test_remedies_that_are_chosen_otherwise_take_the_place_of_the_old(plan: Plan, store: Store) -> None:
    section(plan, store, loaded(), remedy("one", "x"), tried("x"))
    section(plan, store, remedy("two", "y"), tried("y"))
    found = told(plan, store)
    assert list(found.remedies[KEY]) == ["two"]
    assert found.tried == {KEY: "y"}


def test_why_an_environment_was_missing_is_of_its_last_section(plan: Plan, store: Store) -> None:
    section(plan, store, {"event": "unavailable", "message": "no disk", "log": ""})
    assert told(plan, store).unavailable == "no disk"
    section(plan, store, loaded())
    assert told(plan, store).unavailable == ""


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": "done", "value": {"checks": {"outputs": "bananas"}}},
        {"status": "perfect"},
        {"key": {"producer": "a"}},
        {"key": "a/dense/keras"},
        {"seconds": "2.0"},
        {"attempts": "many"},
        {"sha256": None},
        {"value": None},
    ],
)
def test_a_line_of_another_shape_is_passed_over(plan: Plan, store: Store, wrong: dict[str, Any]) -> None:
    section(plan, store, loaded(seconds=1.0), {**loaded(seconds=2.0), **wrong})
    assert told(plan, store).cells[KEY]["seconds"] == 1.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"event": "ready", "facts": None, "seconds": 1.0},
        {"event": "provisioned"},
        {"event": "unavailable"},
        {"event": "broken", "error": "all of it"},
        {"event": "ended", "problem": 1},
        {"event": "lost", "key": {}},
        {"event": ["cell"]},
    ],
)
def test_what_is_no_event_is_passed_over(plan: Plan, store: Store, wrong: dict[str, Any]) -> None:
    section(plan, store, loaded(), wrong)
    found = told(plan, store)
    assert list(found.cells) == [KEY]
    assert (found.unavailable, found.problem, found.ready) == ("", "", {})


@given(at=st.integers(0, 3000), garbage=st.binary(max_size=200), cut=st.integers(0, 200))
@settings(max_examples=60, deadline=None)
def test_garbage_in_the_middle_costs_no_more_than_it_covers(at: int, garbage: bytes, cut: int) -> None:
    with TemporaryDirectory() as name:
        plan, store = make_plan(Path(name), "a", "b"), Store(Path(name) / "state")
        section(plan, store, loaded(seconds=1.0))
        section(plan, store, loaded(seconds=2.0))
        path = store.journal_path("b", "load")
        text = path.read_bytes()
        path.write_bytes(text[:at] + garbage + text[at + cut :])
        found = told(plan, store)
        assert {event["seconds"] for event in found.cells.values()} <= {1.0, 2.0}
        section(plan, store, loaded(seconds=3.0))
        assert told(plan, store).cells[KEY]["seconds"] == 3.0


def test_what_was_run_with_another_engine_holds_no_longer(plan: Plan, store: Store) -> None:
    section(plan, store, loaded())
    section(plan, store, {"event": "unavailable", "message": "No daemon."}, engine="docker")
    found = told(plan, store)
    assert found.cells == {}
    assert found.unavailable == "No daemon."


def provisioned(digest: str) -> dict[str, Any]:
    return {"event": "provisioned", "base": "b", "base_digest": digest, "seconds": 1.0}


def test_what_was_run_on_another_base_holds_no_longer(plan: Plan, store: Store) -> None:
    section(plan, store, provisioned("sha256:1"), loaded())
    section(plan, store, provisioned("sha256:1"))
    assert list(told(plan, store).cells) == [KEY]
    section(plan, store, provisioned("sha256:2"))
    found = told(plan, store)
    assert (found.cells, found.provisioned["base_digest"]) == ({}, "sha256:2")
    assert found.head


def test_a_fresh_run_of_less_leaves_the_rest(plan: Plan, store: Store) -> None:
    section(plan, store, loaded())
    section(plan, store, fresh=True, formats=["h5"])
    section(plan, store, fresh=True, producers=["b"])
    section(plan, store, fresh=True, probes={"other": "0"})
    assert list(told(plan, store).cells) == [KEY]
    section(plan, store, fresh=True)
    assert told(plan, store).cells == {}
