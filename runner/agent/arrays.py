"""Arrays and nests of arrays: to NumPy, to digests, and how far two of them lie apart."""

from __future__ import annotations

import hashlib
from typing import Any, Dict, Iterator, Mapping, Union

import numpy as np

#: A NumPy array. NumPy has no types that hold for every release from 1.18 to 2.
Array = Any
#: A nest taken apart: ``"leaf"``, ``{"list": [...]}`` or ``{"dict": {...}}``.
Skeleton = Union[str, Dict[str, Any]]
#: dtype name -> ``{"relative": …, "absolute": …}``.
Tolerances = Mapping[str, Mapping[str, float]]


def to_numpy(value: Any) -> Array:
    """A tensor of any backend as a NumPy array; sparse and ragged ones become dense."""
    if hasattr(value, "to_tensor"):  # tf.RaggedTensor
        value = value.to_tensor()
    if hasattr(value, "dense_shape"):  # tf.SparseTensor
        import tensorflow as tf

        value = tf.sparse.to_dense(value)
    if hasattr(value, "detach"):  # torch.Tensor
        value = value.detach().cpu()
    if hasattr(value, "numpy"):
        value = value.numpy()
    array = np.asarray(value)
    return _text(array) if array.dtype == object else array


def kind(value: Any) -> str:
    """``dense``, ``sparse`` or ``ragged``."""
    if hasattr(value, "to_tensor"):
        return "ragged"
    return "sparse" if hasattr(value, "dense_shape") else "dense"


def plain(array: Array) -> Array:
    """An array that can be stored: a dtype that NumPy itself does not have (bfloat16, float8) as float32."""
    return array.astype("float32") if array.dtype.isbuiltin == 2 else array


def flatten(nest: Any) -> tuple[list[Any], Skeleton]:
    """Leaves of a nest, and its skeleton.

    Tuples count as lists: frameworks turn one into the other when they restore a model.
    """
    leaves: list[Any] = []
    if isinstance(nest, dict):
        below: dict[str, Skeleton] = {}
        for key in sorted(nest, key=str):
            inner, below[str(key)] = flatten(nest[key])
            leaves.extend(inner)
        return leaves, {"dict": below}
    if isinstance(nest, (list, tuple)):
        skeletons: list[Skeleton] = []
        for item in nest:
            inner, skeleton = flatten(item)
            leaves.extend(inner)
            skeletons.append(skeleton)
        return leaves, {"list": skeletons}
    return [nest], "leaf"


def rebuild(skeleton: Skeleton, leaves: Iterator[Any]) -> Any:
    """The nest that :func:`flatten` took apart."""
    if isinstance(skeleton, str):
        return next(leaves)
    if "dict" in skeleton:
        return {key: rebuild(below, leaves) for key, below in sorted(skeleton["dict"].items())}
    return [rebuild(below, leaves) for below in skeleton["list"]]


def digest(array: Array) -> str:
    """A short digest of dtype, shape and bytes."""
    array = np.ascontiguousarray(array)
    head = "{} {} ".format(array.dtype.name, array.shape).encode()
    return hashlib.sha256(head + array.tobytes()).hexdigest()[:32]


def sample(array: Array, most: int = 2048) -> Array:
    """At most ``most`` values of an array, evenly spaced, as float64."""
    flat = np.asarray(array).reshape(-1)
    if flat.size > most:
        flat = flat[np.linspace(0, flat.size - 1, most).astype(int)]
    return flat.astype("float64")


def difference(
    reference: Array, found: Array, dtype: str, tolerances: Tolerances, more: float = 0.0
) -> tuple[float | None, str]:
    """How two arrays differ: ``(largest absolute difference or None, sentence or "")``.

    Both are arrays of the same meaning; ``dtype`` names the coarser of the two precisions. Numbers may lie
    ``absolute + relative * max|reference|`` apart: measured against the largest value, because a sum that
    cancels keeps the rounding error of its terms; ``more`` is added to that. NaN equals NaN in the same place,
    and infinities equal themselves.
    """
    if reference.shape != found.shape:
        return None, "shape {} where {} was".format(list(found.shape), list(reference.shape))
    if reference.dtype.kind in "SU" or found.dtype.kind in "SU":
        same = np.array_equal(_text(reference), _text(found))
        return None, "" if same else "other text"
    if not reference.size:
        return 0.0, ""
    whole = reference.dtype.kind in "iub" and found.dtype.kind in "iub"
    if whole and not np.array_equal(reference, found):  # as floats, large ones would run together
        apart = float(np.max(np.abs(reference.astype("float64") - found.astype("float64"))))
        return apart, "differs by {:.3g} in whole numbers".format(apart)
    one, two = reference.astype("complex128"), found.astype("complex128")
    if not one.imag.any() and not two.imag.any():
        one, two = one.real, two.real
    finite = np.isfinite(one) & np.isfinite(two)
    odd = ~finite
    if odd.any() and not np.array_equal(one[odd], two[odd], equal_nan=True):
        return None, "NaN or infinity in other places"
    if not finite.any():
        return 0.0, ""
    largest = float(np.max(np.abs(one[finite] - two[finite])))
    allowed = tolerances.get(dtype, {"relative": 0.0, "absolute": 0.0})
    bound = allowed["absolute"] + allowed["relative"] * float(np.max(np.abs(one[finite]))) + more
    if largest <= bound:
        return largest, ""
    return largest, "differs by {:.3g}, allowed {:.3g} for {}".format(largest, bound, dtype)


def _text(array: Array) -> Array:
    """Text of any kind as UTF-8; NumPy itself would take ASCII only."""
    if array.dtype.kind == "S":
        return array
    items = [
        item if isinstance(item, bytes) else str(item).encode("utf-8") for item in array.ravel().tolist()
    ]
    return np.array(items, dtype="S").reshape(array.shape)


_PRECISION = ("bfloat16", "float16", "float32", "complex64", "float64", "complex128")


def coarser(one: str, two: str) -> str:
    """The less precise of two dtype names; what is not a float (exact) gives way to what is."""
    for name in _PRECISION:
        if name in (one, two):
            return name
    return one
