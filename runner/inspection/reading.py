"""Reads one file or folder. It runs in a process of its own (``aside.py``): the bytes are a stranger's."""

import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from runner.agent import configuration, kinds
from runner.agent.sniff import actual_format
from runner.inspection import checkpoint, hdf5, savedmodel
from runner.inspection import zip as archives

#: Bytes of memory and seconds of computing that reading may take.
_MEMORY, _SECONDS = 4 << 30, 30
#: How text begins that is an architecture.
_JSON = b"{"


def facts(path: Path) -> dict[str, Any]:
    """What is there, as plain JSON. ``kind`` is that of :func:`runner.agent.sniff.actual_format`, or ``json``."""
    if checkpoint.is_prefix(path):
        return {"kind": "checkpoint", **checkpoint.read(path)}
    kind = actual_format(str(path))
    if kind == "hdf5":
        with path.open("rb") as stream:
            return {"kind": kind, **hdf5.read(stream)}
    if kind == "zip":
        return {"kind": kind, **archives.read(path)}
    if kind == "savedmodel":
        return {"kind": kind, **savedmodel.read(path)}
    if kind == "checkpoint":
        return {"kind": kind, **checkpoint.read(path)}
    return _other(path, kind)


def _other(path: Path, kind: str) -> dict[str, Any]:
    """What is no model, or an architecture without weights."""
    if kind == "empty":
        what = "This folder is empty." if path.is_dir() else "There is nothing in it: it has no bytes."
        return {"kind": kind, "other": what}
    if kind == "unknown":
        with path.open("rb") as stream:
            head = stream.read(4096)
            if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(_JSON):
                found = _architecture(head + stream.read(configuration.LARGEST))
                if found is not None:
                    return {
                        "kind": "json",
                        "model": found,
                        "keras_version": str(found.get("keras_version", ""))[:40],
                    }
        if path.name.endswith((".index",)) or ".data-" in path.name:
            prefix = path.name.rsplit(".", 1)[0]
            return {
                "kind": kind,
                "other": f"This is a part of a checkpoint. Name the whole: {path.with_name(prefix)}",
            }
    return {"kind": kind, "other": kinds.kind_of(str(path)).note}


def _architecture(content: bytes) -> dict[str, Any] | None:
    try:
        found = configuration.parse(content)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "class_name" in found and "config" in found else None


def main() -> None:
    """Print the facts of the path given as the last argument."""
    for limit, most in (
        (resource.RLIMIT_AS, _MEMORY),
        (resource.RLIMIT_CPU, _SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        hard = resource.getrlimit(limit)[1]
        resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
    try:
        found = facts(Path(os.fsdecode(sys.argv[-1])))
    except MemoryError:
        found = {"kind": "unknown", "damage": ["Reading it takes more memory than any model needs."]}
    except RecursionError:
        found = {"kind": "unknown", "damage": ["It is nested too deeply to be read."]}
    except PermissionError as error:
        found = {"kind": "unknown", "damage": [f"A part of it may not be read: {error.filename}"]}
    sys.stdout.write(json.dumps(found))
    sys.stdout.flush()
    os._exit(0)  # what a broken file has left in a library need not be tidied up
