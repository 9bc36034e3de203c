"""What a file says of its model, read without Keras: architecture, compile configuration, versions.

A model file may come from anyone: sizes and nesting are bounded, and nothing is ever unpickled or imported.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import zipfile
from typing import Any, Iterator

from .arithmetic import REDEFINED
from .sniff import actual_format

#: Bytes of one configuration. That of a model of a thousand layers has two million.
LARGEST = 64 * 1024 * 1024
#: How deep a configuration may be nested; a model in a model takes about seven levels.
DEEPEST = 200
#: Names of a kind that facts list.
_MOST = 200
#: Losses and metrics whose setting Keras 3 leaves out of their configuration.
_UNWRITTEN = {"Huber": "delta", "CosineSimilarity": "axis"}
_TRANSPOSED = re.compile(r"(?:Conv|Convolution)[123]DTranspose$")
#: The parts of a whole model in each kind of file.
_ZIP_CONFIG, _ZIP_METADATA, _JSON_CONFIG = "config.json", "metadata.json", "m.json"


class Stored:
    """The configuration of one file. ``model`` and ``training`` are JSON, or None where the file has none."""

    def __init__(self, kind: str, model: Any, training: Any, keras_version: str, backend: str) -> None:
        #: ``zip``, ``hdf5`` or ``json``.
        self.kind = kind
        self.model = model
        self.training = training
        self.keras_version = keras_version
        self.backend = backend


def read(path: str) -> Stored:
    """Read the configuration of a ``.keras`` archive, an HDF5 file, or a folder with the architecture as text.

    Goes by the bytes and not by the name. Raises ValueError, with a sentence, where there is none to be read.
    """
    kind = actual_format(path)
    if kind == "zip":
        return _read_zip(path)
    if kind == "hdf5":
        return _read_hdf5(path)
    if os.path.isfile(os.path.join(path, _JSON_CONFIG)):
        with open(os.path.join(path, _JSON_CONFIG), "rb") as stream:
            model = parse(stream.read(LARGEST + 1))
        return Stored("json", model, None, str(_of(model, "keras_version")), str(_of(model, "backend")))
    raise ValueError("There is no configuration in this file: it is {}.".format(kind))


def write(source: str, target: str, model: Any, training: Any = None) -> None:
    """Copy a file that :func:`read` can read, with another configuration; ``training`` is for HDF5 alone."""
    text = json.dumps(model)
    kind = actual_format(source)
    if kind == "zip":
        with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
            for member in old.infolist():
                if member.filename == _ZIP_CONFIG:
                    new.writestr(_ZIP_CONFIG, text)
                    continue
                with old.open(member) as stream, new.open(member.filename, "w", force_zip64=True) as copy:
                    shutil.copyfileobj(stream, copy, 1 << 20)
    elif kind == "hdf5":
        import h5py

        shutil.copyfile(source, target)
        with h5py.File(target, "r+") as stored:
            stored.attrs["model_config"] = text
            if training is not None:
                stored.attrs["training_config"] = json.dumps(training)
    else:
        shutil.copytree(source, target)
        with open(os.path.join(target, _JSON_CONFIG), "w") as out:
            out.write(text)


def parse(text: bytes) -> Any:
    """JSON within bounds. Raises ValueError, with a sentence."""
    if len(text) > LARGEST:
        raise ValueError("The configuration has more than {} MiB.".format(LARGEST >> 20))
    try:
        value = json.loads(text.decode("utf-8"))
    except RecursionError:
        raise ValueError("The configuration is nested too deeply.") from None
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for item in level for inner in _inner(item)]
        if not level:
            return value
    raise ValueError("The configuration is nested more than {} levels deep.".format(DEEPEST))


def walk(value: Any) -> Iterator[dict[str, Any]]:
    """Every dictionary of a nest, the outer ones first."""
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, dict):
            yield item
        pending.extend(reversed(_inner(item)))


def facts(path: str) -> dict[str, Any]:
    """What a file says of itself, for those who look for the cause of a failure; empty where it says nothing.

    ``keras_version``, ``tensorflow_version`` and ``backend`` as they stand in the file; ``modules``, ``classes``
    and ``keys`` (``Class.key``) of what it holds, sorted and bounded; ``lambda`` where Python code lies in it.
    """
    kind = actual_format(path)
    if kind == "savedmodel":
        return _facts_of_saved_model(path)
    try:
        stored = read(path)
    except Exception as error:  # a broken file: that is a fact, too
        return {"unreadable": "{}: {}".format(type(error).__name__, str(error)[:200])}
    found: dict[str, Any] = {"keras_version": stored.keras_version, "backend": stored.backend}
    found.update(names([stored.model, stored.training]))
    found["compiled"] = bool(stored.training)
    return found


def names(config: Any) -> dict[str, Any]:
    """The facts that stand in an architecture: classes, keys and modules, what was redefined, and Python code."""
    modules: set[str] = set()
    classes: set[str] = set()
    keys: set[str] = set()
    redefined: set[str] = set()
    axes: set[str] = set()
    one_axis: set[str] = set()
    masks: set[str] = set()
    for item in walk(config):
        redefined.update(value for value in item.values() if isinstance(value, str) and value in REDEFINED)
        name = item.get("class_name")
        if not isinstance(name, str):
            continue
        classes.add(name)
        if isinstance(item.get("module"), str):
            modules.add(item["module"])
        if isinstance(item.get("config"), dict):
            keys.update("{}.{}".format(name, key) for key in item["config"])
            if name == "Masking" or item["config"].get("mask_zero") is True:
                masks.add(name)
            axis = item["config"].get("axis")
            if isinstance(axis, list) and len(axis) > 1 and not item.get("module"):
                axes.add(name)
            if isinstance(axis, int) and axis != -1 and not item.get("module"):
                one_axis.add(name)
    return {
        "modules": sorted(modules)[:_MOST],
        "classes": sorted(classes)[:_MOST],
        "keys": sorted(keys)[: 5 * _MOST],
        "redefined": sorted(redefined),
        "axes": sorted(axes)[:_MOST],
        "axis": sorted(one_axis)[:_MOST],
        "masks": sorted(masks)[:_MOST],
        "lambda": bool(classes & {"Lambda", "__lambda__"}),
    }


def unwritten(config: Any, keras_version: str) -> str:
    """What the Keras that wrote a configuration leaves out of every file, in a sentence; empty where that is nothing.

    Keras 3.0 to 3.14 do not write how a transposed convolution pads its output: ``get_config`` of BaseConvTranspose
    has no ``output_padding`` before 3.15. Keras 3 up to 3.15.1 at least does not write the ``delta`` of Huber nor the
    ``axis`` of CosineSimilarity (losses.py, regression_metrics.py). No version can tell such a file from one whose
    model had the usual value.
    """
    said = re.match(r"3\.(\d+)", keras_version)
    if said is None:
        return ""
    for item in walk(config):
        name, inner = str(item.get("class_name")), item.get("config")
        if not isinstance(inner, dict):
            continue
        if _TRANSPOSED.match(name) and int(said.group(1)) <= 14:
            strides = inner.get("strides")
            steps = strides if isinstance(strides, list) else [strides]
            if "output_padding" not in inner and any(isinstance(step, int) and step > 1 for step in steps):
                return (
                    "Keras {} does not write the output_padding of a {}: if the model had one, it is gone from this"
                    " file, and the outputs have another size than before it was saved.".format(
                        keras_version, name
                    )
                )
        setting = _UNWRITTEN.get(name, "")
        if setting and setting not in inner:
            return (
                "Keras {} does not write the {} of {}: if the model was compiled with another than the usual one, it is"
                " gone from this file, and has to be given to compile() anew.".format(
                    keras_version, setting, name
                )
            )
    return ""


def _facts_of_saved_model(path: str) -> dict[str, Any]:
    """By looking for what must stand there, byte for byte: no protocol buffers are needed to find two strings."""
    graph = _head(os.path.join(path, "saved_model.pb"))
    found: dict[str, Any] = {"tensorflow_version": ""}
    # MetaInfoDef.tensorflow_version (field 5), then tensorflow_git_version (field 6).
    for said in re.finditer(rb"\x2a([\x03-\x20])(\d+\.\d+[\w.+-]*)\x32", graph):
        if said.group(1)[0] == len(said.group(2)):
            found["tensorflow_version"] = said.group(2).decode("ascii", "replace")
            break
    metadata = _head(os.path.join(path, "keras_metadata.pb")) or graph
    version = re.search(rb'"keras_version": ?"([\w.+-]{1,40})"', metadata)
    found["keras_version"] = version.group(1).decode("ascii") if version else ""
    classes = {
        name.decode("utf-8", "replace") for name in re.findall(rb'"class_name": ?"([^"\\]{1,100})"', metadata)
    }
    modules = {
        name.decode("utf-8", "replace") for name in re.findall(rb'"module": ?"([\w.]{1,100})"', metadata)
    }
    found["classes"], found["modules"], found["keys"] = sorted(classes)[:_MOST], sorted(modules)[:_MOST], []
    found["lambda"] = "Lambda" in classes
    found["keras_metadata"] = os.path.exists(os.path.join(path, "keras_metadata.pb"))
    return found


def _head(path: str) -> bytes:
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as stream:
        return stream.read(LARGEST)


def _read_zip(path: str) -> Stored:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if _ZIP_CONFIG not in names:
            raise ValueError("The archive has no {}.".format(_ZIP_CONFIG))
        model = _member(archive, _ZIP_CONFIG)
        metadata = _member(archive, _ZIP_METADATA) if _ZIP_METADATA in names else {}
    training = model.get("compile_config") if isinstance(model, dict) else None
    return Stored("zip", model, training, str(_of(metadata, "keras_version")), str(_of(metadata, "backend")))


def _member(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as stream:  # what it says of its own size may be untrue
        return parse(stream.read(LARGEST + 1))


def _read_hdf5(path: str) -> Stored:
    import h5py

    with h5py.File(path, "r") as stored:
        model = _attribute(stored.attrs, "model_config")
        training = _attribute(stored.attrs, "training_config")
        group = stored["model_weights"] if "model_weights" in stored else stored
        version, backend = (
            str(_text(stored.attrs.get(name, group.attrs.get(name, ""))))
            for name in ("keras_version", "backend")
        )
    return Stored("hdf5", model, training, version, backend)


def _attribute(attributes: Any, name: str) -> Any:
    if name not in attributes:
        return None
    return parse(_text(attributes[name]).encode("utf-8", "surrogateescape"))


def _text(value: Any) -> str:
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _of(value: Any, key: str) -> Any:
    return value.get(key, "") if isinstance(value, dict) else ""


def _inner(item: Any) -> list[Any]:
    if isinstance(item, dict):
        return list(item.values())
    return list(item) if isinstance(item, list) else []
