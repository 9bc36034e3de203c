"""Signatures called with the inputs of a model: which input is which, and how the outputs are nested."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from runner.agent.arrays import kind
from runner.agent.endpoints import Endpoint, _endpoint

ONE = {"structure": {"outputs": {"nest": "leaf", "tensors": [["tensor", "float32", [2, 1]]]}}}


class Shape:
    def __init__(self, *sizes: int | None) -> None:
        self.rank, self._sizes = len(sizes), list(sizes)

    def as_list(self) -> list[int | None]:
        return self._sizes


TF = SimpleNamespace(
    constant=np.asarray,
    cast=lambda value, dtype: np.asarray(value).astype(dtype),
    float32=np.dtype("float32"),
)


def signature(outputs: dict[str, Any], **wanted: tuple[int | None, ...]) -> Any:
    """A signature that takes these inputs, remembers them, and gives these outputs."""

    class Signature:
        structured_input_signature = (
            (),
            {
                name: SimpleNamespace(shape=Shape(*shape), dtype=np.dtype("float32"))
                for name, shape in wanted.items()
            },
        )

        def __init__(self) -> None:
            self.given: dict[str, Any] = {}

        def __call__(self, **inputs: Any) -> dict[str, Any]:
            self.given.update(inputs)
            return outputs

    return Signature()


def endpoint(function: Any, **facts: Any) -> Endpoint:
    return Endpoint(TF, function, function, {**ONE, **facts}, None)


LEFT: Any = np.zeros((2, 4), "float32")
RIGHT: Any = np.ones((2, 6), "float64")
SCORE: Any = np.zeros((2, 1), "float32")
LABEL: Any = np.zeros((2, 3), "float32")
SUM: Any = {"out": np.zeros((2, 1), "float32")}


def test_inputs_by_the_names_that_the_model_gave_them() -> None:
    function = signature(SUM, right=(None, 6), left=(None, 4))
    found = endpoint(function, input_names=["left", "right"])([LEFT, RIGHT])
    assert function.given["left"] is LEFT
    assert function.given["right"].dtype == np.dtype("float32")  # as the signature has it
    assert found is SUM["out"]


def test_inputs_in_a_dict_are_by_name() -> None:
    function = signature(SUM, a=(None, 6), b=(None, 4))
    endpoint(function)({"b": LEFT, "a": RIGHT})
    assert function.given["b"] is LEFT


def test_inputs_with_names_made_up_go_in_their_order_where_shapes_allow_it() -> None:
    function = signature(SUM, args_0=(None, 4), args_0_1=(None, 6))
    endpoint(function)([LEFT, RIGHT])
    assert function.given["args_0"] is LEFT
    with pytest.raises(ValueError, match="nothing tells which is which"):
        endpoint(function)([RIGHT, LEFT])
    with pytest.raises(ValueError, match="takes 2 inputs, and the model 1"):
        endpoint(function)(LEFT)


def test_outputs_are_nested_as_the_models_were() -> None:
    function = signature({"label": LABEL, "score": SCORE}, x=(None, 4))
    as_list = {"outputs": {"nest": {"list": ["leaf", "leaf"]}, "tensors": []}}
    found = endpoint(function, structure=as_list, output_names=["score", "label"])(LEFT)
    assert found[0] is SCORE
    as_dict = {"outputs": {"nest": {"dict": {"score": "leaf", "label": "leaf"}}, "tensors": []}}
    assert endpoint(function, structure=as_dict)(LEFT)["label"] is LABEL


def test_outputs_without_names_are_told_apart_by_shape() -> None:
    function = signature({"output_0": LABEL, "output_1": SCORE}, x=(None, 4))
    tensors = [[kind(one), "float32", list(one.shape)] for one in (SCORE, LABEL)]
    both = {"outputs": {"nest": {"list": ["leaf", "leaf"]}, "tensors": tensors}}
    found = endpoint(function, structure=both)(LEFT)
    assert [one.shape for one in found] == [(2, 1), (2, 3)]


def test_which_endpoint_is_called() -> None:
    assert _endpoint({"serve": 1, "serving_default": 2}) == "serving_default"
    assert _endpoint({"mine": 1}) == "mine"
    with pytest.raises(ValueError, match="2 signatures, and none by a usual name"):
        _endpoint({"mine": 1, "yours": 2})


def test_of_several_endpoints_the_one_that_takes_what_the_model_takes() -> None:
    text = signature(SUM, texts=(None,))
    numbers = signature(SUM, tokens=(None, None))
    both = {"serving_default": text, "model_inference": numbers}
    assert _endpoint(both, LEFT) == "model_inference"
    assert _endpoint(both, np.zeros((2,), "float32")) == "serving_default"
    assert _endpoint(both, np.zeros((2, 2, 2), "float32")) == "serving_default"  # none does
    words = np.array([[b"a", b"b"]])
    assert _endpoint(both, words) == "serving_default"  # text is no number
