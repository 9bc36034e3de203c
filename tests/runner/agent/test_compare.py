"""Each check's value and sentence, from literals of what producer and consumer saw."""

import math
from typing import Any

import numpy as np
import pytest

from runner.agent import compare
from runner.agent.compare import SAME

TOLERANCES = {
    "float32": {"relative": 1e-5, "absolute": 1e-6},
    "float16": {"relative": 1e-2, "absolute": 1e-3},
}

SEEN: dict[str, Any] = {
    "class": "Sequential",
    "layers": [["Dense", 2], ["Dense", 2]],
    "parameters": 451,
    "trainable": 451,
    "flags": [["dense", True], ["dense_1", True]],
    "vocabularies": [["words", "aa"]],
    "outputs": {"nest": "leaf", "tensors": [["dense", "float32", [32, 3]]]},
}


def outputs(nest: Any, *tensors: list[Any]) -> dict[str, Any]:
    return {"outputs": {"nest": nest, "tensors": list(tensors)}}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, SAME),
        (
            outputs({"list": ["leaf"]}, ["dense", "float32", [32, 3]]),
            ("differs", "the outputs are a list of 1 where one tensor was"),
        ),
        (
            outputs({"dict": {"b": "leaf", "a": "leaf"}}),
            ("differs", "the outputs are a dict of ['a', 'b'] where one tensor was"),
        ),
        (
            outputs("leaf", ["dense", "float16", [32, 3]]),
            ("differs", "output 0 is dense float16 [32, 3] where dense float32 [32, 3] was"),
        ),
        (
            outputs("leaf", ["ragged", "float32", [32, 3]]),
            ("differs", "output 0 is ragged float32 [32, 3] where dense float32 [32, 3] was"),
        ),
        ({"class": "Functional"}, ("differs", "the model is a Functional where a Sequential was")),
        ({"layers": [["Dense", 2]]}, ("differs", "1 layers where 2 were")),
        (
            {"layers": [["Dense", 2], ["Dense", 1]]},
            ("differs", "layer 1 is Dense with 1 variables where Dense with 2 was"),
        ),
        ({"parameters": 450}, ("differs", "450 parameters where 451 were")),
        ({"vocabularies": [["words", "ab"]]}, ("differs", "the vocabulary of layer words changed")),
        ({"vocabularies": [["words_7", "aa"]]}, SAME),  # names are made anew; the words count
        (
            {"flags": [["dense_7", True], ["dense_8", False]]},
            ("lost", "layer dense_1 is frozen where it was trainable"),
        ),
        ({"trainable": 99}, ("lost", "99 parameters are trainable where 451 were")),
    ],
)
def test_structure(change: dict[str, Any], expected: tuple[str, str]) -> None:
    assert compare.structure(SEEN, {**SEEN, **change}) == expected


def test_a_graph_of_layers_was_a_plain_model_before_it_was_called_functional() -> None:
    assert compare.structure({**SEEN, "class": "Model"}, {**SEEN, "class": "Functional"}) == SAME
    before, now = {**SEEN, "layers": [["ThresholdedReLU", 0]]}, {**SEEN, "layers": [["ReLU", 0]]}
    assert compare.structure(before, now) == SAME


def test_a_class_that_another_of_its_name_stands_in_for_is_told() -> None:
    own, keras, revived = ([["dense", origin], ["dense_1", "keras"]] for origin in ("own", "keras", ""))
    before, now = {**SEEN, "origins": own}, {**SEEN, "origins": keras}
    assert compare.structure(before, now) == (
        "same",
        "layer dense is Keras's own Dense where the model's own was",
    )
    assert compare.structure(now, before) == (
        "same",
        "layer dense is the model's own Dense where Keras's own was",
    )
    assert compare.structure(before, {**SEEN, "origins": revived}) == SAME
    assert (
        compare.structure(before, SEEN) == compare.structure(SEEN, now) == SAME
    )  # seen by another version of this


def test_weights_alone_do_not_say_what_is_frozen() -> None:
    reference = {name: value for name, value in SEEN.items() if name not in ("flags", "trainable")}
    found = {**SEEN, "flags": [["dense", False], ["dense_1", False]], "trainable": 0}
    assert compare.structure(reference, found) == SAME


def test_an_export_has_outputs_only() -> None:
    assert (
        compare.structure(
            outputs("leaf", ["dense", "float32", [1]]), outputs("leaf", ["dense", "float32", [1]])
        )
        == SAME
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["a", "b", "b"], SAME),
        (["b", "a", "b"], ("same", "in another order")),
        (["a", "b", "c"], ("differs", "1 of 3 variables hold other values")),
        (["a", "a", "b"], ("differs", "1 of 3 variables hold other values")),
        (["x", "y", "z"], ("differs", "3 of 3 variables hold other values")),
        ([], ("differs", "3 of 3 variables hold other values")),
    ],
)
def test_weights(found: list[str], expected: tuple[str, str]) -> None:
    assert compare.weights(["a", "b", "b"], found) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"one": ["a"], "two": ["b"]}, ""),
        ({"one": ["b"], "two": ["a"]}, "layer one holds the weights of layer two"),
        ({"one": ["c"], "two": ["b"]}, ""),  # other values, and nobody else's
        ({"other": ["b"]}, ""),  # names are made anew
    ],
)
def test_layers_that_exchanged_their_weights(found: dict[str, list[str]], expected: str) -> None:
    assert compare.exchanged({"one": ["a"], "two": ["b"]}, found) == expected


def test_a_variable_too_many_is_a_difference() -> None:
    assert compare.weights(["a"], ["a", "b"])[0] == "differs"


def test_outputs_that_agree_keep_the_largest_difference() -> None:
    one = [np.array([1.0, 2.0]), np.array([10.0])]
    two = [np.array([1.0, 2.000001]), np.array([10.0])]
    value, sentence, largest = compare.outputs(one, ["float32"] * 2, two, ["float32"] * 2, TOLERANCES)
    assert (value, sentence) == SAME
    assert largest == pytest.approx(1e-6)


def test_every_output_that_differs_is_told() -> None:
    one = [np.array([1.0]), np.array([5.0]), np.array([1.0])]
    two = [np.array([2.0]), np.array([5.0]), np.array([math.nan])]
    value, sentence, largest = compare.outputs(one, ["float32"] * 3, two, ["float32"] * 3, TOLERANCES)
    assert (value, largest) == ("differs", 1.0)
    assert (
        sentence
        == "output 0 differs by 1, allowed 1.1e-05 for float32; output 2 NaN or infinity in other places"
    )


def test_the_coarser_precision_of_both_sides_counts() -> None:
    arguments = ([np.array([1.0])], ["float32"], [np.array([1.005])])
    assert compare.outputs(*arguments, ["float16"], TOLERANCES)[0] == "same"
    assert compare.outputs(*arguments, ["float32"], TOLERANCES)[0] == "differs"


def test_text_outputs_have_no_distance() -> None:
    text = [np.array([b"a"])]
    assert compare.outputs(text, ["string"], text, ["string"], TOLERANCES) == ("same", "", None)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"loss": 0.5, "accuracy": 0.25}, SAME),
        ({"loss": 0.5000001, "accuracy": 0.25}, SAME),
        ({"loss": 0.5, "compile_metrics": 0.25}, SAME),  # another name for the same number
        ({"loss": 0.5, "accuracy": 0.25, "auc": 0.1}, SAME),
        ({"loss": 0.6, "accuracy": 0.25}, ("differs", "loss 0.6 where 0.5 was")),
        ({"loss": math.nan, "accuracy": 0.25}, ("differs", "loss nan where 0.5 was")),
        ({"loss": 0.5, "accuracy": 0.5}, ("differs", "metric accuracy 0.5 where 0.25 was")),
        ({"loss": 0.5, "compile_metrics": 0.5}, ("differs", "metric accuracy 0.5 where 0.25 was")),
        ({"loss": 0.5}, ("lost", "metrics none where ['accuracy'] were")),
        ({"loss": 0.5, "out_loss": 0.25}, ("lost", "metrics none where ['accuracy'] were")),
        ({"accuracy": 0.25}, ("lost", "there is no loss")),
    ],
)
def test_loss(found: dict[str, float], expected: tuple[str, str]) -> None:
    assert compare.loss({"loss": 0.5, "accuracy": 0.25}, found, "float32", TOLERANCES) == expected


def test_a_loss_may_move_as_far_as_rounding_moved_it_at_home() -> None:
    home, here = {"loss": 2.565557, "mae": 0.5}, {"loss": 2.565438, "mae": 0.5}
    assert compare.loss(home, here, "float32", TOLERANCES)[0] == "differs"
    assert compare.loss(home, here, "float32", TOLERANCES, {"loss": 1e-4}) == SAME
    assert compare.loss(home, {**here, "mae": 0.6}, "float32", TOLERANCES, {"loss": 1e-4})[0] == "differs"


def test_losses_of_single_outputs_are_no_metrics() -> None:
    assert (
        compare.loss({"loss": 3.0, "a_loss": 1.0, "b_loss": 2.0}, {"loss": 3.0}, "float32", TOLERANCES)
        == SAME
    )


ADAM: dict[str, Any] = {"class": "Adam", "iterations": 3, "learning_rate": 0.001, "slots": ["a", "b", "b"]}


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (ADAM, SAME),
        ({**ADAM, "slots": ["b", "a", "b", "c"]}, SAME),
        ({**ADAM, "learning_rate": 0.0010000000474974513}, SAME),  # the same number as float32
        (None, ("lost", "there is no optimizer")),
        ({**ADAM, "slots": ["a", "b"]}, ("lost", "1 of 3 slot variables gone")),
        (
            {**ADAM, "iterations": 0, "slots": [], "learning_rate": 0.01},
            (
                "lost",
                "iterations 0 where 3 was; 3 of 3 slot variables gone; learning rate 0.01 where 0.001 was",
            ),
        ),
    ],
)
def test_optimizer(found: dict[str, Any] | None, expected: tuple[str, str]) -> None:
    assert compare.optimizer(ADAM, found) == expected


def test_settings_of_an_optimizer() -> None:
    before = {**ADAM, "settings": {"clipnorm": 0.1, "epsilon": 1e-7, "amsgrad": 1.0}}
    now = {**ADAM, "settings": {"epsilon": 1.0000000116860974e-07, "amsgrad": 1.0}}  # as float32
    assert compare.optimizer(before, now) == ("lost", "clipnorm 0 where 0.1 was")
    assert compare.optimizer(before, {**now, "class": "Mine"}) == SAME
    assert compare.optimizer(ADAM, now | {"settings": {}}) == SAME


def step(loss: float, *moved: list[float]) -> dict[str, Any]:
    return {"loss": loss, "moved": [np.array(values) for values in moved]}


STEP = step(1.0, [0.1] * 100, [0.2])


@pytest.mark.parametrize(
    ("found", "order", "expected"),
    [
        (STEP, [0, 1], SAME),
        (step(1.0, [0.2], [0.1] * 100), [1, 0], SAME),
        (step(1.0, [0.1] * 96 + [0.9] * 4, [0.2]), [0, 1], SAME),  # strays: rounding, made large by Adam
        (
            step(1.0, [0.1] * 90 + [0.9] * 10, [0.2]),
            [0, 1],
            ("differs", "10% of the values moved differently"),
        ),
        (step(1.0, [0.0] * 100, [0.0]), [0, 1], ("differs", "100% of the values moved differently")),
        (step(1.0, [0.1] * 99, [0.2]), [0, 1], ("differs", "the variables have other shapes")),
        (step(1.1, [0.1] * 100, [0.2]), [0, 1], ("differs", "the step's loss is 1.1 where 1 was")),
        (step(1.0, [9.9] * 100, [9.9]), None, SAME),
    ],
)
def test_training(found: dict[str, Any], order: list[int] | None, expected: tuple[str, str]) -> None:
    assert compare.training(STEP, found, order, "float32", TOLERANCES) == expected


def test_a_model_without_variables_trains_alike() -> None:
    assert compare.training(step(1.0), step(1.0), [], "float32", TOLERANCES) == SAME


def test_variables_that_stayed_must_stay() -> None:
    still, moved = step(1.0, [0.0, 0.0]), step(1.0, [0.0, 1e-3])
    assert compare.training(still, still, [0], "float32", TOLERANCES) == SAME
    assert compare.training(still, moved, [0], "float32", TOLERANCES)[0] == "differs"


def test_pairing_finds_each_variable_once() -> None:
    assert compare.pairing(["a", "b", "a"], ["a", "a", "b"]) == [0, 2, 1]
    assert compare.pairing(["a", "a"], ["a", "b"]) is None
    assert compare.pairing(["a"], []) is None
    assert compare.pairing([], ["a"]) == []
