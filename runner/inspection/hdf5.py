"""What an HDF5 file holds: Keras's attributes, and its datasets by name and shape; no values are read.

The library behind h5py is C code reading a stranger's bytes, so this runs in a process that may die
(``runner.inspection.aside``). Links that lead elsewhere are listed and never followed.
"""

import os
from collections.abc import Iterator
from typing import Any, BinaryIO

from runner.agent import configuration

#: Objects that are looked at.
_MOST = 50_000
_DEEPEST = 40
#: Bytes of one attribute.
_LARGEST = configuration.LARGEST
_SIGNATURE = b"\x89HDF\r\n\x1a\n"


def end_of_file(stream: BinaryIO) -> int | None:
    """How many bytes the file should have, as its superblock says; None where it does not say."""
    stream.seek(0)
    head = stream.read(64)
    if len(head) < 64 or not head.startswith(_SIGNATURE):
        return None
    version = head[8]
    if version > 3:
        return None
    width = head[13] if version < 2 else head[9]
    first = {0: 24, 1: 28}.get(version, 12)
    # base address, free space (or the extension), end of file: one address each
    place = first + 2 * width
    if width not in (2, 4, 8) or place + width > len(head):
        return None
    end = int.from_bytes(head[place : place + width], "little")
    return None if end == (1 << (8 * width)) - 1 else end


def cut_off(stream: BinaryIO) -> str:
    """A sentence where the file is shorter than it says; else empty."""
    end = end_of_file(stream)
    size = stream.seek(0, os.SEEK_END)
    if size < 64:
        return f"It is cut off: it has {size:,} bytes, which is not even the head of an HDF5 file."
    if end is not None and size < end:
        return f"It is cut off: it has {size:,} of {end:,} bytes."
    return ""


def read(stream: BinaryIO) -> dict[str, Any]:
    """Facts, as plain JSON. What cannot be read is told under ``damage``."""
    import h5py

    said = cut_off(stream)
    if said:
        return {"damage": [said]}
    stream.seek(0)
    try:
        with h5py.File(stream, "r") as tree:
            return _facts(tree)
    except Exception as error:  # noqa: BLE001  whatever h5py says of a stranger's bytes is about the bytes
        return {"damage": [f"HDF5 cannot be read: {_first(error)}"]}


def _facts(tree: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"damage": [], "links": [], "unusual": []}
    for key, name in (("model", "model_config"), ("training", "training_config")):
        text = _attribute(tree, name, found)
        if text:
            try:
                found[key] = configuration.parse(text.encode("utf-8", "surrogateescape"))
            except ValueError as error:
                found["damage"].append(f"{name} cannot be read: {_first(error)}")
    weights = _group(tree, "model_weights")
    for name in ("keras_version", "backend"):
        found[name] = _attribute(tree, name, found) or _attribute(weights, name, found)
    datasets = parameters = size = 0
    optimizer = 0
    by_place = False
    for path, item in _walk(tree, found):
        datasets += 1
        by_place |= path.split("/")[-2:-1] == ["vars"]
        shape = [int(length) for length in item.shape or ()]
        if item.is_virtual or item.external:
            found["unusual"].append(path[:200])
        count = 1
        for length in shape:
            count *= length
        size += count * item.dtype.itemsize
        if path.startswith(("optimizer_weights/", "optimizer/")):
            optimizer += 1
        else:
            parameters += count
    names = set(_names(tree))
    found.update(
        datasets=datasets,
        parameters=parameters,
        weight_bytes=size,
        optimizer_variables=optimizer,
        layer_names="layer_names" in tree.attrs,
        # Keras 3 names weights by their places in the model, which are the attributes of a subclassed one.
        layers="layers" in names or "_layer_checkpoint_dependencies" in names or by_place,
    )
    return found


def _walk(tree: Any, found: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Datasets with their paths. Groups that are reached twice are looked at once."""
    import h5py

    pending, seen, count = [("", tree, 0)], set(), 0
    while pending:
        path, group, depth = pending.pop()
        place = h5py.h5o.get_info(group.id).addr
        if place in seen:
            continue
        seen.add(place)
        for name in _names(group):
            count += 1
            if count > _MOST:
                found["damage"].append(f"It holds more than {_MOST:,} objects; the rest was not looked at.")
                return
            inner = f"{path}/{name}".lstrip("/")
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                if len(found["links"]) < 100:
                    found["links"].append({"name": inner[:200], **_target(link)})
                continue
            try:
                item = group[name]
            except Exception as error:  # noqa: BLE001  as above
                if len(found["damage"]) < 20:
                    found["damage"].append(f"{inner[:200]} cannot be read: {_first(error)}")
                continue
            if isinstance(item, h5py.Group) and depth < _DEEPEST:
                pending.append((inner, item, depth + 1))
            elif isinstance(item, h5py.Dataset):
                yield inner, item


def _names(group: Any) -> list[str]:
    """At most as many as are looked at."""
    found = []
    for name in group:
        found.append(str(name))
        if len(found) > _MOST:
            break
    return found


def _target(link: Any) -> dict[str, str]:
    return {
        "file": str(getattr(link, "filename", ""))[:300],
        "to": str(getattr(link, "path", ""))[:300],
    }


def _group(tree: Any, name: str) -> Any:
    """A group of the file's own; None where there is none."""
    import h5py

    if name not in _names(tree) or not isinstance(tree.get(name, getlink=True), h5py.HardLink):
        return None
    found = tree[name]
    return found if isinstance(found, h5py.Group) else None


def _attribute(group: Any, name: str, found: dict[str, Any]) -> str:
    """An attribute as text; empty where there is none."""
    if group is None or name not in group.attrs:
        return ""
    space = group.attrs.get_id(name)
    if space.get_storage_size() > _LARGEST:
        found["damage"].append(f"{name} has {space.get_storage_size():,} bytes, which is not read.")
        return ""
    value = group.attrs[name]
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return str(value)


def _first(error: Exception) -> str:
    text = str(error).splitlines()
    return (text[0] if text else type(error).__name__)[:300]
