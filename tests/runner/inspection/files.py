"""Small model files, made here."""

import json
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np

DENSE = {"class_name": "Dense", "config": {"name": "dense", "units": 2, "activation": "relu"}}
MODEL = {"class_name": "Sequential", "config": {"name": "model", "layers": [DENSE]}}
ADAM = {"class_name": "Adam", "config": {"learning_rate": 0.5}}
TRAINING = {"optimizer_config": ADAM, "loss": "mse", "metrics": ["accuracy"]}


def hdf5(
    path: Path,
    *,
    model: Any = MODEL,
    training: Any = None,
    keras: str = "2.9.0",
) -> Path:
    """A whole model as Keras writes it into HDF5."""
    with h5py.File(path, "w") as tree:
        tree.attrs["keras_version"] = keras
        tree.attrs["backend"] = "tensorflow"
        if model is not None:
            tree.attrs["model_config"] = json.dumps(model)
        if training is not None:
            tree.attrs["training_config"] = json.dumps(training)
        group = tree.create_group("model_weights")
        group.attrs["layer_names"] = ["dense"]
        group["dense/kernel"] = np.ones((3, 2), "float32")
    return path


def weights(path: Path) -> Path:
    """Weights alone, by the names of layers."""
    with h5py.File(path, "w") as tree:
        tree.attrs["layer_names"] = ["dense"]
        tree["dense/kernel"] = np.ones((3, 2), "float32")
    return path


def archive(
    path: Path, *, model: Any = MODEL, keras: str = "3.4.1", more: dict[str, bytes] | None = None
) -> Path:
    """A ``.keras`` archive."""
    inner = path.with_name("inner.h5")
    with h5py.File(inner, "w") as tree:
        tree["layers/dense/vars/0"] = np.ones((3, 2), "float32")
        tree["optimizer/vars/0"] = np.ones((), "int64")
    with zipfile.ZipFile(path, "w") as out:
        out.writestr("config.json", json.dumps(model))
        out.writestr(
            "metadata.json", json.dumps({"keras_version": keras, "date_saved": "2024-01-01@00:00:00"})
        )
        out.write(inner, "model.weights.h5")
        for name, content in (more or {}).items():
            out.writestr(name, content)
    inner.unlink()
    return path


def number(value: int) -> bytes:
    """A varint."""
    out = b""
    while value > 0x7F:
        out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
    return out + bytes([value])


def field(tag: int, value: int | bytes) -> bytes:
    """One field of a protocol buffer."""
    if isinstance(value, int):
        return number(tag << 3) + number(value)
    return number(tag << 3 | 2) + number(len(value)) + value


def block(entries: list[tuple[bytes, bytes]]) -> bytes:
    """A block of a table, with its trailer."""
    out = b"".join(number(0) + number(len(key)) + number(len(value)) + key + value for key, value in entries)
    return out + (0).to_bytes(4, "little") + (1).to_bytes(4, "little") + b"\0" + bytes(4)


def bundle(prefix: Path, variables: dict[str, int], *, shards: int = 1, cut: int = 0) -> None:
    """A checkpoint of float32 variables with these numbers of values; ``cut`` bytes of its data are missing."""
    offset, entries = 0, [(b"", field(1, shards))]
    for name, count in sorted(variables.items()):
        shape = field(2, field(1, count))
        value = field(1, 1) + field(2, shape) + field(4, offset) + field(5, 4 * count)
        entries.append((name.encode(), value))
        offset += 4 * count
    data = block(entries)
    index = block([(b"z", number(0) + number(len(data) - 5))])
    footer = number(len(data)) + number(8) + number(len(data)) + number(len(index) - 5)
    magic = bytes.fromhex("57fb808b247547db")
    prefix.parent.mkdir(parents=True, exist_ok=True)
    prefix.with_name(prefix.name + ".index").write_bytes(data + index + footer.ljust(40, b"\0") + magic)
    for shard in range(shards):
        name = f"{prefix.name}.data-{shard:05d}-of-{shards:05d}"
        prefix.with_name(name).write_bytes(bytes(max(offset - cut, 0)))


def saved_model(
    folder: Path,
    *,
    keras: bool = True,
    cut: int = 0,
    operations: tuple[str, ...] = ("VarHandleOp",),
    slots: int = 0,
) -> Path:
    """A SavedModel with one signature and one variable."""
    folder.mkdir(parents=True, exist_ok=True)
    listed = b"".join(field(1, field(1, name.encode())) for name in operations)
    meta = field(2, listed) + field(4, b"serve") + field(5, b"2.9.3")
    graph = field(1, meta) + field(5, field(1, b"serving_default") + field(2, b""))
    graph += field(7, field(1, field(4, b"")) + field(1, field(3, b"") * slots))
    (folder / "saved_model.pb").write_bytes(field(1, 1) + field(2, graph))
    if keras:
        root = json.dumps({"class_name": "Mine", "config": {"layers": []}, "keras_version": "2.9.0"}).encode()
        node = field(2, 0) + field(3, b"root") + field(4, b"_tf_keras_model") + field(5, root)
        (folder / "keras_metadata.pb").write_bytes(field(1, node))
    bundle(folder / "variables" / "variables", {"kernel/.ATTRIBUTES/VARIABLE_VALUE": 6}, cut=cut)
    return folder
