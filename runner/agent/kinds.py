"""What sort of model file a stranger's file is, and the architecture that is written in it. Nothing is unpickled."""

from __future__ import annotations

import json
import os
import zipfile
from typing import Any, Dict

from .sniff import actual_format

#: Bytes of an architecture, or of a SavedModel's graph, that are read.
MOST = 256 * 1024 * 1024
#: An architecture as JSON, as ``model.to_json()`` writes it.
Config = Dict[str, Any]

#: What is no model that Keras or TensorFlow loads again: how it begins, and what it is.
_OTHERS = (
    (4, b"TFL3", "a TensorFlow Lite model: it is run by an interpreter, and no Keras loads it"),
    (0, b"\x80\x02", "a pickle, which runs whatever its author wanted; it is not opened"),
    (0, b"\x80\x03", "a pickle, which runs whatever its author wanted; it is not opened"),
    (0, b"\x80\x04", "a pickle, which runs whatever its author wanted; it is not opened"),
    (0, b"\x80\x05", "a pickle, which runs whatever its author wanted; it is not opened"),
    (0, b"version https://git-lfs", "a Git LFS pointer: the model itself was not downloaded"),
    (0, b"<!DOCTYPE", "a web page, saved under a model's name"),
    (0, b"<html", "a web page, saved under a model's name"),
)


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
        return "This directory is no SavedModel: it has no saved_model.pb."
    with open(path, "rb") as stream:
        head = stream.read(64)
    for place, magic, what in _OTHERS:
        if head[place:].startswith(magic):
            return "This is {}.".format(what)
    if not head.strip(b"\0"):
        return "It begins with nothing but zeros: a download that was cut off, or a place-holder."
    if head.lstrip()[:1] == b"{":
        return "This is text, perhaps an architecture as JSON; the weights are another file."
    if path.endswith(".pb"):
        return "This looks like a frozen TensorFlow 1 graph: it has no signature, and no Keras loads it."
    return "This is neither HDF5 nor a zip archive, so it is no file that Keras wrote."


def _parsed(text: Any) -> Config:
    try:
        found = json.loads(text.decode("utf-8") if isinstance(text, bytes) else str(text))
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
