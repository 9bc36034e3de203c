"""Which environment has which format, as data. Read on both sides: by the planner and inside environments.

Sources: the Keras 3 migration guide (SavedModel saving removed, ``model.export`` in its place) and the Keras
and TensorFlow sources (``export`` of a Keras 3 model and
``tf.train.Checkpoint`` are TensorFlow's own code, so they need it).
"""

from __future__ import annotations

import re

#: Format -> what a user does, in one sentence.
FORMATS = {
    "keras": 'model.save("m.keras"): whatever that version then writes.',
    "h5": 'model.save("m.h5"): the whole model in one HDF5 file.',
    "savedmodel": "model.save(directory) as Keras 2 does it: a SavedModel with Keras metadata.",
    "export": "model.export(directory), or tf.saved_model.save where there is none: for serving, outputs only.",
    "weights": 'model.save_weights("m.weights.h5"), loaded into the rebuilt architecture.',
    "json": "model.to_json() beside model.save_weights(): the architecture as text, the weights in HDF5.",
    "checkpoint": "tf.train.Checkpoint of model and optimizer, restored into the rebuilt architecture.",
}


def numbers(version: str) -> tuple[int, ...]:
    """The leading numbers of a version: ``"2.16.0-rc1"`` -> ``(2, 16, 0)``; empty for no version."""
    found = re.match(r"\d+(\.\d+)*", version or "")
    return tuple(int(part) for part in found.group().split(".")) if found else ()


def can_save(format_name: str, backend: str, keras: str) -> bool:
    """Whether a model can be saved so. ``keras`` is the version of the Keras in use (tf-keras where legacy)."""
    if format_name == "savedmodel":
        return backend == "tensorflow" and numbers(keras)[:1] <= (2,)
    if format_name in ("export", "checkpoint"):
        return backend == "tensorflow"
    return format_name in FORMATS


def can_load(format_name: str, backend: str) -> bool:
    """Whether loading can be tried at all, whatever the version.

    A SavedModel given to Keras 3 *is* tried: people do just that, and the error is what they need to see.
    Without TensorFlow there is nothing to try.
    """
    if format_name in ("savedmodel", "export", "checkpoint"):
        return backend == "tensorflow"
    return format_name in FORMATS
