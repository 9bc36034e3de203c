"""The batches that a loaded model takes, what it gives for each, and whether that can be compared at all."""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple

import numpy as np

from . import guess, observe, values
from .arrays import flatten, rebuild, to_numpy
from .caught import first_line
from .specification import Specification, of_vocabulary

#: An output that moves by this share of its size when every number is rounded otherwise cannot be compared.
_CHAOS = 1e-3
#: The outputs for one batch of inputs.
Call = Callable[[Any], Any]


class Tried(NamedTuple):
    """One batch that the model took: its inputs, its outputs, and how far rounding alone moves them."""

    label: str
    inputs: Any
    outputs: Any
    noise: List[float]


def tried_batches(
    model: Any,
    specification: Specification | None,
    given: str,
    record: dict[str, Any],
    call: Call | None = None,
    more: int = guess.TOTAL,
) -> list[Tried]:
    """The batches that the model takes, the first one first. Raises what the first size raised when it takes none.

    ``call`` gives its outputs, where that is not by calling it; ``more`` is what they may hold together, in values.
    """
    call = call or (lambda inputs: observe.call(model, inputs))
    if given:
        return [_try(model, call, "your inputs", _given(given, specification))]
    assert specification is not None
    specification, batch, first = _first_taken(model, specification, call)
    chaos = max(_CHAOS, 8 * observe.coarseness(model))
    found = [first] if _decisive(first, chaos) else []
    for other in guess.others(specification, batch, more):
        try:
            tried = _try(model, call, other.label(), guess.nest(specification, other))
        except Exception as error:
            record["notes"].append("It does not take {}: {}".format(other.label(), first_line(error)))
            continue
        if _decisive(tried, chaos):
            found.append(tried)
        else:
            record["notes"].append("Rounding alone changes what it gives for {}.".format(other.label()))
    return _padded_first(specification, found) or [first]


def _first_taken(
    model: Any, specification: Specification, call: Call
) -> tuple[Specification, guess.Batch, Tried]:
    """The first batch that the model takes: of what is known of its inputs, else whole numbers of its vocabulary."""
    refused: Exception | None = None
    for known in (specification, *of_vocabulary(specification, model)):
        for batch in guess.firsts(known):
            try:
                return known, batch, _try(model, call, batch.label(), guess.nest(known, batch))
            except Exception as error:
                refused = refused or error
    raise refused or ValueError("No inputs of a size that fits into memory are known.")


def _padded_first(specification: Specification, found: list[Tried]) -> list[Tried]:
    """With padding at the front where a mask hides it: loss and training are looked at with the first batch alone."""
    hidden = any(tensor.blank is not None for tensor in specification.tensors)
    return sorted(found, key=lambda tried: hidden and not tried.label.endswith(values.PADDED))


def first_inputs(specification: Specification | None, given: str) -> Any:
    """What the model is asked first; None where that is not known. Raises what a file of inputs raises."""
    if given:
        return _given(given, specification)
    first = next(guess.firsts(specification), None) if specification else None
    return guess.nest(specification, first) if specification and first else None


def _try(model: Any, call: Call, label: str, inputs: Any) -> Tried:
    outputs = call(inputs)
    leaves, skeleton = flatten(outputs)
    arrays = [to_numpy(leaf) for leaf in leaves]
    if any(array.size == 0 for array in arrays):
        raise ValueError("An output is empty: the input is too small.")
    plain = rebuild(skeleton, iter(arrays))
    return Tried(label, inputs, plain, observe.noise(model, inputs, outputs, call))


def _decisive(tried: Tried, chaos: float) -> bool:
    """Whether its outputs are numbers that rounding leaves about as they are."""
    leaves, _ = flatten(tried.outputs)
    for leaf, noise in zip(leaves, tried.noise):
        if leaf.dtype.kind == "f" and leaf.size:
            if not np.isfinite(leaf).all() or noise > chaos * max(float(np.abs(leaf).max()), 1e-3):
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
