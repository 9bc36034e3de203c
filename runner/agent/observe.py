"""What can be seen of a model: structure, weights, outputs, loss, optimizer state and one training step.

The producer observes the model that it saved, the consumer the one that it loaded, both with these functions.
Everything runs eagerly: tracing the functions behind ``predict``, ``evaluate`` and ``fit`` costs more than all
the rest of a cell.
"""

from __future__ import annotations

import inspect
from contextlib import contextmanager
from typing import Any, Callable, Iterable, Iterator, Mapping

import numpy as np

from .arrays import Array, digest, flatten, kind, rebuild, sample, to_numpy

#: Type of a computation -> the relative step between its numbers; the coarsest first. NumPy does not know them all.
_STEPS = {"bfloat16": 2.0**-7, "float16": 2.0**-10}
#: What decides how an optimizer steps beside its learning rate, and means the same in every version that has it.
_SETTINGS = (
    "amsgrad", "beta_1", "beta_2", "centered", "clipnorm", "clipvalue", "epsilon", "global_clipnorm",
    "initial_accumulator_value", "l1_regularization_strength", "l2_regularization_strength", "learning_rate_power",
    "momentum", "nesterov", "rho", "use_ema", "weight_decay",
)  # fmt: skip

#: The packages that Keras has been in.
_FRAMEWORKS = ("keras", "tf_keras", "tensorflow", "tensorflow_core")


def call(model: Any, inputs: Any, training: bool = False) -> Any:
    """The model's outputs for one batch; what a recurrent layer remembers of the batch before is forgotten."""
    forget(model)
    return model(inputs, training=training)


def forget(model: Any) -> None:
    """Have recurrent layers begin anew where they remember the batch before."""
    every = getattr(model, "_flatten_layers", None)
    for layer in every() if callable(every) else getattr(model, "layers", []):
        if getattr(layer, "stateful", False) and hasattr(layer, "cell") and getattr(layer, "built", False):
            reset = getattr(layer, "reset_states", None) or getattr(layer, "reset_state", None)
            if callable(reset):
                reset()


def structure(model: Any, outputs: Any) -> dict[str, Any]:
    """Classes and variable counts by layer, parameter counts, vocabularies, and the shape of the outputs."""
    layers = list(getattr(model, "layers", []))
    return {
        "class": type(model).__name__,
        "layers": [[type(layer).__name__, len(_real(layer.weights))] for layer in layers],
        "origins": [[layer.name, _origin(layer)] for layer in layers],
        "parameters": _count(_real(model.weights)),
        "trainable": _count(_real(model.trainable_weights)),
        "flags": [[layer.name, bool(getattr(layer, "trainable", True))] for layer in layers],
        "vocabularies": [
            [layer.name, _vocabulary(layer)] for layer in layers if hasattr(layer, "get_vocabulary")
        ],
        "outputs": signature(outputs),
    }


def signature(outputs: Any) -> dict[str, Any]:
    """The nest of outputs with a kind, dtype and shape for each tensor."""
    leaves, skeleton = flatten(outputs)
    described = [[kind(leaf), _dtype(leaf), [int(n) for n in to_numpy(leaf).shape]] for leaf in leaves]
    return {"nest": skeleton, "tensors": described}


def weights(model: Any) -> list[Array]:
    """The model's variables as arrays, in the framework's order."""
    return [to_numpy(variable) for variable in _real(model.weights)]


def put(model: Any, values: Iterable[Array]) -> None:
    """Give the model's variables the values that :func:`weights` gave, or others in their place."""
    for variable, value in zip(_real(getattr(model, "weights", [])), values):
        if hasattr(variable, "assign"):
            variable.assign(value)


def by_layer(model: Any) -> dict[str, list[str]]:
    """Digests of the variables of each layer, by the layer's name."""
    return {
        str(layer.name): [digest(to_numpy(variable)) for variable in _real(layer.weights)]
        for layer in getattr(model, "layers", [])
        if layer.weights
    }


def compiled(model: Any) -> bool:
    """Whether the model came with a loss and an optimizer."""
    if hasattr(model, "compiled"):  # Keras 3
        return bool(model.compiled)
    return bool(getattr(model, "_is_compiled", False)) or getattr(model, "optimizer", None) is not None


def loss(model: Any, inputs: Any, targets: Any, eagerly: bool = True) -> dict[str, float]:
    """Loss and metrics of one batch, as ``evaluate`` gives them."""
    return _logs(model, "test_on_batch", inputs, targets, eagerly)


def training(model: Any, inputs: Any, targets: Any) -> dict[str, Any]:
    """One training step: its loss, and how far each variable moved (sampled values)."""
    before = weights(model)
    logs = _logs(model, "train_on_batch", inputs, targets)
    after = weights(model)
    moved = [
        sample(new).astype("float64") - sample(old) if new.dtype.kind not in "SUO" else np.zeros(0)
        for old, new in zip(before, after)
    ]
    return {"loss": logs.get("loss"), "moved": moved}


def noise(model: Any, inputs: Any, outputs: Any, called: Callable[[Any], Any] | None = None) -> list[float]:
    """How far each output moves when every input and every weight is rounded the other way.

    ``called`` gives the model's outputs, where that is not by calling it.

    Versions sum in another order, which is as if they rounded otherwise. Where that alone moves an output, as in
    a softmax of large numbers, other versions cannot be asked for more. A layer may compute in a coarser type than
    its weights are kept in (``mixed_float16``), and rounds by that.
    """
    with _rounded_otherwise(model, inputs) as shaken:
        moved, _ = flatten(called(shaken) if called else call(model, shaken))
    before, _ = flatten(outputs)
    return [_distance(to_numpy(one), to_numpy(two)) for one, two in zip(before, moved)]


def loss_noise(
    model: Any, inputs: Any, targets: Any, plain: Mapping[str, float], eagerly: bool = True
) -> dict[str, float]:
    """How far rounding alone moves the loss and the metrics, of which ``plain`` are the values: see :func:`noise`."""
    with _rounded_otherwise(model, inputs) as shaken:
        found = loss(model, shaken, targets, eagerly)
    apart = {name: abs(found[name] - value) for name, value in plain.items() if name in found}
    return {name: value for name, value in apart.items() if np.isfinite(value)}


@contextmanager
def _rounded_otherwise(model: Any, inputs: Any) -> Iterator[Any]:
    """The inputs with every number the least bit off, while the model's weights are so, too."""
    random = np.random.RandomState(0)
    step = coarseness(model)
    leaves, skeleton = flatten(inputs)
    kept = weights(model) if hasattr(model, "weights") else []
    # Where weights move, whole numbers need not: they are exact, and a token a hair below 435 is another token.
    moving = [leaf if kept and _whole(leaf) else _shaken(leaf, random, step) for leaf in leaves]
    try:
        put(model, [_shaken(value, random, step) for value in kept])
        yield rebuild(skeleton, iter(moving))
    finally:
        put(model, kept)


def unfit_metrics(model: Any, targets: Any, outputs: Any) -> list[str]:
    """Metrics that compare whole numbers with probabilities as if both were probabilities.

    Loading an HDF5 file, Keras 2 chooses what ``accuracy`` is by the outputs alone, before it has seen a target
    (``try_build_compiled_arguments`` gives the outputs for both), and keeps that: it is 0 then, whatever is predicted.
    """
    pairs = zip(flatten(targets)[0], flatten(outputs)[0])
    if not any(len(aim.shape) < len(output.shape) for aim, output in pairs):
        return []
    metrics = getattr(getattr(model, "compiled_metrics", None), "metrics", None) or []
    return [
        str(one.name)
        for one in metrics
        if getattr(getattr(one, "_fn", None), "__name__", "").startswith("categorical_")
    ]


def computes_in(model: Any) -> str:
    """The coarsest type that a layer of the model computes in; float32 where none says."""
    every = getattr(model, "_flatten_layers", None)
    said = {
        str(getattr(layer, "compute_dtype", ""))
        for layer in (every() if callable(every) else getattr(model, "layers", []))
    }
    return next((name for name in _STEPS if name in said), "float32")


def coarseness(model: Any) -> float:
    """The relative step between the numbers of that type; 0 for those that arrays can be asked for."""
    return _STEPS.get(computes_in(model), 0.0)


def _whole(value: Any) -> bool:
    array = np.asarray(value)
    return array.dtype.kind != "f" or bool(np.array_equal(array, np.rint(array)))


def _shaken(value: Any, random: Any, step: float) -> Any:
    array = np.asarray(value)
    if array.dtype.kind != "f":
        return value
    signs = random.randint(0, 2, size=array.shape) * 2 - 1
    return (array * (1 + signs * max(np.finfo(array.dtype).eps, step))).astype(array.dtype)


def _distance(one: Array, two: Array) -> float:
    if one.dtype.kind != "f" or one.shape != two.shape or not one.size:
        return 0.0
    apart = np.abs(one.astype("float64") - two.astype("float64"))
    return float(np.max(apart)) if np.isfinite(apart).all() else 0.0


def optimizer(model: Any) -> dict[str, Any] | None:
    """Iterations, learning rate and the slot values of the optimizer; None where there is none.

    Slots that are all zero are left out: an optimizer that lost its state has fresh ones.
    """
    found = getattr(model, "optimizer", None)
    if found is None:
        return None
    if hasattr(found, "build") and not getattr(found, "built", getattr(found, "_built", False)):
        found.build(
            model.trainable_variables
        )  # pending state of a checkpoint is restored when slots are made
    elif hasattr(found, "_create_all_weights"):  # optimizers of Keras before 2.11
        found._create_all_weights(model.trainable_variables)
    slots = []
    for variable in _variables(found):
        name = str(getattr(variable, "path", "") or getattr(variable, "name", ""))
        array = to_numpy(variable)
        if "iter" not in name and "learning_rate" not in name and array.any():
            slots.append(digest(array))
    return {
        "class": type(found).__name__,
        "iterations": int(to_numpy(found.iterations)),
        "learning_rate": _learning_rate(found),
        "slots": sorted(slots),
        "settings": _settings(found),
    }


def _settings(found: Any) -> dict[str, float]:
    """The settings of an optimizer that are on, as numbers; none where it cannot say them."""
    try:
        config = dict(getattr(found, "inner_optimizer", found).get_config())
    except Exception:  # an optimizer of the user's own
        return {}
    settings = {}
    for key in _SETTINGS:
        value = config.get(key)
        if value is not None and np.ndim(value) == 0 and np.asarray(value).dtype.kind in "fiub" and value:
            settings[key] = float(value)
    return settings


def stochastic(model: Any, inputs: Any) -> bool:
    """Whether the model behaves at random in training (dropout, noise), so that one step cannot be compared."""
    kept = model.get_weights()
    first, _ = flatten(call(model, inputs, training=True))
    second, _ = flatten(call(model, inputs, training=True))
    random = any(
        not np.allclose(to_numpy(one), to_numpy(two), rtol=1e-5, atol=1e-6)
        for one, two in zip(first, second)
        if to_numpy(one).dtype.kind in "fc"
    )
    model.set_weights(kept)  # normalisation layers moved their averages
    return random


def _logs(model: Any, method: str, inputs: Any, targets: Any, eagerly: bool = True) -> dict[str, float]:
    model.run_eagerly = eagerly
    forget(model)
    model.reset_metrics()
    step = getattr(model, method)
    if "return_dict" in inspect.signature(step).parameters:
        found = step(inputs, targets, return_dict=True)
    else:  # before TF 2.2
        values = step(inputs, targets)
        found = dict(zip(model.metrics_names, values if isinstance(values, list) else [values]))
    return {str(key): float(to_numpy(value)) for key, value in found.items() if to_numpy(value).size == 1}


def _real(variables: Any) -> list[Any]:
    """Without what is listed among the weights and is none: the tables of lookup layers, in Keras 2.5."""
    return [variable for variable in variables if hasattr(variable, "dtype")]


def _variables(found: Any) -> list[Any]:
    variables = found.variables
    try:
        return list(variables)
    except TypeError:  # a method before Keras 2.11
        return list(variables())


def _learning_rate(found: Any) -> float:
    """At which the next step would be made."""
    rate = found.learning_rate
    kept = getattr(found, "_learning_rate", None)
    if callable(kept) and not hasattr(
        kept, "shape"
    ):  # a variable of Keras 2.11 has what it was at the last step
        rate = kept
    if callable(rate) and not hasattr(rate, "shape"):  # a schedule
        rate = rate(found.iterations)
    return float(to_numpy(rate)) / (1.0 + _decay(found) * float(to_numpy(found.iterations)))


def _decay(found: Any) -> float:
    """By which optimizers of Keras before 2.11, and legacy ones, make steps ever smaller; Keras 3 ignores the word."""
    try:
        value = found.get_config().get("decay")
    except Exception:  # an optimizer of the user's own
        return 0.0
    return (
        float(value)
        if value is not None and np.ndim(value) == 0 and np.asarray(value).dtype.kind in "fi"
        else 0.0
    )


def _vocabulary(layer: Any) -> str:
    return digest(np.asarray([str(word) for word in layer.get_vocabulary()]))


def _origin(layer: Any) -> str:
    """Whose class a layer's is: ``keras``, the model's ``own``, or empty where a loader made it up (SavedModel)."""
    owner, *rooms = type(layer).__module__.split(".")
    if owner not in _FRAMEWORKS:
        return "own"
    return "keras" if "layers" in rooms else ""


def _count(variables: Iterable[Any]) -> int:
    # By value: a variable that was adapted to data may say None for its shape (Discretization in Keras 2).
    return int(sum(to_numpy(variable).size for variable in variables))


def _dtype(leaf: Any) -> str:
    name = getattr(leaf, "dtype", None)
    name = getattr(name, "name", None) or str(name)
    if getattr(getattr(leaf, "dtype", None), "kind", "") in ("S", "U"):  # text as NumPy has it
        return "string"
    return name.replace("torch.", "").replace("object", "string")
