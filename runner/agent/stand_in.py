"""``tf.saved_model.load`` for a SavedModel with the optimizer of an older Keras, whose class is not there any more.

Its slots are restored through that class. Without it TensorFlow ends with ``'_UserObject' object has no attribute
'add_slot'``, though nobody who wants predictions asks for them (tensorflow/tensorflow#52370).
"""

from __future__ import annotations

import functools
from typing import Any

#: What the class says of itself in the file. Source: ``optimizer_v2.py`` of Keras 2.
_IDENTIFIER = "optimizer"
#: What is told where it was needed; snippets go by it (runner/remedies/snippets.py).
SAID = "something stands in for the optimizer of Keras 2, whose slots are in the file"


def load(tf: Any, path: str, edits: list[str] | None = None) -> Any:
    """The SavedModel; ``edits`` is told where something had to stand in. Raises what TensorFlow raises."""
    try:
        return tf.saved_model.load(path)
    except AttributeError as error:
        types = getattr(getattr(getattr(tf, "__internal__", None), "saved_model", None), "load", None)
        if "add_slot" not in str(error) or not hasattr(types, "register_revived_type"):
            raise
    _register(tf, types)
    restored = tf.saved_model.load(path)
    if edits is not None:
        edits.append(SAID)
    return restored


@functools.lru_cache(maxsize=None)
def _register(tf: Any, types: Any) -> None:
    """Once in a process: a second time is an error of TensorFlow."""

    class Optimizer(tf.Module):  # type: ignore[misc]
        def add_slot(self, var: Any, slot_name: str) -> Any:
            return tf.Variable(tf.zeros_like(var))

    version = types.VersionedTypeRegistration(
        object_factory=lambda proto: Optimizer(), version=1, min_producer_version=1, min_consumer_version=1
    )
    types.register_revived_type(_IDENTIFIER, lambda thing: isinstance(thing, Optimizer), versions=[version])
