"""Compiling again, with a model that only notes what it was compiled with."""

from types import SimpleNamespace
from typing import Any

import pytest

from runner.agent.compiling import compile_again, compile_like


class Adam:
    def __init__(self, learning_rate: float = 0.001, amsgrad: bool = False, name: str = "adam") -> None:
        self.learning_rate, self.amsgrad = learning_rate, amsgrad

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Adam":
        return cls(**config)

    def get_config(self) -> dict[str, Any]:
        return {"learning_rate": self.learning_rate, "amsgrad": self.amsgrad}


class Crossentropy:
    def __init__(
        self, reduction: str = "sum_over_batch_size", name: str = "crossentropy", from_logits: bool = False
    ) -> None:
        if reduction == "auto":
            raise ValueError("reduction must not be auto")
        self.reduction, self.from_logits = reduction, from_logits

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Crossentropy":
        return cls(**config)


STACK: Any = SimpleNamespace(
    keras_version="2.15.0",
    keras=SimpleNamespace(
        optimizers=SimpleNamespace(Adam=Adam, get=lambda name: name),
        losses=SimpleNamespace(Crossentropy=Crossentropy, get=lambda config: config),
        metrics=SimpleNamespace(get=lambda config: config),
        utils=SimpleNamespace(),
    ),
)


class LossScaleOptimizer:
    def __init__(self, inner_optimizer: Any, initial_scale: float = 32768.0) -> None:
        self.inner_optimizer, self.initial_scale = inner_optimizer, initial_scale


class Model:
    def __init__(self) -> None:
        self.given: dict[str, Any] = {}
        self.outputs: list[str] = []

    def compile(self, **given: Any) -> None:
        self.given = given


def compiled(training: dict[str, Any], **custom: Any) -> tuple[dict[str, Any], list[str]]:
    model, edits = Model(), list[str]()
    compile_again(STACK, model, training, custom, edits)
    return model.given, edits


def steep() -> None:
    """A loss of the user's."""


def test_an_optimizer_of_keras_2_without_what_this_one_does_not_take() -> None:
    config = {"learning_rate": 0.5, "decay": 0.0, "jit_compile": True}
    given, edits = compiled(
        {"optimizer_config": {"class_name": "Custom>Adam", "config": config}, "loss": "mse"}
    )
    assert isinstance(given["optimizer"], Adam)
    assert given["optimizer"].learning_rate == 0.5
    assert given["loss"] == "mse"
    assert not any("changes meaning" in edit for edit in edits)
    assert config["decay"] == 0.0  # the file's own words stay


def test_a_decay_that_was_used_changes_the_meaning() -> None:
    config = {"learning_rate": 0.5, "decay": 0.1}
    _, edits = compiled({"optimizer": {"class_name": "Adam", "config": config}})
    assert edits == ["changes meaning: dropped decay = 0.1 of Adam"]


def test_keras_3_which_ignores_the_word_gets_a_schedule_that_does_the_same() -> None:
    model, edits = Model(), list[str]()
    stack: Any = SimpleNamespace(keras=STACK.keras, keras_version="3.8.0")
    config = {"lr": 0.5, "decay": 0.1}
    compile_again(stack, model, {"optimizer": {"class_name": "Adam", "config": config}}, {}, edits)
    assert model.given["optimizer"].learning_rate == {
        "module": "keras.optimizers.schedules",
        "class_name": "InverseTimeDecay",
        "config": {"initial_learning_rate": 0.5, "decay_steps": 1, "decay_rate": 0.1},
        "registered_name": None,
    }
    assert edits == ["decay = 0.1 of Adam is an InverseTimeDecay of its learning rate"]
    assert config == {"lr": 0.5, "decay": 0.1}  # the file's own words stay


def test_what_mixed_precision_wraps_around_an_optimizer() -> None:
    inner = {"class_name": "Custom>Adam", "config": {"learning_rate": 0.5, "is_legacy_optimizer": False}}
    config = {"inner_optimizer": inner, "dynamic": True, "initial_scale": 2.0}
    training = {"optimizer_config": {"class_name": "LossScaleOptimizerV3", "config": config}}
    keras = SimpleNamespace(**vars(STACK.keras))
    keras.optimizers = SimpleNamespace(**vars(STACK.keras.optimizers), LossScaleOptimizer=LossScaleOptimizer)
    model = Model()
    told = compile_again(SimpleNamespace(keras=keras, keras_version="3.8.0"), model, training, {}, [])  # type: ignore[arg-type]
    assert model.given["optimizer"].inner_optimizer.learning_rate == 0.5
    assert told is not None
    assert told["optimizer"] == {
        "class": "LossScaleOptimizer",
        "of": "optimizers",
        "config": {"initial_scale": 2.0},
        "inner": {"class": "Adam", "of": "optimizers", "config": {"learning_rate": 0.5}},
    }


def test_an_optimizer_that_is_unknown_is_asked_for_by_name() -> None:
    given, _ = compiled({"optimizer": {"class_name": "Custom>Lion", "config": {}}})
    assert given["optimizer"] == "lion"


def test_a_loss_with_the_reduction_of_keras_2() -> None:
    given, _ = compiled({"loss": {"class_name": "Crossentropy", "config": {"reduction": "auto"}}})
    assert given["loss"].reduction == "sum_over_batch_size"


def test_functions_are_given_by_name_the_users_own_as_they_are() -> None:
    wrapped = {
        "class_name": "LossFunctionWrapper",
        "config": {"fn": {"class_name": "function", "config": "steep"}},
    }
    given, edits = compiled({"loss": [wrapped, "pkg>steep", "mse"]}, steep=steep)
    assert given["loss"] == [steep, steep, "mse"]
    assert edits == ["steep is given by its name"]
    function = {"class_name": "function", "config": "steep", "module": "builtins"}
    assert compiled({"loss": {"a": function, "b": None}})[0]["loss"] == {"a": "steep", "b": None}


@pytest.mark.parametrize("weights", [[1.0, 2.0], {"a": 1.0, "b": 2.0}])
def test_one_loss_for_outputs_that_weigh_differently(weights: Any) -> None:
    """Keras 3: loss_weights must match the number of losses, got 1 losses and 2 weights."""
    model, edits = Model(), list[str]()
    model.outputs = ["a", "b"]
    told = compile_again(STACK, model, {"loss": "mse", "loss_weights": weights}, {}, edits)
    assert model.given == {"loss": ["mse", "mse"], "loss_weights": weights}
    assert told is not None
    assert told["loss"] == [{"name": "mse"}, {"name": "mse"}]
    assert edits == ["the loss is given for each of the 2 outputs"]
    compile_again(STACK, model, {"loss": "mse"}, {}, edits)
    assert model.given == {"loss": "mse"}  # without weights, one is taken for all


def test_a_class_keeps_what_is_noted_beside_its_function() -> None:
    """Keras 2.13 began to note the function too; from_logits is not in it."""
    noted = {"reduction": "auto", "from_logits": True, "fn": "crossentropy"}
    given, edits = compiled({"loss": {"class_name": "Crossentropy", "config": noted}})
    assert given["loss"].from_logits
    assert edits == []
    unknown = {"class_name": "Other", "config": noted}
    assert compiled({"loss": unknown})[0]["loss"] == "crossentropy"


@pytest.mark.parametrize(
    ("function", "name", "expected"),
    [
        ("mean_absolute_error", "mae", "mae"),
        ("mean_absolute_error", "out_mae", "mae"),
        ("categorical_accuracy", "accuracy", "accuracy"),
        ("categorical_accuracy", "categorical_accuracy", "categorical_accuracy"),
        ("mean_absolute_error", "accuracy", "mean_absolute_error"),
    ],
)
def test_a_metric_goes_by_the_word_that_logs_have(function: str, name: str, expected: str) -> None:
    metric = {"class_name": "MeanMetricWrapper", "config": {"name": name, "fn": function}}
    assert compiled({"loss": "mse", "metrics": [[metric]]})[0]["metrics"] == [expected]


def test_what_it_was_compiled_with_is_told() -> None:
    config = {"learning_rate": 0.5, "decay": 0.0, "jit_compile": True, "amsgrad": False}
    training = {"optimizer": {"class_name": "Adam", "config": config}, "loss": "mse", "loss_weights": 2.0}
    assert compile_again(STACK, Model(), training, {}, []) == {
        "optimizer": {"class": "Adam", "of": "optimizers", "config": {"learning_rate": 0.5}},
        "loss": {"name": "mse"},
        "loss_weights": {"value": 2.0},
    }


def test_the_metrics_of_one_output_lose_their_list() -> None:
    given, _ = compiled(
        {"loss": "mse", "metrics": [["mae", "mse"]], "weighted_metrics": None, "loss_weights": 2.0}
    )
    assert given == {"loss": "mse", "metrics": ["mae", "mse"], "loss_weights": 2.0}


def test_as_another_model_was_compiled_with_an_optimizer_of_its_own() -> None:
    other = SimpleNamespace(optimizer=Adam(0.25), loss="mse")
    model = Model()
    compile_like(model, other)
    assert model.given["loss"] == "mse"
    assert model.given["optimizer"].learning_rate == 0.25
    assert model.given["optimizer"] is not other.optimizer


def test_a_model_that_was_never_compiled_stays_so() -> None:
    model = Model()
    compile_like(model, SimpleNamespace(optimizer=None))
    assert model.given == {}
