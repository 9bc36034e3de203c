import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from environments.errors import InfrastructureError, UsageError
from runner.inspection import aside
from runner.inspection.aside import Reading
from tests.runner.inspection import files


def test_what_was_read_comes_back(tmp_path: Path) -> None:
    reading = Reading(files.hdf5(tmp_path / "m.h5"))
    assert reading.facts()["keras_version"] == "2.9.0"
    assert reading.total().bytes == (tmp_path / "m.h5").stat().st_size


def test_there_must_be_something(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no"):
        Reading(tmp_path / "m.h5")


def test_a_file_beside_the_model_does_not_become_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit(1)")
    (tmp_path / "h5py.py").write_text("raise SystemExit(1)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    assert Reading(files.hdf5(tmp_path / "m.h5")).facts()["damage"] == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("import os; os.kill(os.getpid(), 11)", "Reading it ended the reader (SIGSEGV)"),
        ("import os; os.kill(os.getpid(), 24)", "more time than any model needs"),
    ],
)
def test_a_reader_that_died_is_an_answer(
    body: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_START", body)
    (told,) = Reading(files.hdf5(tmp_path / "m.h5")).facts()["damage"]
    assert said in told


def test_a_reader_that_waits_is_ended_and_that_is_no_verdict_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_START", "import time; time.sleep(60)")
    monkeypatch.setattr(aside, "_PATIENCE", 0.5)
    with (
        pytest.raises(InfrastructureError, match="did not come to an end"),
        Reading(files.hdf5(tmp_path / "m.h5")) as reading,
    ):
        reading.facts()
    assert reading._process.returncode is not None


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_reader_that_somebody_ended_is_no_verdict_on_the_file(
    number: signal.Signals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_START", f"import os; os.kill(os.getpid(), {int(number)})")
    with pytest.raises(InfrastructureError, match=f"ended from outside .{number.name}."):
        Reading(files.hdf5(tmp_path / "m.h5")).facts()


def test_reading_that_nobody_waits_for_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aside, "_START", "import time; time.sleep(60)")
    with Reading(files.hdf5(tmp_path / "m.h5")) as reading:
        process = reading._process
    assert process.returncode is not None


def test_a_fault_of_the_reader_is_no_verdict_on_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aside, "_START", "import no_such_module")
    with pytest.raises(InfrastructureError, match="no_such_module"):
        Reading(files.hdf5(tmp_path / "m.h5")).facts()


def test_memory_is_bounded(tmp_path: Path) -> None:
    limited: Any = subprocess.run(
        [
            *("python", "-c"),
            "import sys; from runner.inspection import reading\n"
            "reading.facts = lambda path: bytearray(64 << 30)\nreading.main()",
            "x",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "more memory than any model needs" in limited.stdout
