"""Repair of configurations: each kind of rule on a literal, and any JSON at all."""

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runner.agent.repair import NEUTRAL, drop, matches, repair, tally
from runner.remedies.data import rules

DENSE = {"class_name": "Dense", "config": {"name": "a", "units": 2, "quantization_config": None}}


def test_a_neutral_key_is_dropped_and_another_changes_the_meaning() -> None:
    rule = {"do": "drop", "key": "quantization_config"}
    config, edits = repair([DENSE, copy.deepcopy(DENSE)], [rule])
    assert config == [{"class_name": "Dense", "config": {"name": "a", "units": 2}}] * 2
    assert edits == ["dropped quantization_config = null of Dense (2 times)"]
    assert "quantization_config" in DENSE["config"]  # the original stays as it was
    _, edits = repair(
        {"class_name": "LSTM", "config": {"time_major": True}}, [{"do": "drop", "key": "time_major"}]
    )
    assert edits == ["changes meaning: dropped time_major = true of LSTM"]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"axis": [1, 2]}, True),
        ({"axis": "dot"}, True),
        ({"axis": [3]}, False),
        ({"axis": 3}, False),
        ({}, False),
    ],
)
def test_a_layer_that_the_older_reader_would_spoil_is_named_by_its_module(
    given: dict[str, Any], named: bool
) -> None:
    rule = {"do": "name_module", "key": "axis", "module": "keras.layers"}
    config, edits = repair({"class_name": "Softmax", "config": given}, [rule])
    assert (config.get("module") == "keras.layers") is bool(edits) is named
    own, _ = repair({"class_name": "mine>Softmax", "config": given}, [rule])
    assert "module" not in own


@pytest.mark.parametrize(
    ("axis", "named"), [(1, True), (-2, True), (-1, False), ([1, 2], False), (True, False)]
)
def test_a_number_that_the_older_reader_drops_is_kept_by_naming_the_layers_module(
    axis: Any, named: bool
) -> None:
    rule = {"do": "name_module", "key": "axis", "module": "keras.layers", "numbers": True}
    config, edits = repair({"class_name": "Concatenate", "config": {"axis": axis}}, [rule])
    assert (config.get("module") == "keras.layers") is bool(edits) is named


def test_zero_is_not_false() -> None:
    item = {"class_name": "A", "config": {"groups": 0}}
    assert drop(item, "groups").startswith("changes meaning")
    assert False in NEUTRAL


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ({"do": "rename_key", "key": "batch_shape", "to": "b"}, {"batch_shape": [1]}, {"b": [1]}),
        ({"do": "rename_key", "key": "x", "to": "y"}, {"x": 1, "y": 2}, {"x": 1, "y": 2}),
        ({"do": "replace", "key": "r", "from": "auto", "to": "sum"}, {"r": "auto"}, {"r": "sum"}),
        ({"do": "set", "key": "k", "value": None}, {}, {"k": None}),
        ({"do": "unwrap", "key": "axis"}, {"axis": [3]}, {"axis": 3}),
        ({"do": "unwrap", "key": "axis"}, {"axis": [2, 3]}, {"axis": [2, 3]}),
        ({"do": "wrap", "key": "axis"}, {"axis": 3}, {"axis": [3]}),
        (
            {"do": "policy_to_name"},
            {"dtype": {"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}},
            {"dtype": "mixed_float16"},
        ),
        (
            {"do": "name_to_policy"},
            {"dtype": "float32"},
            {"dtype": {"class_name": "DTypePolicy", "config": {"name": "float32"}}},
        ),
        ({"do": "no such rule"}, {"a": 1}, {"a": 1}),
    ],
)
def test_what_each_rule_does(rule: dict[str, Any], before: Any, after: Any) -> None:
    config, edits = repair({"class_name": "Layer", "config": before}, [rule])
    assert config == {"class_name": "Layer", "config": after}
    assert bool(edits) == (before != after)


def test_classes_and_modules() -> None:
    item = {"class_name": "Custom>Adam", "module": "keras.src.engine.functional", "config": {}}
    moved = {"do": "move_module", "module": "keras.src.engine.*", "to": "keras"}
    config, edits = repair(item, [{"do": "strip_package", "packages": ["Custom"]}, moved])
    assert config == {"class_name": "Adam", "module": "keras", "config": {}}
    assert len(edits) == 2
    config, _ = repair(config, [{"do": "add_package", "package": "Custom", "classes": ["Adam"]}])
    assert config["class_name"] == "Custom>Adam"
    assert matches("mine>Depthwise", ["Depth*"])
    assert not matches("Dense", ["Depth*"])


def tensor(name: str, node: int = 0) -> dict[str, Any]:
    config = {"shape": [None], "dtype": "float32", "keras_history": [name, node, 0]}
    return {"class_name": "__keras_tensor__", "config": config}


NEW = {
    "class_name": "Functional",
    "config": {
        "layers": [
            {"class_name": "InputLayer", "config": {}, "name": "a", "inbound_nodes": []},
            {
                "class_name": "Sequential",
                "config": {"layers": [{"class_name": "InputLayer", "config": {"name": "inside"}}]},
                "name": "inner",
                "inbound_nodes": [{"args": [tensor("a")], "kwargs": {}}],
            },
            {
                "class_name": "MultiHeadAttention",
                "config": {},
                "name": "mha",
                "inbound_nodes": [{"args": [tensor("inner"), tensor("a")], "kwargs": {"mask": None}}],
            },
            {
                "class_name": "Add",
                "config": {},
                "name": "add",
                "inbound_nodes": [{"args": [[tensor("mha"), tensor("a")]], "kwargs": {}}],
            },
        ],
        "input_layers": ["a", 0, 0],
        "output_layers": [["add", 0, 0], ["inner", 0, 0]],
    },
}


def test_a_graph_to_keras_2_and_back() -> None:
    calls = {"MultiHeadAttention": ["query", "value", "key"]}
    old, edits = repair(NEW, [{"do": "to_keras_2", "calls": calls}])
    nodes = {layer["name"]: layer["inbound_nodes"] for layer in old["config"]["layers"]}
    assert nodes == {
        "a": [],
        "inner": [[["a", 0, 0, {}]]],
        # In Keras 2 the first call of a model with an input is its own.
        "mha": [[["inner", 1, 0, {"value": ["a", 0, 0]}]]],
        "add": [[["mha", 0, 0, {}], ["a", 0, 0, {}]]],
    }
    assert old["config"]["input_layers"] == [["a", 0, 0]]
    assert old["config"]["output_layers"] == [["add", 0, 0], ["inner", 1, 0]]
    assert edits
    again, _ = repair(old, [{"do": "to_keras_3"}])
    nodes = {layer["name"]: layer["inbound_nodes"] for layer in again["config"]["layers"]}
    assert nodes["mha"] == [{"args": [tensor("inner")], "kwargs": {"value": tensor("a")}}]
    assert nodes["add"] == [{"args": [[tensor("mha"), tensor("a")]], "kwargs": {}}]
    assert again["config"]["output_layers"] == [["add", 0, 0], ["inner", 0, 0]]
    assert again["config"]["input_layers"] == ["a", 0, 0]


def test_an_argument_without_a_name_is_told() -> None:
    call = {"args": [tensor("a"), tensor("a")], "kwargs": {}}
    layer = {"class_name": "Mine", "config": {}, "name": "m", "inbound_nodes": [call]}
    graph = {"layers": [layer], "input_layers": [], "output_layers": []}
    _, edits = repair({"class_name": "Functional", "config": graph}, [{"do": "to_keras_2"}])
    assert "changes meaning: argument 1 of m has no name in Keras 2" in edits


def test_the_first_layers_shape_becomes_an_input() -> None:
    first = {
        "class_name": "Dense",
        "config": {"name": "d", "batch_input_shape": [None, 3], "dtype": "float32"},
    }
    config, _ = repair(
        {"class_name": "Sequential", "config": {"layers": [copy.deepcopy(first)]}}, [{"do": "to_keras_3"}]
    )
    entry, layer = config["config"]["layers"]
    assert entry == {
        "class_name": "InputLayer",
        "config": {"batch_shape": [None, 3], "dtype": "float32", "name": "d_input"},
    }
    assert "batch_input_shape" not in layer["config"]


def test_sentences_are_counted_and_bounded() -> None:
    assert tally(["a", "b", "a"]) == ["a (2 times)", "b"]
    assert tally([str(number) for number in range(100)])[-1] == "and 40 other kinds of edits"


WORDS = st.sampled_from(
    ["class_name", "config", "layers", "input_layers", "output_layers", "inbound_nodes", "module", "name", "dtype",
     "args", "kwargs", "keras_history", "batch_shape", "batch_input_shape", "registered_name", "function", "axis"]
)  # fmt: skip
NAMES = st.sampled_from(["Functional", "Sequential", "Dense", "InputLayer", "Model", "__keras_tensor__", "Policy",
                         "DTypePolicy", "__lambda__", "keras.src.engine.functional", "Custom>Adam", "a"])  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | NAMES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(WORDS, inner, max_size=5)
        | st.fixed_dictionaries({"class_name": NAMES, "config": inner})
        | st.fixed_dictionaries(
            {
                "class_name": NAMES,
                "config": st.fixed_dictionaries(
                    {"layers": st.lists(inner), "input_layers": inner, "output_layers": inner}
                ),
            }
        )
    ),
    max_leaves=30,
)


@settings(max_examples=150, deadline=None)
@given(
    JSON,
    st.sampled_from([("3.15.1", "2.15.0"), ("2.15.0", "3.15.1"), ("3.15.1", "3.3.3"), ("2.5.3", "3.4.1")]),
)
def test_any_json_is_repaired_once_and_for_all(config: Any, versions: tuple[str, str]) -> None:
    before = json.dumps(config)
    once, _ = repair(config, rules(*versions))
    assert json.dumps(config) == before
    twice, edits = repair(once, rules(*versions))
    assert twice == once
    assert edits == []
