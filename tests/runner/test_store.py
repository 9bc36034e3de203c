import os
import subprocess
import sys
from pathlib import Path

import pytest

from environments.errors import InfrastructureError, UsageError
from runner.agent.sniff import digest_of
from runner.plan import Plan, Task
from runner.store import Store, replace_text
from tests.runner.fakes import make_plan

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "saved"
    (folder / "payload").mkdir(parents=True)
    (folder / "payload" / "m.keras").write_text("weights")
    return folder


def test_what_was_saved_is_kept_under_its_content(tmp_path: Path, folder: Path) -> None:
    store = Store(tmp_path / "state")
    sha256, _ = digest_of(str(folder))
    assert not store.has(sha256)
    assert store.keep(folder, sha256)
    assert store.has(sha256)
    kept = tmp_path / "state" / "artifacts" / "objects" / sha256[:2] / sha256
    assert (kept / "payload" / "m.keras").read_text() == "weights"


def test_the_same_content_is_kept_once(tmp_path: Path, folder: Path) -> None:
    store = Store(tmp_path / "state")
    sha256, _ = digest_of(str(folder))
    assert store.keep(folder, sha256)
    (folder / "payload").mkdir(parents=True)
    (folder / "payload" / "m.keras").write_text("weights")
    assert store.keep(folder, sha256)  # another task of the same run may have been first
    assert [path.name for path in store.object(sha256).parent.iterdir()] == [sha256]


def test_other_content_is_not_taken_in(tmp_path: Path, folder: Path) -> None:
    store = Store(tmp_path / "state")
    assert not store.keep(folder, "0" * 64)
    assert not store.keep(tmp_path / "missing", "0" * 64)
    assert not store.has("0" * 64)


def test_links_and_special_files_are_not_taken_in(tmp_path: Path, folder: Path) -> None:
    store = Store(tmp_path / "state")
    secret = tmp_path / "secret"
    secret.write_text("mine")
    (folder / "payload" / "link").symlink_to(secret)
    sha256, _ = digest_of(str(folder))
    assert not store.keep(folder, sha256)
    (folder / "payload" / "link").unlink()
    os.mkfifo(folder / "payload" / "pipe")  # reading it would wait for ever
    assert not store.keep(folder, sha256)
    (tmp_path / "alias").symlink_to(folder)
    assert not store.keep(tmp_path / "alias", sha256)


def test_a_digest_that_is_a_path_is_nothing_we_have(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    (tmp_path / "state" / "artifacts" / "objects").mkdir(parents=True)
    assert not store.has("..")
    assert not store.has("../../../..")
    assert not store.has(str(tmp_path))


def test_producers_are_who_saved(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.journal(Task(environment="b", phase="save", artifacts=())) as journal:
        journal.write({"event": "task"})
    with store.journal(Task(environment="a.1", phase="save", artifacts=())) as journal:
        journal.write({"event": "task"})
    with store.journal(Task(environment="c", phase="load", artifacts=())) as journal:
        journal.write({"event": "task"})
    assert store.producers() == ("a.1", "b")
    assert list(store.events("b", "save")) == [{"event": "task"}]
    assert list(store.events("b", "load")) == []


def test_a_scratch_folder_does_not_outlive_its_use(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with store.folder("save-a-") as folder:
        (folder / "file").write_text("x")
    assert not folder.exists()


def test_what_a_killed_process_left_is_swept_unless_somebody_works(tmp_path: Path) -> None:
    store = Store(tmp_path)
    (store.scratch / "save-a-x1").mkdir(parents=True)
    with store.claimed("reproduce"):
        store.sweep()
        assert store.scratch.exists()
    store.sweep()
    assert not store.scratch.exists()


HOLD = """
import sys
from pathlib import Path
from runner.store import Store
with Store(Path(sys.argv[1])).claimed("run", shared=len(sys.argv) > 2):
    print("held", flush=True)
    sys.stdin.read()
"""


def held(state: Path, *more: str) -> "subprocess.Popen[str]":
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(state), *more],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_told_who_is_first(tmp_path: Path) -> None:
    with held(tmp_path) as first:
        with pytest.raises(UsageError) as caught, Store(tmp_path).claimed("run"):
            pass
        assert f"process {first.pid}" in str(caught.value)
        assert "--state DIR --site DIR" in str(caught.value)
        with (
            Store(tmp_path).claimed("model-1f"),
            pytest.raises(UsageError, match="at work on the same model file in"),
            Store(tmp_path).claimed("model-1f"),
        ):
            pass
        with Store(tmp_path).claimed("save-a"):
            pass  # something else is free
        first.kill()
        first.wait()
        with Store(tmp_path).claimed("run"):
            pass  # the kernel freed it
        assert first.stdin is not None


def test_those_who_share_exclude_only_the_one_who_does_not(tmp_path: Path) -> None:
    with held(tmp_path, "shared") as first:
        with Store(tmp_path).claimed("run", shared=True):
            pass
        with pytest.raises(UsageError), Store(tmp_path).claimed("run"):
            pass
        first.kill()


def test_a_folder_that_cannot_be_written_is_said_to_be_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    claim = Store(tmp_path / "file" / "state").claimed("run")
    with pytest.raises(InfrastructureError, match=r"cannot be written: Not a directory\..*--state"), claim:
        pass


def test_text_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.json"
    replace_text(path, "one")
    replace_text(path, "two")
    assert path.read_text() == "two"
    assert [item.name for item in path.parent.iterdir()] == ["run.json"]
    (tmp_path / "file").write_text("")
    with pytest.raises(InfrastructureError, match="cannot be written: File exists"):
        replace_text(tmp_path / "file" / "run.json", "x")


def test_a_journal_is_read_once_for_a_plan_until_it_is_written_to(tmp_path: Path) -> None:
    store = Store(tmp_path / "state")
    task = Task(phase="save", environment="a", artifacts=())
    one, other = make_plan(tmp_path, "a"), make_plan(tmp_path, "a")
    reads = iter(range(9))

    def asked(whom: Plan) -> int:
        return store.once("a", "save", whom, lambda: next(reads))

    assert [asked(one), asked(one)] == [0, 1]  # there is none yet
    with store.journal(task) as journal:
        journal.write({"event": "task"})
        assert [asked(one), asked(one)] == [2, 2]
        assert asked(other) == 3
        journal.write({"event": "ended"})
        assert [asked(other), asked(other)] == [4, 4]
