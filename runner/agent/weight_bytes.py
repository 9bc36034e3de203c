"""Where in a saved file the bytes of a weight are."""

from __future__ import annotations

import os
from typing import Any, BinaryIO, Iterable

import numpy as np

#: Kinds of NumPy dtypes that are numbers; types of Keras that NumPy has not are stored as plain bytes (V).
_NUMBERS = "fiuV"


class CannotBreak(Exception):
    """There is nothing in the artifact for the fault to break; the message is a sentence."""


class Place:
    """The last byte of one element of one weight: the one with the sign."""

    def __init__(self, file: str, offset: int, name: str, element: int) -> None:
        self.file, self.offset, self.name, self.element = file, offset, name, element

    def moved(self, by: int) -> Place:
        """The same in a file around it."""
        return Place(self.file, self.offset + by, self.name, self.element)


def in_hdf5(stream: BinaryIO, file: str) -> Place:
    """In an HDF5 file, of which ``stream`` is the content. Raises CannotBreak."""
    import h5py

    found: list[tuple[str, Any, int]] = []
    with h5py.File(stream, "r") as tree:

        def look(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset) and item.size and item.dtype.kind in _NUMBERS:
                offset = item.id.get_offset()  # None where it is not in one piece
                if offset is not None:
                    found.append((name, item[()], int(offset)))

        tree.visititems(look)
    name, array, offset = _largest(found)
    element = _middle(array)
    return Place(file, offset + (element + 1) * array.dtype.itemsize - 1, name, element)


def in_checkpoint(tf: Any, folder: str) -> Place:
    """In a SavedModel or a folder of checkpoints. Raises CannotBreak."""
    inside = os.path.join(folder, "variables", "variables")
    prefix = inside if os.path.exists(inside + ".index") else tf.train.latest_checkpoint(folder)
    if prefix is None:
        raise CannotBreak("The directory has no variables.")
    reader = tf.train.load_checkpoint(prefix)
    types = reader.get_variable_to_dtype_map()
    found = [
        (name, reader.get_tensor(name), 0)
        for name in sorted(types)
        if types[name] != tf.string and types[name] != tf.resource
    ]
    name, array, _ = _largest(item for item in found if np.asarray(item[1]).dtype.kind in _NUMBERS)
    content = np.ascontiguousarray(array).tobytes()
    beside = os.path.dirname(prefix)
    for file in sorted(os.path.join(beside, item) for item in os.listdir(beside) if ".data-" in item):
        with open(file, "rb") as stream:
            at = stream.read().find(content)
        if at >= 0:
            element = _middle(np.asarray(array))
            return Place(file, at + (element + 1) * np.asarray(array).dtype.itemsize - 1, name, element)
    raise CannotBreak("The bytes of its largest weight are not in one piece.")


def _largest(found: Iterable[tuple[str, Any, int]]) -> tuple[str, Any, int]:
    """The largest that is the model's and not its optimizer's."""
    of_model = [item for item in found if "optimizer" not in item[0].lower() and np.any(_bytes(item[1]))]
    if not of_model:
        raise CannotBreak("There is no weight in it, so no bit of one can be flipped.")
    return max(of_model, key=lambda item: np.asarray(item[1]).nbytes)


def _middle(array: Any) -> int:
    """The middle element, or the next that is not zero: the sign of a zero changes nothing."""
    rows = _bytes(array)
    filled = [int(index) for index in np.flatnonzero(rows.any(axis=1))]
    return next((index for index in filled if index >= len(rows) // 2), filled[-1])


def _bytes(array: Any) -> Any:
    """The bytes of each element, one row for each."""
    flat = np.ascontiguousarray(array).reshape(-1)
    return np.frombuffer(flat.tobytes(), dtype=np.uint8).reshape(flat.size, flat.dtype.itemsize)
