import zipfile
from pathlib import Path
from typing import Any

import pytest

from runner.inspection.inspection import Inspection, inspect
from runner.symptoms import Stack
from tests.runner.inspection import files
from tests.runner.inspection.test_lambdas import DUMPS

STACKS = {
    "old": Stack(tensorflow="2.9.3", keras="2.9.0", python="3.10.1", backend="tensorflow"),
    "new": Stack(tensorflow="2.18.1", keras="3.8.0", python="3.11.7", backend="tensorflow"),
}


def causes(found: Inspection) -> dict[str, list[str]]:
    return {name: [reason.cause for reason in why] for name, why in found.environments.items()}


def test_a_whole_hdf5_file(tmp_path: Path) -> None:
    found = inspect(files.hdf5(tmp_path / "m.h5", training={**files.TRAINING, "loss": "hinge"}), STACKS)
    assert found.loadable
    assert (found.kind, found.what) == ("hdf5", "HDF5")
    assert (found.keras_version, found.tensorflow_version, found.backend) == ("2.9.0", "2.9", "tensorflow")
    assert (found.architecture.optimizer, found.parameters) == ("Adam", 6)
    assert causes(found) == {"old": [], "new": []}
    assert len(found.sha256) == 64


@pytest.mark.parametrize(
    ("keras", "tensorflow"),
    [
        ("2.2.4-tf", "1.13 to 2.1"),
        ("2.4.0", "2.3 or 2.4"),
        ("2.15.0", "2.15"),
        ("2.18.0", "2.18, with tf-keras"),
        ("2.1.6", ""),
        ("3.4.1", ""),
    ],
)
def test_the_tensorflow_that_keras_came_with(keras: str, tensorflow: str, tmp_path: Path) -> None:
    assert inspect(files.hdf5(tmp_path / "m.h5", keras=keras)).tensorflow_version == tensorflow


def test_weights_alone_say_what_is_missing(tmp_path: Path) -> None:
    found = inspect(files.weights(tmp_path / "m.h5"), STACKS)
    assert found.weights_only
    assert "weights alone" in found.what
    assert found.loadable


def test_hdf5_of_somebody_else_is_no_model(tmp_path: Path) -> None:
    found = inspect(files.hdf5(tmp_path / "m.h5", model=None))
    assert found.other == "This HDF5 file holds no Keras model and no weights of one."
    assert not found.loadable


def test_an_archive_in_older_environments(tmp_path: Path) -> None:
    found = inspect(files.archive(tmp_path / "m.keras"), STACKS)
    assert found.saved == "2024-01-01@00:00:00"
    assert causes(found)["old"] == ["zip_as_hdf5"]
    assert causes(found)["new"] == []


def test_a_savedmodel_with_slots_is_not_said_to_load_as_it_is(tmp_path: Path) -> None:
    (plain,) = inspect(files.saved_model(tmp_path / "m"), STACKS).environments["new"]
    (trained,) = inspect(files.saved_model(tmp_path / "n", slots=1), STACKS).environments["new"]
    assert plain.cause == trained.cause
    assert "stand-in" not in plain.avoid
    assert "stand-in" in trained.avoid


def test_a_savedmodel(tmp_path: Path) -> None:
    found = inspect(files.saved_model(tmp_path / "m"), STACKS)
    assert (found.kind, found.tensorflow_version, found.signatures) == (
        "savedmodel",
        "2.9.3",
        ("serving_default",),
    )
    assert found.needs == ()
    assert any("Classes of its own: Mine." in note for note in found.notes)
    assert causes(found) == {"old": [], "new": ["savedmodel_not_readable_by_keras3"]}


def test_a_checkpoint_by_its_prefix(tmp_path: Path) -> None:
    files.bundle(tmp_path / "ckpt", {"a/.ATTRIBUTES/VARIABLE_VALUE": 3})
    found = inspect(tmp_path / "ckpt", STACKS)
    assert (found.kind, found.weights_only, found.parameters) == ("checkpoint", True, 3)


def test_code_in_a_file_is_told(tmp_path: Path) -> None:
    config: dict[str, Any] = {
        "name": "twice",
        "function": [DUMPS["3.6"], None, None],
        "function_type": "lambda",
    }
    model = {"class_name": "Sequential", "config": {"layers": [{"class_name": "Lambda", "config": config}]}}
    found = inspect(files.hdf5(tmp_path / "m.h5", model=model), STACKS)
    assert found.code == (
        "Lambda bytecode of Python 3.6 or 3.7 (twice): it runs when the model is loaded and used.",
    )
    assert causes(found) == {"old": ["lambda_bytecode"], "new": ["lambda_refused", "lambda_bytecode"]}


def test_a_damaged_file_is_not_judged(tmp_path: Path) -> None:
    path = files.hdf5(tmp_path / "m.h5")
    path.write_bytes(path.read_bytes()[:-1])
    found = inspect(path, STACKS)
    assert not found.loadable
    assert found.environments == {}


def test_a_zip_archive_of_something_else_is_not_called_a_keras_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.pt", "w") as out:
        out.writestr("archive/data.pkl", "x")
    found = inspect(tmp_path / "m.pt", STACKS)
    assert found.what == "zip archive"
    assert found.other.startswith("This is a PyTorch file")
