"""The arrays in a file, as the file keeps them: by layer and in order, or as a tree of objects. Without Keras."""

from __future__ import annotations

import io
import os
import re
import zipfile
from typing import Any

from .arrays import Array
from .sniff import actual_format

#: What holds the arrays inside an archive.
_IN_ZIP = "model.weights.h5"


class Tree:
    """One object of the layout of ``.weights.h5``: its own arrays in order, and the objects below it by name."""

    def __init__(self, name: str = "") -> None:
        #: The layer's name, where the file tells it.
        self.name = name
        self.own: list[Array] = []
        self.below: dict[str, Tree] = {}

    def count(self) -> int:
        """How many arrays there are, here and below."""
        return len(self.own) + sum(tree.count() for tree in self.below.values())


class Weights:
    """What was read. Exactly one of ``layers`` and ``tree`` is there; ``optimizer`` where the file has it."""

    def __init__(
        self,
        layers: list[tuple[str, list[tuple[str, Array]]]] | None = None,
        tree: Tree | None = None,
        optimizer: list[tuple[str, Array]] | None = None,
    ) -> None:
        #: Layer -> its arrays with their names, both in the file's order.
        self.layers = layers
        self.tree = tree
        self.optimizer = optimizer or []


def read(path: str) -> Weights:
    """Read the arrays of an HDF5 file of either layout, a ``.keras`` archive, or a folder with such a file in it.

    Raises ValueError, with a sentence, where there are none.
    """
    import h5py

    kind = actual_format(path)
    if kind == "directory":
        inside = sorted(name for name in os.listdir(path) if name.endswith(".h5"))
        if len(inside) != 1:
            raise ValueError("The folder has {} files of weights.".format(len(inside)))
        return read(os.path.join(path, inside[0]))
    if kind == "zip":
        with zipfile.ZipFile(path) as archive:
            if _IN_ZIP not in archive.namelist():
                raise ValueError("The archive has no {}.".format(_IN_ZIP))
            with archive.open(_IN_ZIP) as stream:
                content = io.BytesIO(stream.read())
        with h5py.File(content, "r") as stored:
            return _of_tree(stored)
    if kind != "hdf5":
        raise ValueError("There are no weights that can be read by name or order: this is {}.".format(kind))
    with h5py.File(path, "r") as stored:
        group = stored["model_weights"] if "model_weights" in stored else stored
        if "layer_names" in group.attrs:
            return _by_layers(stored, group)
        return _of_tree(stored)


def natural(name: str) -> tuple[Any, ...]:
    """Sorts ``dense_10`` behind ``dense_2``."""
    return tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in re.split(r"(\d+)", name))


def _by_layers(stored: Any, group: Any) -> Weights:
    layers = [(name, _named(group[name])) for name in _strings(group.attrs, "layer_names")]
    if "top_level_model_weights" in group:
        layers.append(("top_level_model_weights", _named(group["top_level_model_weights"])))
    optimizer = _named(stored["optimizer_weights"]) if "optimizer_weights" in stored else []
    return Weights(layers=layers, optimizer=optimizer)


def _named(group: Any) -> list[tuple[str, Array]]:
    return [(name, group[name][()]) for name in _strings(group.attrs, "weight_names")]


def _strings(attributes: Any, name: str) -> list[str]:
    """A list of names; a long one is kept in pieces, ``name0``, ``name1``, …"""
    if name in attributes:
        found = list(attributes[name])
    else:
        found, index = [], 0
        while name + str(index) in attributes:
            found += list(attributes[name + str(index)])
            index += 1
    return [item.decode("utf-8") if isinstance(item, bytes) else str(item) for item in found]


def _of_tree(stored: Any) -> Weights:
    tree = _tree(stored)
    optimizer = tree.below.pop("optimizer", Tree())
    tree.below.pop("metrics", None)
    tree.below.pop("compile_metrics", None)
    own = [("vars/{}".format(index), array) for index, array in enumerate(optimizer.own)]
    return Weights(tree=tree, optimizer=own)


def _tree(group: Any) -> Tree:
    import h5py

    found = Tree()
    for name in sorted(group, key=natural):
        # Only what is in this very file: a link may point anywhere on the machine.
        if not isinstance(group.get(name, getlink=True), h5py.HardLink):
            continue
        item = group[name]
        if name == "vars" and isinstance(item, h5py.Group):
            found.own = [
                item[key][()] for key in sorted(item, key=natural) if isinstance(item[key], h5py.Dataset)
            ]
            found.name = str(item.attrs.get("name", ""))
        elif isinstance(item, h5py.Group):
            place = found
            *outer, last = name.split(
                "\\"
            )  # saved on Windows by a release that wrote its separator into the name
            for part in outer:
                place = place.below.setdefault(part, Tree())
            place.below[last] = _tree(item)
    return found
