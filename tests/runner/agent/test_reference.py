"""What the producer saw is stored whole and read back the same."""

from pathlib import Path
from typing import Any

import numpy as np

from runner.agent import reference
from runner.agent.reference import Reference

FACTS = {
    "saved_by": "model.save",
    "inputs": {"dict": {"left": "leaf", "right": "leaf"}},
    "targets": "leaf",
    "structure": {"outputs": {"nest": "leaf", "tensors": [["dense", "float32", [2, 1]]]}},
}


def stored() -> Reference:
    left: Any = np.arange(4, dtype="float32").reshape(2, 2)
    right: Any = np.array([["red"], ["blé"]])
    return Reference(FACTS, {"input_0": left, "input_1": right, "target_0": np.zeros(2, dtype="int32")})


def test_nests_and_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    stored().write(str(tmp_path))
    found = reference.read(str(tmp_path))
    assert found.facts == FACTS
    inputs = found.nest("inputs")
    assert sorted(inputs) == ["left", "right"]
    assert inputs["left"].tolist() == [[0.0, 1.0], [2.0, 3.0]]
    assert inputs["right"].tolist() == [["red"], ["blé"]]
    assert found.nest("targets").dtype == np.dtype("int32")
    assert found.dtypes() == ["float32"]


def test_arrays_are_in_the_order_of_their_numbers() -> None:
    many = Reference({}, {f"moved_{index}": np.array(index) for index in reversed(range(12))})
    assert [int(array) for array in many.arrays("moved")] == list(range(12))
    assert many.arrays("output") == []


def test_a_reference_never_unpickles(tmp_path: Path) -> None:
    stored().write(str(tmp_path))
    with np.load(tmp_path / "reference.npz", allow_pickle=False) as arrays:
        assert sorted(arrays.files) == ["input_0", "input_1", "target_0"]
