"""Which calls a graph refers to."""

from typing import Any

import pytest

from runner.inspection.graphs import refers_to_uncounted_call


def model(*layers: dict[str, Any]) -> dict[str, Any]:
    config = {"name": "model", "layers": list(layers), "input_layers": [["x", 0, 0]], "output_layers": []}
    return {"class_name": "Functional", "config": config}


def layer(name: str, *calls: Any) -> dict[str, Any]:
    return {"class_name": "Dense", "name": name, "config": {"name": name}, "inbound_nodes": list(calls)}


TWICE = layer("base", [["x", 0, 0]], [["x", 0, 0]])


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        ([layer("x"), layer("base", [["x", 0, 0, {}]]), layer("last", [["base", 1, 0, {}]])], True),
        ([layer("x"), layer("base", [["x", 0, 0, {}]]), layer("last", [["base", 0, 0, {}]])], False),
        # Called twice: what Keras 2 counts as the third call is asked for, and two are listed.
        ([layer("x"), TWICE, layer("sum", [["base", 1, 0], ["base", 2, 0]])], True),
        ([layer("x"), TWICE, layer("sum", [["base", 0, 0], ["base", 1, 0]])], False),
        # Given by keyword, and in a nest.
        ([layer("x"), layer("base", [["x", 0, 0]]), layer("add", ["x", 0, 0, {"y": [["base", 1, 0]]}])], True),
        # Keras 3 writes calls in another way, and what is no graph has none.
        ([layer("x"), layer("base", {"args": [{"class_name": "__keras_tensor__"}], "kwargs": {}})], False),
        ([layer("x"), layer("last", [["elsewhere", 3, 0, {}]])], False),
        ([layer("x"), {"class_name": "Dense", "inbound_nodes": 7}, "?"], False),
    ],
)  # fmt: skip
def test_a_call_that_is_not_listed_is_found(layers: list[Any], expected: bool) -> None:
    assert refers_to_uncounted_call(model(*layers)) is expected
    assert refers_to_uncounted_call(model(layer("x"), {"class_name": "Model", **model(*layers)})) is expected


@pytest.mark.parametrize(
    "anything", [None, 3, [], {"layers": 1}, {"config": {"layers": [], "input_layers": 1}}]
)
def test_what_is_no_model_has_no_graph(anything: Any) -> None:
    assert not refers_to_uncounted_call(anything)
