"""Which snippet a cell gets: by what the file is, and by the two versions."""

from typing import Any

import pytest

from runner.remedies.by_hand import code, place_of
from runner.remedies.snippets import Place
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
