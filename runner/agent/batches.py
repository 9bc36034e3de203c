"""The batches that a loaded model takes, what it gives for each, and whether that can be compared at all."""

from __future__ import annotations

from typing import Any, List, NamedTuple

import numpy as np

from . import guess, observe
from .arrays import flatten, rebuild, to_numpy
from .caught import first_line
from .specification import Specification

#: An output that moves by this share of its size when every number is rounded otherwise cannot be compared.
_CHAOS = 1e-3


class Tried(NamedTuple):
    """One batch that the model took: its inputs, its outputs, and how far rounding alone moves them."""

    label: str
    inputs: Any
    outputs: Any
    noise: List[float]


def tried_batches(
    model: Any, specification: Specification | None, given: str, record: dict[str, Any]
) -> list[Tried]:
    """The batches that the model takes, the first one first. Raises what the first size raised when it takes none."""
    if given:
        return [_try(model, "your inputs", _given(given, specification))]
    assert specification is not None
    refused: Exception | None = None
    for batch in guess.firsts(specification):
        try:
            first = _try(model, batch.label(), guess.nest(specification, batch))
        except Exception as error:
            refused = refused or error
            continue
        found = [first] if _decisive(first) else []
        for more in guess.others(specification, batch):
            try:
                tried = _try(model, more.label(), guess.nest(specification, more))
            except Exception as error:
                record["notes"].append("It does not take {}: {}".format(more.label(), first_line(error)))
                continue
            if _decisive(tried):
                found.append(tried)
            else:
                record["notes"].append("Rounding alone changes what it gives for {}.".format(more.label()))
        return found or [first]
    raise refused or ValueError("No inputs of a size that fits into memory are known.")


def _try(model: Any, label: str, inputs: Any) -> Tried:
    outputs = observe.call(model, inputs)
    leaves, skeleton = flatten(outputs)
    arrays = [to_numpy(leaf) for leaf in leaves]
    if any(array.size == 0 for array in arrays):
        raise ValueError("An output is empty: the input is too small.")
    plain = rebuild(skeleton, iter(arrays))
    return Tried(label, inputs, plain, observe.noise(model, inputs, outputs))


def _decisive(tried: Tried) -> bool:
    """Whether its outputs are numbers that rounding leaves about as they are."""
    leaves, _ = flatten(tried.outputs)
    for leaf, noise in zip(leaves, tried.noise):
        if leaf.dtype.kind == "f" and leaf.size:
            if not np.isfinite(leaf).all() or noise > _CHAOS * max(float(np.abs(leaf).max()), 1e-3):
                return False
    return True


def _given(path: str, specification: Specification | None) -> Any:
    """The user's arrays, by the names of the inputs or in their order."""
    with np.load(path, allow_pickle=False) as stored:
        found = {name: stored[name] for name in stored.files}
    names = [tensor.name for tensor in specification.tensors] if specification else []
    leaves = [found[name] for name in names] if names and set(names) <= set(found) else list(found.values())
    if specification is None or len(leaves) != len(names):
        return leaves[0] if len(leaves) == 1 else leaves
    return rebuild(specification.nest, iter(leaves))
