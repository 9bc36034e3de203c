"""What a file says as Python: the same value, whatever it is, and nothing but a value."""

import ast
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runner.remedies.literals import NoLiteral, compile_call, literal, parsed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)
HOSTILE = '"); import os; os.system("rm -rf /") #'


@given(JSON)
def test_a_literal_is_its_value(value: Any) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text())
def test_what_fills_names_in_later_finds_none_in_a_text(text: str) -> None:
    said = literal(text + "{path}")
    assert "{" not in said
    assert "\n" not in said
    assert said.isascii()


def test_numbers_that_json_of_python_has_and_python_has_not() -> None:
    assert math.isnan(eval(literal(math.nan)))
    assert eval(literal([math.inf, -math.inf])) == [math.inf, -math.inf]
    with pytest.raises(NoLiteral):
        literal(object())


def test_values_that_were_cut_short() -> None:
    assert parsed('{"a": [1, null, true]}') == '{"a": [1, None, True]}'
    with pytest.raises(NoLiteral):
        parsed('{"a": [1, nu...')


def test_names_objects_and_schedules() -> None:
    schedule = {
        "module": "keras.optimizers.schedules",
        "class_name": "ExponentialDecay",
        "config": {"decay_rate": 0.9},
    }
    said = compile_call(
        {
            "optimizer": {"class": "Adam", "of": "optimizers", "config": {"learning_rate": schedule}},
            "loss": {"each": {"a": {"name": "mse"}, "b": {"class": "Huber", "of": "losses", "config": {}}}},
            "metrics": [[{"name": "mae"}], [{"own": "steep"}], None],
            "loss_weights": {"value": {"a": 0.5}},
        }
    )
    assert said == (
        "model.compile(\n"
        "    optimizer=keras.optimizers.Adam(learning_rate=keras.optimizers.schedules.ExponentialDecay("
        "decay_rate=0.9)),\n"
        '    loss={"a": "mse", "b": keras.losses.Huber()},\n'
        '    metrics=[["mae"], [my_model.steep], None],\n'
        '    loss_weights={"a": 0.5},\n'
        ")"
    )


def test_what_is_made_of_a_configuration_as_a_whole() -> None:
    optimizer = {"class": "Adam", "of": "optimizers", "config": {"learning_rate": {"class_name": "Own"}}}
    said = compile_call({"optimizer": optimizer, "loss": None})
    assert said == (
        'model.compile(optimizer=keras.optimizers.Adam.from_config({"learning_rate": {"class_name": "Own"}}))'
    )
    scaled = {
        "class": "LossScaleOptimizer",
        "of": "optimizers",
        "config": {"initial_scale": 2.0},
        "inner": optimizer,
    }
    assert "LossScaleOptimizer(keras.optimizers.Adam.from_config(" in compile_call({"optimizer": scaled})
    old = {"class": "SGD", "of": "optimizers", "config": {"lr": 0.1}}
    assert 'SGD.from_config({"lr": 0.1})' in compile_call({"optimizer": old})


@pytest.mark.parametrize(
    "told",
    [
        {"class": HOSTILE, "of": "losses", "config": {}},
        {"class": "Huber", "of": HOSTILE, "config": {}},
        {"class": "Huber", "of": "losses", "config": 1},
        {"class": "Huber", "of": "losses"},
        {"class": "deserialize", "of": "losses", "config": {"config": {}}},
        {"class": "Outer", "of": "losses", "config": {"a": {}}, "inner": {"name": "b"}},
        {"own": HOSTILE},
        {"own": "class"},
        [[7]],
        7,
    ],
)
def test_what_no_agent_of_ours_says_gives_no_code(told: Any) -> None:
    assert compile_call({"loss": told}) == ""
    assert compile_call(None) == ""


@pytest.mark.parametrize(
    "told",
    [
        {"name": HOSTILE},
        {"value": {HOSTILE: HOSTILE}},
        {"each": {HOSTILE: {"name": HOSTILE}}},
        {"class": "Huber", "of": "losses", "config": {HOSTILE: HOSTILE}},
        {"class": "Huber", "of": "losses", "config": {"name": HOSTILE}},
    ],
)
def test_what_a_file_says_stays_text(told: Any) -> None:
    names = {
        node.id for node in ast.walk(ast.parse(compile_call({"loss": told}))) if isinstance(node, ast.Name)
    }
    assert names <= {"model", "keras"}
