import os
from pathlib import Path

from runner.inspection import checkpoint
from tests.runner.inspection import files

NAMES = {
    "layer/kernel/.ATTRIBUTES/VARIABLE_VALUE": 6,
    "layer/kernel/.OPTIMIZER_SLOT/optimizer/m/.ATTRIBUTES/VARIABLE_VALUE": 6,
    "optimizer/iter/.ATTRIBUTES/VARIABLE_VALUE": 1,
}


def test_weights_are_told_from_the_optimizer(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", NAMES)
    found = checkpoint.read(tmp_path / "ckpt")
    assert (found["variables"], found["parameters"], found["optimizer_variables"]) == (1, 6, 2)
    assert found["damage"] == []


def test_the_newest_of_a_folder(tmp_path: Path) -> None:
    for number in (1, 2):
        files.bundle(tmp_path / f"ckpt-{number}", NAMES)
        os.utime(tmp_path / f"ckpt-{number}.index", (number, number))
    assert checkpoint.read(tmp_path)["notes"] == ["It holds 2 checkpoints; this is about ckpt-2.index."]


def test_a_prefix_is_what_has_an_index_and_is_no_file(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", NAMES)
    assert checkpoint.is_prefix(tmp_path / "ckpt")
    assert not checkpoint.is_prefix(tmp_path / "ckpt.index")
    assert not checkpoint.is_prefix(tmp_path / "other")


def test_a_saver_that_was_given_a_folder_leaves_files_without_a_name(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", NAMES)
    for file in sorted(tmp_path.iterdir()):
        file.rename(tmp_path / file.name.removeprefix("ckpt"))
    found = checkpoint.read(tmp_path)
    assert (found["damage"], found["variables"]) == ([], 1)
