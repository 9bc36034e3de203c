from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from runner import compaction
from runner.plan import Plan
from runner.provenance import header
from runner.store import Store
from runner.told import Told, read
from tests.runner.fakes import LOADED, artifact, cell, make_plan, ready_event

KEYS = (artifact("a"), artifact("b"))


def loaded(number: int, status: str, seconds: float) -> dict[str, Any]:
    return {**cell(vars(KEYS[number]), LOADED), "status": status, "seconds": seconds, "sha256": "0" * 64}


def remedy(number: int, asked: str) -> list[dict[str, Any]]:
    value = {
        **cell(vars(KEYS[number]), {**LOADED, "edits": []}),
        "event": "remedy",
        "id": "x",
        "asked": asked,
    }
    return [value, {"event": "tried", "key": vars(KEYS[number]), "asked": asked}]


EVENTS = st.one_of(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["done", "timed_out", "crashed"]),
        st.sampled_from([1.0, 2.0]),
    ).map(lambda drawn: [loaded(*drawn)]),
    st.tuples(st.sampled_from([0, 1]), st.sampled_from(["p", "q"])).map(lambda drawn: remedy(*drawn)),
    st.sampled_from([0, 1]).map(
        lambda number: [{"event": "lost", "key": vars(KEYS[number]), "problem": "gone"}]
    ),
    st.just([ready_event()]),
    st.just([{"event": "begin", "key": vars(KEYS[0])}]),
    st.just([{"event": "unavailable", "message": "No.", "log": ""}]),
    st.just([{"event": "ended", "status": 1, "problem": "Died.", "stderr": ""}]),
)
HEADS = st.fixed_dictionaries(
    {},
    optional={
        "agent_sha256": st.just("0"),
        "lock_sha256": st.just("0"),
        "engine": st.just("docker"),
        "probes": st.just({"dense": "0"}),
        "fresh": st.just(True),
    },
)
SECTIONS = st.lists(st.tuples(HEADS, st.lists(EVENTS, max_size=4)), max_size=6)


def write(plan: Plan, store: Store, sections: list[Any]) -> Path:
    task = plan.load_task("b", KEYS)
    for number, (moved, events) in enumerate(sections):
        with store.journal(task, onwards=True) as journal:
            journal.write({**header(plan, task, "venv"), "started": f"2026-11-{number + 1:02}", **moved})
            for event in (event for several in events for event in several):
                journal.write(event)
    return store.journal_path("b", "load")


def told(plan: Plan, store: Store) -> Told:
    return read(plan, store, plan.environment("b"), "load")


#: A fresh start under checks that are of another day.
FRESH = [
    ({}, [[{"event": "lost", "key": vars(KEYS[0]), "problem": "gone"}]]),
    ({"agent_sha256": "0", "fresh": True}, []),
    ({}, []),
]


@given(sections=SECTIONS)
@example(sections=FRESH)
@settings(max_examples=300, deadline=None)
def test_what_can_be_asked_is_told_as_before(sections: list[Any]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        plan, store = make_plan(folder, "a", "b"), Store(folder / "state")
        path = write(plan, store, sections)
        before = told(plan, store)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(compaction._text(compaction.live(compaction.sections(path))))
        after = told(plan, store)
        for field in (
            "cells",
            "since",
            "doubtful",
            "remedies",
            "tried",
            "lost",
            "ready",
            "unavailable",
            "problem",
        ):
            assert getattr(after, field) == getattr(before, field), field
        assert after.stale or not before.stale


def test_a_journal_that_is_mostly_dead_is_written_anew(tmp_path: Path) -> None:
    plan, store = make_plan(tmp_path, "a", "b"), Store(tmp_path / "state")
    path = write(plan, store, [({"agent_sha256": "0"}, [[loaded(0, "done", 1.0)]] * 200)])
    assert path.stat().st_size > compaction.WORTH
    path = write(plan, store, [({}, [[loaded(0, "done", 2.0)]])])
    before = path.stat().st_size
    assert compaction.compact(path) == before - path.stat().st_size > 0
    assert path.stat().st_size < 4000
    assert told(plan, store).cells[KEYS[0]]["seconds"] == 2.0
    assert compaction.compact(path) == 0


def test_a_journal_that_is_needed_stays_as_it_is(tmp_path: Path) -> None:
    plan, store = make_plan(tmp_path, "a", "b"), Store(tmp_path / "state")
    path = write(plan, store, [({}, [[{**loaded(0, "done", 1.0), "output": "x" * 100_000}]])])
    text = path.read_bytes()
    assert compaction.compact(path) == 0
    assert path.read_bytes() == text
