"""Arrays from a file into a model: by name, by order, or along the tree of objects. What does not fit is refused."""

from __future__ import annotations

import os
import re
from typing import Any, Sequence

import numpy as np

from .arrays import Array
from .stored_weights import Tree, Weights, natural

#: Names under which a model keeps its layers in a file.
_CONTAINERS = ("layers", "_layer_checkpoint_dependencies", "_layers", "_operations")
#: Things named in one complaint.
_MOST = 5


class Refused(ValueError):
    """The file and the model do not go together, or could go together in more than one way."""


def assign(model: Any, weights: Weights, by: str, edits: list[str], assets: str = "") -> None:
    """Set every weight of the model from a file. ``by`` is ``order`` or ``name``; a tree has its own way.

    ``assets`` is the folder with vocabularies and the like. Raises Refused, with a sentence, where a weight has no
    array or an array no weight: a model half filled would still predict something.
    """
    if weights.tree is not None:
        _by_tree(model, weights.tree, edits, assets)
    else:
        _by_layers(model, weights.layers or [], by, edits)


def take_over(model: Any) -> None:
    """Have layers compute with what was assigned: Normalization works with copies that it makes of its weights."""
    every = getattr(model, "_flatten_layers", None)
    for layer in every() if callable(every) else model.layers:
        if hasattr(layer, "adapt_mean") and callable(getattr(layer, "finalize_state", None)):
            layer.finalize_state()


def _by_layers(
    model: Any, stored: Sequence[tuple[str, list[tuple[str, Array]]]], by: str, edits: list[str]
) -> None:
    layers = [layer for layer in model.layers if layer.weights]
    found = [(name, arrays) for name, arrays in stored if arrays]
    top = [arrays for name, arrays in found if name == "top_level_model_weights"]
    found = [(name, arrays) for name, arrays in found if name != "top_level_model_weights"]
    if by == "name":
        known = {layer.name: layer for layer in layers}
        missing = sorted({name for name, _ in found} ^ set(known))
        if missing:
            raise Refused("Layers and file name different things: {}.".format(", ".join(missing[:_MOST])))
        pairs = [(known[name], name, arrays) for name, arrays in found]
    else:
        if len(found) != len(layers):
            raise Refused(
                "{} layers have weights in the file and {} in the model.".format(len(found), len(layers))
            )
        pairs = [(layer, name, arrays) for layer, (name, arrays) in zip(layers, found)]
    for layer, name, arrays in pairs:
        _fill(layer.trainable_weights + layer.non_trainable_weights, arrays, layer.name, edits)
        if layer.name != name:
            edits.append("the weights of {} went to {}".format(name, layer.name))
    if top:
        inside = {id(one) for layer in model.layers for one in layer.weights}
        own = [one for one in model.weights if id(one) not in inside]
        _fill(own, top[0], "the model itself", edits)


def _fill(
    variables: Sequence[Any], arrays: Sequence[tuple[str, Array]], owner: str, edits: list[str]
) -> None:
    """The arrays of one layer: by the last part of their names where all agree, else in their order."""
    if len(variables) != len(arrays):
        raise Refused(
            "{} has {} weights, and the file has {} for it.".format(owner, len(variables), len(arrays))
        )
    here, there = [_last(_name(one)) for one in variables], [_last(name) for name, _ in arrays]
    if sorted(here) == sorted(there) and len(set(here)) == len(here):
        arrays = [arrays[there.index(name)] for name in here]
    for variable, (name, array) in zip(variables, arrays):
        _set(variable, array, "{} of {}".format(_last(name), owner), edits)


def _set(variable: Any, array: Array, what: str, edits: list[str]) -> None:
    shape = tuple(int(size) for size in variable.shape)
    if tuple(array.shape) != shape:
        if array.size != int(np.prod(shape)) or _squeezed(array.shape) != _squeezed(shape):
            raise Refused(
                "The {} is {} in the file and {} in the model.".format(what, list(array.shape), list(shape))
            )
        edits.append("the {} was reshaped from {} to {}".format(what, list(array.shape), list(shape)))
        array = array.reshape(shape)
    variable.assign(array)


def _squeezed(shape: Any) -> list[int]:
    return [int(size) for size in shape if int(size) != 1]


def _name(variable: Any) -> str:
    return str(getattr(variable, "path", "") or getattr(variable, "name", ""))


def _last(name: str) -> str:
    return name.split(":")[0].split("/")[-1]


def _by_tree(model: Any, tree: Tree, edits: list[str], assets: str) -> None:
    walk = _Walk(edits)
    walk.put(model, tree, "", assets)
    if walk.placed != tree.count():
        raise Refused(
            "{} of {} arrays of the file found no place.".format(tree.count() - walk.placed, tree.count())
        )
    empty = [_name(one) for one in model.weights if id(one) not in walk.filled]
    if empty and not walk.trusted:
        raise Refused("The file has nothing for {}.".format(", ".join(empty[:_MOST])))


class _Walk:
    """Goes down model and file together."""

    def __init__(self, edits: list[str]) -> None:
        self._edits = edits
        self.placed = 0
        self.filled: set[int] = set()
        #: Whether something loaded its own state in its own way, so that its weights cannot be ticked off.
        self.trusted = False

    def put(self, target: Any, tree: Tree, path: str, assets: str) -> None:
        """Fill one object, then those below it."""
        if tree.own:
            self._own(target, tree, path)
        if assets and os.path.isdir(assets) and hasattr(target, "load_assets"):
            if any(os.path.isfile(os.path.join(assets, name)) for name in os.listdir(assets)):
                target.load_assets(assets)
        for name, below in tree.below.items():
            inside = os.path.join(assets, name) if assets else ""
            if not below.count() and not (inside and os.path.isdir(inside)):
                continue
            if name in _CONTAINERS and hasattr(target, "layers"):
                self._several(list(target.layers), below, path + "/" + name, inside)
                continue
            goal = _attribute(target, name)
            if goal is None:
                raise Refused("{} has nothing called {}.".format(path or "The model", name))
            if isinstance(goal, dict) or hasattr(goal, "values"):
                goal = list(goal.values())
            if isinstance(goal, (list, tuple)) or (hasattr(goal, "__len__") and not hasattr(goal, "weights")):
                self._several(list(goal), below, path + "/" + name, inside)
            else:
                self.put(goal, below, path + "/" + name, inside)

    def _own(self, target: Any, tree: Tree, path: str) -> None:
        variables = _own_variables(target)
        if len(variables) == len(tree.own):
            for index, (variable, array) in enumerate(zip(variables, tree.own)):
                _set(variable, array, "{}/{}".format(path, index), self._edits)
                self.filled.add(id(variable))
        elif hasattr(target, "load_own_variables"):  # it may keep something else than its variables
            target.load_own_variables({str(index): array for index, array in enumerate(tree.own)})
            self.trusted = True
        else:
            raise Refused(
                "{} has {} weights, and the file has {} for it.".format(path, len(variables), len(tree.own))
            )
        self.placed += len(tree.own)

    def _several(self, items: list[Any], tree: Tree, path: str, assets: str) -> None:
        for item, name, below in self._pairs(items, tree, path, assets):
            self.put(item, below, path + "/" + name, os.path.join(assets, name) if assets else "")

    def _pairs(self, items: list[Any], tree: Tree, path: str, assets: str) -> list[tuple[Any, str, Tree]]:
        """Which object each name means: by the layer's own name where it is told, else by class and order."""
        wanted = {
            name: below
            for name, below in tree.below.items()
            if below.count() or (assets and os.path.isdir(os.path.join(assets, name)))
        }
        by_name = {getattr(item, "name", None): item for item in items}
        if wanted and all(below.name in by_name for below in wanted.values()):
            if len({below.name for below in wanted.values()}) == len(wanted):
                return [(by_name[below.name], name, below) for name, below in wanted.items()]
        found = []
        for kind in {_kind(name) for name in tree.below}:
            all_names = sorted((name for name in tree.below if _kind(name) == kind), key=natural)
            names = [name for name in all_names if name in wanted]
            if not names:
                continue
            of_kind = [item for item in items if _snake(type(item).__name__) == kind]
            filled = [item for item in of_kind if getattr(item, "weights", None)]
            if len(all_names) == len(of_kind):
                found += [
                    (item, name, wanted[name]) for item, name in zip(of_kind, all_names) if name in wanted
                ]
            elif len(names) == len(filled):
                found += [(item, name, wanted[name]) for item, name in zip(filled, names)]
            else:
                raise Refused(
                    "{} has {} of {}, and the model {}.".format(path, len(all_names), kind, len(of_kind))
                )
        return found


def _attribute(target: Any, name: str) -> Any:
    for one in (name, "_" + name, name.lstrip("_")):
        found = getattr(target, one, None)
        if found is not None:
            return found
    return None


def _own_variables(target: Any) -> list[Any]:
    """The variables that an object has beside those of the objects in it."""
    for names in (
        ("_trainable_variables", "_non_trainable_variables"),
        ("_trainable_weights", "_non_trainable_weights"),
    ):
        if all(hasattr(target, name) for name in names):
            return [one for name in names for one in getattr(target, name)]
    return list(getattr(target, "weights", []))


def _kind(name: str) -> str:
    return re.sub(r"_\d+$", "", name)


def _snake(name: str) -> str:
    """``Conv2DTranspose`` -> ``conv2d_transpose``, as Keras writes class names into its files."""
    name = re.sub(r"\W+", "", name)
    name = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", name).lower()
