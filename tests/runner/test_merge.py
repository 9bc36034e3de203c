import json
import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from environments.errors import UsageError
from runner.collect import collect
from runner.merge import artifact_folders, gaps, merge
from runner.plan import Plan
from runner.store import Store
from tests.runner.fakes import make_lock, make_plan, rewrite, rewrite_heads
from tests.runner.test_collect import RUN, carry_out, verdicts

Job = Callable[..., Path]


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return make_plan(tmp_path, "a", "b", formats=("keras", "h5"))


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "merged")


@pytest.fixture
def job(tmp_path: Path, plan: Plan) -> Job:
    """Runs tasks on a machine of its own, on top of what it is given; gives its artifacts folder."""

    def run(machine: str, *names: str, having: tuple[Path, ...] = ()) -> Path:
        store = Store(tmp_path / "from" / machine)
        if having:
            merge(having, store)
        carry_out(plan, store, *names)
        return store.artifacts

    return run


def _whole(job: Job) -> tuple[Path, ...]:
    saves = (job("1", "save-a"), job("2", "save-b"))
    return (*saves, job("3", "load-a", having=saves), job("4", "load-b", having=saves))


def _everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_tasks_of_four_machines_are_one_run(plan: Plan, store: Store, job: Job) -> None:
    found = merge(_whole(job), store)
    assert found.taken == ("save(a)", "save(b)", "load(a)", "load(b)")
    assert found.objects == len(list(store.artifacts.glob("objects/*/*")))
    assert not found.conflicts
    assert not gaps(plan, store, {})
    assert verdicts(collect(plan, store, RUN)) == {"identical"}


def test_merging_again_changes_nothing(store: Store, job: Job) -> None:
    sources = _whole(job)
    merge(sources, store)
    before = _everything(store.artifacts)
    again = merge(reversed(sources), store)  # type: ignore[arg-type]
    assert (again.taken, again.objects, again.conflicts) == ((), 0, ())
    assert _everything(store.artifacts) == before


def test_sources_are_left_as_they_are(store: Store, job: Job) -> None:
    source = job("1", "save-a")
    before = _everything(source)
    merge([source], store)
    assert _everything(source) == before


def test_folders_are_found_as_ci_systems_download_them(tmp_path: Path, store: Store, job: Job) -> None:
    _whole(job)
    found = artifact_folders(tmp_path / "from")
    assert [path.parent.name for path in found] == ["1", "2", "3", "4"]
    assert artifact_folders(found[0]) == (found[0],)
    assert merge([tmp_path / "from"], store).taken


def test_a_folder_without_artifacts_is_told_with_the_trap_of_hidden_folders(
    tmp_path: Path, store: Store
) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="upload-artifact leaves out hidden folders"):
        merge([tmp_path / "empty"], store)
    with pytest.raises(UsageError, match="There is no folder"):
        merge([tmp_path / "gone"], store)


def test_a_task_that_nobody_carried_is_a_gap_and_not_run(plan: Plan, store: Store, job: Job) -> None:
    merge(_whole(job)[:3], store)
    assert gaps(plan, store, {}) == ("load(b): nobody ran it, or what it left was not carried here.",)
    assert verdicts(collect(plan, store, RUN)) == {"identical", "not_run"}


def test_a_save_that_is_missing_is_one_gap_and_the_load_another(plan: Plan, store: Store, job: Job) -> None:
    merge(_whole(job)[1:2], store)
    assert len(gaps(plan, store, {})) == 3


def test_a_task_that_ended_early_is_a_gap(plan: Plan, store: Store, job: Job) -> None:
    sources = _whole(job)
    path = sources[3] / "load" / "b.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    kept = [line for line in lines if json.loads(line)["event"] != "cell"]
    kept += [line for line in lines if json.loads(line)["event"] == "cell"][:1]
    path.write_bytes(b"".join(kept))
    merge(sources, store)
    assert [line.split(":")[0:2] for line in gaps(plan, store, {})] == [["load(b)", " 3 of 4 not run"]]


def test_a_task_told_in_two_ways_is_a_conflict_and_the_first_stays(store: Store, job: Job) -> None:
    first, second = job("1", "save-a"), job("2", "save-a")
    _started(second, "save/a.jsonl", "2030-01-01T00:00:00+00:00")
    merge([first], store)
    before = _everything(store.artifacts)
    found = merge([second], store)
    assert len(found.conflicts) == 1
    assert found.conflicts[0].startswith("save(a): told differently by")
    assert "--newest" in found.conflicts[0]
    assert _everything(store.artifacts) == before


@pytest.mark.parametrize("order", [1, -1])
def test_newest_keeps_the_later_one_in_any_order_and_says_so(store: Store, job: Job, order: int) -> None:
    first, second = job("1", "save-a"), job("2", "save-a")
    _started(second, "save/a.jsonl", "2030-01-01T00:00:00+00:00")
    found = merge([first, second][::order], store, newest=True)
    assert not found.conflicts
    assert "was run twice" in found.notes[0]
    assert b"2030-01-01" in store.journal_path("a", "save").read_bytes()


def test_a_journal_that_was_cut_off_gives_way_to_the_whole_one(store: Store, job: Job) -> None:
    whole, part = job("1", "save-a"), job("2")
    cut = part / "save" / "a.jsonl"
    cut.parent.mkdir(parents=True)
    text = (whole / "save" / "a.jsonl").read_bytes()
    cut.write_bytes(text[: len(text) // 2])
    assert "goes on in" in merge([part, whole], store).notes[0]
    assert store.journal_path("a", "save").read_bytes() == text
    assert "ends before" in merge([part], store).notes[0]
    assert store.journal_path("a", "save").read_bytes() == text


def test_another_lock_other_checks_and_another_probe_do_not_hold(plan: Plan, store: Store, job: Job) -> None:
    sources = _whole(job)
    rewrite_heads(sources[0] / "save/a.jsonl", lock_sha256="other")
    rewrite_heads(sources[1] / "save/b.jsonl", agent_sha256="other")
    rewrite_heads(sources[3] / "load/b.jsonl", probes={"dense": "other"})
    merge(sources, store)
    told = gaps(plan, store, {})
    assert "save(a): what is there does not hold here: its lock has changed since." in told
    assert "save(b): what is there does not hold here: the checks have changed since." in told
    assert verdicts(collect(plan, store, RUN)) == {"not_run"}


def test_a_probe_of_another_source_is_a_gap_of_its_cells(plan: Plan, store: Store, job: Job) -> None:
    sources = _whole(job)
    rewrite_heads(sources[3] / "load/b.jsonl", probes={"dense": "other"})
    merge(sources, store)
    assert gaps(plan, store, {})[0].startswith("load(b): 4 of 4 not run")


def test_a_load_of_other_artifacts_is_said(plan: Plan, store: Store, job: Job) -> None:
    sources = _whole(job)
    rewrite(
        sources[3] / "load" / "b.jsonl",
        lambda event: {**event, "sha256": "0" * 64} if event["event"] == "cell" else event,
    )
    merge(sources, store)
    assert gaps(plan, store, {}) == ("load(b): 4 of its cells loaded other artifacts than those saved here.",)


def test_an_environment_that_cannot_be_planned_is_a_gap(plan: Plan, store: Store, job: Job) -> None:
    merge(_whole(job), store)
    assert gaps(plan, store, {"a": "No lock could be made."}) == ("a: No lock could be made.",)


def test_a_damaged_artifact_is_left_out_and_said(store: Store, job: Job) -> None:
    source = job("1", "save-a")
    whole = next(source.glob("objects/*/*"))
    one = next(path for path in whole.rglob("*") if path.is_file())
    one.write_bytes(one.read_bytes() + b"!")
    found = merge([source], store)
    assert "does not hold what its name says" in found.conflicts[0]
    assert not store.has(whole.name)


def test_links_and_pipes_are_never_followed(tmp_path: Path, store: Store, job: Job) -> None:
    source = job("1", "save-a")
    secret = tmp_path / "secret"
    secret.write_text('{"event": "task", "environment": "x", "phase": "save"}\n')
    (source / "save" / "x.jsonl").symlink_to(secret)
    (source / "locks").mkdir()
    (source / "locks" / "x.txt").symlink_to(secret)
    for at, one in enumerate(source.glob("objects/*/*")):
        os.mkfifo(one / "pipe") if at else (one / "link").symlink_to("/dev/zero")
    found = merge([source], store)
    assert len(found.conflicts) == 2 + len(list(source.glob("objects/*/*")))
    assert b"event" not in b"".join(v for k, v in _everything(store.artifacts).items() if "x." in k)


def test_a_journal_under_another_name_is_refused(store: Store, job: Job) -> None:
    source = job("1", "save-a")
    shutil.move(source / "save" / "a.jsonl", source / "save" / "b.jsonl")
    found = merge([source], store)
    assert "is no journal of that task" in found.conflicts[0]
    assert not store.journal_path("b", "save").exists()


def test_two_resolutions_of_one_floating_environment_conflict(store: Store, plan: Plan, job: Job) -> None:
    one, two = job("1", "save-a"), job("2", "save-b")
    for folder, body in ((one, "keras==2.15.0\n"), (two, "keras==3.0.0\n")):
        (folder / "locks").mkdir()
        lock = make_lock(replace(plan.environment("a"), id="nightly"), body)
        (folder / "locks" / "nightly.txt").write_text(lock.text)
    found = merge([one, two], store)
    assert found.conflicts[0].startswith("nightly: two places resolved it to different packages")
    assert "keras==2.15.0" in (store.artifacts / "locks" / "nightly.txt").read_text()


def test_merging_a_store_into_itself_is_nothing(store: Store, job: Job) -> None:
    merge([job("1", "save-a")], store)
    found = merge([store.root], store)
    assert (found.taken, found.same, found.conflicts) == ((), 0, ())


def _started(folder: Path, name: str, when: str) -> None:
    rewrite_heads(folder / name, started=when)
