"""When a model is run as ``predict`` runs it; the real thing is in ``tests/real``."""

import types
from typing import Any

import numpy as np
import pytest

from runner.agent.specification import Specification, Tensor
from runner.agent.stack import Stack
from runner.agent.traced import COMPILED, TRACED, call_by, way_of

ROWS: Any = np.ones((2, 300, 4), "float32")
LONG = Specification([Tensor("x", (None, 300, 4), "float32")], "leaf", recurrent=1)


class Framework:
    """As much of TensorFlow as tracing takes; ``asked`` are the shapes that functions are traced for."""

    def __init__(self, works: bool = True) -> None:
        self.asked: list[Any] = []
        self._works = works

    def TensorSpec(self, shape: Any, dtype: Any) -> Any:  # noqa: N802
        self.asked.append(shape)
        return shape

    def as_dtype(self, dtype: Any) -> Any:
        return dtype

    def convert_to_tensor(self, value: Any) -> Any:
        return value

    def function(self, run: Any, input_signature: Any, jit_compile: bool = False) -> Any:
        self.compiled = jit_compile
        if not self._works:
            raise TypeError("not this one")
        return run


def stack(tf: Any, backend: str = "tensorflow") -> Stack:
    return Stack(
        types.SimpleNamespace(__version__="3.0", layers=types.SimpleNamespace(Dense=int)), tf, backend
    )


def twice(inputs: Any, training: bool = False) -> Any:
    return inputs * 2


def test_how_a_model_is_run() -> None:
    def on_a_gpu(inputs: Any, training: bool = False) -> Any:
        raise ValueError("Default MaxPoolingOp only supports NHWC on device type CPU")

    def broken(inputs: Any, training: bool = False) -> Any:
        raise ValueError("Shapes do not fit.")

    short = LONG._replace(recurrent=0)
    assert way_of(LONG, broken, ROWS) == TRACED  # it is not even called
    assert way_of(short, twice, ROWS) == ""
    assert way_of(short, on_a_gpu, ROWS) == COMPILED
    assert way_of(short, broken, ROWS) == ""
    assert way_of(None, broken, ROWS) == way_of(LONG, broken, None) == ""


@pytest.mark.parametrize("way", [TRACED, COMPILED])
def test_it_is_traced_for_any_number_of_rows(way: str) -> None:
    tf = Framework()
    call = call_by(stack(tf), twice, LONG, ROWS, way)
    assert tf.asked == [[None, 300, 4]]
    assert tf.compiled == (way == COMPILED)
    assert np.array_equal(call(ROWS), ROWS * 2)


def test_what_cannot_be_traced_is_called_as_it_is() -> None:
    assert call_by(stack(Framework(works=False)), twice, LONG, ROWS, TRACED) is None
    assert call_by(stack(None, "jax"), twice, LONG, ROWS, TRACED) is None
