"""What sort of model file a stranger's file is, and the architecture that is written in it. Nothing is unpickled."""

from __future__ import annotations

import json
import os
import zipfile
from typing import Any, Dict

from . import foreign
from .sniff import actual_format

#: Bytes of an architecture, or of a SavedModel's graph, that are read.
MOST = 256 * 1024 * 1024
#: An architecture as JSON, as ``model.to_json()`` writes it.
Config = Dict[str, Any]


class Kind:
    """The format to load a file in, its architecture where it has one, and a sentence on what is odd."""

    def __init__(self, format_name: str, config: Config | None = None, note: str = "") -> None:
        self.format = format_name
        self.config: Config = config or {}
        self.note = note


def kind_of(path: str, architecture: str = "", code: bool = False) -> Kind:
    """The kind of what is at ``path``, by its content.

    ``architecture`` is the JSON file that goes with weights, ``code`` says whether there is code that builds the
    model. What cannot be told gets the format that a user would try, so that the error is the one they would see.
    """
    actual = actual_format(path)
    if actual == "savedmodel":
        return Kind("savedmodel" if _is_keras(path) else "export")
    if actual == "checkpoint":
        note = (
            ""
            if code
            else "These are weights alone (a checkpoint): the code that builds the model is needed."
        )
        return Kind("checkpoint", note=note)
    if actual == "zip":
        config = _of_zip(path)
        return Kind(
            "keras", config, "" if config else "This zip archive holds no config.json: no Keras wrote it."
        )
    if actual == "hdf5":
        return _hdf5(path, architecture, code)
    return Kind("keras" if path.endswith(".keras") else "h5", note=_other(path, actual))


def _hdf5(path: str, architecture: str, code: bool) -> Kind:
    import h5py

    try:
        with h5py.File(path, "r") as stream:
            text = stream.attrs.get("model_config")
            weights = (
                "layer_names" in stream.attrs
                or "layers" in stream
                or "_layer_checkpoint_dependencies" in stream
                or stream.visit(_of_variables) is not None
            )
    except (OSError, RuntimeError, ValueError) as error:
        return Kind("h5", note="This HDF5 file cannot be read to its end: {}".format(error))
    if text is not None:
        return Kind("h5", _parsed(text))
    if not weights:
        return Kind("h5", note="This HDF5 file holds no Keras model and no weights of one.")
    if architecture:
        with open(architecture, "rb") as stream:
            return Kind("json", _parsed(stream.read(MOST)))
    note = "These are weights alone: a JSON file with the architecture, or the code that builds the model, is needed."
    return Kind("weights") if code else Kind("h5", note=note)


def _of_variables(name: str) -> bool | None:
    """True for a group of weights as Keras 3 writes them, below what a model's attributes are called; else None."""
    return True if name.split("/")[-1] == "vars" else None


def _of_zip(path: str) -> Config:
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > MOST:
                return {}
            return _parsed(archive.read("config.json"))
    except (zipfile.BadZipFile, KeyError, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
        return {}


def _is_keras(path: str) -> bool:
    """Whether Keras wrote the SavedModel: it leaves metadata beside the graph, before TF 2.5 within it."""
    if os.path.exists(os.path.join(path, "keras_metadata.pb")):
        return True
    graph = os.path.join(path, "saved_model.pb")
    if not os.path.exists(graph):
        return False
    with open(graph, "rb") as stream:
        return b"_tf_keras_" in stream.read(MOST)


def _other(path: str, actual: str) -> str:
    if actual == "missing":
        return "There is no such file."
    if actual == "empty":
        return "There is nothing in it."
    if actual == "directory":
        if os.path.exists(os.path.join(path, "config.json")):
            return "This is a .keras archive that was unpacked: pack it again, with no folder around its members."
        return "This directory is no SavedModel: it has no saved_model.pb."
    with open(path, "rb") as stream:
        return foreign.sentence(stream.read(foreign.HEAD), path)


def _parsed(text: Any) -> Config:
    try:
        found = json.loads(text.decode("utf-8") if isinstance(text, bytes) else str(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
