import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runner.commands.conftest import Crossload
from tests.runner.inspection import files


def test_one_screen_says_what_a_file_is(crossload: Crossload) -> None:
    files.hdf5(Path("m.h5"), training=files.TRAINING)
    said = crossload("inspect", "m.h5")
    assert said.code == 0
    for words in ("HDF5", "Keras 2.9.0", "Sequential, 1: Dense", "optimizer Adam", "loss mse", "none found"):
        assert words in said.out
    assert "crossload check m.h5" in said.out
    assert len(said.out.splitlines()) < 25


def test_environments_stand_with_their_reasons(crossload: Crossload) -> None:
    files.saved_model(Path("m"))
    said = crossload("inspect", "m")
    assert said.code == 0
    assert "In each of 2 environments nothing known in advance stands against it." in said.out


def test_an_architecture_is_asked_about_with_its_weights(crossload: Crossload) -> None:
    Path("m.json").write_text(json.dumps(files.MODEL))
    said = crossload("inspect", "m.json")
    assert said.code == 0
    assert "crossload check WEIGHTS --architecture m.json" in said.out
    for command in (("check", "m.json"), ("migrate", "m.json", "--to", "2.18")):
        refused = crossload(*command, "--engine", "venv")
        assert refused.code == 2
        assert "crossload check WEIGHTS --architecture m.json" in refused.err


def test_json_is_the_whole_value(crossload: Crossload) -> None:
    files.archive(Path("m.keras"))
    said = crossload("inspect", "m.keras", "--json")
    data = json.loads(said.out)
    assert (data["kind"], data["keras_version"], data["loadable"]) == ("zip", "3.4.1", True)
    assert data["architecture"]["layers"] == {"Dense": 1}
    assert set(data["environments"]) == {"tf2.15.1-cpu", "tf2.18.1-cpu"}


def test_without_a_matrix_the_shipped_one_is_taken(crossload: Crossload) -> None:
    Path("matrix.yaml").unlink()
    files.archive(Path("m.keras"))
    said = crossload("inspect", "m.keras")
    assert said.code == 0
    assert re.search(r"of 2\d environments", said.out)


def test_a_matrix_that_was_named_must_be_there(crossload: Crossload) -> None:
    files.archive(Path("m.keras"))
    assert crossload("inspect", "m.keras", "-m", "other.yaml").code == 2


def _cut(path: Path) -> None:
    files.hdf5(path)
    path.write_bytes(path.read_bytes()[:-100])


def _sparse(path: Path) -> None:
    with path.open("wb") as out:
        out.truncate(3 << 30)


def _loop(path: Path) -> None:
    path.symlink_to(path.with_name("b"))
    path.with_name("b").symlink_to(path)


def _unrelated(path: Path) -> None:
    path.mkdir()
    (path / "readme.txt").write_text("x")


@pytest.mark.parametrize(
    ("make", "code", "said"),
    [
        (lambda path: None, 2, "There is no m.h5. Check the path."),
        (_loop, 2, "Too many levels of symbolic links"),
        (os.mkfifo, 2, "is no file and no folder"),
        (lambda path: path.write_bytes(b""), 1, "There is nothing in it: it has no bytes."),
        (lambda path: path.write_text("hello"), 1, "This is text, and no model"),
        (lambda path: path.write_text("<!DOCTYPE html>"), 1, "This is a web page"),
        (lambda path: path.write_text("version https://git-lfs.github.com/spec/v1"), 1, "Git LFS pointer"),
        (_unrelated, 1, "This directory is no SavedModel: it has no saved_model.pb."),
        (_cut, 1, "It is cut off: it has "),
        (_sparse, 1, "It begins with nothing but zeros"),
    ],
)
def test_bad_input_gets_one_clear_sentence(
    make: Callable[[Path], object], code: int, said: str, crossload: Crossload
) -> None:
    make(Path("m.h5"))
    told = crossload("inspect", "m.h5")
    assert told.code == code
    assert (told.out + told.err).count(said) == 1
    assert bool(told.err) == (code == 2)


def test_hostile_text_is_spelled_out(crossload: Crossload) -> None:
    layer = {"class_name": "\x1b[31mred\u202e[bold]", "config": {}}
    files.hdf5(Path("m.h5"), model={"class_name": "Sequential", "config": [layer]})
    said = crossload("inspect", "m.h5")
    assert "‹ESC›[31mred‹U+202E›[bold]" in said.out
    assert "\x1b[31m" not in said.out


def test_help_has_an_example(crossload: Crossload) -> None:
    said = crossload("inspect", "--help")
    assert "crossload inspect model.h5" in said.out


def test_it_brings_neither_docker_nor_templates_along() -> None:
    code = (
        "import sys, runner.commands.inspect, runner.inspection.inspection, runner.inspection.stacks\n"
        "print(sorted({'docker', 'jinja2', 'h5py', 'numpy', 'tensorflow'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_it_takes_little_time_to_compute(tmp_path: Path) -> None:
    path = files.hdf5(tmp_path / "m.h5", training=files.TRAINING)
    took = []
    for _ in range(3):
        before = os.times()
        begun = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "runner", "inspect", str(path)], capture_output=True, check=True
        )
        after = os.times()
        used = after.children_user - before.children_user + after.children_system - before.children_system
        took.append(min(used, time.monotonic() - begun))
    # Under a second on an idle machine; the tests may share theirs with others.
    assert min(took) < 2
