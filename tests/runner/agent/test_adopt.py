"""The ways to a stranger's model; models of real frameworks are adopted in tests/real."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import h5py
import numpy as np

from runner.agent import adopt
from runner.agent.kinds import kind_of


class Variable:
    dtype = "float32"

    def __init__(self, *shape: int) -> None:
        self.shape = shape
        self.value: Any = np.zeros(shape, "float32")

    def assign(self, value: Any) -> None:
        self.value = np.asarray(value)


def test_a_whole_file_that_nothing_loads_gives_its_weights_to_the_model_that_code_builds(
    tmp_path: Path,
) -> None:
    path = tmp_path / "m.h5"
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = '{"class_name": "Sequential", "config": {"layers": []}}'
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = np.array(["dense"], dtype="S")
        layer = group.create_group("dense")
        layer.attrs["weight_names"] = np.array(["dense/kernel:0"], dtype="S")
        layer["dense/kernel:0"] = np.full((3, 1), 7.0, "float32")
    kernel = Variable(3, 1)
    dense = SimpleNamespace(
        name="dense", weights=[kernel], trainable_weights=[kernel], _trainable_variables=[kernel],
        non_trainable_weights=[], _non_trainable_variables=[],
    )  # fmt: skip
    model = SimpleNamespace(
        layers=[dense], weights=[kernel], _trainable_variables=[], _non_trainable_variables=[]
    )
    probe: Any = SimpleNamespace(
        build_model=lambda: model, has=lambda name: name == "build_model", custom_objects=None
    )
    stack: Any = SimpleNamespace(keras=SimpleNamespace(models=SimpleNamespace(load_model=lambda path: None)))
    ways = dict(adopt._ways(stack, probe, kind_of(str(path), "", code=True), str(tmp_path), {"name": "m.h5"}))
    assert list(ways) == ["plain", "code"]
    assert ways["code"]() is model
    assert kernel.value.tolist() == [[7.0], [7.0], [7.0]]
