"""A model as ``predict`` runs it: traced, and once it has met several sizes, for sizes that are not known beforehand.

Called eagerly, a layer sees every size. Traced for any size it goes another way, and versions differ there: CenterCrop
of Keras 3.15 crops an image that is smaller one way where it is to scale it, TimeDistributed gives as many steps as
there are rows (it asks for its sizes before it swaps them), and UpSampling2D raises.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Sequence

import numpy as np

from . import guess, observe
from .arrays import Array, Skeleton, flatten, rebuild, to_numpy
from .batches import Tried
from .caught import first_line
from .specification import Specification
from .stack import Stack

#: How a model is run that is not called eagerly.
TRACED, COMPILED = "traced", "compiled"
#: What TensorFlow says of channels first where there is no GPU; without oneDNN, as cells run, it has no such kernels.
_CHANNELS = re.compile(r"\bNHWC\b|\bNCHW\b|\bNDHWC\b|\bNCDHW\b")


def traced(
    stack: Stack, model: Any, batches: Sequence[Any], way: str = TRACED
) -> Callable[[Any], Any] | None:
    """A function of one batch of inputs, traced once; None where the backend does not trace.

    Dimensions in which ``batches`` (nests of arrays of the same ranks) differ are unknown to it. Its first call raises
    what tracing raises. ``way`` may be COMPILED: then XLA computes it, which knows channels first on every device.
    """
    tf = stack.tf
    if tf is None or stack.backend != "tensorflow" or not batches:
        return None
    leaves = [[np.asarray(leaf) for leaf in flatten(inputs)[0]] for inputs in batches]
    skeleton = flatten(batches[0])[1]
    specifications = [
        tf.TensorSpec(_shape([leaf.shape for leaf in same]), tf.as_dtype(same[0].dtype))
        for same in zip(*leaves)
    ]
    outputs: dict[str, Skeleton] = {}

    def run(*tensors: Any) -> list[Any]:
        found, outputs["skeleton"] = flatten(model(rebuild(skeleton, iter(tensors)), training=False))
        return found

    more = {"jit_compile": True} if way == COMPILED else {}
    function = tf.function(run, input_signature=specifications, **more)

    def call(inputs: Any) -> Any:
        observe.forget(model)
        tensors = [tf.convert_to_tensor(np.asarray(leaf)) for leaf in flatten(inputs)[0]]
        found = [to_numpy(leaf) for leaf in function(*tensors)]
        return rebuild(outputs["skeleton"], iter(found))

    return call


def way_of(specification: Specification | None, model: Any, inputs: Any) -> str:
    """How to run a model: TRACED long sequences, whose eager steps take minutes; COMPILED what no CPU computes
    otherwise; empty where it is simply called.
    """
    if specification is None or inputs is None:
        return ""
    if guess.long(specification, inputs):
        return TRACED
    try:
        observe.call(model, inputs)
    except Exception as error:
        return COMPILED if _CHANNELS.search(str(error)) else ""
    return ""


def call_by(stack: Stack, model: Any, specification: Specification, inputs: Any, way: str) -> Any:
    """The call of ``way_of``, for any number and size of inputs like these.

    None where it cannot be had: then the model is called as it is, however long that takes.
    """
    shapes = [np.shape(leaf) for leaf in flatten(inputs)[0]]
    sizes = {axis: size + 1 for shape in shapes for axis, size in enumerate(shape)}
    larger = guess.Batch("zeros", sizes[0], sizes)
    try:
        run = traced(stack, model, [inputs, guess.nest(specification, larger)], way)
        if run is not None:
            run(inputs)
    except Exception:
        return None
    return run


def disagreement(stack: Stack, model: Any, tried: Sequence[Tried]) -> str:
    """Why traced calls say nothing of a model, in a sentence: they raise, or give other than plain ones; else empty."""
    try:
        run = traced(stack, model, [batch.inputs for batch in tried])
        if run is None:
            return ""
        for batch in tried:
            for one, two in zip(flatten(batch.outputs)[0], flatten(run(batch.inputs))[0]):
                if one.shape != two.shape or not _alike(one, two):
                    return (
                        "Traced, as predict runs it, it gives other than when it is called, for {}.".format(
                            batch.label
                        )
                    )
    except Exception as error:
        return "It cannot be traced for inputs of any size: {}".format(first_line(error))
    return ""


def _alike(one: Array, two: Array) -> bool:
    if one.dtype.kind not in "fc":
        return bool(np.array_equal(one, two))
    numbers = np.abs(one[np.isfinite(one)])
    size = float(numbers.max()) if numbers.size else 0.0
    return bool(np.allclose(one, two, rtol=1e-3, atol=1e-4 * max(size, 1e-3), equal_nan=True))


def _shape(shapes: Sequence[tuple[int, ...]]) -> list[int | None]:
    """The sizes that all have; None for those that differ. Raises ValueError where the ranks do."""
    if len({len(shape) for shape in shapes}) > 1:
        raise ValueError("Inputs of several ranks are not traced together.")
    return [sizes[0] if len(set(sizes)) == 1 else None for sizes in zip(*shapes)]
