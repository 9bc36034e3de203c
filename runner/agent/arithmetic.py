"""Functions that have kept their name and compute something else since: found in files, and put back in models."""

from __future__ import annotations

from typing import Any, Callable

#: Where a layer keeps its functions.
_PLACES = ("activation", "recurrent_activation")


def _hard_sigmoid(stack: Any, generation: int) -> Callable[[Any], Any]:
    """Keras 2: ``clip(0.2 x + 0.5, 0, 1)``; Keras 3: ``relu6(x + 3) / 6`` (the sources of either's activations)."""
    clip = stack.keras.ops.clip if stack.keras_version >= "3" else stack.tf.clip_by_value
    if generation == 2:
        return lambda x: clip(0.2 * x + 0.5, 0.0, 1.0)
    return lambda x: clip(x + 3.0, 0.0, 6.0) / 6.0


#: Name -> how to make the function of a generation of Keras.
REDEFINED: dict[str, Callable[[Any, int], Callable[[Any], Any]]] = {"hard_sigmoid": _hard_sigmoid}


def put_back(stack: Any, model: Any, generation: int, edits: list[str]) -> None:
    """Let the model compute as the Keras ``generation`` did that made it; each exchange is told in ``edits``."""
    for name, make in REDEFINED.items():
        here = getattr(stack.keras.activations, name, None)
        for layer in model._flatten_layers():
            for place in _PLACES:
                # A layer of Keras 3 that wraps a cell only passes its cell's function on.
                if here is not None and getattr(layer, place, None) is here and not hasattr(layer, "cell"):
                    setattr(layer, place, make(stack, generation))
                    edits.append(
                        "{}.{} computes {} as Keras {} does".format(layer.name, place, name, generation)
                    )
