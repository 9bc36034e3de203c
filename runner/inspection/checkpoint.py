"""A TensorFlow checkpoint: weights by the paths of attributes, one or several of them in a folder."""

import os
from pathlib import Path
from typing import Any

from runner.inspection import bundle

_MOST = 100


def read(path: Path) -> dict[str, Any]:
    """Facts of the checkpoint at a prefix, or of the newest in a folder, as plain JSON."""
    if path.is_dir():
        with os.scandir(path) as entries:
            indices = [entry.name for entry in entries if entry.name.endswith(".index")][:_MOST]
        if not indices:
            return {"damage": ["It has no .index file."]}
        newest = max(indices, key=lambda name: ((path / name).stat().st_mtime, name))
        index = path / newest
        notes = [f"It holds {len(indices)} checkpoints; this is about {newest}."] if len(indices) > 1 else []
    else:
        index, notes = path.with_name(path.name + ".index"), []
    found = bundle.read(index)
    weights = [
        item for item in found.variables if item.dtype != "string" and "/.OPTIMIZER_SLOT/" not in item.name
    ]
    own = [
        item
        for item in weights
        if not item.name.startswith(("optimizer/", "save_counter", "_CHECKPOINTABLE"))
    ]
    return {
        "damage": list(found.damage),
        "notes": notes,
        "variables": len(own),
        "optimizer_variables": len(found.variables) - len(own),
        "parameters": sum(_count(item.shape) for item in own),
        "weight_bytes": sum(item.bytes for item in found.variables if item.dtype != "string"),
    }


def is_prefix(path: Path) -> bool:
    """Whether the path names a checkpoint by its prefix, as TensorFlow's users write it."""
    return not path.exists() and path.with_name(path.name + ".index").is_file()


def _count(shape: tuple[int, ...]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
