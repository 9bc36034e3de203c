"""What a SavedModel says of itself: who wrote it, its signatures and operations, and whether its files are all there.

Field numbers: ``saved_model.proto``, ``meta_graph.proto``, ``graph.proto`` and ``keras/protobuf/saved_metadata.proto``.
"""

import re
from pathlib import Path
from typing import Any

from runner.agent import configuration
from runner.inspection import bundle
from runner.inspection.protobuf import Broken, fields

#: Bytes of a graph, or of Keras's metadata, that are read.
_LARGEST = 512 << 20
_MOST = 500
#: Operations by which a graph reads or writes files, or calls back into Python.
REACHING = frozenset(
    {
        "ReadFile",
        "WriteFile",
        "MatchingFiles",
        "PyFunc",
        "PyFuncStateless",
        "EagerPyFunc",
        "SaveV2",
        "Save",
        "SaveSlices",
        "MergeV2Checkpoints",
        "ShardedFilename",
        "LoadLibrary",
        "WholeFileReaderV2",
        "TextLineReaderV2",
        "TextLineDataset",
        "TFRecordDataset",
    }
)
#: Those that every SavedModel has, to save and restore itself.
_USUAL = frozenset(("SaveV2", "MergeV2Checkpoints", "ShardedFilename", "Save", "SaveSlices"))


def read(folder: Path) -> dict[str, Any]:
    """Facts, as plain JSON. What cannot be read is told under ``damage``."""
    found: dict[str, Any] = {"damage": []}
    graph = folder / "saved_model.pb"
    if not graph.is_file():
        found["notes"] = ["It is written as text (saved_model.pbtxt), which is not looked into."]
    else:
        try:
            _graph(_content(graph), found)
        except Broken as error:
            found["damage"].append(f"saved_model.pb is damaged: {error}")
    variables = folder / "variables"
    if (variables / "variables.index").exists() or variables.is_dir():
        listed = bundle.read(variables / "variables.index")
        if any(variables.iterdir()):  # a graph without variables has an empty folder
            found["damage"] += listed.damage
        weights = [item for item in listed.variables if item.dtype != "string"]
        found["variables"] = len(weights)
        found["weight_bytes"] = sum(item.bytes for item in weights)
    elif found.get("uses_variables"):
        found["damage"].append("The folder variables is not there: it holds the weights.")
    missing = [name for name in found.pop("assets", []) if not _asset(folder, name)]
    found["damage"] += [f"The asset {name} is not there." for name in missing[:10]]
    found["keras_metadata"] = (folder / "keras_metadata.pb").is_file()
    if found["keras_metadata"]:
        try:
            _keras(_content(folder / "keras_metadata.pb"), found)
        except Broken as error:
            found["damage"].append(f"keras_metadata.pb is damaged: {error}")
    return found


def _content(path: Path) -> bytes:
    with path.open("rb") as stream:
        data = stream.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise Broken("it is too large to be read.")
    return data


def _asset(folder: Path, name: str) -> bool:
    """Whether an asset is there; a name that leads out of the folder is none."""
    if "/" in name or name in ("", ".", ".."):
        return False
    return (folder / "assets" / name).is_file()


def _graph(data: bytes, found: dict[str, Any]) -> None:
    operations: set[str] = set()
    metas = [value for field, value in fields(data) if field == 2 and isinstance(value, bytes)]
    if not metas:
        raise Broken("it holds no graph.")
    found["tags"], found["signatures"], found["assets"] = [], [], []
    for field, value in fields(metas[0]):
        if not isinstance(value, bytes):
            continue
        if field == 1:
            _written_by(value, found, operations)
        elif field == 5:  # a map: key 1, value 2
            key = dict(fields(value)).get(1, b"")
            found["signatures"].append(_text(key))
        elif field == 6:
            found["assets"].append(_text(dict(fields(value)).get(2, b"")))
        elif field == 7:
            found["objects"] = True
            found["slots"] = _slots(value)
            _old_metadata(value, found)
    found["operations"] = len(operations)
    found["uses_variables"] = bool(operations & {"VarHandleOp", "VariableV2", "Variable"})
    found["reaching"] = sorted((operations & REACHING) - _USUAL)
    found["signatures"] = sorted(name for name in found["signatures"] if name != "__saved_model_init_op")[
        :_MOST
    ]


def _written_by(meta: bytes, found: dict[str, Any], operations: set[str]) -> None:
    for field, value in fields(meta):
        if not isinstance(value, bytes):
            continue
        if field == 2:
            for inner, definition in fields(value):
                if inner == 1 and isinstance(definition, bytes):
                    operations.add(_text(dict(fields(definition)).get(1, b"")))
        elif field == 4:
            found["tags"].append(_text(value))
        elif field == 5:
            found["tensorflow_version"] = _text(value)


def _slots(objects: bytes) -> bool:
    """Whether an optimizer has slots in it: ``SavedObjectGraph`` 1 nodes, ``SavedObject`` 3 slot variables."""
    nodes = (value for field, value in fields(objects) if field == 1 and isinstance(value, bytes))
    return any(field == 3 for node in nodes for field, _ in fields(node))


def _old_metadata(objects: bytes, found: dict[str, Any]) -> None:
    """Before TensorFlow 2.5, Keras kept its metadata within the graph."""
    if b"_tf_keras_" in objects:
        found["keras"] = True
        _of_text(objects, found)


def _keras(data: bytes, found: dict[str, Any]) -> None:
    """``SavedMetadata`` of ``SavedObject``: 2 node_id, 3 node_path, 4 identifier, 5 metadata (JSON)."""
    found["keras"] = True
    for field, value in fields(data):
        if field != 1 or not isinstance(value, bytes):
            continue
        item = dict(fields(value))
        if item.get(3) == b"root" and isinstance(item.get(5), bytes):
            try:
                root = configuration.parse(bytes(item[5]))
            except ValueError as error:
                raise Broken(str(error)) from None
            if isinstance(root, dict):
                found["model"] = {"class_name": root.get("class_name"), "config": root.get("config")}
                found["training"] = root.get("training_config")
    _of_text(data, found)


def _of_text(data: bytes, found: dict[str, Any]) -> None:
    version = re.search(rb'"keras_version": ?"([\w.+-]{1,40})"', data)
    found["keras_version"] = version.group(1).decode("ascii") if version else ""
    names = {_text(name) for name in re.findall(rb'"class_name": ?"([^"\\]{1,100})"', data)}
    found["classes"] = sorted(names)[:_MOST]


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace")[:300] if isinstance(value, bytes) else ""
