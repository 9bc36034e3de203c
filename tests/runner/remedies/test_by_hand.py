"""Which snippet a cell gets: by what the file is, and by the two versions."""

from typing import Any

import pytest

from runner.remedies.by_hand import code, is_command, place_of
from runner.remedies.snippets import EAGERLY, Place
from runner.symptoms import Stack
from tests.runner.remedies.test_choice import symptoms

KERAS_2, KERAS_3 = Stack(keras="2.15.0", backend="tensorflow"), Stack(keras="3.15.1", backend="tensorflow")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Place(kind="keras")),
        (
            {"format": "keras", "actual_format": "hdf5"},
            Place(kind="h5", variant="h5_with_state", misnamed=True),
        ),
        (
            {"format": "h5", "actual_format": "hdf5", "producer": KERAS_2},
            Place(kind="h5"),
        ),
        ({"format": "weights", "actual_format": "hdf5"}, Place(kind="weights")),
        (
            {"format": "weights", "actual_format": "hdf5", "producer": Stack(keras="2.9.0")},
            Place(kind="h5", misnamed=True),
        ),
        ({"format": "json", "actual_format": "directory"}, Place(kind="json")),
        (
            {"format": "json", "actual_format": "directory", "producer": Stack(keras="2.9.0")},
            Place(kind="json", variant="h5"),
        ),
        (
            {"format": "checkpoint", "actual_format": "checkpoint"},
            Place(kind="checkpoint", variant="checkpoint_of_keras_3"),
        ),
        (
            {"format": "checkpoint", "actual_format": "checkpoint", "producer": KERAS_2},
            Place(kind="checkpoint"),
        ),
        (
            {"consumer": Stack(keras="2.12.0", backend="tensorflow")},
            Place(kind="keras", variant="tree", generation=2),
        ),
        (
            {"consumer": KERAS_2, "facts": {"classes": ["Functional", "MultiHeadAttention"]}},
            Place(kind="keras", variant="tree", generation=2),
        ),
        ({"consumer": Stack(keras="3.15.1", backend="jax")}, Place(kind="keras", tensorflow=False)),
        (
            {"facts": {"classes": ["Own", "Dense"]}, "tags": ("custom",)},
            Place(kind="keras", custom=True, unbuilt=True),
        ),
    ],
)
def test_where_a_snippet_is_to_work(changes: dict[str, Any], expected: Place) -> None:
    assert place_of(symptoms(**changes)) == expected


def test_a_cell_with_the_remedys_own_code_has_none_of_its_own() -> None:
    assert code("compile_false", symptoms()) == ""
    assert code("no_such_remedy", symptoms()) == ""
    assert "vars(my_model)" in code("compile_false", symptoms(tags=("custom",)))


def test_the_edits_that_were_made_are_in_the_snippet() -> None:
    found = code("repair", symptoms(), ("dropped ragged = false of InputLayer",))
    assert '"InputLayer": ["ragged"]' in found


def test_edits_that_need_more_than_a_few_lines_leave_the_models_code_and_its_weights() -> None:
    cell = symptoms(format="h5", actual_format="hdf5", consumer=KERAS_2)
    found = code("repair", cell, ("calls in the graph are written as Keras 2 writes them",))
    assert found == code("weights_by_order", cell)
    assert "my_model.build_model()" in found


COMPILED = {"optimizer": {"class": "Adam", "of": "optimizers", "config": {}}, "loss": {"name": "mse"}}
CALL = 'model.compile(optimizer=keras.optimizers.Adam(), loss="mse")'
GRAPH = ("calls in the graph are written as Keras 3 writes them",)


def strangers(**changes: Any) -> Any:
    facts = {"adopted": True, "code": False, **changes.pop("facts", {})}
    return symptoms(format="h5", actual_format="hdf5", producer=KERAS_2, facts=facts, **changes)


@pytest.mark.parametrize(
    ("order", "line"),
    [("by_weight", "zip(variables, names)"), ("by_slot", "slots[index::weights]"), ("", CALL), ("odd", CALL)],
)
def test_a_strangers_file_is_compiled_as_it_says(order: str, line: str) -> None:
    found = code("recompile", strangers(), compiled=COMPILED, state_order=order, environment="tf2")
    assert CALL in found
    assert line in found
    assert "my_model" not in found
    assert ("optimizer_weights" in found) == (order in ("by_weight", "by_slot"))


def test_a_probe_is_compiled_as_its_code_does() -> None:
    assert "my_model.build_model()" in code(
        "recompile", symptoms(format="h5", actual_format="hdf5"), compiled=COMPILED
    )


@pytest.mark.parametrize("identifier", ["repair", "rebuild", "recompile"])
def test_what_needs_code_that_a_stranger_has_not_is_a_command(identifier: str) -> None:
    found = code(identifier, strangers(), GRAPH, environment="tf2.21.0-cpu")
    assert is_command(found)
    assert found == (
        "# in a shell: crossload migrate {shell} --to tf2.21.0-cpu -o migrated.keras\n"
        "from tensorflow import keras\n\n"
        'model = keras.models.load_model("migrated.keras")\n'
    )
    given = code(identifier, strangers(tags=("custom",)), GRAPH, environment="tf2.21.0-cpu")
    assert "--custom-objects my_model.py" in given
    assert "vars(my_model)" in given


def test_edits_that_a_few_lines_can_say_are_said_of_a_strangers_file_too() -> None:
    found = code("repair", strangers(), ("dropped ragged = false of InputLayer",), environment="tf2")
    assert '"InputLayer": ["ragged"]' in found
    assert not is_command(found)


def test_a_strangers_code_that_builds_the_model_is_used() -> None:
    assert "my_model.build_model()" in code("rebuild", strangers(facts={"code": True}), environment="tf2")


def test_an_architecture_beside_the_weights_goes_by_its_own_name() -> None:
    facts = {"adopted": True, "code": False, "architecture": "a b'.json", "classes": ["Functional"]}
    cell = symptoms(format="json", actual_format="hdf5", facts=facts)
    found = code("rebuild", cell, environment="tf2")
    assert "--architecture 'a b'\"'\"'.json' --to tf2" in found
    found = code("custom_objects", cell, environment="tf2")
    assert 'with open("a b\'.json") as file:' in found.replace("'a b\\'.json'", '"a b\'.json"')
    assert 'load_weights("{path}")' in found
    assert place_of(symptoms(facts={"architecture": "a\nb"})).architecture == ""


@pytest.mark.parametrize("identifier", ["repair", "rebuild"])
def test_no_file_can_say_that_predict_is_to_call_eagerly(identifier: str) -> None:
    found = code(identifier, strangers(), (*GRAPH, EAGERLY), environment="tf2.21.0-cpu")
    assert not is_command(found)
    assert "model.run_eagerly = True" in found


@pytest.mark.parametrize("identifier", ["repair", "rebuild"])
def test_no_file_can_say_what_a_function_was(identifier: str) -> None:
    told = "recurrent_activation computes hard_sigmoid as Keras 2 does"
    found = code(identifier, strangers(), (*GRAPH, told), environment="tf2.21.0-cpu")
    assert not is_command(found)
    assert "0.2 * x + 0.5" in found
    assert "from tensorflow import keras\n" in found
    compile(found.replace("{path}", "m.h5"), "<snippet>", "exec")
