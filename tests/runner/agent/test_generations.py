"""Graphs between the ways of Keras 2 and Keras 3, on literals of what each writes."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.agent.generations import to_keras_2, to_keras_3


def tensor(name: str, node: int = 0) -> dict[str, Any]:
    history = [name, node, 0]
    return {
        "class_name": "__keras_tensor__",
        "config": {"shape": [None], "dtype": "float32", "keras_history": history},
    }


def layer(kind: str, name: str, *nodes: Any, **config: Any) -> dict[str, Any]:
    return {
        "class_name": kind,
        "name": name,
        "config": {"name": name, **config},
        "inbound_nodes": list(nodes),
    }


def graph(*layers: dict[str, Any], ends: tuple[Any, Any], kind: str = "Functional") -> dict[str, Any]:
    first, last = ends
    config = {"name": "m", "layers": list(layers), "input_layers": first, "output_layers": last}
    return {"class_name": kind, "config": config}


IN_3 = graph(
    layer("InputLayer", "x"),
    layer("Dense", "d", {"args": [tensor("x")], "kwargs": {}}),
    layer("Add", "sum", {"args": [[tensor("d"), tensor("x")]], "kwargs": {}}),
    ends=(["x", 0, 0], ["sum", 0, 0]),
)
IN_2 = graph(
    layer("InputLayer", "x"),
    layer("Dense", "d", [["x", 0, 0, {}]]),
    layer("Add", "sum", [["d", 0, 0, {}], ["x", 0, 0, {}]]),
    ends=([["x", 0, 0]], [["sum", 0, 0]]),
)


def test_a_graph_of_keras_3_for_keras_2() -> None:
    config = copy.deepcopy(IN_3)
    assert "calls in the graph are written as Keras 2 writes them" in to_keras_2(config, {})
    assert config == IN_2


def test_a_graph_of_keras_2_for_keras_3() -> None:
    config = copy.deepcopy(IN_2)
    assert "calls in the graph are written as Keras 3 writes them" in to_keras_3(config, {})
    assert config == IN_3


def test_what_is_written_that_way_already_stays() -> None:
    for function, written in ((to_keras_2, IN_2), (to_keras_3, IN_3)):
        config = copy.deepcopy(written)
        assert function(config, {}) == []
        assert config == written


def test_a_model_inside_counts_its_own_call_in_keras_2_alone() -> None:
    inner = graph(
        layer("InputLayer", "i"),
        layer("Dense", "d", {"args": [tensor("i")], "kwargs": {}}),
        ends=(["i", 0, 0], ["d", 0, 0]),
    )
    nested = {**inner, "name": "inner", "inbound_nodes": [{"args": [tensor("x")], "kwargs": {}}]}
    nested["config"]["name"] = "inner"
    config = graph(
        layer("InputLayer", "x"),
        nested,
        layer("Dense", "after", {"args": [tensor("inner")], "kwargs": {}}),
        ends=(["x", 0, 0], ["inner", 0, 0]),
    )
    before = copy.deepcopy(config)
    to_keras_2(config, {})
    assert config["config"]["layers"][2]["inbound_nodes"] == [[["inner", 1, 0, {}]]]
    assert config["config"]["output_layers"] == [["inner", 1, 0]]
    to_keras_3(config, {})
    assert config == before


def test_arguments_get_their_names() -> None:
    call = {"args": [tensor("q"), tensor("v")], "kwargs": {"training": False, "mask": None, "scale": 2}}
    config = graph(layer("Attention", "a", call), ends=(["q", 0, 0], ["a", 0, 0]))
    to_keras_2(config, {"calls": {"Attention": ["query", "value"]}})
    node = config["config"]["layers"][0]["inbound_nodes"][0]
    assert node == [["q", 0, 0, {"value": ["v", 0, 0], "scale": 2}]]


def test_an_argument_that_has_no_name_changes_the_meaning() -> None:
    call = {"args": [tensor("q"), tensor("v")], "kwargs": {}}
    config = graph(layer("Mine", "a", call), ends=(["q", 0, 0], ["a", 0, 0]))
    assert "changes meaning: argument 1 of a has no name in Keras 2" in to_keras_2(config, {})


def test_objects_of_keras_3_are_written_plainly() -> None:
    item = {
        "module": "my",
        "class_name": "Own",
        "registered_name": "my>Own",
        "build_config": {},
        "config": {"activation": {"class_name": "function", "config": "twice", "module": "builtins"}},
    }
    to_keras_2(item, {})
    assert item == {"class_name": "my>Own", "config": {"activation": "twice"}}


def test_the_shape_of_a_first_layer_becomes_an_input() -> None:
    first = {
        "class_name": "Dense",
        "config": {"name": "d", "batch_input_shape": [None, 4], "dtype": "mixed_float16"},
    }
    config = {"class_name": "Sequential", "config": {"layers": [first]}}
    assert to_keras_3(config, {}) == ["the input shape of the first layer is a layer of its own"]
    entry, dense = config["config"]["layers"]  # type: ignore[index]
    assert entry["config"] == {"batch_shape": [None, 4], "dtype": "float32", "name": "d_input"}
    assert "batch_input_shape" not in dense["config"]
    assert to_keras_3(config, {}) == []


def test_a_wrapped_layer_says_where_its_class_is() -> None:
    lstm = {"class_name": "LSTM", "config": {"units": 2}}
    config: Any = {"class_name": "Bidirectional", "config": {"layer": lstm}}
    assert to_keras_3(config, {}) == ["the layer inside of Bidirectional says where its class is"]
    assert config["config"]["layer"] == {**lstm, "module": "keras.layers", "registered_name": "LSTM"}
    assert to_keras_3(config, {}) == []


def test_a_bare_list_of_layers_gets_a_name() -> None:
    dense = {"class_name": "Dense", "config": {"name": "d"}}
    config: Any = {"class_name": "Sequential", "config": [dense]}
    assert to_keras_3(config, {}) == ["the layers of a Sequential stand under a name of their own"]
    assert config["config"] == {"name": "sequential", "layers": [dense]}
    assert to_keras_3(config, {}) == []


@pytest.mark.parametrize(
    ("module", "to"),
    [("keras.src.engine.functional", "keras.src.models.functional"), ("my.functional", "my.functional")],
)
def test_private_places_of_keras_2_become_those_of_keras_3(module: str, to: str) -> None:
    config = {"module": module, "class_name": "Functional", "registered_name": "Functional", "config": {}}
    to_keras_3(config, {})
    assert config["module"] == to


WORDS = st.sampled_from(
    ["class_name", "config", "layers", "input_layers", "output_layers", "inbound_nodes", "args", "kwargs", "name",
     "keras_history", "__keras_tensor__", "Functional", "Sequential", "InputLayer", "batch_input_shape", "dtype"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 9) | WORDS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS, below, max_size=5),
    max_leaves=20,
)


@given(JSON)
def test_any_json_is_taken(config: Any) -> None:
    for function in (to_keras_2, to_keras_3):
        assert all(isinstance(sentence, str) for sentence in function(copy.deepcopy(config), {}))


def test_a_lambda_of_keras_2_says_within_what_it_is() -> None:
    inner: dict[str, Any] = {
        "name": "a",
        "function": ["4wEA", None, None],
        "function_type": "lambda",
        "module": "__main__",
        "output_shape": None,
        "output_shape_type": "raw",
        "output_shape_module": None,
        "arguments": {},
    }
    config = {"module": "keras.layers", "class_name": "Lambda", "config": inner}
    said = to_keras_3(config, {})
    code = {"code": "4wEA", "defaults": None, "closure": None}
    function = {"class_name": "__lambda__", "config": code}
    assert inner == {"name": "a", "function": function, "output_shape": None, "arguments": {}}
    assert said == ["the code of a Lambda is written as Keras 3 writes it"]
    assert to_keras_3(config, {}) == []
