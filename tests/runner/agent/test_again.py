"""Saving under a fault, in real children with real limits: what is said and what is left."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from runner.agent.again import save_again, wanted
from runner.agent.caught import failure
from runner.agent.cells import save_hindered
from runner.agent.hinder import hindered
from runner.agent.isolate import in_child
from runner.agent.sniff import actual_format, digest_of, files_of
from runner.agent.stack import Stack
from runner.agent.weight_bytes import CannotBreak

HEAD = b"\x89HDF\r\n\x1a\n"
Write = Callable[[Path], None]


def one_file(payload: Path) -> None:
    with (payload / "m.h5").open("wb", buffering=0) as file:
        for part in (HEAD, b"a" * 40_000, b"b" * 40_000, b"c" * 40_000):
            if file.write(part) != len(part):
                file.write(b"-")  # as every library does: what did not fit is tried again


def two_files(payload: Path) -> None:
    (payload / "model" / "variables").mkdir(parents=True)
    (payload / "model" / "saved_model.pb").write_bytes(b"p" * 100)
    with (payload / "model" / "variables" / "data").open("wb", buffering=0) as file:
        if file.write(b"d" * 50_000) != 50_000:
            file.write(b"-")


def hungry(payload: Path) -> None:
    one_file(payload)
    bytearray(64 << 20)


class NoKeras:
    """A Keras of which nothing is asked."""

    class layers:  # noqa: N801
        class Dense:
            pass


NO_STACK = Stack(NoKeras, None, "none")


class Save:
    """A first save of ``write``, and the same again under a fault."""

    def __init__(self, folder: Path, fault: str, write: Write, name: str) -> None:
        payload = folder / "payload"
        payload.mkdir()
        write(payload)
        (folder / "reference.json").write_text("{}")
        value = {
            "status": "saved",
            "name": name,
            "actual_format": actual_format(str(payload / name)),
            "files": files_of(str(payload)),
            "bytes": digest_of(str(payload))[1],
            "sha256": "of the first",
            "stage": "",
            "error": None,
            "warnings": [],
        }
        first = {"status": "done", "value": value, "seconds": 1.0, "output": "", "problem": ""}
        self.cell = {"fault": fault}
        assert wanted(self.cell, first)
        run = functools.partial(in_child, timeout=20.0, memory=1 << 31)
        self._write = write
        self.payload = payload
        self.found = save_again(self._save, run, self.cell, str(folder), first)
        self.value: dict[str, Any] = self.found["value"]

    def _save(self, payload: str, largest: int, folder: str) -> dict[str, Any]:
        try:
            with hindered(self.cell["fault"], payload, largest):
                self._write(Path(payload))
        except CannotBreak as error:
            return {"impossible": str(error)}
        except (OSError, MemoryError) as error:
            return {"raised": failure(error)}
        return {}


def test_a_full_disk_raises_and_leaves_half(tmp_path: Path) -> None:
    saved = Save(tmp_path, "disk_full", one_file, "m.h5")
    assert saved.value["fault"] == (
        "Saving raised OSError: [Errno 27] File too large. No file could grow beyond 60004 bytes. "
        "60004 of 120008 bytes were left, and it looks whole by the names and first bytes of its files."
    )
    assert (saved.value["status"], saved.value["bytes"], saved.value["actual_format"]) == (
        "saved",
        60_004,
        "hdf5",
    )
    assert saved.value["sha256"] == digest_of(str(tmp_path))[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["payload", "reference.json"]


def test_a_process_is_killed_half_way(tmp_path: Path) -> None:
    saved = Save(tmp_path, "killed", one_file, "m.h5")
    assert "did not come to its end. Ended by signal SIGXFSZ." in saved.value["fault"]
    assert (saved.value["status"], saved.value["bytes"]) == ("saved", 60_004)
    assert saved.found["status"] == "done"
    assert list(Path.cwd().glob("core*")) == []


def test_a_directory_that_may_not_be_written_to_keeps_nothing(tmp_path: Path) -> None:
    saved = Save(tmp_path, "read_only", one_file, "m.h5")
    assert (saved.value["status"], saved.value["stage"]) == ("save_failed", "save")
    assert saved.value["error"]["type"] == "PermissionError"
    assert saved.value["fault"].endswith("Nothing was left under the name m.h5.")
    assert saved.payload.stat().st_mode & 0o777 == 0o755


def test_memory_that_is_not_to_be_had(tmp_path: Path) -> None:
    saved = Save(tmp_path, "out_of_memory", hungry, "m.h5")
    assert saved.value["fault"].startswith("Saving raised MemoryError: . 120008 of 120008 bytes were left")


def test_a_directory_of_which_a_part_is_left(tmp_path: Path) -> None:
    saved = Save(tmp_path, "disk_full", two_files, "model")
    assert saved.value["status"] == "saved"
    assert "25100 of 50100 bytes were left, and it looks whole" in saved.value["fault"]


@pytest.mark.parametrize(
    ("keep", "said"),
    [
        (["model/saved_model.pb"], "does not look whole: model/variables/data is not there."),
        (["model/variables/data"], "does not look whole: model/saved_model.pb is not there."),
    ],
)
def test_what_is_missing_is_told(tmp_path: Path, keep: list[str], said: str) -> None:
    def write(payload: Path) -> None:
        two_files(payload)
        if (tmp_path / "whole").exists():  # the second time
            for name in files_of(str(payload)):
                if name not in keep:
                    (payload / name).unlink()

    assert said in Save(tmp_path, "out_of_memory", write, "model").value["fault"]


def test_a_fault_that_was_not_felt_says_so(tmp_path: Path) -> None:
    saved = Save(tmp_path, "out_of_memory", one_file, "m.h5")
    assert saved.value["fault"] == (
        "Saving ended without an error. 120008 of 120008 bytes were left: the fault was not felt."
    )


def test_an_agent_that_makes_no_children_does_not_hinder_itself() -> None:
    answer = save_hindered(NO_STACK, {"fork": False}, {"fault": "killed"}, "payload", 10, "folder")
    assert answer["impossible"] == "A fault of saving needs a process of its own, which ends afterwards."


def test_only_faults_of_saving_are_saved_again() -> None:
    saved = {"status": "done", "value": {"status": "saved"}}
    assert wanted({"fault": "killed"}, saved)
    assert not wanted({"fault": "truncated"}, saved)
    assert not wanted({}, saved)
    assert not wanted({"fault": "killed"}, {"status": "done", "value": {"status": "save_failed"}})
    assert not wanted({"fault": "killed"}, {"status": "crashed"})


def beside_itself(payload: Path) -> None:
    """As Keras 3 does: a file of its own beside the target, which is only there while saving."""
    beside = payload / "model.weights.h5"
    beside.write_bytes(b"")
    one_file(payload)
    beside.unlink()


def test_a_passing_file_that_is_left_is_no_part_of_the_artifact(tmp_path: Path) -> None:
    saved = Save(tmp_path, "disk_full", beside_itself, "m.h5")
    assert saved.value["status"] == "saved"
    assert saved.value["files"] == ["m.h5", "model.weights.h5"]
    assert "it looks whole" in saved.value["fault"]
