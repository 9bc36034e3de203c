"""What Keras 2.0 wrote, put together here group by group as it did, and asked about in the Keras of later years."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tests.real.conftest import IDS, Stacks
from tests.real.test_check import crossload

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

_, TF215, _, KERAS315 = IDS
ZEROS = {"class_name": "Zeros", "config": {"dtype": "float32"}}  # the dtype is what TensorFlow 1 adds
GRU: dict[str, Any] = {
    "class_name": "GRU",
    "config": {
        "name": "gru_1",
        "units": 3,
        "activation": "tanh",
        "recurrent_activation": "sigmoid",
        "use_bias": True,
        "bias_initializer": ZEROS,
        "return_sequences": True,
        "implementation": 1,
    },
}
#: A Sequential as it was until Keras 2.2.2: the bare list of its layers; and a GRU from before reset_after.
LAYERS: list[dict[str, Any]] = [
    {
        "class_name": "Bidirectional",
        "config": {
            "name": "both",
            "merge_mode": "concat",
            "layer": GRU,
            "batch_input_shape": [None, None, 2],
            "dtype": "float32",
        },
    },
    {"class_name": "Dense", "config": {"name": "last", "units": 1, "bias_initializer": ZEROS}},
]
WEIGHTS: dict[str, list[tuple[int, ...]]] = {
    "both": [(2, 9), (3, 9), (9,), (2, 9), (3, 9), (9,)],
    "last": [(6, 1), (1,)],
}
#: A layer that Keras 3 does not have, as Keras 2 stores it.
LOCAL: list[dict[str, Any]] = [
    {
        "class_name": "LocallyConnected1D",
        "config": {
            "name": "local",
            "filters": 3,
            "kernel_size": [3],
            "strides": [1],
            "activation": "relu",
            "batch_input_shape": [None, 6, 2],
            "dtype": "float32",
        },
    }
]
STAND_IN = Path(__file__).parents[2] / "docs" / "stand_ins" / "locally_connected.py"


def write(group: h5py.Group, weights: Mapping[str, list[tuple[int, ...]]] = WEIGHTS) -> None:
    random = np.random.RandomState(0)
    group.attrs.update(keras_version=b"2.0.8", backend=b"tensorflow")
    group.attrs["layer_names"] = [name.encode() for name in weights]
    for layer, shapes in weights.items():
        names = [f"{layer}/{index}:0" for index in range(len(shapes))]
        below = group.create_group(layer)
        below.attrs["weight_names"] = [name.encode() for name in names]
        for name, shape in zip(names, shapes, strict=True):
            below[name] = random.normal(size=shape).astype("float32")


def in_one(folder: Path) -> Path:
    with h5py.File(folder / "old.h5", "w") as file:
        file.attrs.update(keras_version=b"2.0.8", backend=b"tensorflow")
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": LAYERS}).encode()
        write(file.create_group("model_weights"))
    return folder / "old.h5"


def in_two(folder: Path) -> Path:
    config = {"class_name": "Sequential", "config": LAYERS, "keras_version": "2.0.8", "backend": "tensorflow"}
    (folder / "old.json").write_text(json.dumps(config))
    with h5py.File(folder / "old_weights.h5", "w") as file:
        write(file)
    return folder / "old_weights.h5"


@pytest.mark.parametrize(
    ("written", "works"),
    [(in_one, {TF215: "repair", KERAS315: "repair"}), (in_two, {TF215: "repair", KERAS315: "rebuild"})],
)
def test_a_sequential_of_keras_2_0_with_a_gru(
    stacks: Stacks, tmp_path: Path, written: Any, works: dict[str, str]
) -> None:
    path = written(tmp_path)
    words = ["check", path, "--from", TF215, "--to", TF215, "--to", KERAS315]
    results = crossload(stacks, *words, code=1)
    assert results["question"]["loaded"] == "repair"
    assert results["question"]["reference"] is True
    found = {cell["consumer"]: cell for cell in results["cells"]}
    assert {name: (cell["verdict"], cell["cause"]) for name, cell in found.items()} == {
        TF215: ("load_failed", "gru_without_reset_after"),
        KERAS315: ("load_failed", "sequential_as_list"),
    }
    for name, cell in found.items():
        verdicts = {remedy["id"]: remedy["verdict"] for remedy in cell["remedies"]}
        assert verdicts[works[name]] == "identical", cell["remedies"]


def test_the_class_that_is_told_of_stands_in_for_one_that_keras_dropped(
    stacks: Stacks, tmp_path: Path
) -> None:
    with h5py.File(tmp_path / "local.h5", "w") as file:
        file.attrs.update(keras_version=b"2.15.0", backend=b"tensorflow")
        config = {"class_name": "Sequential", "config": {"name": "local", "layers": LOCAL}}
        file.attrs["model_config"] = json.dumps(config).encode()
        write(file.create_group("model_weights"), {"local": [(4, 6, 3), (4, 3)]})
    words: list[str | Path] = ["check", tmp_path / "local.h5", "--to", KERAS315, "--custom-objects", STAND_IN]
    (cell,) = crossload(stacks, *words, code=1)["cells"]
    assert cell["verdict"] == "load_failed"
    assert {"id": "repair", "verdict": "identical"}.items() <= cell["remedies"][-1].items(), cell["remedies"]
