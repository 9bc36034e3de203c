"""Functions that were redefined, put back in models made of plain objects."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runner.agent.arithmetic import put_back


def hard_sigmoid(x: Any) -> Any:
    return x


def linear(x: Any) -> Any:
    return x


def stack(version: str) -> Any:
    keras = SimpleNamespace(
        activations=SimpleNamespace(hard_sigmoid=hard_sigmoid), ops=SimpleNamespace(clip=np.clip)
    )
    return SimpleNamespace(keras=keras, keras_version=version, tf=SimpleNamespace(clip_by_value=np.clip))


def model(*layers: Any) -> Any:
    return SimpleNamespace(_flatten_layers=lambda: list(layers))


@pytest.mark.parametrize(
    ("version", "generation", "expected"),
    [("3.15.1", 2, [0.0, 0.4, 1.0]), ("2.15.0", 3, [0.0, 2.5 / 6, 1.0])],
)
def test_it_computes_as_the_keras_that_made_the_model(
    version: str, generation: int, expected: list[float]
) -> None:
    layer = SimpleNamespace(name="gate", activation=hard_sigmoid, recurrent_activation=linear)
    edits: list[str] = []
    put_back(stack(version), model(layer), generation, edits)
    assert np.allclose(layer.activation(np.array([-4.0, -0.5, 4.0])), expected)
    assert layer.recurrent_activation is linear
    assert edits == [f"gate.activation computes hard_sigmoid as Keras {generation} does"]


def test_a_layer_that_passes_its_cells_function_on_is_left_alone() -> None:
    layer = SimpleNamespace(name="lstm", cell=object(), recurrent_activation=hard_sigmoid)
    edits: list[str] = []
    put_back(stack("3.15.1"), model(layer, SimpleNamespace(name="plain")), 2, edits)
    assert layer.recurrent_activation is hard_sigmoid
    assert edits == []
