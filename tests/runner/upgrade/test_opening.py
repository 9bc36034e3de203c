import json
from pathlib import Path

import h5py
import numpy as np
import pytest

from environments import matrix as matrices
from environments.errors import UsageError
from runner.adopted import ModelFile
from runner.inspection.inspection import Inspection
from runner.setup import Choice
from runner.upgrade.opening import Looked, look


@pytest.fixture
def file(tmp_path: Path) -> Looked:
    (tmp_path / "matrix.yaml").write_text(
        'version: 1\nmatrix: {tensorflow: ["2.15.1", "2.18.1"], include: [{tensorflow: "2.18.1", keras: "3.8.0"}, '
        '{tensorflow: "2.18.1", keras: legacy}]}\n'
    )
    path = tmp_path / "m.h5"
    return Looked(
        model=ModelFile(path=path),
        found=Inspection(path=str(path), kind="hdf5", what="HDF5", damage=("It ends early.",)),
        matrix=matrices.load(tmp_path / "matrix.yaml"),
        choice=Choice(matrix=tmp_path / "matrix.yaml"),
    )


@pytest.mark.parametrize(
    ("word", "goal"),
    [
        ("2.18", "tf2.18.1-cpu"),
        ("2.18.1+keras3.8.0", "tf2.18.1-keras3.8.0-cpu"),
        ("2.18+legacy", "tf2.18.1-legacy-cpu"),
        ("tf2.18.1-keras3.8.0-cpu", "tf2.18.1-keras3.8.0-cpu"),
        ("2.15", "tf2.15.1-cpu"),
    ],
)
def test_a_model_goes_to_what_installs_with_a_version_today(file: Looked, word: str, goal: str) -> None:
    assert file.goal(word).id == goal


def test_where_it_is_now_is_the_version_with_the_keras_of_its_day(file: Looked) -> None:
    assert file.one("2.18").id == "tf2.18.1-keras3.8.0-cpu"


def test_what_is_damaged_is_refused_with_what_to_do(file: Looked) -> None:
    with pytest.raises(UsageError, match=r"m\.h5 is not whole: It ends early\. Fetch it again"):
        file.whole()


def test_what_weights_need_stands_in_the_architecture_beside_them(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["layer_names"] = np.array(["gate"], dtype="S")
        file.create_group("gate").attrs["weight_names"] = np.array([], dtype="S")
    layers = [{"class_name": "Gate", "config": {"name": "gate", "batch_input_shape": [None, 3]}}]
    model = {"class_name": "Sequential", "config": {"name": "m", "layers": layers}, "keras_version": "2.8.0"}
    (tmp_path / "m.json").write_text(json.dumps(model))
    (tmp_path / "matrix.yaml").write_text('version: 1\nmatrix: {tensorflow: ["2.15.1"]}\n')
    found = look(ModelFile(path=tmp_path / "m.h5"), Choice(matrix=tmp_path / "matrix.yaml"))
    assert found.model.architecture == tmp_path / "m.json"
    assert [need.name for need in found.found.needs] == ["Gate"]
    assert found.found.keras_version == "2.8.0"
