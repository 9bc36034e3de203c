"""Configurations of layers held against each other, from literals of what versions write."""

from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.agent.settings import compare, settings

GLOROT = {
    "module": "keras.initializers",
    "class_name": "GlorotUniform",
    "config": {"seed": None},
    "registered_name": None,
}
POLICY = {
    "module": "keras",
    "class_name": "DTypePolicy",
    "config": {"name": "float32"},
    "registered_name": None,
}


def layer(kind: str, **config: Any) -> Any:
    return type(kind, (), {"name": "layer", "get_config": lambda self: dict(config, name="layer")})()


def model(*layers: Any) -> Any:
    return SimpleNamespace(layers=list(layers))


def verdict(before: Any, now: Any) -> tuple[str, str]:
    return compare(settings(model(before)), settings(model(now)))


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ({"units": 3, "axis": (3,)}, {"units": 3, "axis": -1}),
        ({"dtype": "float32"}, {"dtype": POLICY}),
        (
            {"kernel_initializer": GLOROT},
            {"kernel_initializer": {**GLOROT, "module": "keras.src.initializers"}},
        ),
        ({"kernel_initializer": GLOROT}, {"kernel_initializer": "glorot_uniform"}),
        (
            {"kernel_initializer": {"class_name": "Zeros", "config": {"dtype": "float32"}}},
            {"kernel_initializer": {"class_name": "Zeros", "config": {}}},
        ),
        ({"batch_input_shape": (None, 3)}, {}),
        ({"time_major": False}, {}),
        ({"rate": 0.1}, {"rate": 0.10000000149011612}),
        ({"layers": [1]}, {"layers": [1, 2]}),  # wrapped layers are looked at by themselves
    ],
)
def test_spellings_of_the_same_are_no_change(before: dict[str, Any], now: dict[str, Any]) -> None:
    assert verdict(layer("Dense", **before), layer("Dense", **now)) == ("same", "")


@pytest.mark.parametrize(
    ("before", "now", "sentence"),
    [
        ({"rate": 0.5}, {"rate": 0.0}, "layer (Dropout) has rate 0.0 where 0.5 was"),
        ({"time_major": True}, {}, "layer (Dropout) has no time_major where True was"),
        ({"flag": True}, {"flag": False}, "layer (Dropout) has flag False where True was"),
        ({"vocabulary": ["a"]}, {"vocabulary": []}, "layer (Dropout) has vocabulary [] where ['a'] was"),
        (
            {"a": 1, "b": 1, "c": 1, "d": 1},
            {"a": 2, "b": 2, "c": 2, "d": 2},
            "layer (Dropout) has a 2 where 1 was; layer (Dropout) has b 2 where 1 was; "
            "layer (Dropout) has c 2 where 1 was; and 1 more",
        ),
    ],
)
def test_a_changed_setting_is_told(before: dict[str, Any], now: dict[str, Any], sentence: str) -> None:
    assert verdict(layer("Dropout", **before), layer("Dropout", **now)) == ("differs", sentence)


def test_what_is_new_here_is_told_and_is_no_change() -> None:
    found = verdict(layer("Dense", units=3), layer("Dense", units=3, quantization_config=None))
    assert found == ("same", "new here: Dense.quantization_config")


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        ("MultiHeadAttention", "query_shape"),
        ("Bidirectional", "backward_layer"),
        ("Sequential", "build_input_shape"),
    ],
)
def test_what_one_generation_alone_writes_is_no_change(kind: str, key: str) -> None:
    assert verdict(layer(kind, **{key: [None, 4]}), layer(kind)) == ("same", "")
    assert verdict(layer(kind), layer(kind, **{key: [None, 4]})) == ("same", "")
    assert verdict(layer(kind, **{key: [None, 4]}), layer(kind, **{key: [None, 5]}))[0] == "differs"
    assert verdict(layer("Dense", **{key: [None, 4]}), layer("Dense"))[0] == "differs"


def test_nested_layers_are_looked_at() -> None:
    inner = SimpleNamespace(
        layers=[layer("Dense", units=3)], name="inner", get_config=lambda: {"input_layers": []}
    )
    assert [kind for kind, _, _ in settings(model(inner, layer("Add")))] == [
        "SimpleNamespace",
        "Dense",
        "Add",
    ]


def test_a_layer_without_a_configuration_says_so() -> None:
    def refuse() -> dict[str, Any]:
        raise NotImplementedError("no get_config")

    found = settings(model(SimpleNamespace(name="own", get_config=refuse)))
    assert found == [["SimpleNamespace", "own", {"get_config": "raises NotImplementedError"}]]


def test_layers_that_are_missing_are_told() -> None:
    assert compare([["Dense", "a", {}]], []) == ("differs", "0 layers have a configuration where 1 had")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats(-9, 9) | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.text(max_size=5), below, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(max_size=8), VALUES, max_size=5))
def test_a_configuration_equals_itself(config: dict[str, Any]) -> None:
    config.pop("self", None)
    config.pop("kind", None)
    config.pop("name", None)
    found = settings(model(layer("Any", **config)))
    assert compare(found, found) == ("same", "")
