"""When a model is run as ``predict`` runs it; the real thing is in ``tests/real``."""

import types
from typing import Any

import numpy as np

from runner.agent.specification import Specification, Tensor
from runner.agent.stack import Stack
from runner.agent.traced import call_for_long

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

    def function(self, run: Any, input_signature: Any) -> Any:
        if not self._works:
            raise TypeError("not this one")
        return run


def stack(tf: Any, backend: str = "tensorflow") -> Stack:
    return Stack(
        types.SimpleNamespace(__version__="3.0", layers=types.SimpleNamespace(Dense=int)), tf, backend
    )


def twice(inputs: Any, training: bool = False) -> Any:
    return inputs * 2


def test_long_sequences_are_traced_for_any_number_of_rows() -> None:
    tf = Framework()
    call = call_for_long(stack(tf), twice, LONG, ROWS)
    assert call is not None
    assert tf.asked == [[None, 300, 4]]
    assert np.array_equal(call(ROWS), ROWS * 2)


def test_what_is_short_or_cannot_be_traced_is_called_as_it_is() -> None:
    assert call_for_long(stack(Framework()), twice, LONG._replace(recurrent=0), ROWS) is None
    assert call_for_long(stack(Framework(works=False)), twice, LONG, ROWS) is None
    assert call_for_long(stack(None, "jax"), twice, LONG, ROWS) is None
    assert call_for_long(stack(Framework()), twice, None, ROWS) is None
