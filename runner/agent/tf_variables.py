"""Variables of a TensorFlow checkpoint or a SavedModel into a model: by order, and by the last part of their names."""

from __future__ import annotations

import os
import re
from typing import Any

from .arrays import Array, to_numpy
from .assigning import Refused, _set
from .sniff import actual_format
from .stored_weights import natural

_VALUE = "/.ATTRIBUTES/VARIABLE_VALUE"
#: What is in a checkpoint beside the model's weights.
_BESIDE = re.compile(
    r"(^|/)(optimizer|_optimizer|save_counter|keras_api|\.OPTIMIZER_SLOT|_compile_|compiled_|metrics|loss_tracker|_loss_tracker)"
)
#: Keras 3's optimizer lists the weights it trains, and a checkpoint names each variable by the shortest way to it.
_TRAINED = re.compile(r"(^|/)_?optimizer/_trainable_variables/\d+" + re.escape(_VALUE) + "$")


def assign(tf: Any, model: Any, path: str, edits: list[str]) -> None:
    """Set every weight of the model. Raises Refused, with a sentence, where that cannot be done without guessing."""
    place = os.path.join(path, "variables", "variables")
    if actual_format(path) == "savedmodel":
        if _by_its_own_list(model, getattr(tf.saved_model.load(path), "variables", None), edits):
            return
    else:
        place = tf.train.latest_checkpoint(path) or _only(path)
    reader = tf.train.load_checkpoint(place)
    every = [key for key in reader.get_variable_to_shape_map() if key.endswith(_VALUE)]
    keys = [key for key in every if not _BESIDE.search(key)]
    trained = sorted((key for key in every if _TRAINED.search(key)), key=natural)
    found = {key[: -len(_VALUE)]: reader.get_tensor(key) for key in keys}
    flat = sorted((key for key in found if re.search(r"(^|/)variables/\d+$", key)), key=natural)
    weights = list(model.weights)
    if len(flat) == len(weights):
        for index, (variable, key) in enumerate(zip(weights, flat)):
            _set(variable, found[key], "variable {}".format(index), edits)
        return
    if trained and len(trained) == len(model.trainable_weights):
        for variable, key in zip(model.trainable_weights, trained):
            _set(variable, reader.get_tensor(key), key, edits)
        for variable in model.non_trainable_weights:
            key = _match(variable, found)
            _set(variable, found.pop(key), key, edits)
        return
    _by_layers(model, found, edits)


def _by_its_own_list(model: Any, stored: Any, edits: list[str]) -> bool:
    """Whether the SavedModel listed its weights as the model does, by names and shapes; then they are set."""
    try:
        several = list(stored or ())
    except TypeError:  # an attribute of the user's that is called so
        return False
    weights = list(model.weights)
    here = [(_last(one), tuple(int(size) for size in one.shape)) for one in weights]
    if not several or here != [(_last(one), tuple(int(size) for size in one.shape)) for one in several]:
        return False
    for variable, array in zip(weights, several):
        _set(variable, to_numpy(array), str(array.name), edits)
    return True


def _last(variable: Any) -> str:
    return str(getattr(variable, "path", "") or variable.name).split(":")[0].split("/")[-1]


def _by_layers(model: Any, found: dict[str, Array], edits: list[str]) -> None:
    groups: dict[str, list[str]] = {}
    for key in sorted(found, key=natural):
        match = re.match(r"(.*?(?:layer_with_weights-|layer-|_operations/|layers/|_layers/|/?)\d+)/", key)
        groups.setdefault(match.group(1) if match else key.rpartition("/")[0], []).append(key)
    layers = [layer for layer in model.layers if layer.weights]
    if len(groups) != len(layers):
        raise Refused(
            "{} layers have weights in the checkpoint and {} in the model.".format(len(groups), len(layers))
        )
    for layer, keys in zip(layers, groups.values()):
        left = {key: found[key] for key in keys}
        for variable in layer.weights:
            key = _match(variable, left)
            _set(variable, left.pop(key), key, edits)
        if left:
            raise Refused("Nothing in {} is called {}.".format(layer.name, sorted(left)[0]))


def _match(variable: Any, left: dict[str, Array]) -> str:
    name = str(getattr(variable, "path", "") or variable.name).split(":")[0].split("/")
    shape = tuple(int(size) for size in variable.shape)
    fits = [key for key in left if tuple(left[key].shape) == shape]
    named = [key for key in fits if key.split("/")[-1].lstrip("_") == name[-1]]
    if len(named) > 1:  # a cell's kernel and its recurrent kernel, a query's and a key's
        named = [key for key in named if len(name) > 1 and name[-2].lstrip("_") in key] or named
    chosen = named or fits
    if len(chosen) != 1:
        raise Refused("{} arrays of the checkpoint could be {}.".format(len(chosen), "/".join(name)))
    return chosen[0]


def _only(path: str) -> str:
    inside = sorted(name for name in os.listdir(path) if name.endswith(".index"))
    if len(inside) != 1:
        raise Refused("The folder has {} checkpoints, and no word on which is the last.".format(len(inside)))
    return os.path.join(path, inside[0][: -len(".index")])
