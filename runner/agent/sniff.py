"""What a saved thing really is, read from its bytes and never from its name."""

from __future__ import annotations

import hashlib
import os

_MAGIC = (
    (b"\x89HDF\r\n\x1a\n", "hdf5"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"version https://git-lfs", "git-lfs pointer"),
)


def actual_format(path: str) -> str:
    """``zip``, ``hdf5``, ``savedmodel``, ``checkpoint``, ``directory``, ``empty``, ``missing`` or ``unknown``."""
    if os.path.isdir(path):
        names = os.listdir(path)
        if "saved_model.pb" in names or "saved_model.pbtxt" in names:
            return "savedmodel"
        if any(name.endswith(".index") for name in names):
            return "checkpoint"
        return "directory" if names else "empty"
    if not os.path.exists(path):
        return "missing"
    with open(path, "rb") as stream:
        head = stream.read(64)
    if not head:
        return "empty"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    return "unknown"


def files_of(root: str) -> list[str]:
    """Every file below ``root`` as a ``/``-separated path relative to it, sorted."""
    found = []
    for folder, _, names in os.walk(root):
        for name in names:
            found.append(os.path.relpath(os.path.join(folder, name), root).replace(os.sep, "/"))
    return sorted(found)


def digest_of(root: str) -> tuple[str, int]:
    """sha256 and size in bytes of everything below ``root``: names and contents, in order."""
    total = hashlib.sha256()
    size = 0
    for name in files_of(root):
        content = hashlib.sha256()
        with open(os.path.join(root, name), "rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                content.update(block)
                size += len(block)
        total.update("{} {}\n".format(content.hexdigest(), name).encode("utf-8", "surrogateescape"))
    return total.hexdigest(), size
