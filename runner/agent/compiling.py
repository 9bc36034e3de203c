"""Compiling a model again from what the file recorded: names of losses, metrics and optimizers of other versions."""

from __future__ import annotations

import copy
import inspect
from typing import Any, Dict, List, Mapping, Tuple

from . import fitting, spoken
from .repair import is_object
from .stack import Stack

#: What an optimizer's configuration may say without saying anything: how it runs, and averages that are not kept.
_NEUTRAL: Mapping[str, Any] = {
    "is_legacy_optimizer": "any",
    "jit_compile": "any",
    "decay": [0.0],
    "ema_momentum": "any",
    "gradient_accumulation_steps": [1],
}
#: What was made, and of which configuration.
Made = List[Tuple[Any, Dict[str, Any]]]
#: Classes that wrap any function: what they hold says all that they do.
_WRAPPERS = ("LossFunctionWrapper", "MeanMetricWrapper", "SumOverBatchSizeMetricWrapper")
#: What mixed precision wraps an optimizer in, and what that says of itself.
_SCALING = ("LossScaleOptimizer", "LossScaleOptimizerV3")
_SCALE = ("initial_scale", "dynamic_growth_steps")
#: Function of a metric -> the words for it that a file's name for the metric may end in, and users look for in logs.
_SHORT: Mapping[str, tuple[str, ...]] = {
    "mean_absolute_error": ("mae",),
    "mean_squared_error": ("mse",),
    "mean_absolute_percentage_error": ("mape",),
    "mean_squared_logarithmic_error": ("msle",),
    "binary_accuracy": ("accuracy", "acc"),
    "categorical_accuracy": ("accuracy", "acc"),
    "sparse_categorical_accuracy": ("accuracy", "acc"),
}


def compile_again(
    stack: Stack,
    model: Any,
    training: Mapping[str, Any],
    custom_objects: Mapping[str, Any] | None,
    edits: list[str],
) -> dict[str, Any] | None:
    """Compile ``model`` from a file's compile configuration, of either generation. Raises what Keras raises.

    Gives the arguments as JSON, for those who do it by hand (see :mod:`runner.agent.spoken`); None where they cannot
    be told.
    """
    custom = dict(custom_objects or {})
    made: Made = []
    arguments: dict[str, Any] = {}
    config = training.get("optimizer", training.get("optimizer_config"))
    if config is not None:
        arguments["optimizer"] = _optimizer(stack, config, custom, edits, made)
    arguments["loss"] = _each(
        training.get("loss"), lambda one: _function(stack, "losses", one, custom, edits, made)
    )
    for key in ("metrics", "weighted_metrics"):
        found = _each(training.get(key), lambda one: _function(stack, "metrics", one, custom, edits, made))
        if isinstance(found, list) and len(found) == 1 and isinstance(found[0], list):
            found = found[0]  # one output: Keras 2 notes a list for each
        if found:
            arguments[key] = found
    if training.get("loss_weights") is not None:
        arguments["loss_weights"] = training["loss_weights"]
        outputs = len(getattr(model, "outputs", None) or ())
        if outputs > 1 and not isinstance(arguments["loss"], (list, dict)):
            # With weights, Keras 3 wants a loss for each output; Keras 2 took one for all.
            arguments["loss"] = [arguments["loss"]] * outputs
            edits.append("the loss is given for each of the {} outputs".format(outputs))
    model.compile(**arguments)
    return spoken.arguments(stack, arguments, custom, made)


def compile_like(model: Any, other: Any) -> None:
    """Compile ``model`` as ``other`` was compiled, with an optimizer of its own."""
    if getattr(other, "optimizer", None) is None:
        return
    optimizer = type(other.optimizer).from_config(other.optimizer.get_config())
    config = getattr(getattr(other, "_compile_config", None), "config", None)
    if config is not None:
        known = inspect.signature(model.compile).parameters
        arguments = {key: value for key, value in config.items() if key in known and key != "optimizer"}
    else:
        arguments = {"loss": other.loss}
        metrics = getattr(getattr(other, "compiled_metrics", None), "_user_metrics", None)
        if metrics:
            arguments["metrics"] = metrics
    model.compile(optimizer=optimizer, **arguments)


def _each(value: Any, function: Any) -> Any:
    """A loss or a metric for each output: in a list, by name, or one."""
    if isinstance(value, (list, tuple)):
        return [_each(one, function) for one in value]
    if isinstance(value, dict) and "class_name" not in value:
        return {key: _each(one, function) for key, one in value.items()}
    return value if value is None else function(value)


def _optimizer(stack: Stack, config: Any, custom: dict[str, Any], edits: list[str], made: Made) -> Any:
    if not is_object(config):
        return config
    config = copy.deepcopy(config)
    scaling = getattr(
        stack.keras.optimizers, "LossScaleOptimizer", None
    )  # Keras 2 has it elsewhere, and reads its own
    inner = config["config"].get("inner_optimizer")
    if scaling is not None and is_object(inner) and config["class_name"].split(">")[-1] in _SCALING:
        found = _optimizer(stack, inner, custom, edits, made)
        scale = {key: config["config"][key] for key in _SCALE if key in config["config"]}
        made.append((scaling(found, **scale), {**scale, "inner_optimizer": found}))
        return made[-1][0]
    if stack.keras_version.split(".")[0] == "3":
        edits += _decay_as_schedule(config)
    edits += fitting.fit(stack, config, custom, _NEUTRAL)
    cls = fitting.class_of(stack, config, custom)
    if cls is None:
        return stack.keras.optimizers.get(config["class_name"].split(">")[-1].lower())
    return _made(cls, config["config"], made)


def _decay_as_schedule(config: dict[str, Any]) -> list[str]:
    """What optimizers called ``decay`` until Keras 2.10, as the schedule that does the same; Keras 3 ignores the word.

    The rate is divided by ``1 + decay * iterations``: ``OptimizerV2._decayed_lr`` of Keras 2.10, and
    ``InverseTimeDecay`` with ``decay_steps=1``.
    """
    inner = config["config"]
    rate, decay = inner.get("learning_rate", inner.get("lr")), inner.get("decay")
    if not all(isinstance(one, (int, float)) for one in (rate, decay)) or not decay:
        return []
    del inner["decay"]
    inner.pop("lr", None)
    inner["learning_rate"] = {
        "module": "keras.optimizers.schedules",
        "class_name": "InverseTimeDecay",
        "config": {"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay},
        "registered_name": None,
    }
    return [
        "decay = {:g} of {} is an InverseTimeDecay of its learning rate".format(decay, config["class_name"])
    ]


def _function(
    stack: Stack, place: str, config: Any, custom: dict[str, Any], edits: list[str], made: Made
) -> Any:
    """A loss or a metric: a name, a class with its configuration, or a function wrapped in one."""
    known = getattr(stack.keras, place)
    if isinstance(config, str):
        return custom.get(config.split(">")[-1], config)
    if not isinstance(config, dict) or not isinstance(config.get("class_name"), str):
        return config
    inner = config.get("config")
    if config["class_name"] == "function" and isinstance(inner, str):
        return custom.get(inner.split(">")[-1], inner)
    if isinstance(inner, dict) and "fn" in inner:
        name = inner["fn"]
        while isinstance(name, dict):
            name = name.get("config")
        if (
            config["class_name"].split(">")[-1] in _WRAPPERS
            or fitting.class_of(stack, config, custom) is None
        ):
            edits.append("{} is given by its name".format(name))
            return custom.get(str(name).split(">")[-1]) or _short(str(name), inner.get("name"))
    config = copy.deepcopy(config)
    if isinstance(config.get("config"), dict):
        # A class makes the function itself, of the rest that is noted for it: from_logits, a threshold.
        config["config"].pop("fn", None)
        if config["config"].get("reduction") == "auto":  # what it stood for in every case but strategies
            config["config"]["reduction"] = "sum_over_batch_size"
    edits += fitting.fit(stack, config, custom, {})
    cls = fitting.class_of(stack, config, custom)
    return _made(cls, config["config"], made) if cls is not None else known.get(config)


def _made(cls: Any, config: dict[str, Any], made: Made) -> Any:
    found = cls.from_config(copy.deepcopy(config))
    made.append((found, config))
    return found


def _short(function: str, name: Any) -> str:
    """A metric's function, in the word that the model was compiled with: logs go by it."""
    said = str(name or "")
    if said == function or said.endswith("_" + function):
        return function
    return next(
        (word for word in _SHORT.get(function, ()) if said == word or said.endswith("_" + word)), function
    )
