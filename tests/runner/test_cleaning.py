import json
import os
import time
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from runner import cleaning, journal
from runner.cleaning import Before
from runner.execute import execute
from runner.plan import Plan
from runner.store import Store
from runner.told import saved_artifacts
from tests.runner.fakes import Recorded, make_plan, rewrite, rewrite_heads
from tests.runner.test_execute import Seen

NOW = 1_800_000_000.0


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "state")


def run(plan: Plan, store: Store, days_ago: float = 0) -> None:
    execute(plan, Recorded(), store, Seen(), cancel=Event(), unavailable={}, workers=1)
    for path in [*store.artifacts.glob("*/*.jsonl"), *store.artifacts.glob("objects/??/*")]:
        os.utime(path, (NOW - days_ago * cleaning.DAY,) * 2)


def names(store: Store, keep_days: float = 30, **more: object) -> set[tuple[str, str]]:
    found = cleaning.waste(store, keep_days=keep_days, now=NOW, **more)  # type: ignore[arg-type]
    return {(item.kind, item.name) for item in found}


def test_what_the_last_run_needs_stays_however_old_it_is(plan: Plan, store: Store) -> None:
    run(plan, store, days_ago=400)
    cleaning.used(store, plan)
    for path in store.artifacts.glob("*/*.jsonl"):
        os.utime(path, (NOW, NOW))
    assert names(store, max_size=0, locks=()) == set()


def test_what_no_journal_holds_goes_when_it_is_old(plan: Plan, store: Store) -> None:
    run(plan, store)
    folder = store.object("0" * 64)
    folder.mkdir(parents=True)
    (folder / "weights").write_bytes(bytes(1000))
    os.utime(folder, (NOW - 10 * cleaning.DAY,) * 2)
    assert names(store) == set()
    assert names(store, keep_days=5) == {("artifact", "0" * 12)}
    assert names(store, max_size=10**6) == set()
    assert names(store, max_size=500) == {("artifact", "0" * 12)}
    (item,) = cleaning.waste(store, keep_days=5, now=NOW)
    assert item.bytes == 1000
    cleaning.remove(item)
    assert not folder.exists()


def test_a_clock_that_was_put_back_removes_nothing(plan: Plan, store: Store) -> None:
    run(plan, store, days_ago=-400)
    assert names(store, keep_days=0, locks=()) == set()


def test_an_environment_that_no_run_has_used_for_long_goes_with_its_artifacts(
    plan: Plan, store: Store
) -> None:
    run(plan, store, days_ago=100)
    one = replace(plan, environments=plan.environments[:1])
    cleaning.used(store, one)
    for path in (store.journal_path("a", "save"), store.journal_path("a", "load")):
        assert path.stat().st_mtime > NOW - 100 * cleaning.DAY
        os.utime(path, (NOW, NOW))
    found = cleaning.waste(store, keep_days=30, now=NOW)
    assert [(item.kind, item.name) for item in found if item.kind == "journal"] == [
        ("journal", "b"),
        ("journal", "b"),
    ]
    for item in found:
        cleaning.remove(item)
    assert {key.producer for key in saved_artifacts(plan, store, plan.artifacts())} == {"a"}


def test_after_a_pause_or_a_jump_of_the_clock_a_run_removes_nothing(plan: Plan, store: Store) -> None:
    run(plan, store, days_ago=100)
    one = replace(plan, environments=plan.environments[:1])
    (store.root / "run.json").write_text("{}")
    os.utime(store.root / "run.json", (NOW - 100 * cleaning.DAY,) * 2)
    assert cleaning.gently(store, one, now=NOW, found=cleaning.before(store)) == 0
    assert {key.producer for key in saved_artifacts(plan, store, plan.artifacts())} == {"a", "b"}
    assert cleaning.gently(store, one, now=NOW, found=Before(last=NOW - cleaning.DAY)) > 0
    assert {key.producer for key in saved_artifacts(plan, store, plan.artifacts())} <= {"a"}


def test_what_a_lock_of_before_saved_goes_when_it_is_old(plan: Plan, store: Store, tmp_path: Path) -> None:
    run(plan, store, days_ago=50)
    path = store.journal_path("a", "save")
    now = path.read_bytes()
    (saved,) = [event for event in journal.read(path) if event["event"] == "cell"]
    sha256 = saved["value"]["sha256"]
    rewrite_heads(path, lock_sha256="0", started="1")
    before = path.read_bytes()
    path.write_bytes(now)
    rewrite(path, lambda event: json.loads(json.dumps(event).replace(sha256, "1" * 64)))
    path.write_bytes(before + path.read_bytes())
    for one in store.artifacts.glob("*/*.jsonl"):
        os.utime(one, (NOW, NOW))
    assert names(store) == set()  # a run itself leaves it
    assert names(store, locks=()) == {("artifact", sha256[:12])}


def test_environments_and_logs_go_when_no_lock_names_them(plan: Plan, store: Store) -> None:
    for number, lock in enumerate(("1" * 64, "2" * 64)):
        marker = store.root / "venvs" / f"{number:032}" / ".crossload.json"
        marker.parent.mkdir(parents=True)
        marker.write_text(json.dumps({"environment": f"tf{number}", "lock": lock}))
        os.utime(marker, (NOW - 40 * cleaning.DAY,) * 2)
    store.logs.mkdir(parents=True)
    (store.logs / "provision-a.log").write_text("")
    os.utime(store.logs / "provision-a.log", (NOW - 40 * cleaning.DAY,) * 2)
    assert names(store) == set()
    assert names(store, locks={"1" * 64}) == {("environment", "tf1"), ("log", "provision-a.log")}
    assert names(store, locks={"1" * 64}, keep_days=50) == set()


def test_an_environment_that_stays_is_not_measured(
    plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    marker = store.root / "venvs" / "1" / ".crossload.json"
    marker.parent.mkdir(parents=True)
    marker.write_text(json.dumps({"environment": "tf", "lock": "1" * 64}))
    os.utime(marker, (NOW, NOW))
    monkeypatch.setattr(cleaning, "_size", lambda path: pytest.fail(f"{path} was measured"))
    assert names(store, locks=()) == set()


def test_a_run_loses_nothing_that_it_has_used(plan: Plan, store: Store) -> None:
    run(plan, store, days_ago=400)
    before = saved_artifacts(plan, store, plan.artifacts())
    assert cleaning.gently(store, plan, now=time.time(), found=Before(last=time.time())) == 0
    assert saved_artifacts(plan, store, plan.artifacts()) == before


def test_only_a_journal_that_has_grown_is_made_shorter(
    plan: Plan, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    run(plan, store)
    found = cleaning.before(store)
    with store.journal_path("a", "load").open("ab") as stream:
        stream.write(b"\n")
    seen: list[Path] = []

    def compact(path: Path) -> int:
        seen.append(path)
        return 0

    monkeypatch.setattr("runner.compaction.compact", compact)
    cleaning.gently(store, plan, now=time.time(), found=found)
    assert seen == [store.journal_path("a", "load")]
